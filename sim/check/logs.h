// Oracles of the log in memory: what may be appended, by whom, and what may be removed.
//
// They share one walk over what a step has changed in a log, because each of them judges the same
// few entries. A step that changed nothing costs one comparison with the digest that the core's log
// shows of itself. That digest is judged too, but only saves time, so all of the log that is in
// memory is compared entry by entry now and then: every 2^14 steps of a server, or twice its length
// in steps if that is more, so that the scan never costs more than half an entry a step.
#pragma once

#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank::oracles {

// Brings the shadow of `server`'s log to `now.log`, and judges the way:
//
// Log matching (paper 5.3): an entry's index and term determine it and all entries before it.
// Evidence: the tree of all entries ever seen in any log, write or recovered disk. Terms never fall
// along a log nor exceed the server's own.
//
// Leader append-only (paper 5.3): a leader removes nothing, and appends entries of its term only.
//
// No phantom: the first memory in which an entry is ever seen is that of the leader of its term.
// (What servers held when the run began is excepted.) All others take entries only from the leader
// of the term they are in: what they have appended is in that leader's log.
//
// Entry time (core/raft/entry.h): a leader's entry says when it was appended: an interval that
// contains true time, if the error of its clock is known, and never before the entry it follows.
// Sessions expire and leases end by it. Evidence: true time.
//
// Truncation (paper figure 2, AppendEntries 3): entries are removed only to put others in their
// place, and never at or below the server's commit index. (A beginning that a snapshot covers is no
// loss: see snapshots.h.)
void follow_log(Shadow& shadow, Findings& findings, ServerShadow& server, const Observation& now);

// Compares all of `log` that is in memory with the shadow, as the occasional scan does. For a host
// that still has the servers when a run ends.
void compare_whole_log(Shadow& shadow, Findings& findings, ServerShadow& server, const Log& log);

// The node of an entry that was seen after `before`; judges log matching if it is new. `where`
// completes "server 3 has it ...".
struct Sighting {
    EntryId before;
    const Entry& entry;
    const char* where;
};
void judge_new_entry(Shadow& shadow, Findings& findings, const ServerShadow& server,
                     const Sighting& sighting, EntryId id);
inline EntryId intern(Shadow& shadow, Findings& findings, const ServerShadow& server,
                      const Sighting& sighting) {
    const auto [id, is_new] = shadow.tree.find_or_add(sighting.before, sighting.entry);
    if (is_new) judge_new_entry(shadow, findings, server, sighting, id);
    return id;
}

}  // namespace wavetank::oracles
