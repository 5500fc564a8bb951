// ServerShadow: what the oracles know of one server, on their own account: its memory as after its
// last step, its disk, and what it has said and done in each term.
#pragma once

#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/raft/options.h"
#include "core/raft/raft.h"
#include "sim/check/by_term.h"
#include "sim/check/disk_shadow.h"
#include "sim/check/log_shadow.h"

namespace wavetank {

// Whom a server has voted for in a term: for ever once it is durable or promised to somebody, else
// until it crashes.
struct VoteRecord {
    ServerId candidate;
    bool durable = false;
    bool promised = false;
    bool on_lost_disk = false;  // the disk it was on was wiped: the new one knows nothing of it
};

// What a candidate's RequestVote, or PreVote, for a term said of its log.
struct Campaign {
    LogIndex last_index;
    Term last_term;
};

// How much of a leader's snapshot was durable at most.
struct PieceRecord {
    LogIndex index;
    uint64_t bytes = 0;
};
inline constexpr std::size_t kPieceRecordsMax = 8;

struct ServerShadow {
    ServerId id;
    Options options;
    bool up = false;
    bool known = false;      // its disk has been seen
    LogIndex chosen_before;  // what was chosen when its disk was new
    bool emptied = false;    // it was a member then; only beyond the limit
    bool abandoned = false;  // its log cannot be followed any more; something was reported

    // --- Memory, as after its last step ---
    Term term;
    ServerId vote;
    Role role = Role::Follower;
    LogIndex commit;
    LogIndex announced_applied;  // what the core told its host to apply
    LogIndex applied;            // what was applied, or loaded with a snapshot
    LogShadow log;               // whole, also where it was compacted
    LogIndex base;               // the log in memory begins after it
    LogIndex snapshot;           // up to where its newest snapshot goes
    // False if it waits to be added: then it knows of no configuration but those in its log, until
    // it gets a snapshot.
    bool knows_initial = false;
    ConfigurationId configuration_before;   // in force before the present step
    ConfigurationId configuration_checked;  // the last one that its memory was compared with
    Instant local_time;                     // on its own clock; never falls
    struct {
        Term term;
        Instant at;  // on its own clock
    } heard_leader;  // when a message of the leader of `term` was last accepted
    // As the leader of `term`: its lease lasts as long as its clock is certainly before `until`.
    struct {
        Term term;
        Instant until;
    } lease;
    ClockReading clock_reading;  // of the last step
    Instant clock_read_at;       // in true time
    Term transfer_campaign;      // the term of its last candidacy that a leader asked it for

    uint64_t chain = 0;               // the digest of that log
    uint64_t steps = 0;               // of all incarnations
    uint64_t whole_scan_at = 0;       // the step at which the whole log is compared next
    std::size_t writes_to_check = 0;  // the newest unsynced writes, issued in the present step

    DiskShadow disk;

    // --- For ever, across crashes ---
    ByTerm<VoteRecord> votes;
    ByTerm<Campaign> campaigns;
    ByTerm<Campaign> pre_campaigns;
    ByTerm<std::vector<ServerId>> pre_votes;  // who has granted it one for a campaign in the term
    std::vector<PieceRecord> pieces;          // of the newest snapshots
    ByTerm<LogIndex> acknowledged;  // highest match_index it promised to the leader of the term

    // The newest read round that it has sent as the leader of `term`, and those that it has
    // answered.
    struct Round {
        Term term;
        uint64_t round = 0;
        void raise(Term now, uint64_t to) {
            if (now < term) return;
            round = now == term ? std::max(round, to) : to;
            term = now;
        }
    };
    Round round_sent;
    ByTerm<uint64_t> rounds_answered;

    // As a leader: how far the AppendEntries of `term` to each server reached (prev + n), and the
    // snapshots sent to it. By position.
    struct Sent {
        Term term;
        LogIndex end;
        void raise(Term now, LogIndex to) {
            end = now == term ? std::max(end, to) : to;
            term = now;
        }
    };
    std::vector<Sent> sent;
    bool write_failed = false;  // its disk has, and it was told so
    // How often in a row it has refused AppendEntries of the leader of `term` at one place of one
    // log: prev is `index`, the log ends at `log_end`.
    struct Refusals {
        Term term;
        LogIndex index;
        EntryId log_end;
        uint64_t count = 0;
    };
    Refusals refusals;
    // How far the messages of the leader of `term` that it has received agreed with its log. Of
    // this incarnation only.
    Sent verified;

    // The first time its clock was seen further from true time than the bound it was given, or, if
    // it has none, jumping forward. Only looked at where there are leases.
    struct {
        bool broken = false;
        bool jumped = false;
        Instant at;
        Duration off;
    } clock;
};

}  // namespace wavetank
