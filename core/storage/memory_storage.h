// Durable state in memory: the same rules as a disk, without its cost. Writes are queued and become
// durable in order; a crash keeps all that was synced, and of the rest what the caller decides:
// some whole writes, then perhaps the beginning of the next one (hard state, then truncation, then
// some of its entries). Fast enough to put millions of writes a second under crashes.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "core/raft/durable.h"

namespace wavetank {

class MemoryStorage {
 public:
    MemoryStorage(Configuration configuration, HardState hard_state,
                  const std::vector<Entry>& entries);

    // Queues a write; it is not durable yet. Requires ids that rise. Takes from `write`.
    void submit(Write& write);
    // Makes the oldest queued write durable and returns its id. Requires pending() > 0.
    WriteId sync_one();
    std::size_t pending() const { return pending_; }
    // The number of durable steps in the oldest queued write, for torn writes: hard state 1,
    // truncation 1, each entry 1. Requires pending() > position.
    std::size_t parts(std::size_t position) const;

    // What a crash leaves of the queue: `whole` writes, then the first `parts` steps of the next.
    struct Survivors {
        std::size_t whole = 0;
        std::size_t parts = 0;
    };
    void crash(Survivors survivors);

    // What a server starts from.
    Recovered recover() const;

    const HardState& hard_state() const { return hard_state_; }
    LogIndex last_index() const { return LogIndex(entries_.size()); }

 private:
    // The write at this position of the queue; at pending() the place of the next one.
    Write& at(std::size_t position) {
        const std::size_t place = first_ + position;
        return ring_[place < ring_.size() ? place : place - ring_.size()];
    }
    const Write& at(std::size_t position) const {
        return const_cast<MemoryStorage*>(this)->at(position);
    }
    void grow();
    void apply(const Write& write, std::size_t parts);

    Configuration configuration_;
    HardState hard_state_;
    std::deque<Entry> entries_;  // never moves what it holds

    // The queue: a ring whose unused places keep their vectors' memory.
    std::vector<Write> ring_;
    std::size_t first_ = 0;  // the oldest write's place
    std::size_t pending_ = 0;
};

}  // namespace wavetank
