// Oracles of roles: who may seek and hold office, by which way, and who leaves it why.
#pragma once

#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank::oracles {

// --- Role edges (paper figure 4, with the pre-candidate of thesis 9.6 and the transfer of 3.10)
// ---
//
// Follower -> pre-candidate -> candidate -> leader; any of them -> follower; a pre-candidate or
// candidate whose time runs out -> pre-candidate. Only a follower that is handling a TimeoutNow of
// the leader of its term becomes candidate at once. Evidence: the role before and after the step,
// and the events in between, which name the way when one step goes several edges (a sole voter goes
// all of them at once). Also: a new candidacy has a new term and one's own vote; becoming a
// pre-candidate changes neither term nor vote; a leader says why it steps down, and it is so; and
// the core refused nothing that only a wrong peer can send.
//
// --- Candidacy (paper section 6; thesis 4.2.2, 9.6) ---
//
// Only voters of the configuration in force in their log seek office, or those of the one before as
// long as they do not know that it is replaced for good; no witness, no server of priority zero,
// and none whose disk was wiped before it has got back what was chosen by then. A candidacy that no
// leader has asked for rests on pre-votes of a majority of each half. Evidence: the log's
// configurations, and the replies that were sent.
//
// Called before the step's log is followed.
void role_edges(Shadow& shadow, Findings& findings, ServerShadow& server, const Observation& now);

// --- Later term (paper figure 2: "if RPC request or response contains term T > currentTerm") ---
//
// Whoever is answered from a later term goes there: a refused pre-vote teaches the term as well
// (zoo P01, P02), else servers could refuse each other for ever. A server whose disk has failed
// takes part in nothing any more.
void later_terms_count(Findings& findings, ServerShadow& server, const Observation& now);

// --- Leader stickiness (thesis 4.2.3) ---
//
// A follower that heard its leader within the minimum election timeout, on its own clock, neither
// adopts the term of another server's RequestVote, unless a leader has asked that one to campaign,
// nor grants it a pre-vote. So a server that was removed, or cut off, disturbs nobody. Evidence:
// the messages handled, and the clock.
void leader_stickiness(Shadow& shadow, Findings& findings, ServerShadow& server,
                       const Observation& now);
// True if `server` has heard the leader of its term, not `other`, just now.
bool leader_is_fresh(const Shadow& shadow, const ServerShadow& server, ServerId other);

}  // namespace wavetank::oracles
