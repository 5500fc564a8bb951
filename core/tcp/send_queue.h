// SendQueue: messages to one server that its connection has not taken yet. They are kept as values
// and become bytes when the connection wants some, all that are there at once.
//
// Raft needs no message to arrive, so the queue has a bound. What is dropped first is what a later
// message says again: heartbeats, acknowledgements, votes and questions, the oldest first. Entries
// and pieces of snapshots are bounded by the core's own windows, and dropped only if the rest is
// not enough.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "core/raft/messages.h"

namespace wavetank {

// True if a later message of its kind makes this one superfluous.
bool replaceable(const Message& message);

class SendQueue {
 public:
    struct Limits {
        std::size_t messages_max = 1024;
        uint64_t payload_bytes_max = 64 << 20;
    };
    explicit SendQueue(Limits limits) : limits_(limits) {}

    void push(Message message);
    bool empty() const { return messages_.empty(); }
    std::size_t size() const { return messages_.size(); }
    void clear();

    // Appends frames with the oldest messages to `out`, until it has `bytes_wanted` bytes or the
    // queue is empty. A message too large to travel is dropped.
    void pop_into(std::string& out, std::size_t bytes_wanted);

    uint64_t dropped() const { return dropped_; }

 private:
    struct Waiting {
        Message message;
        uint64_t payload_bytes = 0;
    };
    bool over() const {
        return messages_.size() > limits_.messages_max ||
               payload_bytes_ > limits_.payload_bytes_max;
    }
    void drop_one();

    const Limits limits_;
    std::deque<Waiting> messages_;
    uint64_t payload_bytes_ = 0;  // sum over the queue
    uint64_t dropped_ = 0;
};

}  // namespace wavetank
