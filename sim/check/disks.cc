// Following the disk's queue of writes, and judging what comes back from it.
#include "sim/check/disks.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/check/commits.h"
#include "sim/check/elections.h"
#include "sim/check/logs.h"

namespace wavetank::oracles {
namespace {

constexpr std::string_view kWriteTruth = "write truth";
constexpr std::string_view kDurableTerm = "monotonic";
constexpr std::string_view kVoteTruth = "vote truth";
constexpr std::string_view kRecovery = "recovery";

std::string describe(const Shadow& shadow, const HardState& hard_state, EntryId log_last) {
    return fmt::format("term {}, vote {}, log up to {}", hard_state.current_term.value(),
                       hard_state.voted_for.value(), shadow.tree.describe(log_last));
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

void sync_write(Shadow& shadow, Findings& findings, ServerShadow& server,
                const UnsyncedWrite& write) {
    if (write.has_hard_state) sync_hard_state(findings, server, write.hard_state);
    LogShadow& log = server.disk.log;
    const bool removes = write.truncate_from && write.truncate_from <= log.last_index();
    const LogIndex chosen_before = removes ? shadow.chosen_in(log) : LogIndex();
    if (write.truncate_from) log.truncate_from(write.truncate_from);
    for (const EntryId id : write.entries) log.push(id);
    if (removes && shadow.chosen_in(log) < chosen_before) {
        chosen_survives(shadow, findings, server, chosen_before);
    }
}

// Carries out the unsynced writes in their order until the disk is as `found`. False if it never
// is. On the way every state that a crash may leave is compared.
bool reach_crash_image(ServerShadow& server, const HardState& hard_state, const LogShadow& found) {
    DiskShadow& disk = server.disk;
    const auto reached = [&] {
        return disk.hard_state == hard_state && disk.log.last() == found.last();
    };
    if (reached()) return true;
    for (std::size_t i = 0; i < disk.unsynced_count; ++i) {
        const UnsyncedWrite& write = disk.unsynced[i];
        if (write.has_hard_state) disk.hard_state = write.hard_state;
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

LogShadow log_of(Shadow& shadow, Findings& findings, ServerShadow& server,
                 const std::vector<Entry>& entries) {
    LogShadow log;
    for (const Entry& entry : entries) {
        const EntryId id = intern(shadow, findings, server, {log.last(), entry, "on its disk"});
        // What a server holds when it starts for the first time needs no leader to have made it.
        if (!server.known && !shadow.tree[id].origin) shadow.tree.set_origin(id, server.id);
        log.push(id);
    }
    return log;
}

}  // namespace

void write_issued(Shadow& shadow, Findings& findings, ServerShadow& server, const Write& write) {
    if (!write.id) return;
    DiskShadow& disk = server.disk;
    if (write.id <= disk.newest_write) {
        findings.report(kWriteTruth, "server {} issued write {} after write {}", server.id,
                        write.id, disk.newest_write);
    }
    disk.newest_write = write.id;
    const LogIndex last = disk.issued_last();
    LogIndex end = last;
    if (write.truncate_from) end = std::min(end, write.truncate_from->previous());
    if (write.truncate_from == LogIndex(0)) {
        findings.report(kWriteTruth, "server {} issued write {}, which removes index 0", server.id,
                        write.id);
    }
    const EntryId before = disk.issued_at(end);

    UnsyncedWrite& queued = disk.add_unsynced();
    queued.id = write.id;
    queued.has_hard_state = write.hard_state.has_value();
    if (write.hard_state) queued.hard_state = *write.hard_state;
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
    const std::size_t first =
        disk.unsynced_count - std::min(server.writes_to_check, disk.unsynced_count);
    server.writes_to_check = 0;
    for (std::size_t i = first; i < disk.unsynced_count; ++i) {
        const UnsyncedWrite& write = disk.unsynced[i];
        if (write.entries.empty()) continue;
        // Equal at its last entry, equal everywhere before.
        const LogIndex last = write.first.plus(write.entries.size()).previous();
        if (server.log.has(last, write.entries.back())) continue;
        const EntryId own = server.log.last_index() < last ? EntryId() : server.log.at(last);
        findings.report(
            kWriteTruth,
            "server {} (term {}) issued write {} that ends with {}, but its memory has {} "
            "there: either the entry or something before it differs",
            server.id, server.term, write.id, shadow.tree.describe(write.entries.back()),
            own ? shadow.tree.describe(own) : "nothing");
    }
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
    LogShadow found = log_of(shadow, findings, server, recovered.entries);
    const LogIndex chosen_before = shadow.chosen_in(disk.log);
    if (server.known) {
        const std::string synced_state = describe(shadow, disk.hard_state, disk.log.last());
        const std::size_t unsynced = disk.unsynced_count;
        if (!reach_crash_image(server, recovered.hard_state, found)) {
            findings.report(kRecovery,
                            "server {} starts from {}, which no crash can have left: synced was "
                            "{}; with all {} "
                            "writes that were on their way it would be {}",
                            server.id, describe(shadow, recovered.hard_state, found.last()),
                            synced_state, uint64_t{unsynced},
                            describe(shadow, disk.hard_state, disk.log.last()));
        }
    }
    disk.hard_state = recovered.hard_state;
    disk.log = std::move(found);
    disk.unsynced_count = 0;
    disk.newest_write = WriteId();
    if (recovered.hard_state.voted_for) {
        note_vote(
            findings, server,
            {recovered.hard_state.current_term, recovered.hard_state.voted_for, VoteSeen::OnDisk});
    }
    if (shadow.chosen_in(disk.log) < chosen_before) {
        chosen_survives(shadow, findings, server, chosen_before);
    }
}

}  // namespace wavetank::oracles
