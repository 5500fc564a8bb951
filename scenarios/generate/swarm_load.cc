// What happens in a swarm's run: clients and random faults.
#include <algorithm>
#include <optional>

#include "scenarios/generate/swarm_parts.h"

namespace wavetank {
namespace {

// A kind of random fault, with the name that its weight is drawn by.
struct Fault {
    const char* name;
    uint32_t NemesisSetup::*weight;
    bool asked_for = false;  // by an administrator: what a cluster is made to bear
};
constexpr Fault kFaults[] = {
    {"crash", &NemesisSetup::crash},
    {"crash_leader", &NemesisSetup::crash_leader},
    {"crash_several", &NemesisSetup::crash_several},
    {"crash_loop", &NemesisSetup::crash_loop},
    {"pause", &NemesisSetup::pause},
    {"partition", &NemesisSetup::partition},
    {"isolate_leader", &NemesisSetup::isolate_leader},
    {"one_way", &NemesisSetup::one_way},
    {"half_dead_link", &NemesisSetup::half_dead_link},
    {"clog", &NemesisSetup::clog},
    {"slow_link", &NemesisSetup::slow_link},
    {"lossy_network", &NemesisSetup::lossy_network},
    {"clock_step", &NemesisSetup::clock_step},
    {"clock_drift", &NemesisSetup::clock_drift},
    {"clock_freeze", &NemesisSetup::clock_freeze},
    {"clock_strobe", &NemesisSetup::clock_strobe},
    {"stall_disk", &NemesisSetup::stall_disk},
    {"change_members", &NemesisSetup::change_members, true},
    {"transfer", &NemesisSetup::transfer, true},
    {"snapshot", &NemesisSetup::snapshot, true},
    {"corrupt_network", &NemesisSetup::corrupt_network},
};

// For servers with SQLite only.
constexpr Fault kDiskFaults[] = {
    {"fail_disk", &NemesisSetup::fail_disk},
    {"fill_disk", &NemesisSetup::fill_disk},
    {"slow_disk", &NemesisSetup::slow_disk},
    {"rot_disk", &NemesisSetup::rot_disk},
    {"misplace_write", &NemesisSetup::misplace_write},
    {"roll_back_disk", &NemesisSetup::roll_back_disk},
    {"clone_disk", &NemesisSetup::clone_disk},
    {"lose_disk", &NemesisSetup::lose_disk},
};

// A run shall cost milliseconds: so many operations in all, if none waits.
constexpr Draws::Range kOperations = {100, 1200};

void draw_mix(Draws& draws, WorkloadSetup* workload) {
    struct Function {
        const char* name;
        uint32_t WorkloadSetup::*weight;
        uint64_t percent;  // how often it is used at all
    };
    constexpr Function kFunctions[] = {
        {"mix.get", &WorkloadSetup::get, 85},       {"mix.put", &WorkloadSetup::put, 90},
        {"mix.append", &WorkloadSetup::append, 50}, {"mix.cas", &WorkloadSetup::cas, 60},
        {"mix.erase", &WorkloadSetup::erase, 40},
    };
    uint64_t sum = 0;
    for (const Function& function : kFunctions) {
        const std::string name = function.name;
        const bool used = draws.happens(name + ".any", function.percent);
        workload->*function.weight = used ? static_cast<uint32_t>(draws.between(name, {1, 6})) : 0;
        sum += workload->*function.weight;
    }
    if (sum == 0) workload->put = 1;
}

void draw_values(Draws& draws, WorkloadSetup* workload) {
    workload->keys = static_cast<uint32_t>(draws.between("keys", {1, 8}));
    workload->values = draws.happens("values.small", 35) ? ValueDomain::Small : ValueDomain::Unique;
    workload->small_values = static_cast<uint32_t>(draws.between("small_values", {2, 6}));
    if (draws.happens("value_bytes.any", 35)) {
        workload->value_bytes = static_cast<uint32_t>(draws.scaled("value_bytes", {1, 1000}));
    }
    // Enough for a snapshot that is not written down in one go.
    if (draws.happens("value_bytes.large", 5)) {
        workload->value_bytes =
            static_cast<uint32_t>(draws.scaled("value_bytes.size", {4096, 16'384}));
    }
    workload->appends_in_a_row_max =
        static_cast<uint32_t>(draws.between("appends_in_a_row_max", {2, 8}));
}

// An even chance for many faults would make all seeds alike: how many kinds there are is drawn
// first, then each kind by itself.
void draw_weights(Draws& draws, NemesisSetup* nemesis) {
    constexpr uint64_t kPercents[] = {8, 15, 30, 50};
    const uint64_t percent = draws.one_of("nemesis.kinds", kPercents);
    const uint64_t percent_asked_for = draws.one_of("nemesis.kinds_asked_for", kPercents) * 3 / 2;
    for (const Fault& fault : kFaults) {
        const std::string name = std::string("nemesis.") + fault.name;
        if (!draws.happens(name + ".any", fault.asked_for ? percent_asked_for : percent)) continue;
        nemesis->*fault.weight = static_cast<uint32_t>(draws.scaled(name, {1, 8}));
    }
}

void draw_disk_weights(Draws& draws, NemesisSetup* nemesis) {
    for (const Fault& fault : kDiskFaults) {
        const std::string name = std::string("nemesis.") + fault.name;
        if (!draws.happens(name + ".any", 40)) continue;
        nemesis->*fault.weight = static_cast<uint32_t>(draws.scaled(name, {1, 8}));
    }
}

Latency exponential(Duration mean) {
    return {.kind = LatencyKind::Exponential, .base = {}, .spread = mean};
}

}  // namespace

bool has_faults(const NemesisSetup& nemesis) {
    const auto happens = [&](const Fault& fault) { return nemesis.*fault.weight > 0; };
    return std::any_of(std::begin(kFaults), std::end(kFaults), happens) ||
           std::any_of(std::begin(kDiskFaults), std::end(kDiskFaults), happens);
}

void draw_clients(Draws& draws, Setup* setup) {
    WorkloadSetup& workload = setup->workload;
    workload.clients = static_cast<uint32_t>(draws.between("clients", {1, 5}));
    if (draws.happens("lanes.any", 40)) {
        workload.lanes = static_cast<uint32_t>(draws.between("lanes", {2, 4}));
    }
    if (draws.happens("readers.any", 40)) {
        workload.readers = static_cast<uint32_t>(draws.between("readers", {1, 3}));
    }
    const auto streams = static_cast<int64_t>(workload.clients * workload.lanes + workload.readers);
    const auto operations = static_cast<int64_t>(draws.scaled("operations", kOperations));
    workload.think = exponential(setup->duration * streams / operations);
    draw_mix(draws, &workload);
    draw_values(draws, &workload);
    // Snapshots of large values, again and again, take SQLite seconds.
    if (setup->disk.storage == StorageKind::Sqlite) {
        workload.value_bytes = std::min(workload.value_bytes, 1000U);
    }
    // With many operations open on one key, whether they are linearizable may not be decidable.
    constexpr int64_t kStreamsPerKey = 10;
    const auto keys_min = static_cast<uint32_t>((streams + kStreamsPerKey - 1) / kStreamsPerKey);
    workload.keys = std::max(workload.keys, keys_min);
    // One piece of a snapshot travels at a time: a state of large values has larger ones.
    setup->options.snapshot_piece_bytes =
        std::max(setup->options.snapshot_piece_bytes, workload.value_bytes / 2);
    // Long enough that an answer can come before the client asks again.
    const Duration round =
        slowest_round(*setup) + LatencySampler(setup->client_network.latency).largest() * 2;
    workload.request_timeout =
        std::max(draws.scaled_time("request_timeout", {milliseconds(10), {5, 60}}), round * 2);
    workload.operation_timeout =
        std::max(draws.scaled_time("operation_timeout", {milliseconds(100), {5, 50}}),
                 workload.request_timeout * 2);
    workload.backoff = {.kind = LatencyKind::Uniform,
                        .base = {},
                        .spread = draws.scaled_time("backoff", {milliseconds(1), {5, 100}})};
    if (draws.happens("keep_alive.any", 40)) {
        workload.keep_alive = setup->sessions.expire_after / 3;
    }
}

void draw_nemesis(Draws& draws, Setup* setup) {
    if (draws.happens("nemesis.none", 7)) return;
    NemesisSetup nemesis;
    draw_weights(draws, &nemesis);
    const bool sqlite = setup->disk.storage == StorageKind::Sqlite;
    if (sqlite) draw_disk_weights(draws, &nemesis);
    if (!has_faults(nemesis)) return;
    nemesis.interval =
        exponential(draws.scaled_time("nemesis.interval", {milliseconds(10), {3, 150}}));
    nemesis.duration =
        exponential(draws.scaled_time("nemesis.duration", {milliseconds(10), {2, 150}}));
    nemesis.active_max = static_cast<uint32_t>(draws.between("nemesis.active_max", {1, 4}));
    nemesis.keep_majority_running = draws.happens("nemesis.keep_majority_running", 35);
    nemesis.slow.latency = draw_latency(
        draws, "nemesis.slow", draws.scaled_time("nemesis.slow", {milliseconds(5), {1, 60}}));
    nemesis.lossy.loss = draws.ratio("nemesis.lossy.loss", {20, 500});
    nemesis.lossy.duplicate = draws.ratio("nemesis.lossy.duplicate", {0, 300});
    nemesis.lossy.reorder = draws.ratio("nemesis.lossy.reorder", {0, 500});
    nemesis.corrupt = draws.ratio("nemesis.corrupt", {5, 300});
    if (sqlite) {
        nemesis.slow_write =
            draw_latency(draws, "nemesis.slow_write",
                         draws.scaled_time("nemesis.slow_write", {milliseconds(1), {1, 60}}));
    }
    nemesis.voters_min = static_cast<uint32_t>(
        draws.between("nemesis.voters_min", {1, std::min(3U, setup->servers)}));
    nemesis.witnesses_max = static_cast<uint32_t>(draws.between("nemesis.witnesses_max", {0, 2}));
    setup->nemesis = nemesis;
}

}  // namespace wavetank
