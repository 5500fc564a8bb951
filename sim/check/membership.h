// Oracles of the configuration: which one may follow another, and which one a server goes by.
#pragma once

#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank::oracles {

// --- Configuration safety (paper section 6; thesis 4.1, 4.3) ---
//
// When a leader appends an entry with a configuration: it can be read; the configuration before it
// in the log is committed, so there is one unfinished change at most (zoo M02, M03), and a joint
// one is only left when it is committed (zoo M10); an entry of the leader's own term is committed
// (zoo M01); every two quorums of it and of the one before it have a server in common; it is the
// same voters, a joint configuration with the voters before as its outgoing half, or a joint one
// without its outgoing half; a witness stays a witness; and who gets a vote has caught up before
// (zoo M14). Evidence: the entries, the leader's commit index after the step, and the disks. Called
// for the entry `id`, which is in the shadow of the log.
void configuration_appended(Shadow& shadow, Findings& findings, const ServerShadow& leader,
                            const Observation& now, EntryId id);

// True if no quorum of `a` and quorum of `b` are without a common server. Exact for up to
// kExactMax servers; beyond, true if a half of one and a half of the other have majorities that
// always meet.
inline constexpr std::size_t kExactMax = 12;
bool quorums_overlap(const Configuration& a, const Configuration& b);

// --- Active configuration (paper section 6: "a server always uses the latest configuration in its
// log, regardless of whether the entry is committed") ---
//
// Also after a truncation (zoo M05), a start (M08), and a snapshot (M07), and not later than when
// the entry is in the log (M04, M11). Evidence: the log. Called when the log was followed.
void configuration_is_active(Shadow& shadow, Findings& findings, ServerShadow& server,
                             const Observation& now);

}  // namespace wavetank::oracles
