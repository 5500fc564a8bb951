// Oracles of snapshots and of the compaction of logs (paper section 7).
#pragma once

#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank::oracles {

// --- Snapshot truth ---
//
// A snapshot stands for the chosen log up to its index: term, digest and clock of the last entry
// and the configuration are those of that prefix (zoo S07, S22), and its data have the size and
// digest it says. A newer one is never replaced by an older one (zoo S10); one's own covers only
// what is applied. Of a leader's, all pieces are there, in order. Evidence: what is chosen, the
// bytes, and the shadow of the disk.
//
// --- Compaction ---
//
// A log loses only a beginning that is committed and covered by the newest snapshot; what is
// remembered of it is true; and it never comes back. A snapshot that replaces a whole log does so
// because the log ended before the snapshot's last entry or had another one there; then nothing is
// left behind it, in memory and on disk (zoo S02, S04). Evidence: the whole log, which the shadow
// keeps.

// What a write does to snapshot and log, before it joins the queue.
void snapshot_issued(Shadow& shadow, Findings& findings, const ServerShadow& server,
                     const Write& write);
// Carries out these parts of a write on the shadow of the disk.
void snapshot_synced(Shadow& shadow, Findings& findings, ServerShadow& server,
                     const UnsyncedWrite::Rare& write);

// The beginning of the log in memory. Called before the rest of the log is followed.
void follow_base(Shadow& shadow, Findings& findings, ServerShadow& server, const Observation& now);

// What a step says of snapshots: a snapshot that is installed covers more than was committed here
// (zoo S01), and the one to be loaded is durable. Called after the log was followed.
void snapshot_events(Findings& findings, const ServerShadow& server, const Observation& now);

// --- Snapshot equals prefix ---
//
// A machine that was loaded from a snapshot is what the first one was that had applied the log up
// to there, sessions included (zoo X01, X02). Evidence: the digests of the machines.
void restored(Shadow& shadow, Findings& findings, ServerShadow& server,
              const SnapshotMeta& snapshot, uint64_t machine_digest);

}  // namespace wavetank::oracles
