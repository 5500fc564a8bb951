// The factors, each with its values, in one table.
#include "scenarios/generate/matrix.h"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/generate/clock_error.h"

namespace wavetank {
namespace {

void read_index(Setup* setup) {
    setup->options.lease_duration = Duration{};
}

// A lease as long as the shortest election timeout. Every clock is told a bound that it keeps;
// where there is none, it is told nothing and its server has no lease.
void lease(Setup* setup) {
    setup->options.lease_duration = setup->options.election_timeout_min;
    std::vector<ClockSetup> clocks;
    for (uint32_t i = 1; i <= setup->servers; ++i) {
        ClockSetup clock{.server = ServerId(i), .quality = {}};
        for (const ClockSetup& known : setup->clocks) {
            if (known.server == clock.server) clock = known;
        }
        clock.quality.error_bound = clock_error_max(*setup, clock.server);
        if (clock.quality != ClockQuality()) clocks.push_back(clock);
    }
    setup->clocks = std::move(clocks);
}

template <bool on>
void forwarding(Setup* setup) {
    setup->options.forward_proposals = on;
    setup->options.follower_reads = on;
}

template <uint32_t messages, uint32_t entries>
void window(Setup* setup) {
    setup->options.window.messages_max = messages;
    setup->options.entries_per_message_max = entries;
}

template <uint64_t entries, uint64_t trailing>
void snapshots(Setup* setup) {
    setup->options.snapshot_entries = entries;
    setup->options.snapshot_bytes = 0;
    setup->options.snapshot_trailing_entries = trailing;
    // Small enough that a snapshot travels in several pieces.
    if (entries > 0) setup->options.snapshot_piece_bytes = 64;
}

template <uint32_t count>
void writes(Setup* setup) {
    setup->options.writes_in_flight_max = count;
}

template <bool on>
void encoded(Setup* setup) {
    setup->encoded_links = on;
}

template <StorageKind kind>
void storage(Setup* setup) {
    setup->disk.storage = kind;
    for (DiskSetup& disk : setup->disks) disk.quality.storage = kind;
}

void equal_priorities(Setup* setup) {
    setup->options.priority = Options::kPriorityMax;
    setup->priorities.clear();
}

void different_priorities(Setup* setup) {
    setup->priorities.clear();
    for (uint32_t i = 1; i <= setup->servers; ++i) {
        setup->priorities.push_back({ServerId(i), 1 + (i - 1) % Options::kPriorityMax});
    }
}

template <uint32_t percent>
void loss(Setup* setup) {
    setup->network.loss = Ratio::of(percent, 100);
    for (LinkSetup& link : setup->links) link.quality.loss = setup->network.loss;
}

constexpr MatrixValue kReads[] = {{"read_index", read_index}, {"lease", lease}};
constexpr MatrixValue kForwarding[] = {{"off", forwarding<false>}, {"on", forwarding<true>}};
constexpr MatrixValue kWindow[] = {
    {"128", window<128, 256>}, {"8", window<8, 16>}, {"1", window<1, 1>}};
constexpr MatrixValue kSnapshots[] = {
    {"never", snapshots<0, 1024>}, {"64", snapshots<64, 16>}, {"3", snapshots<3, 0>}};
constexpr MatrixValue kWrites[] = {{"4", writes<4>}, {"1", writes<1>}};
constexpr MatrixValue kEncoded[] = {{"no", encoded<false>}, {"yes", encoded<true>}};
constexpr MatrixValue kStorage[] = {{"memory", storage<StorageKind::Memory>},
                                    {"sqlite", storage<StorageKind::Sqlite>}};
constexpr MatrixValue kPriorities[] = {{"equal", equal_priorities},
                                       {"different", different_priorities}};
constexpr MatrixValue kLoss[] = {{"0%", loss<0>}, {"10%", loss<10>}};

constexpr MatrixFactor kFactors[] = {
    {"reads", "by asking a majority, or from a lease", kReads},
    {"forwarding", "followers refuse proposals and reads, or pass them on", kForwarding},
    {"window", "messages on the way to a follower, and entries in each", kWindow},
    {"snapshots", "never, or after so many entries", kSnapshots},
    {"writes", "disk writes in flight", kWrites},
    {"encoded", "whether all messages are encoded and decoded", kEncoded},
    {"storage", "a model of a disk, or SQLite on a simulated one", kStorage},
    {"priorities", "all servers the same, or different ones", kPriorities},
    {"loss", "of messages between servers", kLoss},
};

}  // namespace

std::span<const MatrixFactor> matrix_factors() {
    return kFactors;
}

std::vector<MatrixRow> matrix_of(const Setup& scenario) {
    const std::vector<std::string>& left_out = scenario.matrix_leave_out;
    std::vector<const MatrixFactor*> varied;
    std::vector<uint32_t> counts;
    for (const MatrixFactor& factor : kFactors) {
        if (std::find(left_out.begin(), left_out.end(), factor.name) != left_out.end()) continue;
        varied.push_back(&factor);
        counts.push_back(static_cast<uint32_t>(factor.values.size()));
    }
    std::vector<MatrixRow> rows;
    for (const CoveringRow& values : covering_array(counts)) {
        MatrixRow& row = rows.emplace_back();
        row.number = static_cast<uint32_t>(rows.size());
        row.setup = scenario;
        row.setup.matrix_leave_out.clear();
        row.setup.name = fmt::format("{}[{}]", scenario.name, row.number);
        for (std::size_t i = 0; i < varied.size(); ++i) {
            const MatrixValue& value = varied[i]->values[values[i]];
            value.apply(&row.setup);
            row.choices.push_back({varied[i]->name, value.name});
        }
    }
    return rows;
}

}  // namespace wavetank
