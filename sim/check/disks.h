// Oracles of the disk: what is handed to it, what it holds, and what a server finds on it.
#pragma once

#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank::oracles {

// --- Write truth (DESIGN D3) ---
//
// What is handed to the disk is what memory holds: writes have rising ids, each continues the log
// where the one before it ends, and after it the log on disk is that in memory after the step, as
// far as it goes, with nothing behind it (zoo S04).
// Evidence: the writes, and the shadow of the log. `write_issued` is called before the step is
// followed, `writes_match_memory` after its log was.
void write_issued(Shadow& shadow, Findings& findings, ServerShadow& server, const Write& write);
void writes_match_memory(Shadow& shadow, Findings& findings, ServerShadow& server);

// The disk has synced every write up to `upto`: the durable term never falls, the durable vote
// stays within its term, and what is chosen stays on the disks of a majority (see commits.h).
void synced(Shadow& shadow, Findings& findings, ServerShadow& server, WriteId upto);

// --- Recovery (paper figure 2, persistent state; zoo V04, R02) ---
//
// What a server starts from is a legal crash image of its disk: everything synced, then whole
// unsynced writes in order, then possibly the torn beginning of the next one (hard state, piece of
// a snapshot, snapshot with compaction, truncation, some of its entries), and nothing else. So
// nothing synced is lost, and nothing is found that was never written. Evidence: the shadow of the
// disk. A first start is believed.
void recovery(Shadow& shadow, Findings& findings, ServerShadow& server, const Recovered& recovered);

// The disk is lost with all that was on it. What is chosen must do without it.
void wiped(Shadow& shadow, Findings& findings, ServerShadow& server);

}  // namespace wavetank::oracles
