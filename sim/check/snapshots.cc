// Snapshots are compared with the log they stand for. Because the shadow's logs stay whole, a
// compaction changes nothing in them, and a snapshot from a leader is the chosen log up to its
// index, whose entries are all known.
#include "sim/check/snapshots.h"

#include <fmt/format.h>

#include <string>

namespace wavetank::oracles {
namespace {

constexpr std::string_view kTruth = "snapshot truth";
constexpr std::string_view kCompaction = "compaction";
constexpr std::string_view kTruncation = "truncation";
constexpr std::string_view kMonotonic = "monotonic";
constexpr std::string_view kEqualsPrefix = "snapshot equals prefix";

std::string describe(const LogBase& base) {
    return fmt::format("index {} of term {} (digest {:016x}, time {})", base.index.value(),
                       base.term.value(), base.chain, to_string(base.clock.local));
}

void judge_meta(const Shadow& shadow, Findings& findings, const ServerShadow& server,
                const SnapshotMeta& meta) {
    const EntryId last = shadow.chosen.find(meta.index());
    if (!last || !shadow.tree.is_base(last, meta.last)) {
        findings.report(kTruth, "server {} writes a snapshot up to {}; chosen there: {}", server.id,
                        describe(meta.last), last ? shadow.tree.describe(last) : "nothing yet");
        return;
    }
    const Configuration& in_force = shadow.tree[shadow.tree[last].configuration].configuration;
    if (meta.configuration.members() == in_force.members()) return;
    findings.report(kTruth,
                    "server {} writes a snapshot up to index {} with configuration {}; in force "
                    "there is {}",
                    server.id, meta.index(), meta.configuration.to_string(), in_force.to_string());
}

// The data of a snapshot that this server has taken itself.
void judge_own_data(Findings& findings, const ServerShadow& server, const SnapshotWrite& write) {
    const SnapshotMeta& meta = write.meta;
    if (meta.index() > server.announced_applied) {
        findings.report(kTruth,
                        "server {} took a snapshot up to index {}, but has applied up to {} only",
                        server.id, meta.index(), server.announced_applied);
    }
    const uint64_t digest = write.data.size() == 0 ? 0 : hash_bytes(write.data.bytes());
    if (write.data.size() == meta.bytes && digest == meta.digest) return;
    findings.report(kTruth,
                    "server {} writes a snapshot up to index {} of {} bytes with digest {}, but "
                    "its data are {} bytes with digest {}",
                    server.id, meta.index(), meta.bytes, meta.digest, uint64_t{write.data.size()},
                    digest);
}

void judge_compaction(const Shadow& shadow, Findings& findings, const ServerShadow& server,
                      const Write& write) {
    const Compaction& compaction = *write.compaction;
    const DiskShadow& disk = server.disk;
    const LogIndex covered = write.snapshot ? write.snapshot->meta.index() : disk.issued_snapshot();
    const LogIndex base = compaction.base.index;
    if (base > covered) {
        findings.report(kCompaction,
                        "server {} removes its log up to index {} in write {}, but its newest "
                        "snapshot goes up to {} only",
                        server.id, base, write.id, covered);
    }
    if (base < disk.issued_base()) {
        findings.report(kCompaction,
                        "server {} moves the beginning of its log on disk back from {} to {}",
                        server.id, disk.issued_base(), base);
    }
    const EntryId chosen = shadow.chosen.find(base);
    if (!shadow.tree.is_base(chosen, compaction.base)) {
        findings.report(kCompaction,
                        "server {} removes its log up to {} in write {}; chosen there: {}",
                        server.id, describe(compaction.base), write.id,
                        chosen ? shadow.tree.describe(chosen) : "nothing yet");
        return;
    }
    const bool has_it = base <= disk.issued_last() && disk.issued_at(base) == chosen;
    if (compaction.whole_log) {
        const bool loses = has_it && disk.issued_last() > base;
        if (loses) {
            findings.report(kTruncation,
                            "server {} replaces its whole log by a snapshot up to index {}, "
                            "although the log on its disk has the same entry there and goes on up "
                            "to {}",
                            server.id, base, disk.issued_last());
        }
    } else if (!has_it && base > disk.issued_base()) {
        findings.report(kCompaction,
                        "server {} keeps what its log on disk has after index {}, but there it has "
                        "another entry than {}",
                        server.id, base, shadow.tree.describe(chosen));
    }
}

// True if `data` are pieces of this very snapshot, all of them.
bool is_complete(const PartialShadow& data, const SnapshotMeta& meta) {
    if (data.meta != meta || data.bytes != meta.bytes) return false;
    std::string whole;
    whole.reserve(data.bytes);
    for (const Payload& piece : data.pieces) whole += piece.bytes();
    return hash_bytes(whole) == meta.digest;
}

// The log begins with a snapshot that is no beginning of what it was: a leader's snapshot has
// replaced it.
void replace_log(Shadow& shadow, Findings& findings, ServerShadow& server, const Observation& now) {
    const LogBase& base = now.log->base();
    const EntryId chosen = shadow.chosen.find(base.index);
    if (!shadow.tree.is_base(chosen, base)) {
        findings.report(kTruth,
                        "the log of server {} (term {}) begins after {}; its own entry there was "
                        "{}, and chosen is {}",
                        server.id, now.current_term, describe(base),
                        shadow.tree.describe(server.log.find(base.index)),
                        chosen ? shadow.tree.describe(chosen) : "nothing yet");
        server.abandoned = true;
        return;
    }
    const LogIndex agreement = shadow.chosen_in(server.log);
    if (agreement < server.commit) {
        findings.report(kTruncation,
                        "server {} replaced its log by a snapshot up to index {} and lost entries "
                        "from {} on, although its commit index was {}",
                        server.id, base.index, agreement.next(), server.commit);
    }
    server.log.become(shadow.chosen, base.index);
    server.knows_initial = true;  // the snapshot says which one was in force
}

}  // namespace

void snapshot_issued(Shadow& shadow, Findings& findings, const ServerShadow& server,
                     const Write& write) {
    if (write.snapshot) {
        const SnapshotMeta& meta = write.snapshot->meta;
        judge_meta(shadow, findings, server, meta);
        if (meta.index() <= server.disk.issued_snapshot()) {
            findings.report(kTruth,
                            "server {} replaces its snapshot up to index {} by one up to {}",
                            server.id, server.disk.issued_snapshot(), meta.index());
        }
        // A witness has none to collect.
        const bool from_leader =
            write.snapshot->collected || (write.compaction && write.compaction->whole_log);
        if (!from_leader) judge_own_data(findings, server, *write.snapshot);
    }
    if (write.compaction) judge_compaction(shadow, findings, server, write);
}

void snapshot_synced(Shadow& shadow, Findings& findings, ServerShadow& server,
                     const UnsyncedWrite::Rare& write) {
    DiskShadow& disk = server.disk;
    if (write.piece) {
        const SnapshotPiece& piece = *write.piece;
        const bool goes_on = disk.partial && disk.partial->meta == piece.meta;
        const uint64_t expected = piece.offset == 0 || !goes_on ? 0 : disk.partial->bytes;
        if (piece.offset != expected) {
            findings.report(kTruth,
                            "server {} writes a piece of the snapshot up to index {} at offset {}, "
                            "but its disk has {} bytes of it",
                            server.id, piece.meta.index(), piece.offset, expected);
        }
        disk.collect(piece);
    }
    if (write.collected && !(disk.partial && is_complete(*disk.partial, *write.snapshot))) {
        findings.report(kTruth,
                        "server {} takes the pieces it has collected for the snapshot up to index "
                        "{} of {} bytes, but they are {} bytes of the one up to {}, or others",
                        server.id, write.snapshot->index(), write.snapshot->bytes,
                        disk.partial ? disk.partial->bytes : 0,
                        disk.partial ? disk.partial->meta.index() : LogIndex());
    }
    disk.take_snapshot(write, shadow.chosen);
}

void follow_base(Shadow& shadow, Findings& findings, ServerShadow& server, const Observation& now) {
    const LogBase& base = now.log->base();
    if (base.index < server.base) {
        findings.report(kCompaction, "the log of server {} began after index {}, and now after {}",
                        server.id, server.base, base.index);
    }
    if (base.index > now.snapshot || base.index > now.commit_index) {
        findings.report(kCompaction,
                        "server {} (term {}) has removed its log up to index {}; its newest "
                        "snapshot goes up to {}, its commit index is {}",
                        server.id, now.current_term, base.index, now.snapshot, now.commit_index);
    }
    server.base = base.index;
    const EntryId own = server.log.find(base.index);
    const EntryTree::Node& node = shadow.tree[own];
    if (node.index != base.index || node.term != base.term || node.chain != base.chain) {
        replace_log(shadow, findings, server, now);
    } else if (!shadow.tree.is_base(own, base)) {
        findings.report(kCompaction, "server {} remembers of what it removed from its log {}",
                        server.id, describe(base));
    }
}

void snapshot_events(Findings& findings, const ServerShadow& server, const Observation& now) {
    for (const Event& event : now.output->events) {
        const auto* installed = std::get_if<SnapshotInstalled>(&event);
        if (installed == nullptr) continue;
        if (installed->index <= server.commit) {
            findings.report(kMonotonic,
                            "server {} (term {}) installs a snapshot up to index {}, but its "
                            "commit index was {} already",
                            server.id, now.current_term, installed->index, server.commit);
        }
        if (installed->index == now.snapshot && installed->index <= now.commit_index) continue;
        findings.report(kTruth,
                        "server {} says it installed a snapshot up to index {}; its newest one "
                        "goes up to {}, its commit index is {}",
                        server.id, installed->index, now.snapshot, now.commit_index);
    }
    if (!now.output->restore) return;
    const std::optional<SnapshotMeta>& durable = server.disk.snapshot;
    if (durable && *durable == *now.output->restore) return;
    findings.report(kTruth,
                    "server {} loads its machine from a snapshot up to index {}, but on its disk "
                    "is {}",
                    server.id, now.output->restore->index(),
                    durable ? describe(durable->last) : std::string("none"));
}

void restored(Shadow& shadow, Findings& findings, ServerShadow& server,
              const SnapshotMeta& snapshot, uint64_t machine_digest) {
    const LogIndex index = snapshot.index();
    if (index < server.applied) {
        findings.report(kMonotonic,
                        "server {} loads a snapshot up to index {}, but has applied up to {}",
                        server.id, index, server.applied);
    }
    server.applied = index;
    if (index.value() >= shadow.applied.size() || !shadow.applied[index.value()].by) {
        findings.report(kEqualsPrefix,
                        "server {} loads a snapshot up to index {}, which nobody has applied",
                        server.id, index);
        return;
    }
    const Applied& first = shadow.applied[index.value()];
    if (first.machine_digest == machine_digest) return;
    findings.report(kEqualsPrefix,
                    "server {} loaded the snapshot up to index {}, and its machine has digest {}; "
                    "that of server {} had {} when it had applied {}",
                    server.id, index, machine_digest, first.by, first.machine_digest,
                    shadow.tree.describe(first.entry));
}

}  // namespace wavetank::oracles
