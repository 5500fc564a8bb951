// The messages of the protocol, as plain values (paper figure 2; pre-vote: thesis 9.6). Every field
// says what it promises, because acknowledging more than was verified is the most repeated bug of
// real implementations. Replies repeat what they answer, so that no reply needs to be matched with
// the request in order of arrival: the network may lose, repeat and reorder.
#pragma once

#include <variant>

#include "core/base/ids.h"
#include "core/raft/entry.h"
#include "core/raft/snapshot.h"

namespace wavetank {

// "Would you vote for me in `term`?" Changes nothing at the voter.
struct PreVote {
    Term term;  // the term the sender would campaign in: its current term + 1
    LogIndex last_log_index;
    Term last_log_term;
    friend bool operator==(const PreVote&, const PreVote&) = default;
};

struct PreVoteReply {
    Term term;           // the voter's current term: a refused sender that is behind adopts it
    Term campaign_term;  // repeats PreVote::term
    bool granted = false;
    friend bool operator==(const PreVoteReply&, const PreVoteReply&) = default;
};

// Sent once the candidate's term and vote for itself are durable.
struct RequestVote {
    Term term;
    LogIndex last_log_index;
    Term last_log_term;
    bool transfer = false;  // the leader asked for this campaign: it may be deposed (thesis 3.10)
    friend bool operator==(const RequestVote&, const RequestVote&) = default;
};

// A grant is sent once the voter's term and vote are durable.
struct RequestVoteReply {
    Term term;
    bool granted = false;
    friend bool operator==(const RequestVoteReply&, const RequestVoteReply&) = default;
};

// Also the heartbeat, when it carries no entries.
struct AppendEntries {
    Term term;
    LogIndex prev_log_index;
    Term prev_log_term;
    LogIndex leader_commit;  // may be past prev + n: the receiver takes the smaller
    uint64_t round = 0;  // newest read round of this leadership, echoed by the reply (thesis 6.4)
    EntryRange entries;  // the first one is at prev_log_index + 1
    uint64_t session =
        0;  // of replication to this peer, echoed by the reply; see Progress::session
    friend bool operator==(const AppendEntries&, const AppendEntries&) = default;
};

// Success promises that the sender's *durable* log equals the leader's up to match_index, which is
// exactly prev + n of the AppendEntries answered, never more.
struct AppendEntriesReply {
    Term term;
    bool success = false;
    LogIndex match_index;     // success: prev + n
    LogIndex rejected_index;  // refusal: the prev that did not match
    LogIndex hint_index;      // refusal: the logs agree at most up to here...
    Term hint_term;           // ...where the follower has an entry of this term
    uint64_t round = 0;    // repeats AppendEntries::round; also set in a refusal of the same term
    uint64_t session = 0;  // repeats that of the AppendEntries or InstallSnapshot answered
    bool joined = false;   // success: its disk says HardState::joined, so it has a vote
    friend bool operator==(const AppendEntriesReply&, const AppendEntriesReply&) = default;
};

// A piece of the leader's snapshot (paper section 7). The first one of a transfer is empty: the
// reply says how much of this very snapshot the receiver already has on its disk, so a transfer
// goes on where it was, whichever side has restarted. When all is there and durable the receiver
// answers with an AppendEntriesReply that matches meta.index.
struct InstallSnapshot {
    Term term;
    SnapshotMeta meta;
    uint64_t offset = 0;  // of `data` in the snapshot
    Payload data;
    uint64_t session = 0;
    friend bool operator==(const InstallSnapshot&, const InstallSnapshot&) = default;
};

struct InstallSnapshotReply {
    Term term;
    LogIndex index;            // repeats meta.index
    uint64_t next_offset = 0;  // everything before it is durable at the sender of this reply
    uint64_t session = 0;
    friend bool operator==(const InstallSnapshotReply&, const InstallSnapshotReply&) = default;
};

// "Campaign at once" (thesis 3.10, leadership transfer).
struct TimeoutNow {
    Term term;
    friend bool operator==(const TimeoutNow&, const TimeoutNow&) = default;
};

// A follower asks its leader for the index a read must wait for (thesis 6.4). Contexts are unique
// in the life of the cluster (zoo L03).
struct ReadIndex {
    Term term;
    uint64_t context = 0;
    friend bool operator==(const ReadIndex&, const ReadIndex&) = default;
};
struct ReadIndexReply {
    Term term;
    uint64_t context = 0;
    bool ok = false;
    LogIndex index;
    bool by_lease = false;
    friend bool operator==(const ReadIndexReply&, const ReadIndexReply&) = default;
};

// A follower passes a proposal on to its leader. `entries` carries the commands; index and term of
// it mean nothing. A repeated message is appended again: the commands are guarded by sessions.
struct ForwardProposal {
    Term term;
    uint64_t context = 0;
    EntryRange entries;
    friend bool operator==(const ForwardProposal&, const ForwardProposal&) = default;
};
// Accepted: the leader of `term` appended the commands from `index` on.
struct ForwardProposalReply {
    Term term;
    uint64_t context = 0;
    bool accepted = false;
    LogIndex index;
    friend bool operator==(const ForwardProposalReply&, const ForwardProposalReply&) = default;
};

using Message = std::variant<PreVote, PreVoteReply, RequestVote, RequestVoteReply, AppendEntries,
                             AppendEntriesReply, InstallSnapshot, InstallSnapshotReply, TimeoutNow,
                             ReadIndex, ReadIndexReply, ForwardProposal, ForwardProposalReply>;

// The name in the paper's spelling.
const char* name_of(const Message& message);

// A digest over every field, including the digests of the entries' payloads.
uint64_t digest_of(const Message& message);

}  // namespace wavetank
