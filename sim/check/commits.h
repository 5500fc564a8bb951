// Oracles of the commit index and of what is applied.
#pragma once

#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank::oracles {

// --- Monotonic (paper figure 2: current term, commit index and last applied increase) ---
//
// Within an incarnation none of the three falls, nor does the index of the newest snapshot; applied
// <= commit <= last log index. The term does not fall across crashes either, since what a server
// restarts from is judged by the recovery oracle.
inline bool is_monotonic(const ServerShadow& before, const Observation& now) {
    return now.current_term >= before.term && now.commit_index >= before.commit &&
           now.last_applied >= before.announced_applied && now.last_applied <= now.commit_index &&
           now.commit_index <= now.log->last_index() && now.snapshot >= before.snapshot;
}
// Says which of it does not hold.
void report_not_monotonic(Findings& findings, const ServerShadow& before, const Observation& now);

// --- Durable quorum (paper 5.3, 5.4.2) ---
//
// When a leader's commit index advances to N, entry N is of its current term (figure 8: counting
// copies commits nothing of an earlier term), and its log up to N is on the *disks* of a majority
// of each half of the configuration in force at the leader, of nobody else; from then on that is
// chosen. Evidence: the synced part of each disk's shadow, not the leader's match indexes. No
// winner of a later term may lack what is chosen now, and nothing else may have been chosen at
// these indexes.
//
// Anybody else's commit index may only cover what is chosen, as its own log has it, and only as far
// as the leader of its term has verified its log: the largest prev + n of a message that it has
// received in this term and that fitted (paper figure 2, AppendEntries 5: "index of last new
// entry"; zoo C03, L13), or the snapshot that it was sent.
//
// Called when the shadow of `server`'s log is that of `now`, and `server.commit` still the one
// before.
void commit_advanced(Shadow& shadow, Findings& findings, ServerShadow& server,
                     const Observation& now);

// What a message verifies of the log of `server`, whose shadow has followed the step already.
// Requires: the input of `now` is a Recv.
void note_verified(const Shadow& shadow, ServerShadow& server, const Observation& now);

// A chosen entry stays on the disks of a majority of each half of the configuration with which the
// last one was chosen, for ever. Called when a disk that
// agreed with what is chosen up to `held_before` has lost some of it. A single server may: it can
// hold an entry of an old leader, lose it to a later one, and get it back once it is chosen through
// others.
void chosen_survives(Shadow& shadow, Findings& findings, const ServerShadow& server,
                     LogIndex held_before);

// --- State machine safety (paper 5.4.3) ---
//
// Servers apply every index once, in order and without gaps in each incarnation, only below their
// commit index, only what is chosen and on their own disk; at the same index all apply the same
// entry, carry it out or not, and their machines then have the same digest. Evidence: what the
// first server to apply an index made of it.
void state_machine_safety(Shadow& shadow, Findings& findings, ServerShadow& server,
                          const Application& application);

}  // namespace wavetank::oracles
