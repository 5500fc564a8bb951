// Reading of the cluster and its standing conditions.
#include <fmt/core.h>

#include "scenarios/read.h"

namespace wavetank {
namespace {

constexpr Limits<uint32_t> kPositive32{.min = 1};
constexpr Limits<uint64_t> kPositive64{.min = 1};
constexpr Limits<int64_t> kDriftPpm{.min = -999'999, .max = 1'000'000};
constexpr uint64_t kInitialLogMax = 100'000;
constexpr std::size_t kQuantilesMax = 1025;

// A pair of fields of which the second must not be below the first.
struct Order {
    const char* low;
    const char* high;
};
struct Span {
    Duration low;
    Duration high;
};
// Reads the pair; `high` is required. Nothing if it was not read or is out of order.
std::optional<Span> read_span(const Block& block, Order order, std::string_view example) {
    Span span;
    const bool low_read = block.duration(order.low, &span.low);
    if (!block.require(order.high, example) || !block.duration(order.high, &span.high)) return {};
    if (block.has(order.low) && !low_read) return {};
    if (span.high < span.low) {
        block.error(order.high,
                    fmt::format("{} is {}, below {} {}; it must be at least that", order.high,
                                to_string(span.high), order.low, to_string(span.low)));
        return {};
    }
    return span;
}

Latency read_uniform(const Block& block) {
    const auto span = read_span(block, {"min", "max"}, "max: \"5ms\"");
    if (!span) return {};
    return {.kind = LatencyKind::Uniform, .base = span->low, .spread = span->high - span->low};
}

Latency read_exponential(const Block& block) {
    Latency latency{.kind = LatencyKind::Exponential};
    block.duration("cap", &latency.max, Sign::Positive);
    if (const auto span = read_span(block, {"min", "mean"}, "mean: \"5ms\"")) {
        latency.base = span->low;
        latency.spread = span->high - span->low;
    }
    return latency;
}

Latency read_normal(const Block& block) {
    Latency latency{.kind = LatencyKind::Normal};
    if (block.require("mean", "mean: \"5ms\"")) block.duration("mean", &latency.base);
    if (block.require("deviation", "deviation: \"1ms\"")) {
        block.duration("deviation", &latency.spread);
    }
    block.duration("cap", &latency.max, Sign::Positive);
    return latency;
}

Latency read_lognormal(const Block& block) {
    Latency latency{.kind = LatencyKind::LogNormal};
    block.duration("cap", &latency.max, Sign::Positive);
    if (!block.require("median", "median: \"5ms\"")) return latency;
    if (const auto span = read_span(block, {"median", "p84"}, "p84: \"9ms\"")) {
        latency.base = span->low;
        latency.spread = span->high;
        if (span->low.nanos == 0)
            block.error("median", "median is 0s; it must be longer than that");
    }
    return latency;
}

Latency read_bimodal(const Block& block) {
    Latency latency{.kind = LatencyKind::Bimodal};
    if (block.require("slow_share", "slow_share: \"5%\"")) block.ratio("slow_share", &latency.slow);
    if (!block.require("fast", "fast: \"1ms\"")) return latency;
    if (const auto span = read_span(block, {"fast", "slow"}, "slow: \"50ms\"")) {
        latency.base = span->low;
        latency.spread = span->high - span->low;
    }
    return latency;
}

Latency read_table(const Block& block) {
    Latency latency{.kind = LatencyKind::Table};
    if (!block.require("quantile", "quantile: [\"1ms\", \"2ms\", \"9ms\"]") ||
        !block.durations("quantile", &latency.quantiles)) {
        return latency;
    }
    const auto& values = latency.quantiles;
    if (values.size() < 2 || values.size() > kQuantilesMax) {
        block.error("quantile", fmt::format("quantile has {} values; it must have 2 to {}",
                                            values.size(), kQuantilesMax));
    }
    for (std::size_t i = 1; i < values.size(); ++i) {
        if (values[i] >= values[i - 1]) continue;
        block.error(
            "quantile",
            fmt::format("quantile falls from {} to {}; order the values from small to large",
                        to_string(values[i - 1]), to_string(values[i])));
        break;
    }
    return latency;
}

void read_disk(const Block& block, DiskQuality* disk) {
    if (block.has("write")) read_latency(block.child("write"), &disk->write);
    block.number("bytes_per_second", &disk->bytes_per_second);
    block.choice("on_crash", &disk->on_crash, kCrashRules);
    block.choice("storage", &disk->storage, kStorageKinds);
}

void read_initial_log(const Block& block, InitialState* initial) {
    std::vector<uint64_t> terms;
    block.numbers("log", &terms);
    if (terms.size() > kInitialLogMax) {
        block.error("log", fmt::format("log has {} entries; it may have at most {}", terms.size(),
                                       kInitialLogMax));
        return;
    }
    uint64_t last = 0;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        if (terms[i] == 0) {
            block.error("log", fmt::format("entry {} has term 0; terms begin with 1", i + 1));
            return;
        }
        if (terms[i] < last) {
            block.error("log", fmt::format("the terms of the log fall from {} to {} at entry {}; "
                                           "they may only stay or rise",
                                           last, terms[i], i + 1));
            return;
        }
        last = terms[i];
        initial->log.push_back(Term(last));
    }
    Term& current = initial->hard_state.current_term;
    if (!block.has("term") && !block.damaged()) current = Term(last);
    if (block.has("term") && Term(last) > current) {
        block.error("log",
                    fmt::format("the log ends with term {}, above the server's term {}; raise "
                                "term or shorten the log",
                                last, current.value()));
    }
}

InitialState read_initial(const Block& block, ServerId server) {
    InitialState initial{.server = server};
    uint64_t term = 0;
    block.number("term", &term, {.max = uint64_t{1} << 40});
    initial.hard_state.current_term = Term(term);
    read_initial_log(block, &initial);
    block.server("voted_for", &initial.hard_state.voted_for);
    const bool no_term = !initial.hard_state.current_term && !block.damaged();
    if (initial.hard_state.voted_for && no_term) {
        block.error("voted_for", "a vote needs a term above 0; give term or leave voted_for out");
    }
    return initial;
}

void read_links(const Block& file, Setup* setup) {
    for (const Block& block : file.children("link")) {
        LinkSetup link{.from = {}, .to = {}, .quality = setup->network};
        block.server("from", &link.from);
        block.server("to", &link.to);
        if (link.from && link.from == link.to) {
            block.error("to",
                        fmt::format("from and to are both server {}; a link joins two servers",
                                    link.to.value()));
        }
        if (block.require("quality", "quality { loss: \"10%\" }")) {
            read_link_quality(block.child("quality"), &link.quality);
        }
        setup->links.push_back(link);
    }
}

void read_disks(const Block& file, Setup* setup) {
    if (file.has("disk")) read_disk(file.child("disk"), &setup->disk);
    std::set<ServerId> seen;
    for (const Block& block : file.children("server_disk")) {
        const auto server = read_own_server(block, &seen);
        DiskSetup disk{.server = server.value_or(ServerId()), .quality = setup->disk};
        if (block.require("quality", "quality { on_crash: LOSE_ALL }")) {
            read_disk(block.child("quality"), &disk.quality);
        }
        setup->disks.push_back(disk);
    }
    std::set<ServerId>& with_sqlite = file.notes().with_sqlite;
    for (uint32_t i = 1; i <= setup->servers; ++i) {
        if (setup->disk.storage == StorageKind::Sqlite) with_sqlite.insert(ServerId(i));
    }
    for (const DiskSetup& disk : setup->disks) {
        with_sqlite.erase(disk.server);
        if (disk.quality.storage == StorageKind::Sqlite) with_sqlite.insert(disk.server);
    }
}

void read_clock(const Block& block, ClockQuality* quality) {
    block.duration("offset", &quality->offset, Sign::Any);
    block.number("drift_ppm", &quality->drift_ppm, kDriftPpm);
    Duration bound;
    if (block.duration("error_bound", &bound)) quality->error_bound = bound;
    if (!block.has("offset") && !block.has("drift_ppm") && !block.has("error_bound")) {
        block.missing("clock changes nothing; give offset, drift_ppm or error_bound");
    }
}

// The clock of all servers that have none of their own.
std::optional<ClockQuality> read_usual_clock(const Block& file) {
    std::optional<ClockQuality> usual;
    for (const Block& block : file.children("clock")) {
        if (block.has("server") || block.damaged()) continue;
        if (usual) {
            block.error(
                "there is a clock for all servers already; put both into one block, or "
                "say which server is meant");
            continue;
        }
        read_clock(block, &usual.emplace());
    }
    return usual;
}

void read_clocks(const Block& file, Setup* setup) {
    std::set<ServerId> seen;
    const std::optional<ClockQuality> usual = read_usual_clock(file);
    for (const Block& block : file.children("clock")) {
        if (!block.has("server") && !block.damaged()) continue;
        const auto server = read_own_server(block, &seen);
        ClockSetup clock{.server = server.value_or(ServerId()),
                         .quality = usual.value_or(ClockQuality())};
        read_clock(block, &clock.quality);
        setup->clocks.push_back(clock);
    }
    for (uint32_t i = 1; usual && i <= setup->servers; ++i) {
        if (!seen.contains(ServerId(i))) setup->clocks.push_back({ServerId(i), *usual});
    }
}

}  // namespace

void read_latency(const Block& block, Latency* latency) {
    const std::size_t errors = block.notes().errors.size();
    const std::string kind = block.chosen("kind");
    if (kind.empty()) {
        block.missing(
            fmt::format("{} is empty; write for example {} {{ uniform {{ min: \"1ms\" max: "
                        "\"5ms\" }} }}",
                        block.name(), block.name()));
        return;
    }
    if (kind == "constant") {
        Latency constant;
        if (block.duration("constant", &constant.base)) *latency = constant;
        return;
    }
    const Block inner = block.child(kind.c_str());
    if (kind == "uniform") *latency = read_uniform(inner);
    if (kind == "exponential") *latency = read_exponential(inner);
    if (kind == "normal") *latency = read_normal(inner);
    if (kind == "lognormal") *latency = read_lognormal(inner);
    if (kind == "bimodal") *latency = read_bimodal(inner);
    if (kind == "table") *latency = read_table(inner);
    const char* why = "";
    if (errors == block.notes().errors.size() && !inner.damaged() && !valid(*latency, &why)) {
        inner.error(fmt::format("this latency cannot be: {}", why));
    }
}

void read_link_quality(const Block& block, LinkQuality* quality) {
    if (block.has("latency")) read_latency(block.child("latency"), &quality->latency);
    block.ratio("loss", &quality->loss);
    block.ratio("duplicate", &quality->duplicate);
    block.ratio("corrupt", &quality->corrupt);
    block.ratio("reorder", &quality->reorder);
    if (block.has("reorder_delay")) {
        read_latency(block.child("reorder_delay"), &quality->reorder_delay);
    }
    block.number("bytes_per_second", &quality->bytes_per_second);
    block.number("queue_bytes_max", &quality->queue_bytes_max, kPositive64);
}

void read_weather(const Block& file, Setup* setup) {
    if (file.has("network")) read_link_quality(file.child("network"), &setup->network);
    if (file.has("client_network")) {
        read_link_quality(file.child("client_network"), &setup->client_network);
    }
    read_links(file, setup);
    file.flag("encoded_links", &setup->encoded_links);
    read_disks(file, setup);
    read_clocks(file, setup);
    std::set<ServerId> seen;
    for (const Block& block : file.children("initial")) {
        const auto server = read_own_server(block, &seen);
        setup->initial.push_back(read_initial(block, server.value_or(ServerId())));
    }
}

void read_clients(const Block& block, WorkloadSetup* workload) {
    block.number("count", &workload->clients, {.max = 1000});
    block.number("lanes", &workload->lanes, {.min = 1, .max = 100});
    block.number("readers", &workload->readers, {.max = 1000});
    block.number("operations_max", &workload->operations_max);
    if (block.has("think")) read_latency(block.child("think"), &workload->think);
    if (block.has("mix")) {
        const Block mix = block.child("mix");
        uint64_t sum = 0;
        for (const FunctionWeight& function : kFunctionWeights) {
            uint32_t& weight = workload->*function.weight;
            weight = 0;
            mix.number(function.name, &weight);
            sum += weight;
        }
        if (sum == 0) mix.missing("all weights are 0; give one of get, put, append, cas and erase");
    }
    block.number("keys", &workload->keys, kPositive32);
    block.choice("values", &workload->values, kValueDomains);
    block.number("small_values", &workload->small_values, kPositive32);
    block.number("value_bytes", &workload->value_bytes, {.max = 1 << 20});
    block.number("appends_in_a_row_max", &workload->appends_in_a_row_max);
    block.duration("request_timeout", &workload->request_timeout, Sign::Positive);
    block.duration("operation_timeout", &workload->operation_timeout, Sign::Positive);
    if (block.has("backoff")) read_latency(block.child("backoff"), &workload->backoff);
    block.duration("keep_alive", &workload->keep_alive);
}

namespace {

// Faults that nothing happens of without SQLite.
bool of_disks(const NemesisKind& kind) {
    for (const auto of :
         {&NemesisSetup::fail_disk, &NemesisSetup::fill_disk, &NemesisSetup::slow_disk,
          &NemesisSetup::rot_disk, &NemesisSetup::misplace_write, &NemesisSetup::roll_back_disk,
          &NemesisSetup::clone_disk, &NemesisSetup::lose_disk}) {
        if (kind.weight == of) return true;
    }
    return false;
}

}  // namespace

void read_nemesis(const Block& block, NemesisSetup* nemesis) {
    if (block.has("interval")) read_latency(block.child("interval"), &nemesis->interval);
    if (block.has("duration")) read_latency(block.child("duration"), &nemesis->duration);
    bool any = false;
    for (const NemesisKind& kind : kNemesisKinds) {
        block.number(kind.name, &(nemesis->*kind.weight));
        any = any || nemesis->*kind.weight > 0;
        if (nemesis->*kind.weight > 0 && of_disks(kind) && block.notes().with_sqlite.empty()) {
            block.error(kind.name, fmt::format("{} is for servers with SQLite, and there are none; "
                                               "give disk {{ storage: SQLITE }}",
                                               kind.name));
        }
    }
    if (!any) {
        block.missing(
            "nemesis has no kind with a weight above 0, so nothing would ever happen; give "
            "for example crash: 1, or leave nemesis out");
    }
    if (block.has("slow")) read_link_quality(block.child("slow"), &nemesis->slow);
    if (block.has("lossy")) read_link_quality(block.child("lossy"), &nemesis->lossy);
    block.ratio("corrupt", &nemesis->corrupt);
    if (block.has("slow_write")) read_latency(block.child("slow_write"), &nemesis->slow_write);
    block.number("voters_min", &nemesis->voters_min, {.min = 1, .max = block.notes().servers});
    block.number("witnesses_max", &nemesis->witnesses_max);
    block.duration("clock_step_max", &nemesis->clock_step_max);
    block.number("drift_ppm_max", &nemesis->drift_ppm_max, {.min = 0, .max = 999'999});
    block.flag("keep_majority_running", &nemesis->keep_majority_running);
    block.number("active_max", &nemesis->active_max, kPositive32);
}

}  // namespace wavetank
