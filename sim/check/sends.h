// Oracles of what servers say to each other.
#pragma once

#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank::oracles {

// --- Persist before send (paper figure 2: "updated on stable storage before responding to RPCs")
// ---
//
// RequestVote leaves when the sender's term, its vote for itself and the log it boasts of are
// durable (zoo V02, E17); a granted RequestVoteReply when term and vote are; a successful
// AppendEntriesReply when the term and the log up to match_index are, as memory has it; an
// InstallSnapshotReply when the pieces it speaks of are; InstallSnapshot when the snapshot is.
// Evidence: the synced part of the disk's shadow.
//
// --- Message truth ---
//
// What is said must be true. No message carries a term above its sender's. AppendEntries and
// InstallSnapshot come only from the winner of their term; AppendEntries carry what its log has,
// also where that was compacted (zoo R05, R06), and no commit index above its own. RequestVote and
// PreVote come from servers that may campaign (see roles.h) and describe the sender's log; a
// RequestVote that may depose a leader was asked for by one (zoo T08). Votes granted are in the
// table of votes (elections.h); a pre-vote is granted only for a later term, to a log that is not
// behind, and not while the leader is heard. Only the leader of the term asks for a campaign, and
// one that goes on leading asks only a voter that has all of its log (zoo T01, T02). What a leader
// took over from a follower is in its log.
//
// --- Ack truth (paper figure 2: matchIndex, "known to be replicated") ---
//
// A success acknowledges to the leader of the term, no more than that leader's log has, no more
// than it has sent in this term (zoo R03: exactly prev + n), and a log equal to the leader's. When
// a leader takes match[peer] = i, the peer's durable log equals the leader's up to i. Evidence: the
// disk's shadow. A peer that has moved on to a later term may have lost the entries since, while
// its old acknowledgement was under way; then the evidence is the highest match_index it has
// acknowledged in the leader's term, each judged when it was sent. What was acknowledged from a
// disk that was wiped since counts for nothing (zoo R14).
//
// --- Log search (paper 5.3: "eventually nextIndex will reach a point where the logs match") ---
//
// A leader whose AppendEntries are refused goes on at another place. Thousands of refusals in a row
// at one place of one unchanged log are a search that does not move (zoo R11).
void check_send(Shadow& shadow, Findings& findings, ServerShadow& from, const Send& send);
void ack_truth(Shadow& shadow, Findings& findings, const ServerShadow& leader, ServerId peer,
               LogIndex match);

}  // namespace wavetank::oracles
