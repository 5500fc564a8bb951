// libraft's in-memory fixture beside this simulator, on the same machine in the same minute. The
// two do not do the same (the fixture has no clients, no checker but two invariants, and time in
// milliseconds), but both deliver the messages of five Raft servers in virtual time.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include "bench/cluster.h"
#include "bench/conditions.h"
#include "bench/raft_fixture.h"
#include "bench/stopwatch.h"
#include "sim/simulation.h"

namespace wavetank::bench {
namespace {

constexpr int kTries = 3;

// Per second of processor time.
struct Figures {
    double messages = 0;
    double virtual_seconds = 0;
};

// The best of a few tries: what disturbs a measurement only makes it slower.
template <class Run>
Figures best(Run run) {
    Figures kept;
    for (int i = 0; i < kTries; ++i) {
        const Figures figures = run();
        kept.messages = std::max(kept.messages, figures.messages);
        kept.virtual_seconds = std::max(kept.virtual_seconds, figures.virtual_seconds);
    }
    return kept;
}

void print(const char* what, const Figures& figures) {
    fmt::print("{:<58} {:>10.0f} messages/s {:>8.0f} sim s/s\n", what, figures.messages,
               figures.virtual_seconds);
    std::fflush(stdout);
}

Figures ours(const Cluster& cluster) {
    return best([&] {
        Simulation simulation(setup_of(cluster), 1);
        const Stopwatch watch;
        simulation.run_until(std::numeric_limits<uint64_t>::max());
        const double seconds = watch.spent().cpu;
        const auto deliveries = static_cast<double>(simulation.finish().deliveries);
        return Figures{deliveries / seconds,
                       static_cast<double>(cluster.virtual_time.nanos) / 1e9 / seconds};
    });
}

#ifdef WAVETANK_HAVE_LIBRAFT
Figures of(const FixtureFigures& fixture) {
    return {static_cast<double>(fixture.messages) / fixture.cpu_seconds,
            fixture.virtual_seconds / fixture.cpu_seconds};
}

void print_fixture() {
    print("libraft fixture, idle", best([] { return of(fixture_idle(2'000)); }));
    print("libraft fixture, load, snapshot every 16 entries",
          best([] { return of(fixture_load(5'000, 16)); }));
    print("libraft fixture, load, 2,000 entries without snapshot",
          best([] { return of(fixture_load(2'000, 1 << 30)); }));
}
#else
void print_fixture() {
    fmt::print("libraft-dev is not installed: nothing to compare with\n");
}
#endif

void print_all() {
    for (const auto& [name, value] : conditions()) fmt::print("{}: {}\n", name, value);
    fmt::print("5 servers, best of {}, per second of processor time\n", kTries);
    Cluster cluster;
    cluster.load = false;
    cluster.virtual_time = seconds(2'000);
    print("wavetank, idle, oracles off", ours(cluster));
    cluster.oracles = true;
    print("wavetank, idle, oracles on", ours(cluster));
    cluster.load = true;
    cluster.virtual_time = seconds(2);
    print("wavetank, load, oracles on", ours(cluster));
    cluster.oracles = false;
    print("wavetank, load, oracles off", ours(cluster));
    print_fixture();
}

}  // namespace
}  // namespace wavetank::bench

int main() {
    wavetank::bench::print_all();
    return 0;
}
