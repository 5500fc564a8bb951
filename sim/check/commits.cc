// Recounting commits, and comparing what machines have applied. Because an entry's id stands for
// its whole log prefix, one comparison at the commit index covers everything below it: a commit
// costs one look at each disk, however many entries it takes in.
#include "sim/check/commits.h"

#include <algorithm>

namespace wavetank::oracles {
namespace {

constexpr std::string_view kMonotonic = "monotonic";
constexpr std::string_view kDurableQuorum = "durable quorum";
constexpr std::string_view kStateMachineSafety = "state machine safety";
constexpr std::string_view kLeaderCompleteness = "leader completeness";

// What has been chosen before, up to what `leader` commits now, is what it has there itself. Others
// may have chosen more since: a deposed leader that hears late of its quorum still commits rightly.
bool agrees_with_chosen(Shadow& shadow, Findings& findings, const ServerShadow& leader, Term term,
                        LogIndex commit) {
    const LogIndex both = std::min(commit, shadow.chosen.last_index());
    if (!both || leader.log.has(both, shadow.chosen.at(both))) return true;
    const LogIndex differs = shadow.chosen_in(leader.log).next();
    const EntryId own = leader.log.last_index() < differs ? EntryId() : leader.log.at(differs);
    findings.report(kDurableQuorum,
                    "server {}, leader of term {}, commits a log that contradicts what was chosen "
                    "before it: chosen is {}, it has {} there",
                    leader.id, term, shadow.tree.describe(shadow.chosen.at(differs)),
                    own ? shadow.tree.describe(own) : "nothing");
    return false;
}

// A leader that hears late of its quorum may commit when others have already won later terms.
void later_winners_have(Shadow& shadow, Findings& findings, Term term, EntryId committed) {
    const auto& all = shadow.leaderships.items();
    for (auto item = all.rbegin(); item != all.rend() && item->term > term; ++item) {
        if (shadow.tree.contains(item->what.elected_with, committed)) continue;
        findings.report(
            kLeaderCompleteness,
            "the leader of term {} commits {}, but server {} has won term {} with a log "
            "up to {} that lacks it",
            term, shadow.tree.describe(committed), item->what.server, item->term,
            shadow.tree.describe(item->what.elected_with));
    }
}

struct LogPlace {
    LogIndex index;
    Term term;
};

// With which configuration a leader counts: the one that was in force before the step, even if what
// it commits brings another one. If the step has committed that one first, and appended the next,
// it may go on counting with the next.
ConfigurationId counting_configuration(Shadow& shadow, const ServerShadow& leader, Term term,
                                       LogIndex commit) {
    const ConfigurationId before = leader.configuration_before;
    const ConfigurationId after = shadow.tree[leader.log.last()].configuration;
    if (before == after) return before;
    const auto held_up_to = [&](LogIndex index) {
        const EntryId id = leader.log.find(index);
        return shadow.majority(shadow.tree[before].configuration, [&](const ServerShadow& server) {
            return server.disk.log.has(index, id);
        });
    };
    if (held_up_to(commit)) return before;
    const Leadership* leadership = shadow.leaderships.find(term);
    if (leadership == nullptr) return before;
    const LogIndex first_own = shadow.tree[leadership->elected_with].index.next();
    const LogIndex turn = std::max(shadow.tree.index_of(before), first_own);
    return turn < commit && held_up_to(turn) ? after : before;
}

void leader_commits(Shadow& shadow, Findings& findings, const ServerShadow& leader, Term term,
                    LogIndex commit) {
    const EntryId last = leader.log.at(commit);
    if (shadow.tree[last].term != term) {
        findings.report(
            kDurableQuorum,
            "server {}, leader of term {}, moved its commit index from {} to {}, an entry "
            "of term {}: only entries of its own term are committed by counting copies",
            leader.id, term, leader.commit, commit, shadow.tree[last].term);
    }
    const ConfigurationId counting = counting_configuration(shadow, leader, term, commit);
    const auto holds = [&](const ServerShadow& server) {
        return server.disk.log.has(commit, last);
    };
    const Configuration& configuration = shadow.tree[counting].configuration;
    if (!shadow.majority(configuration, holds)) {
        findings.report(kDurableQuorum,
                        "server {}, leader of term {}, moved its commit index from {} to {}, but "
                        "only the disks of {} hold its log up to there ({})",
                        leader.id, term, leader.commit, commit, shadow.who(configuration, holds),
                        shadow.tree.describe(last));
    }
    if (!agrees_with_chosen(shadow, findings, leader, term, commit)) return;
    later_winners_have(shadow, findings, term, last);
    shadow.choose(leader, {term, commit, counting});
}

void other_commits(Shadow& shadow, Findings& findings, const ServerShadow& server,
                   const Observation& now, LogIndex commit) {
    const EntryId last = server.log.at(commit);
    if (!shadow.chosen.has(commit, last)) {
        const bool chosen = commit <= shadow.chosen.last_index();
        findings.report(
            kDurableQuorum,
            "server {} ({}, term {}) moved its commit index from {} to {}, where it has {}; "
            "chosen there: {}",
            server.id, name_of(now.role), now.current_term, server.commit, commit,
            shadow.tree.describe(last),
            chosen ? shadow.tree.describe(shadow.chosen.at(commit)) : "nothing yet");
    }
    if (shadow.leaderships.find(now.current_term) == nullptr) {
        findings.report(
            kDurableQuorum,
            "server {} ({}) moved its commit index from {} to {} in term {}, which nobody "
            "has won",
            server.id, name_of(now.role), server.commit, commit, now.current_term);
        return;
    }
    const bool heard = server.verified.term == now.current_term;
    if (heard && commit <= server.verified.end) return;
    findings.report(kDurableQuorum,
                    "server {} ({}, term {}) moved its commit index from {} to {}, but the leader "
                    "of that term has verified its log up to {} only",
                    server.id, name_of(now.role), now.current_term, server.commit, commit,
                    heard ? server.verified.end : LogIndex());
}

}  // namespace

void note_verified(const Shadow& shadow, ServerShadow& server, const Observation& now) {
    const Message& message = std::get<Recv>(*now.input).message;
    const auto raise = [&](Term term, const LogPlace& fits, LogIndex upto) {
        if (term != now.current_term || fits.index > server.log.last_index()) return;
        if (shadow.tree[server.log.find(fits.index)].term != fits.term) return;
        server.verified.raise(term, std::min(upto, server.log.last_index()));
    };
    if (const auto* append = std::get_if<AppendEntries>(&message)) {
        raise(append->term, {append->prev_log_index, append->prev_log_term},
              append->prev_log_index.plus(append->entries.size()));
    } else if (const auto* snapshot = std::get_if<InstallSnapshot>(&message)) {
        const LogBase& last = snapshot->meta.last;
        raise(snapshot->term, {last.index, last.term}, last.index);
    }
}

void report_not_monotonic(Findings& findings, const ServerShadow& before, const Observation& now) {
    if (now.current_term < before.term) {
        findings.report(kMonotonic, "the term of server {} fell from {} to {}", before.id,
                        before.term, now.current_term);
    }
    if (now.commit_index < before.commit) {
        findings.report(kMonotonic, "the commit index of server {} (term {}) fell from {} to {}",
                        before.id, now.current_term, before.commit, now.commit_index);
    }
    if (now.last_applied < before.announced_applied) {
        findings.report(kMonotonic, "last applied of server {} (term {}) fell from {} to {}",
                        before.id, now.current_term, before.announced_applied, now.last_applied);
    }
    if (now.last_applied > now.commit_index) {
        findings.report(kMonotonic,
                        "server {} (term {}) has last applied {} above its commit index {}",
                        before.id, now.current_term, now.last_applied, now.commit_index);
    }
    if (now.snapshot < before.snapshot) {
        findings.report(kMonotonic, "the newest snapshot of server {} went up to {}, now up to {}",
                        before.id, before.snapshot, now.snapshot);
    }
    if (now.commit_index > now.log->last_index()) {
        findings.report(kMonotonic,
                        "server {} (term {}) has commit index {}, but its log ends at {}",
                        before.id, now.current_term, now.commit_index, now.log->last_index());
    }
}

void commit_advanced(Shadow& shadow, Findings& findings, ServerShadow& server,
                     const Observation& now) {
    const LogIndex commit = std::min(now.commit_index, server.log.last_index());
    if (commit <= server.commit) return;
    // One that is no member by what it commits leads no more after the same step.
    const bool led = server.role == Role::Leader && server.term == now.current_term;
    if (now.role == Role::Leader || led) {
        leader_commits(shadow, findings, server, now.current_term, commit);
    } else {
        other_commits(shadow, findings, server, now, commit);
    }
}

void chosen_survives(Shadow& shadow, Findings& findings, const ServerShadow& server,
                     LogIndex held_before) {
    // Who holds the last of the lost entries holds all before it: that one is in the greatest
    // danger.
    const EntryId lost = shadow.chosen.at(held_before);
    const auto holds = [&](const ServerShadow& other) {
        return other.emptied || other.disk.log.has(held_before, lost);
    };
    const Configuration& configuration = shadow.choosing_configuration();
    if (shadow.majority(configuration, holds)) return;
    findings.report(
        kDurableQuorum,
        "the disk of server {} lost {}, which is chosen; it is left only on the disks of {}",
        server.id, shadow.tree.describe(lost), shadow.who(configuration, holds));
}

void state_machine_safety(Shadow& shadow, Findings& findings, ServerShadow& server,
                          const Application& application) {
    const LogIndex index = application.index;
    if (server.abandoned) return;
    if (index != server.applied.next()) {
        findings.report(kStateMachineSafety,
                        "server {} applied index {} after index {}: each index once, and in order",
                        server.id, index, server.applied);
    }
    server.applied = index;
    if (index > server.commit) {
        findings.report(kStateMachineSafety,
                        "server {} applied index {}, but its commit index is {}", server.id, index,
                        server.commit);
    }
    if (!index || index > server.log.last_index()) {
        findings.report(kStateMachineSafety,
                        "server {} applied index {}, but its log ends at index {}", server.id,
                        index, server.log.last_index());
        return;
    }
    const EntryId id = server.log.at(index);
    if (shadow.tree[id].content != EntryTree::content_of(application.entry)) {
        findings.report(
            kStateMachineSafety,
            "server {} applied an entry of term {} (content {}) at index {}, but its log has "
            "{} there",
            server.id, application.entry.term, EntryTree::content_of(application.entry), index,
            shadow.tree.describe(id));
    }
    if (!server.disk.log.has(index, id)) {
        findings.report(kStateMachineSafety,
                        "server {} applied {} before it was on its own disk, which ends with {}",
                        server.id, shadow.tree.describe(id),
                        shadow.tree.describe(server.disk.log.last()));
    }
    if (!shadow.chosen.has(index, id)) {
        findings.report(kStateMachineSafety,
                        "server {} applied {}, which is not chosen (chosen reaches up to {})",
                        server.id, shadow.tree.describe(id), shadow.chosen.last_index());
    }
    if (index.value() >= shadow.applied.size()) shadow.applied.resize(index.value() + 1);
    Applied& first = shadow.applied[index.value()];
    if (!first.by) {
        first = Applied{id, server.id, application.executed, application.machine_digest};
    } else if (first.entry != id) {
        findings.report(kStateMachineSafety,
                        "servers {} and {} applied different entries at index {}: {}, and {}",
                        first.by, server.id, index, shadow.tree.describe(first.entry),
                        shadow.tree.describe(id));
    } else if (first.executed != application.executed) {
        findings.report(kStateMachineSafety,
                        "servers {} and {} applied the same entry, {}, and only server {} carried "
                        "out a command",
                        first.by, server.id, shadow.tree.describe(id),
                        first.executed ? first.by : server.id);
    } else if (first.machine_digest != application.machine_digest) {
        findings.report(kStateMachineSafety,
                        "servers {} and {} applied the same entry, {}, but their machines now have "
                        "digests {} and {}",
                        first.by, server.id, shadow.tree.describe(id), first.machine_digest,
                        application.machine_digest);
    }
}

}  // namespace wavetank::oracles
