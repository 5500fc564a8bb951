// Votes, winners and roles. Elections are rare, so nothing here is on the path of an ordinary step;
// what counts is that each of the three places a vote can stand in (memory, disk, grant) is entered
// in one table and compared with all that was there before.
#include "sim/check/elections.h"

#include <variant>

namespace wavetank::oracles {
namespace {

constexpr std::string_view kRoleEdges = "role edges";
constexpr std::string_view kVoteTruth = "vote truth";
constexpr std::string_view kElectionSafety = "election safety";
constexpr std::string_view kLeaderCompleteness = "leader completeness";
constexpr std::string_view kRefusedMessage = "refused message";

bool edge_allowed(Role from, Role to) {
    switch (from) {
        case Role::Follower:
            return to == Role::Follower || to == Role::PreCandidate;
        case Role::PreCandidate:
            return to != Role::Leader;
        case Role::Candidate:
            return to != Role::Candidate;
        case Role::Leader:
            return to == Role::Follower;
    }
    return false;
}

// Walks the roles that the events of one step claim.
class RoleWalk {
 public:
    RoleWalk(Findings& findings, const ServerShadow& before)
        : findings_(findings), before_(before), role_(before.role) {}

    Role role() const { return role_; }

    void operator()(const BecameFollower&) { enter(Role::Follower); }
    void operator()(const BecamePreCandidate&) { enter(Role::PreCandidate); }
    void operator()(const BecameCandidate& event) {
        enter(Role::Candidate);
        if (event.term > before_.term) return;
        findings_.report(kRoleEdges,
                         "server {} campaigns in term {}, but it was in term {} already: every "
                         "candidacy needs a new term",
                         before_.id, event.term, before_.term);
    }
    void operator()(const BecameLeader&) { enter(Role::Leader); }
    void operator()(const SteppedDown& event) {
        if (role_ == Role::Leader && event.term == before_.term) return;
        findings_.report(kRoleEdges,
                         "server {} says it stepped down as leader of term {}, but it was {} in "
                         "term {}",
                         before_.id, event.term, name_of(role_), before_.term);
    }
    void operator()(const Committed&) {}
    // Can a delayed or repeated message of correct servers be refused so? No. TwoLeaders: only the
    // winner of a term sends its AppendEntries, and it never receives its own; a server's known
    // leader of a term is that winner. CommittedConflict: the message is of our term or a later
    // one, so its sender won after, or in, the term in which our committed entries were chosen, and
    // has them (paper 5.4), when the message was made as well as now. BadEntries: terms never fall
    // along a log nor exceed its leader's. BeyondLog: a leader's log only grows in its term, and
    // rounds only rise. BadTerm: only an answer can be of term 0. LeaderRewrites: a leader's log
    // only grows in its term. (NotMember is left out: a stranger may always knock.)
    void operator()(const Refused& event) {
        const char* what = nullptr;
        switch (event.reason) {
            case RefuseReason::NotMember:
                return;
            case RefuseReason::TwoLeaders:
                what = "AppendEntries of a second leader";
                break;
            case RefuseReason::CommittedConflict:
                what = "AppendEntries that differs from what is committed here";
                break;
            case RefuseReason::BadEntries:
                what = "AppendEntries with impossible terms";
                break;
            case RefuseReason::BeyondLog:
                what = "an answer to something it has never sent";
                break;
            case RefuseReason::BadTerm:
                what = "a message of an impossible term";
                break;
            case RefuseReason::LeaderRewrites:
                what = "AppendEntries that changes what it sent before in the same term";
                break;
        }
        findings_.report(kRefusedMessage,
                         "server {} (term {}, {}) refused a message of server {}: {}; no correct "
                         "server sends that, however late or often it arrives",
                         before_.id, before_.term, name_of(role_), event.from, what);
    }

 private:
    void enter(Role next) {
        if (!edge_allowed(role_, next)) {
            findings_.report(kRoleEdges, "server {} went from {} to {} (term {} before the step)",
                             before_.id, name_of(role_), name_of(next), before_.term);
        }
        role_ = next;
    }

    Findings& findings_;
    const ServerShadow& before_;
    Role role_;
};

const char* in_words(VoteSeen where) {
    switch (where) {
        case VoteSeen::InMemory:
            return "in its memory";
        case VoteSeen::OnDisk:
            return "on its disk";
        case VoteSeen::InGrant:
            return "in a granted RequestVoteReply";
    }
    return "?";
}

// Paper 5.4.1: the voter denies its vote if its own log is more up to date than the candidate's.
void vote_was_earned(Shadow& shadow, Findings& findings, const ServerShadow& voter,
                     const Observation& now) {
    const ServerShadow* candidate = shadow.find_server(now.voted_for);
    const Campaign* asked =
        candidate == nullptr ? nullptr : candidate->campaigns.find(now.current_term);
    if (asked == nullptr) {
        findings.report(kVoteTruth,
                        "server {} votes for server {} in term {}, which has never sent a "
                        "RequestVote of that term",
                        voter.id, now.voted_for, now.current_term);
        return;
    }
    const EntryTree::Node& own = shadow.tree[voter.log.last()];
    const bool up_to_date =
        asked->last_term != own.term ? asked->last_term > own.term : asked->last_index >= own.index;
    if (up_to_date) return;
    findings.report(
        kVoteTruth,
        "server {} votes for server {} in term {}, although the candidate's log ends at "
        "index {} of term {} and its own, more up to date, at index {} of term {}",
        voter.id, now.voted_for, now.current_term, asked->last_index, asked->last_term, own.index,
        own.term);
}

}  // namespace

void role_edges(Findings& findings, const ServerShadow& before, const Observation& now) {
    RoleWalk walk(findings, before);
    for (const Event& event : now.events) std::visit(walk, event);
    if (walk.role() != now.role) {
        findings.report(kRoleEdges,
                        "server {} is {} in term {} after the step, but was {} in term {} and its "
                        "events lead to {}",
                        before.id, name_of(now.role), now.current_term, name_of(before.role),
                        before.term, name_of(walk.role()));
    }
    if (now.role == Role::Leader && before.role == Role::Leader &&
        now.current_term != before.term) {
        findings.report(kRoleEdges,
                        "server {} led term {} and now leads term {} without an election",
                        before.id, before.term, now.current_term);
    }
    // Thesis 9.6: a pre-vote changes nothing.
    const bool moved = now.current_term != before.term || now.voted_for != before.vote;
    if (now.role == Role::PreCandidate && moved) {
        findings.report(
            kRoleEdges,
            "server {} is pre-candidate after a step that took it from term {}, vote {} "
            "to term {}, vote {}: asking whether one could win must change neither",
            before.id, before.term, before.vote, now.current_term, now.voted_for);
    }
}

void note_vote(Findings& findings, ServerShadow& server, const Vote& vote) {
    VoteRecord& record = server.votes.of(vote.term);
    if (record.candidate && record.candidate != vote.candidate) {
        findings.report(
            kVoteTruth, "server {} has two votes in term {}: server {} before, now server {} {}",
            server.id, vote.term, record.candidate, vote.candidate, in_words(vote.where));
        return;
    }
    record.candidate = vote.candidate;
    if (vote.where == VoteSeen::OnDisk) record.durable = true;
    if (vote.where == VoteSeen::InGrant) record.promised = true;
}

void forget_unsaid_votes(ServerShadow& server, Term term) {
    server.votes.keep_if(term,
                         [](const VoteRecord& vote) { return vote.durable || vote.promised; });
}

void vote_truth(Shadow& shadow, Findings& findings, ServerShadow& server, const Observation& now) {
    const bool seeks_office = now.role == Role::Candidate || now.role == Role::Leader;
    if (seeks_office && now.voted_for != server.id) {
        findings.report(kVoteTruth, "server {} is {} of term {} but its vote is for server {}",
                        server.id, name_of(now.role), now.current_term, now.voted_for);
    }
    if (now.current_term == server.term && now.voted_for == server.vote) return;
    if (now.current_term == server.term && server.vote) {
        findings.report(
            kVoteTruth,
            "server {} ({}) changed its vote within term {} from server {} to server {} "
            "(0: none); it could now vote twice",
            server.id, name_of(now.role), now.current_term, server.vote, now.voted_for);
    }
    if (!now.voted_for) return;
    note_vote(findings, server, {now.current_term, now.voted_for, VoteSeen::InMemory});
    if (now.voted_for != server.id) {
        vote_was_earned(shadow, findings, server, now);
    } else if (!seeks_office) {
        findings.report(kVoteTruth,
                        "server {} votes for itself in term {} as {}, not as a candidate",
                        server.id, now.current_term, name_of(now.role));
    }
}

void election_won(Shadow& shadow, Findings& findings, const ServerShadow& winner, Term term) {
    if (const Leadership* earlier = shadow.leaderships.find(term)) {
        findings.report(kElectionSafety,
                        "term {} is won by server {}, but server {} has won it already", term,
                        winner.id, earlier->server);
        if (earlier->server != winner.id) return;  // the first winner stays the term's leader
    }
    const auto voted = [&](const ServerShadow& voter) {
        const VoteRecord* vote = voter.votes.find(term);
        return vote != nullptr && vote->durable && vote->candidate == winner.id;
    };
    if (!shadow.majority(voted)) {
        findings.report(kElectionSafety,
                        "server {} leads term {}, but its durable votes are only those of {}",
                        winner.id, term, shadow.who(voted));
    }
    const LogIndex owed = shadow.chosen_before(term);
    if (!winner.log.has(owed, shadow.chosen.at(owed))) {
        const LogIndex agreed = shadow.chosen_in(winner.log);
        const LogIndex missing = agreed.next();
        const EntryId own = winner.log.last_index() < missing ? EntryId() : winner.log.at(missing);
        findings.report(
            kLeaderCompleteness,
            "server {} won term {} with a log that lacks chosen entries: {} is chosen, its "
            "log has {} there; in all, entries up to {} were chosen in lower terms",
            winner.id, term, shadow.tree.describe(shadow.chosen.at(missing)),
            own ? shadow.tree.describe(own) : "nothing", owed);
    }
    shadow.leaderships.of(term) =
        Leadership{winner.id, shadow.tree.before_term(winner.log.last(), term), winner.log.last()};
}

}  // namespace wavetank::oracles
