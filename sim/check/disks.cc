// Following the disk's queue of writes, and judging what comes back from it. The shadow carries out
// the same writes as the disk, when they are synced; at a start it carries out the unsynced ones
// too, piece by piece, until it arrives at what was found.
#include "sim/check/disks.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/check/commits.h"
#include "sim/check/elections.h"
#include "sim/check/logs.h"
#include "sim/check/snapshots.h"

namespace wavetank::oracles {
namespace {

constexpr std::string_view kWriteTruth = "write truth";
constexpr std::string_view kDurableTerm = "monotonic";
constexpr std::string_view kVoteTruth = "vote truth";
constexpr std::string_view kRecovery = "recovery";

// What of a disk counts when a server starts from it.
struct Image {
    HardState hard_state;
    LogIndex base;
    EntryId last;
    const SnapshotMeta* snapshot = nullptr;
    const SnapshotMeta* partial = nullptr;
    uint64_t partial_bytes = 0;

    friend bool operator==(const Image& a, const Image& b) {
        return a.hard_state == b.hard_state && a.base == b.base && a.last == b.last &&
               same(a.snapshot, b.snapshot) && same(a.partial, b.partial) &&
               a.partial_bytes == b.partial_bytes;
    }
    static bool same(const SnapshotMeta* a, const SnapshotMeta* b) {
        return (a == nullptr) == (b == nullptr) && (a == nullptr || *a == *b);
    }
};

Image image_of(const DiskShadow& disk) {
    return {disk.hard_state,
            disk.base,
            disk.log.last(),
            disk.snapshot ? &*disk.snapshot : nullptr,
            disk.partial ? &disk.partial->meta : nullptr,
            disk.partial ? disk.partial->bytes : 0};
}

Image image_of(const Recovered& recovered, EntryId last) {
    return {recovered.hard_state,
            recovered.base.index,
            last,
            recovered.snapshot ? &*recovered.snapshot : nullptr,
            recovered.partial ? &recovered.partial->meta : nullptr,
            recovered.partial ? recovered.partial->bytes : 0};
}

std::string describe(const Shadow& shadow, const Image& image) {
    std::string words =
        fmt::format("term {}, vote {}, log up to {}", image.hard_state.current_term.value(),
                    image.hard_state.voted_for.value(), shadow.tree.describe(image.last));
    if (image.base) words += fmt::format(" without the first {}", image.base.value());
    if (image.snapshot != nullptr) {
        words += fmt::format(", snapshot up to {}", image.snapshot->index().value());
    }
    if (image.partial != nullptr) {
        words += fmt::format(", {} bytes of a snapshot up to {}", image.partial_bytes,
                             image.partial->index().value());
    }
    return words;
}

void sync_hard_state(Findings& findings, ServerShadow& server, const HardState& next) {
    HardState& durable = server.disk.hard_state;
    if (next.current_term < durable.current_term) {
        findings.report(kDurableTerm, "the term on the disk of server {} fell from {} to {}",
                        server.id, durable.current_term, next.current_term);
    }
    if (next.current_term == durable.current_term && durable.voted_for &&
        next.voted_for != durable.voted_for) {
        findings.report(
            kVoteTruth,
            "the disk of server {} replaced its vote in term {}: server {} before, server "
            "{} now (0: none)",
            server.id, next.current_term, durable.voted_for, next.voted_for);
    }
    durable = next;
    if (next.voted_for) {
        note_vote(findings, server, {next.current_term, next.voted_for, VoteSeen::OnDisk});
    }
}

// Remembers how much of which snapshot was durable at most.
void note_pieces(ServerShadow& server) {
    const auto& partial = server.disk.partial;
    if (!partial) return;
    for (PieceRecord& known : server.pieces) {
        if (known.index != partial->meta.index()) continue;
        known.bytes = std::max(known.bytes, partial->bytes);
        return;
    }
    if (server.pieces.size() == kPieceRecordsMax) server.pieces.erase(server.pieces.begin());
    server.pieces.push_back({partial->meta.index(), partial->bytes});
}

void sync_write(Shadow& shadow, Findings& findings, ServerShadow& server,
                const UnsyncedWrite& write) {
    if (write.has_hard_state) sync_hard_state(findings, server, write.hard_state);
    LogShadow& log = server.disk.log;
    const bool removes = write.truncate_from && write.truncate_from <= log.last_index();
    const bool replaces = write.rare && write.rare->whole_log;
    const LogIndex chosen_before = removes || replaces ? shadow.chosen_in(log) : LogIndex();
    if (write.rare) {
        snapshot_synced(shadow, findings, server, *write.rare);
        note_pieces(server);
    }
    if (write.truncate_from) log.truncate_from(write.truncate_from);
    for (const EntryId id : write.entries) log.push(id);
    if (chosen_before && shadow.chosen_in(log) < chosen_before) {
        chosen_survives(shadow, findings, server, chosen_before);
    }
}

// Carries out the unsynced writes in their order until the disk is as `found`. False if it never
// is. On the way every state that a crash may leave is compared.
bool reach_crash_image(const Shadow& shadow, DiskShadow& disk, const Image& found) {
    const auto reached = [&] { return image_of(disk) == found; };
    if (reached()) return true;
    for (std::size_t i = 0; i < disk.unsynced_count; ++i) {
        const UnsyncedWrite& write = disk.unsynced[i];
        if (write.has_hard_state) disk.hard_state = write.hard_state;
        if (reached()) return true;
        if (write.rare) {
            if (write.rare->piece) disk.collect(*write.rare->piece);
            if (reached()) return true;
            disk.take_snapshot(*write.rare, shadow.chosen);
        }
        if (reached()) return true;
        if (write.truncate_from) disk.log.truncate_from(write.truncate_from);
        if (reached()) return true;
        for (const EntryId id : write.entries) {
            disk.log.push(id);
            if (reached()) return true;
        }
    }
    return false;
}

// The log as it was before its beginning was removed; what is known of that is its last entry.
// False if no such log was ever seen.
bool find_beginning(const Shadow& shadow, const DiskShadow& disk, const LogBase& base,
                    LogShadow& log) {
    for (const LogShadow* known : {&shadow.chosen, &disk.log}) {
        if (base.index > known->last_index()) continue;
        if (!shadow.tree.is_base(known->at(base.index), base)) continue;
        log.become(*known, base.index);
        return true;
    }
    return false;
}

LogShadow log_of(Shadow& shadow, Findings& findings, ServerShadow& server,
                 const Recovered& recovered) {
    LogShadow log;
    if (!find_beginning(shadow, server.disk, recovered.base, log)) {
        findings.report(kRecovery,
                        "the log on the disk of server {} begins after index {} of term {}, and "
                        "nothing is known of such an entry",
                        server.id, recovered.base.index, recovered.base.term);
        server.abandoned = true;
        return log;
    }
    for (const Entry& entry : recovered.entries) {
        const EntryId id = intern(shadow, findings, server, {log.last(), entry, "on its disk"});
        // What a server holds when it starts for the first time needs no leader to have made it.
        if (!server.known && !shadow.tree[id].origin) shadow.tree.set_origin(id, server.id);
        log.push(id);
    }
    return log;
}

// The pieces that belong together survive the start with the number of their bytes only; what is
// in them is known from the writes.
void take_over(DiskShadow& disk, const Recovered& recovered, LogShadow log) {
    disk.hard_state = recovered.hard_state;
    disk.log = std::move(log);
    disk.base = recovered.base.index;
    disk.snapshot = recovered.snapshot;
    if (!recovered.partial) disk.partial.reset();
    disk.unsynced_count = 0;
    disk.newest_write = WriteId();
}

void judge_configuration(const Shadow& shadow, Findings& findings, const ServerShadow& server,
                         const Recovered& recovered) {
    const Configuration& initial = shadow.tree[ConfigurationId()].configuration;
    const bool waits = recovered.configuration.all().empty();
    const bool as_before = !server.known || waits == !server.disk.has_initial;
    if (as_before && (waits || recovered.configuration.members() == initial.members())) return;
    findings.report(kRecovery,
                    "server {} starts with {} as the configuration that the cluster was created "
                    "with; it is {}",
                    server.id, recovered.configuration.to_string(), initial.to_string());
}

UnsyncedWrite::Rare rare_parts(const Write& write, EntryId replaced_by) {
    UnsyncedWrite::Rare parts;
    parts.piece = write.piece;
    if (write.snapshot) {
        parts.snapshot = write.snapshot->meta;
        parts.collected = write.snapshot->collected;
    }
    if (write.compaction) {
        parts.base = write.compaction->base.index;
        parts.whole_log = write.compaction->whole_log;
        parts.replaced_by = replaced_by;
    }
    return parts;
}

}  // namespace

void write_issued(Shadow& shadow, Findings& findings, ServerShadow& server, const Write& write) {
    if (!write.id || server.abandoned) return;
    DiskShadow& disk = server.disk;
    if (write.id <= disk.newest_write) {
        findings.report(kWriteTruth, "server {} issued write {} after write {}", server.id,
                        write.id, disk.newest_write);
    }
    disk.newest_write = write.id;
    const bool rare = write.piece || write.snapshot || write.compaction;
    if (rare) snapshot_issued(shadow, findings, server, write);
    const bool whole_log = write.compaction && write.compaction->whole_log;
    const LogIndex last = whole_log ? write.compaction->base.index : disk.issued_last();
    LogIndex end = last;
    if (write.truncate_from) end = std::min(end, write.truncate_from->previous());
    const LogIndex base = write.compaction ? write.compaction->base.index : disk.issued_base();
    if (write.truncate_from && *write.truncate_from <= base) {
        findings.report(kWriteTruth,
                        "server {} issued write {}, which removes index {}; its log on disk begins "
                        "after {}",
                        server.id, write.id, *write.truncate_from, base);
    }
    const EntryId before = whole_log ? shadow.chosen.find(end) : disk.issued_at(end);

    UnsyncedWrite& queued = disk.add_unsynced();
    queued.id = write.id;
    queued.has_hard_state = write.hard_state.has_value();
    if (write.hard_state) queued.hard_state = *write.hard_state;
    if (rare) queued.rare = rare_parts(write, whole_log ? before : EntryId());
    queued.truncate_from = write.truncate_from ? end.next() : LogIndex();
    queued.first = end.next();
    EntryId previous = before;
    for (const EntryRange& range : write.append) {
        if (range.empty()) continue;
        const LogIndex next = queued.first.plus(queued.entries.size());
        if (range.first_index() != next) {
            findings.report(
                kWriteTruth,
                "server {} issued write {} with entries from index {}, but the log on its "
                "disk will end at index {} by then",
                server.id, write.id, range.first_index(), next.previous());
        }
        for (uint32_t i = 0; i < range.size(); ++i) {
            previous = intern(shadow, findings, server, {previous, range[i], "in a write"});
            queued.entries.push_back(previous);
        }
    }
    ++server.writes_to_check;
}

void writes_match_memory(Shadow& shadow, Findings& findings, ServerShadow& server) {
    const DiskShadow& disk = server.disk;
    const bool issued = server.writes_to_check > 0 && disk.unsynced_count > 0;
    server.writes_to_check = 0;
    if (!issued || server.abandoned) return;
    const UnsyncedWrite& write = disk.unsynced[disk.unsynced_count - 1];
    // Equal at the last entry, equal everywhere before.
    const LogIndex last = disk.issued_last();
    const EntryId will_be = disk.issued_at(last);
    if (server.log.has(last, will_be)) return;
    const EntryId own = server.log.find(last);
    findings.report(
        kWriteTruth,
        "server {} (term {}) issued write {}, after which its log on disk ends with {}, but its "
        "memory has {} there: either the entry or something before it differs",
        server.id, server.term, write.id, shadow.tree.describe(will_be),
        own ? shadow.tree.describe(own) : "nothing");
}

void synced(Shadow& shadow, Findings& findings, ServerShadow& server, WriteId upto) {
    DiskShadow& disk = server.disk;
    while (disk.unsynced_count > 0 && disk.unsynced.front().id <= upto) {
        sync_write(shadow, findings, server, disk.unsynced.front());
        disk.drop_first_unsynced();
    }
}

void recovery(Shadow& shadow, Findings& findings, ServerShadow& server,
              const Recovered& recovered) {
    DiskShadow& disk = server.disk;
    judge_configuration(shadow, findings, server, recovered);
    LogShadow found = log_of(shadow, findings, server, recovered);
    if (server.abandoned) return;
    const LogIndex chosen_before = shadow.chosen_in(disk.log);
    if (server.known) {
        const std::string synced_state = describe(shadow, image_of(disk));
        const std::size_t unsynced = disk.unsynced_count;
        const Image image = image_of(recovered, found.last());
        if (!reach_crash_image(shadow, disk, image)) {
            findings.report(kRecovery,
                            "server {} starts from {}, which no crash can have left: synced was "
                            "{}; with all {} writes that were on their way it would be {}",
                            server.id, describe(shadow, image), synced_state, uint64_t{unsynced},
                            describe(shadow, image_of(disk)));
        }
    }
    take_over(disk, recovered, std::move(found));
    disk.has_initial = !recovered.configuration.all().empty();
    note_pieces(server);
    if (recovered.hard_state.voted_for) {
        note_vote(
            findings, server,
            {recovered.hard_state.current_term, recovered.hard_state.voted_for, VoteSeen::OnDisk});
    }
    forget_unsaid_votes(server, recovered.hard_state.current_term);
    if (shadow.chosen_in(disk.log) < chosen_before) {
        chosen_survives(shadow, findings, server, chosen_before);
    }
}

void wiped(Shadow& shadow, Findings& findings, ServerShadow& server) {
    const LogIndex chosen_before = shadow.chosen_in(server.disk.log);
    server.disk = DiskShadow();
    server.known = false;
    server.chosen_before = shadow.chosen.last_index();
    // Nobody may build on what the old disk held.
    server.acknowledged.clear();
    server.pieces.clear();
    server.votes.for_each([](VoteRecord& vote) { vote.on_lost_disk = true; });
    if (shadow.beyond_limit() && votes_in(shadow.choosing_configuration(), server.id)) {
        server.emptied = true;
        return;
    }
    if (chosen_before) chosen_survives(shadow, findings, server, chosen_before);
}

}  // namespace wavetank::oracles
