// Walking the way that the events of a step claim, and judging each turn of it. Roles change
// rarely, so nothing here but the note of a leader's message is on the path of an ordinary step.
#include "sim/check/roles.h"

#include <algorithm>
#include <variant>

namespace wavetank::oracles {
namespace {

constexpr std::string_view kRoleEdges = "role edges";
constexpr std::string_view kCandidacy = "candidacy";
constexpr std::string_view kLaterTerm = "later term";
constexpr std::string_view kStickiness = "leader stickiness";
constexpr std::string_view kRefusedMessage = "refused message";

bool edge_allowed(Role from, Role to, bool asked_by_leader) {
    switch (from) {
        case Role::Follower:
            return to == Role::Follower || to == Role::PreCandidate ||
                   (to == Role::Candidate && asked_by_leader);
        case Role::PreCandidate:
            return to != Role::Leader;
        case Role::Candidate:
            return to != Role::Candidate;
        case Role::Leader:
            return to == Role::Follower;
    }
    return false;
}

const char* name_of(StepDownReason reason) {
    switch (reason) {
        case StepDownReason::HigherTerm:
            return "a higher term";
        case StepDownReason::QuorumLost:
            return "a lost quorum";
        case StepDownReason::WriteFailed:
            return "a failed write";
        case StepDownReason::DiskStalled:
            return "a stalled disk";
        case StepDownReason::Removed:
            return "being no member any more";
    }
    return "?";
}

// Can a delayed or repeated message of correct servers be refused so? For those named here, no.
// TwoLeaders: only the winner of a term sends its AppendEntries, and it never receives its own; a
// server's known leader of a term is that winner. CommittedConflict, BadSnapshot: the message is of
// our term or a later one, so its sender won after, or in, the term in which our committed entries
// were chosen, and has them (paper 5.4), when the message was made as well as now. BadEntries:
// terms never fall along a log nor exceed its leader's. BeyondLog: a leader's log only grows in its
// term, and rounds only rise. BadTerm: only an answer can be of term 0. LeaderRewrites: a leader's
// log only grows in its term. BadConfiguration: leaders append what can be read, and what was
// damaged on the way is Corrupt. Null: it can.
const char* wrong_of(RefuseReason reason) {
    switch (reason) {
        case RefuseReason::NotMember:  // a stranger may always knock
        case RefuseReason::Corrupt:    // the network may damage what it carries
        case RefuseReason::WrongKind:  // it may come late, when another server has the name
            return nullptr;
        case RefuseReason::TwoLeaders:
            return "AppendEntries of a second leader";
        case RefuseReason::CommittedConflict:
            return "AppendEntries that differs from what is committed here";
        case RefuseReason::BadEntries:
            return "AppendEntries with impossible terms";
        case RefuseReason::BeyondLog:
            return "an answer to something it has never sent";
        case RefuseReason::BadTerm:
            return "a message of an impossible term";
        case RefuseReason::LeaderRewrites:
            return "AppendEntries that changes what it sent before in the same term";
        case RefuseReason::BadSnapshot:
            return "a snapshot that contradicts what is committed here, or itself";
        case RefuseReason::BadConfiguration:
            return "a configuration that is none";
    }
    return nullptr;
}

const Recv* received(const Observation& now) {
    return std::get_if<Recv>(now.input);
}

// True if the step handles a TimeoutNow of the leader of the term that the server is in.
bool asked_by_leader(const Shadow& shadow, const ServerShadow& before, const Observation& now) {
    const Recv* recv = received(now);
    const auto* request = recv == nullptr ? nullptr : std::get_if<TimeoutNow>(&recv->message);
    if (request == nullptr || request->term != before.term) return false;
    const Leadership* leadership = shadow.leaderships.find(before.term);
    return leadership != nullptr && leadership->server == recv->from;
}

// Walks the roles that the events of one step claim.
class RoleWalk {
 public:
    RoleWalk(Shadow& shadow, Findings& findings, ServerShadow& server, const Observation& now)
        : shadow_(shadow),
          findings_(findings),
          server_(server),
          now_(now),
          asked_(asked_by_leader(shadow, server, now)),
          role_(server.role) {}

    Role role() const { return role_; }
    bool stepped_down() const { return stepped_down_; }

    void operator()(const BecameFollower&) { enter(Role::Follower); }
    void operator()(const BecamePreCandidate&) {
        enter(Role::PreCandidate);
        may_seek_office();
    }
    void operator()(const BecameCandidate& event) {
        const bool by_pre_votes = role_ == Role::PreCandidate && !asked_;
        enter(Role::Candidate);
        may_seek_office();
        if (event.term <= server_.term) {
            findings_.report(kRoleEdges,
                             "server {} campaigns in term {}, but it was in term {} already: every "
                             "candidacy needs a new term",
                             server_.id, event.term, server_.term);
        }
        if (by_pre_votes) has_pre_votes(event.term);
        if (asked_) server_.transfer_campaign = event.term;
    }
    void operator()(const BecameLeader&) {
        enter(Role::Leader);
        may_seek_office();
    }
    void operator()(const SteppedDown& event);
    void operator()(const Refused& event) {
        const char* what = wrong_of(event.reason);
        if (what == nullptr) return;
        findings_.report(kRefusedMessage,
                         "server {} (term {}, {}) refused a message of server {}: {}; no correct "
                         "server sends that, however late or often it arrives",
                         server_.id, server_.term, name_of(role_), event.from, what);
    }
    template <class Other>
    void operator()(const Other&) {}

 private:
    void enter(Role next) {
        if (!edge_allowed(role_, next, asked_)) {
            findings_.report(kRoleEdges, "server {} went from {} to {} (term {} before the step)",
                             server_.id, name_of(role_), name_of(next), server_.term);
        }
        role_ = next;
    }
    void may_seek_office();
    void has_pre_votes(Term term);

    Shadow& shadow_;
    Findings& findings_;
    ServerShadow& server_;
    const Observation& now_;
    const bool asked_;  // by its leader, to campaign
    Role role_;
    bool stepped_down_ = false;
};

void RoleWalk::may_seek_office() {
    if (server_.options.priority == 0) {
        findings_.report(kCandidacy, "server {} is {} (term {}), but its priority is zero",
                         server_.id, name_of(role_), now_.current_term);
    }
    if (!shadow_.has_joined(server_)) {
        findings_.report(
            kCandidacy,
            "server {} is {} (term {}), but its disk was wiped, and it has not yet all "
            "that was chosen by then, up to index {}",
            server_.id, name_of(role_), now_.current_term, server_.chosen_before);
    }
    const ConfigurationId id = shadow_.tree[server_.log.last()].configuration;
    const Configuration& active = shadow_.configuration_of(server_);
    const auto eligible = [&](const Configuration& configuration) {
        return votes_in(configuration, server_.id) &&
               !contains(configuration.witnesses(), server_.id);
    };
    if (eligible(active)) return;
    // Its log may be the only one with the configuration that leaves it out; then nobody else can
    // win (zoo E19).
    const ConfigurationId before = shadow_.tree[id].before;
    const bool open = shadow_.tree.index_of(id) > server_.commit;
    const bool known = before || server_.knows_initial;
    const bool witness = contains(active.witnesses(), server_.id);
    if (open && known && !witness && eligible(shadow_.tree[before].configuration)) return;
    findings_.report(kCandidacy,
                     "server {} is {} (term {}), but in {}, in force at index {} of its log, it is "
                     "no voter that may lead",
                     server_.id, name_of(role_), now_.current_term, active.to_string(),
                     shadow_.tree.index_of(id));
}

void RoleWalk::has_pre_votes(Term term) {
    const std::vector<ServerId>* granted = server_.pre_votes.find(term);
    const auto would_vote = [&](const ServerShadow& voter) {
        return voter.id == server_.id || (granted != nullptr && contains(*granted, voter.id));
    };
    const Configuration& configuration = shadow_.configuration_of(server_);
    if (shadow_.majority(configuration, would_vote)) return;
    findings_.report(kCandidacy,
                     "server {} campaigns in term {}, but was granted pre-votes for that only by "
                     "{}, itself included",
                     server_.id, term, shadow_.who(configuration, would_vote));
}

void RoleWalk::operator()(const SteppedDown& event) {
    stepped_down_ = true;
    if (role_ != Role::Leader || event.term != server_.term) {
        findings_.report(kRoleEdges,
                         "server {} says it stepped down as leader of term {}, but it was {} in "
                         "term {}",
                         server_.id, event.term, name_of(role_), server_.term);
        return;
    }
    bool true_reason =
        (now_.current_term > event.term) == (event.reason == StepDownReason::HigherTerm);
    if (event.reason == StepDownReason::WriteFailed) {
        true_reason &= std::holds_alternative<WriteFailed>(*now_.input);
    } else if (event.reason == StepDownReason::DiskStalled) {
        true_reason &= server_.disk.unsynced_count > 0;
    } else if (event.reason == StepDownReason::Removed) {
        const EntryId last = server_.log.last();
        true_reason &=
            shadow_.tree.index_of(shadow_.tree[last].configuration) <= now_.commit_index &&
            !votes_in(shadow_.configuration_of(server_), server_.id);
    }
    if (true_reason) return;
    findings_.report(kRoleEdges,
                     "server {} stepped down as leader of term {} because of {}, but it is not so "
                     "(it is in term {} now, with commit index {})",
                     server_.id, event.term, name_of(event.reason), now_.current_term,
                     now_.commit_index);
}

}  // namespace

void role_edges(Shadow& shadow, Findings& findings, ServerShadow& server, const Observation& now) {
    RoleWalk walk(shadow, findings, server, now);
    for (const Event& event : now.output->events) std::visit(walk, event);
    if (walk.role() != now.role) {
        findings.report(kRoleEdges,
                        "server {} is {} in term {} after the step, but was {} in term {} and its "
                        "events lead to {}",
                        server.id, name_of(now.role), now.current_term, name_of(server.role),
                        server.term, name_of(walk.role()));
    }
    if (server.role == Role::Leader && now.role != Role::Leader && !walk.stepped_down()) {
        findings.report(kRoleEdges, "server {} leads term {} no more and does not say why",
                        server.id, server.term);
    }
    if (now.role == Role::Leader && server.role == Role::Leader &&
        now.current_term != server.term) {
        findings.report(kRoleEdges,
                        "server {} led term {} and now leads term {} without an election",
                        server.id, server.term, now.current_term);
    }
    // Thesis 9.6: a pre-vote changes nothing.
    const bool moved = now.current_term != server.term || now.voted_for != server.vote;
    if (now.role == Role::PreCandidate && moved) {
        findings.report(
            kRoleEdges,
            "server {} is pre-candidate after a step that took it from term {}, vote {} "
            "to term {}, vote {}: asking whether one could win must change neither",
            server.id, server.term, server.vote, now.current_term, now.voted_for);
    }
}

bool leader_is_fresh(const Shadow& shadow, const ServerShadow& server, ServerId other) {
    const auto& heard = server.heard_leader;
    if (!heard.term || heard.term != server.term || server.role != Role::Follower) return false;
    if (server.local_time - heard.at >= server.options.election_timeout_min) return false;
    const Leadership* leadership = shadow.leaderships.find(server.term);
    return leadership != nullptr && leadership->server != other;
}

void leader_stickiness(Shadow& shadow, Findings& findings, ServerShadow& server,
                       const Observation& now) {
    const Recv* recv = received(now);
    if (recv == nullptr) return;
    if (const auto* vote = std::get_if<RequestVote>(&recv->message)) {
        const bool adopted = now.current_term > server.term && now.current_term == vote->term;
        if (vote->transfer || !adopted || !leader_is_fresh(shadow, server, recv->from)) return;
        const bool member = contains(shadow.choosing_configuration().all(), recv->from);
        findings.report(
            kStickiness,
            "server {} adopts term {} from a RequestVote of server {}{}, although it heard the "
            "leader of term {} {} ago on its own clock",
            server.id, now.current_term, recv->from, member ? "" : ", which is no member",
            server.term, to_string(server.local_time - server.heard_leader.at));
        return;
    }
    const auto* append = std::get_if<AppendEntries>(&recv->message);
    const auto* snapshot = std::get_if<InstallSnapshot>(&recv->message);
    if (append == nullptr && snapshot == nullptr) return;
    const Term term = append != nullptr ? append->term : snapshot->term;
    if (term != now.current_term || now.role != Role::Follower) return;
    for (const Event& event : now.output->events) {
        if (std::holds_alternative<Refused>(event)) return;
    }
    server.heard_leader = {term, server.local_time};
}

void later_terms_count(Findings& findings, ServerShadow& server, const Observation& now) {
    if (std::holds_alternative<WriteFailed>(*now.input)) server.write_failed = true;
    const Recv* recv = received(now);
    if (recv == nullptr || server.write_failed) return;
    const auto answered_in = [&](auto* answer) {
        return answer != nullptr ? answer->term : Term();
    };
    const Term term = std::max({answered_in(std::get_if<PreVoteReply>(&recv->message)),
                                answered_in(std::get_if<RequestVoteReply>(&recv->message)),
                                answered_in(std::get_if<AppendEntriesReply>(&recv->message)),
                                answered_in(std::get_if<InstallSnapshotReply>(&recv->message))});
    if (term <= now.current_term) return;
    findings.report(kLaterTerm,
                    "server {} ({}) stays in term {}, although server {} has answered it from "
                    "term {}",
                    server.id, name_of(now.role), now.current_term, recv->from, term);
}

}  // namespace wavetank::oracles
