// Votes and winners. Elections are rare, so nothing here is on the path of an ordinary step; what
// counts is that each of the three places a vote can stand in (memory, disk, grant) is entered in
// one table and compared with all that was there before.
#include "sim/check/elections.h"

namespace wavetank::oracles {
namespace {

constexpr std::string_view kVoteTruth = "vote truth";
constexpr std::string_view kElectionSafety = "election safety";
constexpr std::string_view kLeaderCompleteness = "leader completeness";

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
    if (!shadow.has_joined(voter)) {
        findings.report(kVoteTruth,
                        "server {} votes for server {} in term {}, but its disk was wiped, and it "
                        "has not yet all that was chosen by then, up to index {}",
                        voter.id, now.voted_for, now.current_term, voter.chosen_before);
    }
    if (is_up_to_date(shadow, voter, *asked)) return;
    const EntryTree::Node& own = shadow.tree[voter.log.last()];
    findings.report(
        kVoteTruth,
        "server {} votes for server {} in term {}, although the candidate's log ends at "
        "index {} of term {} and its own, more up to date, at index {} of term {}",
        voter.id, now.voted_for, now.current_term, asked->last_index, asked->last_term, own.index,
        own.term);
}

}  // namespace

bool is_up_to_date(const Shadow& shadow, const ServerShadow& voter, const Campaign& asked) {
    const EntryTree::Node& own = shadow.tree[voter.log.last()];
    return asked.last_term != own.term ? asked.last_term > own.term : asked.last_index >= own.index;
}

void note_vote(Findings& findings, ServerShadow& server, const Vote& vote) {
    VoteRecord& record = server.votes.of(vote.term);
    if (record.on_lost_disk && record.candidate != vote.candidate) record = VoteRecord();
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
    const EntryId elected_with = shadow.tree.before_term(winner.log.last(), term);
    const Configuration& configuration = shadow.configuration_at(winner, elected_with);
    if (!shadow.majority(configuration, voted)) {
        findings.report(kElectionSafety,
                        "server {} leads term {}, but its durable votes are only those of {}",
                        winner.id, term, shadow.who(configuration, voted));
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
    shadow.leaderships.of(term) = Leadership{winner.id, elected_with, winner.log.last()};
}

}  // namespace wavetank::oracles
