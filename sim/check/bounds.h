// Resource bounds (zoo F01, F02, F08): what a server holds and sends stays within its options.
//
//   - One AppendEntries carries at most entries_per_message_max and bytes_per_message_max; a single
//     larger entry travels alone.
//   - To a follower go, ahead of its acknowledgements, at most window.messages_max messages with
//     entries, and the next one only if those before it have less than window.bytes_max. The
//     stream of messages begins anew where a message does not follow the one before it, and after
//     a refusal.
//   - A leader takes commands only while at most uncommitted_bytes_max are not committed, or
//     nothing is; and it knows how many there are.
//   - The log that was applied and not compacted stays below the policy and a slack: while a
//     snapshot is being sent the next one may wait until it is due four times over, and while one
//     is written down entries go on being applied.
//   - Open proposals and waiting reads stay within their numbers.
//
// Evidence: the messages, the log and its payloads' sizes, as first seen; the core's own counters
// are not believed, but judged.
#pragma once

#include <vector>

#include "sim/check/fifo.h"
#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank {

class BoundOracle {
 public:
    // Both outlive the oracle.
    BoundOracle(Shadow& shadow, Findings& findings);

    // A refusal of a peer lets the leader begin anew.
    void before_step(const ServerShadow& server, const Observation& now);
    // The step has changed log or commit index of a leader; `server` is as before it.
    void leader_moved(const ServerShadow& server, const Observation& now, EntryId last_before);
    // More was applied.
    void applied_more(const ServerShadow& server, const Observation& now);
    struct Open {
        std::size_t proposals;
        std::size_t reads;
    };
    void after_step(const ServerShadow& server, const Open& open);
    void on_send(const ServerShadow& from, const Send& send);
    void on_match(const ServerShadow& leader, const ServerShadow& peer, LogIndex match);

 private:
    // What a leader has sent to a peer and not heard of again, message by message.
    struct Stream {
        Term term;
        uint64_t session = 0;  // of replication: a peer that comes back begins anew
        LogIndex begin;        // the prev of its first message
        LogIndex end;          // of its last one
        LogIndex match;        // acknowledged
        Fifo<LogIndex> ends;   // of the messages not acknowledged
        bool refused = false;  // by the peer: the next message may begin anew
    };
    Stream& stream_of(const ServerShadow& leader, const ServerShadow& peer);
    uint64_t bytes_up_to(const ServerShadow& server, LogIndex index) const {
        return shadow_.tree[server.log.find(index)].bytes;
    }
    void judge_size(const ServerShadow& from, const Send& send, LogIndex prev, uint64_t count);

    Shadow& shadow_;
    Findings& findings_;
    std::vector<Stream> streams_;  // by position of the leader, then of the peer
};

}  // namespace wavetank
