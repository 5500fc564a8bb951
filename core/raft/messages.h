// The messages of the protocol, as plain values (paper figure 2; pre-vote: thesis 9.6). Every field
// says what it promises, because acknowledging more than was verified is the most repeated bug of
// real implementations. Replies repeat what they answer, so that no reply needs to be matched with
// the request in order of arrival: the network may lose, repeat and reorder.
#pragma once

#include <variant>

#include "core/base/ids.h"
#include "core/raft/entry.h"

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
    uint64_t round = 0;  // repeats AppendEntries::round; also set in a refusal of the same term
    friend bool operator==(const AppendEntriesReply&, const AppendEntriesReply&) = default;
};

using Message = std::variant<PreVote, PreVoteReply, RequestVote, RequestVoteReply, AppendEntries,
                             AppendEntriesReply>;

// The name in the paper's spelling.
const char* name_of(const Message& message);

// A digest over every field, including the digests of the entries' payloads.
uint64_t digest_of(const Message& message);

}  // namespace wavetank
