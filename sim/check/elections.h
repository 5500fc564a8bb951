// Oracles of elections: one vote per server and term, one winner per term, and a winner that has
// all that is chosen.
#pragma once

#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank::oracles {

// --- Vote truth (paper 5.2: "vote for at most one candidate in a given term") ---
//
// The vote of (server, term) is one candidate, for ever: in memory, on disk, in grants, and across
// crashes; within a term it goes from none to one and stays. Only a vote that was neither durable
// nor promised when the server crashed never happened, and a disk that was wiped since may hold
// another one. Evidence: a table of every vote ever seen in
// any of the three places. A vote is cast only for a candidate that has asked in this term and
// whose log, by its own RequestVote, is not behind the voter's (paper 5.4.1); and a server whose
// disk was wiped has no vote before it has got back all that was chosen by then.
void vote_truth(Shadow& shadow, Findings& findings, ServerShadow& server, const Observation& now);

// Paper 5.4.1: the log that `asked` tells of is not behind the voter's.
bool is_up_to_date(const Shadow& shadow, const ServerShadow& voter, const Campaign& asked);

enum class VoteSeen : uint8_t { InMemory, OnDisk, InGrant };
struct Vote {
    Term term;
    ServerId candidate;
    VoteSeen where;
};
// Enters a vote into the table. Requires a candidate.
void note_vote(Findings& findings, ServerShadow& server, const Vote& vote);
// `server` starts in `term`: forgets votes that nobody but its lost memory knew of.
void forget_unsaid_votes(ServerShadow& server, Term term);

// --- Election safety (paper 5.2) and leader completeness (paper 5.4) ---
//
// Election safety: at most one winner per term, ever. The winner's votes are recounted: a majority
// of each half of the configuration in force in the log that it campaigned with has it as its
// *durable* vote in that term; nobody else counts. Leader completeness:
// the winner's log has every entry that was chosen in a lower term. Evidence: winners of all terms;
// the votes seen on disks; what is chosen, and by the leader of which term. Called when `winner`'s
// log has been followed up to its state as a leader of `term`.
void election_won(Shadow& shadow, Findings& findings, const ServerShadow& winner, Term term);

}  // namespace wavetank::oracles
