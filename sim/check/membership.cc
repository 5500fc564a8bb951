// Judging configurations by counting subsets: whether two of them can decide without each other is
// tried out, not derived from the rules that should prevent it.
#include "sim/check/membership.h"

#include <algorithm>

namespace wavetank::oracles {
namespace {

constexpr std::string_view kSafety = "configuration safety";
constexpr std::string_view kActive = "active configuration";

using Ids = std::vector<ServerId>;

// The voters of both configurations, each once.
Ids voters_of(const Configuration& a, const Configuration& b) {
    Ids all;
    for (const Ids* ids : {&a.voters(), &a.outgoing(), &b.voters(), &b.outgoing()}) {
        all.insert(all.end(), ids->begin(), ids->end());
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

// True if the servers of `all` whose bit is set in `set` are a majority of each half.
bool is_quorum(const Configuration& configuration, const Ids& all, uint32_t set) {
    const auto majority = [&](const Ids& half) {
        std::size_t count = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if ((set >> i & 1) != 0 && contains(half, all[i])) ++count;
        }
        return count > half.size() / 2;
    };
    return majority(configuration.voters()) &&
           (!configuration.joint() || majority(configuration.outgoing()));
}

// True if every majority of `x` and every majority of `y` have a server in common.
bool majorities_meet(const Ids& x, const Ids& y) {
    const auto common = static_cast<std::size_t>(
        std::count_if(x.begin(), x.end(), [&](ServerId id) { return contains(y, id); }));
    // As many as possible from where the other is not; the rest must come from both.
    const auto shared = [&](const Ids& half) {
        const std::size_t needed = half.size() / 2 + 1;
        const std::size_t alone = half.size() - common;
        return needed > alone ? needed - alone : 0;
    };
    return shared(x) + shared(y) > common;
}

bool has_allowed_shape(const Configuration& from, const Configuration& next) {
    if (next.joint()) return !from.joint() && next.outgoing() == from.voters();
    return next.voters() == from.voters();
}

// `node` is the entry that brings `next` after `from`.
void judge_step(Findings& findings, const ServerShadow& leader, const EntryTree::Node& node,
                const Configuration& from, const Configuration& next) {
    if (!quorums_overlap(from, next)) {
        findings.report(kSafety,
                        "server {} (leader of term {}) appended {} at index {} after {}: each can "
                        "have a quorum without the other",
                        leader.id, node.term, next.to_string(), node.index, from.to_string());
    } else if (!has_allowed_shape(from, next)) {
        findings.report(kSafety,
                        "server {} (leader of term {}) appended {} at index {} after {}: other "
                        "voters need a joint configuration in between",
                        leader.id, node.term, next.to_string(), node.index, from.to_string());
    }
    for (const ServerId id : next.all()) {
        if (!contains(from.all(), id)) continue;
        if (contains(next.witnesses(), id) == contains(from.witnesses(), id)) continue;
        findings.report(kSafety,
                        "server {} (leader of term {}) appended {} at index {} after {}: server {} "
                        "is a witness in one of them only, but it stays what it is",
                        leader.id, node.term, next.to_string(), node.index, from.to_string(), id);
    }
}

// Thesis 4.2.1: whoever gets a vote has caught up as a learner before (zoo M14), at least with the
// configuration that the change begins from. And it has a vote: with an empty disk it has none
// before it knows what is committed, and a quorum that needs it would elect nobody.
void judge_newcomers(Shadow& shadow, Findings& findings, const ServerShadow& leader,
                     const EntryTree::Placed& from, const EntryTree::Placed& next) {
    const LogIndex from_index = shadow.tree[from.entry].index;
    for (const ServerId id : next.configuration.voters()) {
        const bool fresh = !votes_in(from.configuration, id);
        const ServerShadow* newcomer = fresh ? shadow.find_server(id) : nullptr;
        if (newcomer == nullptr) continue;
        const bool caught_up = newcomer->disk.log.has(from_index, from.entry);
        if (caught_up && newcomer->disk.hard_state.joined) continue;
        findings.report(kSafety,
                        "server {} (leader of term {}) gives server {} a vote in {}, but that has "
                        "not {}: its disk holds {}, and the change begins at {}",
                        leader.id, shadow.tree[next.entry].term, id, next.configuration.to_string(),
                        caught_up ? "joined" : "caught up",
                        shadow.tree.describe(newcomer->disk.log.last()),
                        shadow.tree.describe(from.entry));
    }
}

}  // namespace

bool quorums_overlap(const Configuration& a, const Configuration& b) {
    const Ids all = voters_of(a, b);
    if (all.size() > kExactMax) {
        for (const Ids* x : {&a.voters(), &a.outgoing()}) {
            for (const Ids* y : {&b.voters(), &b.outgoing()}) {
                if (!x->empty() && !y->empty() && majorities_meet(*x, *y)) return true;
            }
        }
        return false;
    }
    const uint32_t everybody = (uint32_t{1} << all.size()) - 1;
    for (uint32_t set = 0; set <= everybody; ++set) {
        if (is_quorum(a, all, set) && is_quorum(b, all, everybody & ~set)) return false;
    }
    return true;
}

void configuration_appended(Shadow& shadow, Findings& findings, const ServerShadow& leader,
                            const Observation& now, EntryId id) {
    const EntryTree::Node& node = shadow.tree[id];
    const EntryTree::Placed& next = shadow.tree[node.configuration];
    if (next.entry != id) {
        findings.report(kSafety,
                        "server {} (leader of term {}) appended {} as a configuration, but it "
                        "holds no valid one",
                        leader.id, now.current_term, shadow.tree.describe(id));
        return;
    }
    const EntryTree::Placed& from = shadow.tree[next.before];
    const LogIndex from_index = shadow.tree.index_of(next.before);
    if (from_index > now.commit_index) {
        const char* what = from.configuration.joint() ? "the joint configuration" : "configuration";
        findings.report(kSafety,
                        "server {} (leader of term {}) appended {} at index {}, but {} {} at index "
                        "{} is not committed yet: its commit index is {}",
                        leader.id, now.current_term, next.configuration.to_string(), node.index,
                        what, from.configuration.to_string(), from_index, now.commit_index);
    }
    const EntryId committed = leader.log.find(now.commit_index);
    if (shadow.tree[committed].term != now.current_term) {
        findings.report(kSafety,
                        "server {} (leader of term {}) appended {} at index {} before any entry of "
                        "its own term was committed: another leader may have committed a change "
                        "that it has not seen",
                        leader.id, now.current_term, next.configuration.to_string(), node.index);
    }
    judge_step(findings, leader, node, from.configuration, next.configuration);
    if (next.configuration.joint()) judge_newcomers(shadow, findings, leader, from, next);
}

void configuration_is_active(Shadow& shadow, Findings& findings, ServerShadow& server,
                             const Observation& now) {
    const ConfigurationId id = shadow.tree[server.log.last()].configuration;
    server.configuration_checked = id;
    const Configuration& expected = shadow.configuration_of(server);
    if (now.configuration->members() == expected.members()) return;
    findings.report(kActive,
                    "server {} ({}, term {}) goes by {}; the newest configuration in its log, at "
                    "index {}, is {}",
                    server.id, name_of(now.role), now.current_term, now.configuration->to_string(),
                    shadow.tree.index_of(id), expected.to_string());
}

}  // namespace wavetank::oracles
