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
// AppendEntriesReply when the term and the log up to match_index are, as memory has it. Evidence:
// the synced part of the disk's shadow.
//
// Besides, what is said must be true. No message carries a term above its sender's. AppendEntries
// come only from the winner of their term, carry what its log has, and no commit index above its
// own. RequestVote and PreVote come from voters and describe the sender's log. Votes granted are in
// the table of votes (elections.h). A success acknowledges to the leader of the term, no more than
// that leader's log has, no more than it has sent in this term (zoo R03: exactly prev + n), and a
// log equal to the leader's.
void check_send(Shadow& shadow, Findings& findings, ServerShadow& from, const Send& send);

// --- Ack truth (paper figure 2: matchIndex, "known to be replicated") ---
//
// When a leader takes match[peer] = i, the peer's durable log equals the leader's up to i.
// Evidence: the disk's shadow as long as the disk is in the leader's term. A peer that has moved on
// to a later term may have lost the entries since, while its old acknowledgement was under way;
// then the evidence is the highest match_index it has acknowledged in the leader's term, each
// judged when it was sent.
void ack_truth(Shadow& shadow, Findings& findings, const ServerShadow& leader, ServerId peer,
               LogIndex match);

}  // namespace wavetank::oracles
