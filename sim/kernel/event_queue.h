// The event queue: what will happen, in the total order (virtual time, sequence number). Sequence
// numbers are given in the order of pushing, so events of one instant happen in the order in which
// they were caused. A 4-ary heap: shallow, and a node's children share a cache line and a half.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/check.h"
#include "core/base/time.h"

namespace wavetank {

enum class EventKind : uint8_t {
    PeerMessage,    // subject: flight number
    ClientRequest,  // subject: flight number
    ClientReply,    // subject: flight number
    Deadline,       // subject: node position; token: incarnation
    DiskDone,       // subject: node position; token: incarnation
    ClientTimer,    // subject: client position; token: number of the wait
    Control,        // subject: what the simulation wants to be reminded of
};

struct QueuedEvent {
    Instant at;
    uint64_t sequence = 0;
    uint32_t subject = 0;
    uint32_t token = 0;
    EventKind kind = EventKind::Control;
};

class EventQueue {
 public:
    bool empty() const { return heap_.empty(); }
    std::size_t size() const { return heap_.size(); }
    const QueuedEvent& top() const { return heap_.front(); }

    struct What {
        EventKind kind;
        uint32_t subject = 0;
        uint32_t token = 0;
    };
    void push(Instant at, What what) {
        const QueuedEvent event{at, next_sequence_++, what.subject, what.token, what.kind};
        std::size_t hole = heap_.size();
        heap_.push_back(event);
        while (hole > 0) {
            const std::size_t parent = (hole - 1) / kArity;
            if (!before(event, heap_[parent])) break;
            heap_[hole] = heap_[parent];
            hole = parent;
        }
        heap_[hole] = event;
    }

    // Requires !empty().
    QueuedEvent pop() {
        CHECK(!heap_.empty());
        const QueuedEvent first = heap_.front();
        const QueuedEvent moved = heap_.back();
        heap_.pop_back();
        const std::size_t size = heap_.size();
        if (size == 0) return first;
        std::size_t hole = 0;
        while (true) {
            const std::size_t child_first = hole * kArity + 1;
            if (child_first >= size) break;
            const std::size_t child_end = child_first + kArity < size ? child_first + kArity : size;
            std::size_t smallest = child_first;
            for (std::size_t child = child_first + 1; child < child_end; ++child) {
                if (before(heap_[child], heap_[smallest])) smallest = child;
            }
            if (!before(heap_[smallest], moved)) break;
            heap_[hole] = heap_[smallest];
            hole = smallest;
        }
        heap_[hole] = moved;
        return first;
    }

 private:
    static constexpr std::size_t kArity = 4;

    // Time and sequence number as one number, so that an order is one comparison without a branch.
    // Times are not negative.
    static bool before(const QueuedEvent& a, const QueuedEvent& b) {
        __extension__ using Wide = unsigned __int128;
        const auto key = [](const QueuedEvent& event) {
            return static_cast<Wide>(static_cast<uint64_t>(event.at.nanos)) << 64 | event.sequence;
        };
        return key(a) < key(b);
    }

    std::vector<QueuedEvent> heap_;
    uint64_t next_sequence_ = 0;
};

}  // namespace wavetank
