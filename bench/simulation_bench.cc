// Whole runs. What counts: deliveries/s (messages that reach a server or a client, on one core) and
// sim_s/s (simulated seconds per second of wall time), each also per second of processor time, for
// a machine that is not quiet. `judge_s` is what the judgement after the
// run takes, above all the linearizability checker; it is not part of the rates.
#include <benchmark/benchmark.h>

#include <limits>

#include "bench/cluster.h"
#include "bench/stopwatch.h"
#include "core/base/check.h"
#include "sim/simulation.h"

namespace wavetank::bench {
namespace {

// Runs `cluster` once per iteration; building it is not measured.
void run(benchmark::State& state, const Cluster& cluster) {
    double deliveries = 0;
    double events = 0;
    Spent running;
    Spent judging;
    for (auto _ : state) {
        Simulation simulation(setup_of(cluster), 1);
        const Stopwatch run_watch;
        simulation.run_until(std::numeric_limits<uint64_t>::max());
        const Spent spent = run_watch.spent();
        const Stopwatch judge_watch;
        const RunRecord record = simulation.finish();
        CHECK(record.verdict != Verdict::Fail);
        judging += judge_watch.spent();
        state.SetIterationTime(spent.wall);
        running += spent;
        deliveries += static_cast<double>(record.deliveries);
        events += static_cast<double>(record.events);
    }
    const auto runs = static_cast<double>(state.iterations());
    const double virtual_seconds = static_cast<double>(cluster.virtual_time.nanos) / 1e9 * runs;
    state.counters["deliveries/s"] = deliveries / running.wall;
    state.counters["deliveries/cpu_s"] = deliveries / running.cpu;
    state.counters["events/s"] = events / running.wall;
    state.counters["cpu_ns/event"] = running.cpu / events * 1e9;
    state.counters["sim_s/s"] = virtual_seconds / running.wall;
    state.counters["sim_s/cpu_s"] = virtual_seconds / running.cpu;
    state.counters["judge_s"] = judging.wall / runs;
}

// Virtual time that makes a run of about a tenth of a second for any number of servers.
Duration about_a_tenth(uint32_t servers, bool load) {
    return load ? milliseconds(1'000) : seconds(12'000 / servers);
}

void simulation(benchmark::State& state) {
    Cluster cluster;
    cluster.servers = static_cast<uint32_t>(state.range(0));
    cluster.load = state.range(1) != 0;
    cluster.oracles = state.range(2) != 0;
    cluster.virtual_time = about_a_tenth(cluster.servers, cluster.load);
    run(state, cluster);
}
BENCHMARK(simulation)
    ->ArgNames({"servers", "load", "oracles"})
    ->ArgsProduct({{3, 5, 7, 51}, {0, 1}, {0, 1}})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

// The same run made 1, 4 and 16 times as long: cpu_ns/event must not grow.
void run_length(benchmark::State& state) {
    Cluster cluster;
    cluster.load = state.range(1) != 0;
    cluster.oracles = true;
    const Duration unit = about_a_tenth(cluster.servers, cluster.load);
    cluster.virtual_time = unit * state.range(0);
    run(state, cluster);
}
BENCHMARK(run_length)
    ->ArgNames({"times", "load"})
    ->ArgsProduct({{1, 4, 16}, {0, 1}})
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wavetank::bench
