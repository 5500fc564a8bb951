// Following a log and judging each change. Where a change begins is found by the core's chain
// digests, going back from the end; what it consists of is read from the entries themselves. An
// entry that stays what it was is not a change, even if the core removed it and put it back within
// one step. Entries that are only in storage any more are applied, so they do not change; their
// terms are still compared.
#include "sim/check/logs.h"

#include <algorithm>

#include "sim/check/membership.h"
#include "sim/check/snapshots.h"

namespace wavetank::oracles {
namespace {

constexpr std::string_view kLogMatching = "log matching";
constexpr std::string_view kLeaderAppendOnly = "leader append-only";
constexpr std::string_view kNoPhantom = "no phantom";
constexpr std::string_view kTruncation = "truncation";
constexpr std::string_view kEntryTime = "entry time";

constexpr uint64_t kStepsBetweenScans = 1 << 14;

// The last index that is not in memory.
LogIndex floor_of(const Log& log) {
    return log.in_memory_from().previous();
}

// The highest index up to which `log` is as the shadow has it, going by the core's chain digests.
LogIndex unchanged_by_chain(const Shadow& shadow, const ServerShadow& server, const Log& log) {
    LogIndex common = std::min(server.log.last_index(), log.last_index());
    while (common > floor_of(log) &&
           shadow.tree[server.log.at(common)].chain != log.chain_at(common)) {
        common = common.previous();
    }
    return common;
}

// The highest index up to which `log` is as the shadow has it, going by the entries themselves.
LogIndex unchanged_by_content(const Shadow& shadow, const ServerShadow& server, const Log& log) {
    const LogIndex end = std::min(server.log.last_index(), log.last_index());
    const LogIndex floor = floor_of(log);
    LogIndex common = log.base().index;
    for (LogIndex i = common.next(); i <= end; i = i.next()) {
        const EntryTree::Node& node = shadow.tree[server.log.at(i)];
        const bool same = i <= floor ? node.term == log.term_at(i)
                                     : node.content == EntryTree::content_of(log.entry_at(i)) &&
                                           node.chain == log.chain_at(i);
        if (!same) break;
        common = i;
    }
    return common;
}

// Entries from `from` on are about to be removed; `replacement` comes in place of the first (zero:
// nothing does).
void judge_removal(Shadow& shadow, Findings& findings, const ServerShadow& server,
                   const Observation& now, LogIndex from, EntryId replacement) {
    const std::string removed = shadow.tree.describe(server.log.at(from));
    if (server.role == Role::Leader && now.role == Role::Leader) {
        findings.report(kLeaderAppendOnly,
                        "server {}, leader of term {}, removed from its own log: {} and up to {}",
                        server.id, now.current_term, removed, server.log.last_index());
    }
    if (from <= server.commit) {
        findings.report(kTruncation,
                        "server {} removed {}, although its commit index was {}; in its place: {}",
                        server.id, removed, server.commit, shadow.tree.describe(replacement));
    }
    if (!replacement) {
        findings.report(
            kTruncation,
            "server {} (term {}) cut its log from index {} back to {} and put nothing in "
            "place of {}: only a conflicting entry may remove another",
            server.id, now.current_term, server.log.last_index(), from.previous(), removed);
    }
}

// What a leader appends now says so, and times never fall along a log.
void judge_time(Findings& findings, const ServerShadow& server, const Observation& now,
                LogIndex index, Instant true_time) {
    const Log& log = *now.log;
    const ClockReading clock = log.entry_at(index).clock();
    const LogIndex before = index.previous();
    const bool known = before == log.base().index || log.in_memory(before);
    if (known && before) {
        const Instant earlier =
            before == log.base().index ? log.base().clock.local : log.entry_at(before).time;
        if (clock.local < earlier) {
            findings.report(kEntryTime,
                            "server {}, leader of term {}, appended index {} with time {}, after "
                            "an entry with time {}",
                            server.id, now.current_term, index, to_string(clock.local),
                            to_string(earlier));
        }
    }
    if (!clock.bounded() || server.clock.broken) return;
    if (clock.earliest() <= true_time && true_time <= clock.latest()) return;
    findings.report(kEntryTime,
                    "server {}, leader of term {}, appended index {} with time {} and error {}, "
                    "which does not contain true time; its clock is right",
                    server.id, now.current_term, index, to_string(clock.local),
                    to_string(clock.error));
}

void judge_appended(Shadow& shadow, Findings& findings, const ServerShadow& server,
                    const Observation& now, EntryId id) {
    const EntryTree::Node& node = shadow.tree[id];
    const bool leads = now.role == Role::Leader;
    if (leads && node.term != now.current_term) {
        findings.report(kLeaderAppendOnly, "server {}, leader of term {}, appended {}", server.id,
                        now.current_term, shadow.tree.describe(id));
    }
    const Term term_before = shadow.tree[node.before].term;
    if (node.term < term_before || node.term > now.current_term) {
        findings.report(
            kLogMatching,
            "server {} in term {} appended {} after an entry of term {}: terms never fall "
            "along a log nor exceed the server's",
            server.id, now.current_term, shadow.tree.describe(id), term_before);
    }
    if (leads) judge_time(findings, server, now, node.index, shadow.now);
    if (leads && node.kind == EntryKind::Configuration) {
        configuration_appended(shadow, findings, server, now, id);
    }
    if (node.origin) return;
    if (!leads || node.term != now.current_term) {
        findings.report(kNoPhantom,
                        "server {} ({}, term {}) has {}, which was never in the log of any leader",
                        server.id, name_of(now.role), now.current_term, shadow.tree.describe(id));
    }
    shadow.tree.set_origin(id, server.id);
}

struct ChainAt {
    LogIndex index;
    uint64_t chain;
};
void judge_chain(const Shadow& shadow, Findings& findings, const ServerShadow& server,
                 const ChainAt& shown, EntryId id) {
    if (shadow.tree[id].chain == shown.chain) return;
    findings.report(kLogMatching,
                    "server {} has {} at index {}, but its log shows another digest up to there "
                    "than its entries have",
                    server.id, shadow.tree.describe(id), shown.index);
}

// The log has changed after `common`: takes the change over, entry by entry.
void follow_change(Shadow& shadow, Findings& findings, ServerShadow& server, const Observation& now,
                   LogIndex common) {
    const Log& log = *now.log;
    EntryId before = server.log.at(common);
    bool appended = false;
    for (LogIndex i = common.next(); i <= log.last_index(); i = i.next()) {
        const EntryId id =
            intern(shadow, findings, server, {before, log.entry_at(i), "in its memory"});
        before = id;
        judge_chain(shadow, findings, server, {i, log.chain_at(i)}, id);
        if (server.log.has(i, id)) continue;
        if (i <= server.log.last_index()) {
            judge_removal(shadow, findings, server, now, i, id);
            server.log.truncate_from(i);
        }
        server.log.push(id);
        judge_appended(shadow, findings, server, now, id);
        appended = true;
    }
    const LogIndex beyond = log.last_index().next();
    if (beyond <= server.log.last_index()) {
        judge_removal(shadow, findings, server, now, beyond, EntryId());
        server.log.truncate_from(beyond);
    }
    if (!appended) return;
    Leadership* leadership = shadow.leaderships.find(now.current_term);
    if (now.role == Role::Leader) {
        if (leadership != nullptr && leadership->server == server.id) leadership->last = before;
    } else if (!shadow.leader_has(now.current_term, before)) {
        findings.report(
            kNoPhantom,
            "server {} ({}) in term {} appended up to {}, which is not in the log of the "
            "leader of that term (server {}; 0: nobody has won it)",
            server.id, name_of(now.role), now.current_term, shadow.tree.describe(before),
            leadership == nullptr ? ServerId() : leadership->server);
    }
}

}  // namespace

void judge_new_entry(Shadow& shadow, Findings& findings, const ServerShadow& server,
                     const Sighting& sighting, EntryId id) {
    const EntryId rival = shadow.tree.rival_of(id);
    if (!rival) return;
    findings.report(kLogMatching,
                    "two entries of one index and term: server {} has {} {}, after {}; known "
                    "before, first from server {}: {}, after {}",
                    server.id, sighting.where, shadow.tree.describe(id),
                    shadow.tree.describe(sighting.before), shadow.tree[rival].origin,
                    shadow.tree.describe(rival), shadow.tree.describe(shadow.tree[rival].before));
}

void follow_log(Shadow& shadow, Findings& findings, ServerShadow& server, const Observation& now) {
    const Log& log = *now.log;
    const LogIndex last = log.last_index();
    const bool scan = server.steps >= server.whole_scan_at;
    if (scan) {
        server.whole_scan_at = server.steps + std::max(kStepsBetweenScans, 2 * last.value());
    } else if (last == server.log.last_index() && log.last_chain() == server.chain &&
               log.base().index == server.base) {
        return;
    }
    if (log.base().index != server.base) follow_base(shadow, findings, server, now);
    if (floor_of(log) > server.log.last_index()) {
        findings.report(
            kLogMatching,
            "server {} (term {}) has entries up to index {} that are not in memory; its "
            "log ended at index {}, and only what is applied may leave memory",
            server.id, now.current_term, floor_of(log), server.log.last_index());
        server.abandoned = true;
    }
    if (server.abandoned) return;
    const LogIndex common =
        scan ? unchanged_by_content(shadow, server, log) : unchanged_by_chain(shadow, server, log);
    if (common < floor_of(log)) {
        compare_whole_log(shadow, findings, server, log);
        server.abandoned = true;
        return;
    }
    if (common < std::max(last, server.log.last_index())) {
        follow_change(shadow, findings, server, now, common);
    }
    server.chain = log.last_chain();
}

void compare_whole_log(Shadow& shadow, Findings& findings, ServerShadow& server, const Log& log) {
    const LogIndex common = unchanged_by_content(shadow, server, log);
    if (common == server.log.last_index() && common == log.last_index()) return;
    findings.report(
        kLogMatching,
        "server {} (term {}): its log ends at index {} and is not what its steps made of "
        "it, a log that ends at {}; they agree up to {}",
        server.id, server.term, log.last_index(), shadow.tree.describe(server.log.last()), common);
}

}  // namespace wavetank::oracles
