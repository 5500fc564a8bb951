// The error of a clock is its offset and what its drift adds up to over the whole run.
#include "scenarios/generate/clock_error.h"

#include <algorithm>
#include <cstdlib>

namespace wavetank {
namespace {

// The healing looks every few milliseconds whether what is owed is there.
constexpr Duration kPolling = seconds(1);

bool changes_clocks(const Step& step) {
    return step.action && std::holds_alternative<ChangeClock>(*step.action);
}

// a * b / 1,000,000, rounded up, without overflow; the largest duration if it does not fit.
Duration drifted(int64_t drift_ppm, Duration span) {
    __extension__ using Wide = __int128;
    const Wide nanos = (Wide{std::abs(drift_ppm)} * span.nanos + 999'999) / 1'000'000;
    return Duration{static_cast<int64_t>(std::min<Wide>(nanos, INT64_MAX / 2))};
}

}  // namespace

Duration longest_run(const Setup& setup) {
    Duration through;
    for (const Step& step : setup.timeline) {
        if (step.after) through = through + *step.after;
        if (step.at) through = std::max(through, *step.at);
        if (step.when) through = through + step.within;
    }
    Duration all = std::max(through, setup.duration) + kPolling;
    if (setup.liveness.owed) {
        all = all + setup.liveness.leader_within + setup.liveness.commit_within +
              setup.liveness.caught_up_within;
    }
    return all;
}

std::optional<Duration> clock_error_max(const Setup& setup, ServerId server) {
    if (std::any_of(setup.timeline.begin(), setup.timeline.end(), changes_clocks)) return {};
    ClockQuality clock;
    for (const ClockSetup& known : setup.clocks) {
        if (known.server == server) clock = known.quality;
    }
    int64_t drift_ppm = std::abs(clock.drift_ppm);
    if (setup.nemesis) {
        const NemesisSetup& nemesis = *setup.nemesis;
        if (nemesis.clock_step + nemesis.clock_freeze + nemesis.clock_strobe > 0) return {};
        if (nemesis.clock_drift > 0) drift_ppm = std::max(drift_ppm, nemesis.drift_ppm_max);
    }
    return Duration{std::abs(clock.offset.nanos)} + drifted(drift_ppm, longest_run(setup));
}

}  // namespace wavetank
