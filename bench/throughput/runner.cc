// Repeats, then cells, then systems; and the clock over all of it.
#include "bench/throughput/runner.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "core/base/check.h"

namespace wavetank::bench {
namespace {

using Clock = std::chrono::steady_clock;

Duration since(Clock::time_point start) {
    return nanoseconds(
        std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - start).count());
}

Duration own_cpu() {
    timespec now{};
    CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
    return seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

// Counters only grow; a system that restarts a server would break that, and none does.
template <class Value>
std::optional<Value> difference(const std::optional<Value>& after,
                                const std::optional<Value>& before) {
    if (!after || !before || *after < *before) return std::nullopt;
    return Value{*after - *before};
}

void take_outcome(const LoadOutcome& outcome, ThroughputSample* sample) {
    sample->messages = outcome.messages;
    sample->failed = outcome.failed;
    sample->elapsed = outcome.elapsed;
    sample->p50 = outcome.p50;
    sample->p99 = outcome.p99;
    sample->p999 = outcome.p999;
    sample->max = outcome.max;
}

// The warm-up and the measurement of a cluster that is up. Nothing, or what went wrong.
std::optional<Error> load_cluster(const Plan& plan, SystemUnderLoad& system,
                                  ThroughputSample* sample) {
    const ThroughputCell& cell = sample->cell;
    const Load load{.messages = cell.messages,
                    .warmup = plan.warmup_messages,
                    .payload_bytes = cell.payload_bytes,
                    .concurrency = cell.concurrency,
                    .time_limit = plan.time_limit};
    Usage before;
    Duration cpu_before;
    const Result<LoadOutcome> outcome = system.drive(load, [&] {
        before = system.usage();
        cpu_before = own_cpu();
    });
    sample->client_cpu = own_cpu() - cpu_before;
    if (!outcome.ok()) return outcome.error();
    const Usage after = system.usage();
    take_outcome(outcome.value(), sample);
    sample->syncs = difference(after.syncs, before.syncs);
    sample->commits = difference(after.commits, before.commits);
    sample->server_cpu = difference(after.server_cpu, before.server_cpu);
    sample->memory_peak_bytes = after.memory_peak_bytes;
    if (sample->messages == 0) return Error{"no message was acknowledged"};
    return std::nullopt;
}

ThroughputSample measure(const Plan& plan, SystemUnderLoad& system, const BenchStep& step) {
    ThroughputSample sample{.system = step.system, .cell = step.cell, .repeat = step.repeat};
    std::optional<Error> error = system.start(step.cell.servers);
    if (!error) error = load_cluster(plan, system, &sample);
    if (error) sample.problem = error->message;
    system.stop();
    return sample;
}

// How long each measurement took, to tell how long the rest will take.
class Forecast {
 public:
    void took(std::size_t place, Duration span) {
        known_[place] = span;
        sum_ = sum_ + span;
        ++count_;
    }
    // Of the measurements `done` and later, when `per_repeat` make a repeat.
    std::optional<Duration> remaining(uint64_t done, uint64_t total, uint64_t per_repeat) const {
        if (count_ == 0) return std::nullopt;
        Duration left;
        for (uint64_t i = done; i < total; ++i) {
            const auto same = known_.find(i % per_repeat);
            left = left + (same != known_.end() ? same->second : sum_ / count_);
        }
        return left;
    }

 private:
    std::map<std::size_t, Duration> known_;  // by place in its repeat
    Duration sum_;
    int64_t count_ = 0;
};

}  // namespace

std::optional<Error> run_plan(const Plan& plan, const std::vector<SystemUnderLoad*>& systems,
                              const BenchCallbacks& callbacks) {
    CHECK(!systems.empty());
    const std::vector<ThroughputCell> cells = cells_of(plan);
    const uint64_t per_repeat = cells.size() * systems.size();
    const uint64_t total = per_repeat * plan.repeats;
    const Clock::time_point started = Clock::now();
    Forecast forecast;
    for (uint64_t done = 0; done < total; ++done) {
        const uint64_t place = done % per_repeat;
        SystemUnderLoad& system = *systems[place % systems.size()];
        const BenchStep step{.cell = cells[place / systems.size()],
                             .system = system.name(),
                             .repeat = static_cast<uint32_t>(done / per_repeat + 1),
                             .done = done,
                             .total = total,
                             .elapsed = since(started),
                             .remaining = forecast.remaining(done, total, per_repeat)};
        callbacks.before(step);
        const Clock::time_point began = Clock::now();
        const ThroughputSample sample = measure(plan, system, step);
        forecast.took(place, since(began));
        if (std::optional<Error> error = callbacks.after(sample)) return error;
    }
    return std::nullopt;
}

}  // namespace wavetank::bench
