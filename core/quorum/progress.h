// Progress: what a leader knows of one peer (paper figure 2: nextIndex, matchIndex) and how fast it
// may send to it. In `Probe` the leader does not know where the logs agree and sends one message at
// a time; in `Replicate` it sends ahead of the acknowledgements, within a window of messages and
// bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"

namespace wavetank {

// The AppendEntries with entries that a peer has not answered yet: a bounded ring, oldest first.
class InflightWindow {
 public:
    struct Limits {
        uint32_t messages_max = 0;
        uint64_t bytes_max = 0;
        friend bool operator==(const Limits&, const Limits&) = default;
    };
    explicit InflightWindow(Limits limits) : limits_(limits) {}

    // A message that ends at `last` and carries `bytes` was sent. Requires !full().
    void add(LogIndex last, uint64_t bytes);
    // Everything up to `match` was acknowledged.
    void acknowledged(LogIndex match);
    void clear();

    // One message larger than the whole byte limit may still travel alone.
    bool full() const { return count_ >= limits_.messages_max || bytes_ >= limits_.bytes_max; }
    uint32_t count() const { return count_; }
    uint64_t bytes() const { return bytes_; }
    friend bool operator==(const InflightWindow& a, const InflightWindow& b);

 private:
    struct Sent {
        LogIndex last;
        uint64_t bytes = 0;
        friend bool operator==(const Sent&, const Sent&) = default;
    };
    const Sent& at(uint32_t position) const {
        return ring_[(start_ + position) & (ring_.size() - 1)];
    }
    void grow();

    Limits limits_;
    std::vector<Sent> ring_;  // size is a power of two, at most the smallest one >= messages_max
    uint32_t start_ = 0;
    uint32_t count_ = 0;
    uint64_t bytes_ = 0;  // sum over the ring, always
};

enum class ProgressState : uint8_t {
    Probe,      // one message at a time, looking for where the logs agree
    Replicate,  // ahead of the acknowledgements
    Snapshot,   // what it needs is gone from the log: pieces of the snapshot, one at a time
};

struct Progress {
    explicit Progress(InflightWindow::Limits limits) : inflight(limits) {}

    // Highest index known to be durable at the peer and equal to the leader's log. Only ever rises
    // within a term; starts at 0. Moved by acknowledgements.
    LogIndex match_index;

    // The next entry to send. Always match_index < next_index <= last index + 1. In Replicate it
    // runs ahead of the acknowledgements; a rejection or loss brings it back.
    LogIndex next_index;

    ProgressState state = ProgressState::Probe;

    // Probe only: one message is out; the next leaves on an answer or with the heartbeat.
    bool probe_sent = false;

    // Replicate only: messages with entries that are not answered yet.
    InflightWindow inflight;

    // Snapshot only: which one, the next byte to send, and whether that piece is on its way;
    // without an answer it leaves again with the heartbeat.
    LogIndex snapshot_index;
    static constexpr uint64_t kOffsetUnknown = UINT64_MAX;  // the peer is asked for it
    uint64_t snapshot_offset = kOffsetUnknown;
    bool piece_sent = false;

    // Numbers the times that this peer became a member under this leader. It travels with every
    // message and comes back with the answer: what was acknowledged before the peer was removed
    // and added again, perhaps with an empty disk, counts for nothing (zoo R14).
    uint64_t session = 0;

    // The peer has a vote to give, if it is a voter: what it began with, and perhaps lost, it has
    // made good (HardState::joined). Moved by acknowledgements, and only ever becomes true.
    bool joined = false;

    // When the peer last answered in the current term. Check-quorum looks at it (thesis 6.2).
    Instant last_contact;

    // The newest read round the peer has confirmed (thesis 6.4). Only ever rises within a term.
    uint64_t acknowledged_round = 0;

    bool may_send_entries() const {
        if (state == ProgressState::Replicate) return !inflight.full();
        return state == ProgressState::Probe && !probe_sent;
    }
    // An acknowledgement up to `match` arrived. False if it was stale (nothing new).
    bool acknowledge(LogIndex match);
    // Goes back to probing from `next`. Requires next > match_index.
    void probe_from(LogIndex next);
    // Begins to send the snapshot at `index`. Requires index > match_index.
    void send_snapshot(LogIndex index);

    friend bool operator==(const Progress&, const Progress&) = default;
};

}  // namespace wavetank
