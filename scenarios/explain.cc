// Everything in words but the cluster and the timeline.
#include "scenarios/explain.h"

#include <fmt/core.h>

#include <string_view>
#include <vector>

#include "scenarios/names.h"
#include "scenarios/page.h"
#include "scenarios/suggest.h"

namespace wavetank {
namespace {

std::string capped(const Latency& latency) {
    if (latency.max == Latency().max) return "";
    return fmt::format(", at most {}", to_string(latency.max));
}

void explain_clients(const WorkloadSetup& workload, Page* page) {
    page->section("Clients");
    if (workload.clients + workload.readers == 0) {
        page->line("None.");
        return;
    }
    const std::string lanes = workload.lanes == 1
                                  ? std::string()
                                  : fmt::format(" with {} operations at once each", workload.lanes);
    const std::string readers = workload.readers == 0
                                    ? std::string()
                                    : fmt::format(" and {} that only get", workload.readers);
    page->line(fmt::format("{}{}{}, {}; between two operations {}.",
                           plural(workload.clients, "client"), lanes, readers,
                           workload.operations_max == 0
                               ? std::string("until they are stopped")
                               : plural(workload.operations_max, "operation") + " each",
                           explain(workload.think)));
    uint64_t sum = 0;
    for (const FunctionWeight& function : kFunctionWeights) sum += workload.*function.weight;
    std::vector<std::string> mix;
    for (const FunctionWeight& function : kFunctionWeights) {
        const uint32_t weight = workload.*function.weight;
        if (weight > 0) mix.push_back(fmt::format("{} {}", weight, function.name));
    }
    page->line(fmt::format("Of {}: {}.", plural(sum, "operation"), list_of(mix, "and")));
    page->line(fmt::format("{}; {}.", plural(workload.keys, "key"),
                           workload.values == ValueDomain::Unique
                               ? std::string("every write has a value of its own")
                               : fmt::format("writes draw from {} values", workload.small_values)));
    if (workload.value_bytes > 0) {
        page->line(fmt::format("Values are padded to {}.", plural(workload.value_bytes, "byte")));
    }
    page->line(
        fmt::format("Another server is asked after {}, with a pause of {}; after {} the outcome "
                    "is unknown.",
                    to_string(workload.request_timeout), explain(workload.backoff),
                    to_string(workload.operation_timeout)));
    if (workload.keep_alive.nanos > 0) {
        page->line(fmt::format("A session that is idle for {} is used, so that it lives.",
                               to_string(workload.keep_alive)));
    }
}

void explain_timeline(const Setup& setup, Page* page) {
    page->section("Timeline");
    if (setup.timeline.empty()) page->line("Nothing is planned.");
    std::size_t number = 0;
    for (const Step& step : setup.timeline) {
        ++number;
        page->line(fmt::format("{:>3}. {}", number, explain(step)));
    }
}

void explain_nemesis(const NemesisSetup& nemesis, Page* page) {
    page->section("Random faults");
    page->line(fmt::format("A pause of {}, then one of these for {}; up to {} at the same time.",
                           explain(nemesis.interval), explain(nemesis.duration),
                           nemesis.active_max));
    uint64_t sum = 0;
    for (const NemesisKind& kind : kNemesisKinds) sum += nemesis.*kind.weight;
    for (const NemesisKind& kind : kNemesisKinds) {
        const uint32_t weight = nemesis.*kind.weight;
        if (weight > 0) page->line(fmt::format("{} in {}: {}.", weight, sum, kind.words));
    }
    if (nemesis.slow_link > 0) page->line("A slow link: " + explain(nemesis.slow) + ".");
    if (nemesis.lossy_network > 0) page->line("A lossy network: " + explain(nemesis.lossy) + ".");
    if (nemesis.slow_disk > 0) page->line("A slow disk: " + explain(nemesis.slow_write) + ".");
    if (nemesis.corrupt_network > 0) {
        page->line(fmt::format("A corrupting network: {} of the messages with payloads.",
                               to_string(nemesis.corrupt)));
    }
    if (nemesis.change_members > 0) {
        page->line(fmt::format(
            "At least {} stay, and up to {} are added.", plural(nemesis.voters_min, "voter"),
            nemesis.witnesses_max == 1 ? std::string("1 witness")
                                       : fmt::format("{} witnesses", nemesis.witnesses_max)));
    }
    if (nemesis.clock_step + nemesis.clock_strobe > 0) {
        page->line(
            fmt::format("Clocks jump by up to {} either way.", to_string(nemesis.clock_step_max)));
    }
    if (nemesis.clock_drift > 0) {
        page->line(fmt::format("Clocks drift by up to {} ppm either way.", nemesis.drift_ppm_max));
    }
    if (nemesis.keep_majority_running) page->line("A majority of the voters is left working.");
}

void explain_end(const Setup& setup, Page* page) {
    page->section("End");
    page->line(
        fmt::format("After {}, and not before the timeline is through, the faults stop, the "
                    "network heals and everything restarts.",
                    to_string(setup.duration)));
    const LivenessSetup& liveness = setup.liveness;
    if (setup.beyond_limit) {
        page->line(
            fmt::format("Disks may be damaged beyond what can be survived: the cluster may stop, "
                        "but must not lie. The run goes on for {}.",
                        to_string(liveness.leader_within)));
    } else if (liveness.owed) {
        page->line(
            fmt::format("Then there must be a leader within {}, an answer within {}, and the "
                        "same state everywhere within {}.",
                        to_string(liveness.leader_within), to_string(liveness.commit_within),
                        to_string(liveness.caught_up_within)));
    } else {
        page->line("Nothing is owed then; only safety is judged.");
    }
    page->line(fmt::format("The linearizability checker may use {} and {}.",
                           plural(setup.linearizability_expansions_max, "expansion"),
                           plural(setup.linearizability_bytes_max, "byte")));
    page->line(fmt::format("A run of more than {} fails.", plural(setup.events_max, "event")));
    if (!setup.oracles) page->line("The oracles are off: nothing is watched during the run.");
    if (!setup.matrix_leave_out.empty()) {
        page->line(fmt::format("An option matrix leaves {} as here.",
                               list_of(setup.matrix_leave_out, "and")));
    }
}

}  // namespace

std::string explain(const Latency& latency) {
    const Duration top = latency.base + latency.spread;
    switch (latency.kind) {
        case LatencyKind::Constant:
            return to_string(latency.base);
        case LatencyKind::Uniform:
            return fmt::format("{} to {}", to_string(latency.base), to_string(top));
        case LatencyKind::Exponential:
            return fmt::format("{}{} on average (exponential{})",
                               latency.base.nanos == 0
                                   ? std::string()
                                   : fmt::format("at least {}, ", to_string(latency.base)),
                               to_string(top), capped(latency));
        case LatencyKind::Normal:
            return fmt::format("{} give or take {} (normal{})", to_string(latency.base),
                               to_string(latency.spread), capped(latency));
        case LatencyKind::LogNormal:
            return fmt::format("{} in the middle, 84% below {} (lognormal{})",
                               to_string(latency.base), to_string(latency.spread), capped(latency));
        case LatencyKind::Bimodal:
            return fmt::format("{}, or {} in {} of cases", to_string(latency.base), to_string(top),
                               to_string(latency.slow));
        case LatencyKind::Table:
            return fmt::format("{} to {} (table of {} values)",
                               to_string(latency.quantiles.front()),
                               to_string(latency.quantiles.back()), latency.quantiles.size());
    }
    return "?";
}

std::string explain(const LinkQuality& quality) {
    std::string text = explain(quality.latency);
    std::string faults;
    const auto fault = [&](Ratio share, std::string_view what) {
        if (!share.never()) faults += fmt::format(", {} {}", to_string(share), what);
    };
    fault(quality.loss, "lost");
    fault(quality.duplicate, "duplicated");
    fault(quality.corrupt, "with a byte changed");
    fault(quality.reorder, "reordered by another " + explain(quality.reorder_delay));
    text += faults.empty() ? ", nothing lost and all in order" : faults;
    if (quality.bytes_per_second > 0) {
        text += fmt::format(", {} bytes a second with up to {} waiting", quality.bytes_per_second,
                            quality.queue_bytes_max);
    }
    return text;
}

std::string explain(const Setup& setup) {
    Page page;
    page.raw(fmt::format("{}\n{}\n", setup.name, setup.story));
    explain_cluster(setup, &page);
    explain_weather(setup, &page);
    explain_clients(setup.workload, &page);
    explain_timeline(setup, &page);
    if (setup.nemesis) explain_nemesis(*setup.nemesis, &page);
    explain_end(setup, &page);
    return page.text();
}

}  // namespace wavetank
