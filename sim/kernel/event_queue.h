// The event queue: what will happen, in the total order (virtual time, order of pushing), so events
// of one instant happen in the order in which they were caused.
//
// The next few events stand in a sorted run; an event that comes before the last of them is
// inserted there. All others wait in a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan 1990), which
// rests on time never going back: an event is in the bucket of the highest bit in which its time
// differs from a base that no waiting event comes before, so all of a lower bucket comes before all
// of a higher one. When the run is used up the lowest bucket becomes the next one, if it is small;
// a large one is dealt out again to lower buckets, from a base that is its own first time. So a
// push writes one place, and events are compared only with the few that come right before and
// after. Equal times are always in one place, in the order of pushing, and whatever moves them
// keeps it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
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
    DiskIdle,       // subject: node position; token: incarnation
};

struct QueuedEvent {
    Instant at;
    uint32_t subject = 0;
    uint32_t token = 0;
    EventKind kind = EventKind::Control;
};

class EventQueue {
 public:
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }

    struct What {
        EventKind kind;
        uint32_t subject = 0;
        uint32_t token = 0;
    };
    // Requires `at` not before zero nor before the event that was popped last.
    void push(Instant at, What what) {
        CHECK(at >= now_);
        const QueuedEvent event{at, what.subject, what.token, what.kind};
        ++size_;
        if (at <= run_end_) {
            insert_in_run(event);
        } else {
            put(event);
        }
    }

    // Requires !empty().
    QueuedEvent pop() {
        CHECK(size_ > 0);
        --size_;
        if (run_next_ == run_.size()) refill_run();
        const QueuedEvent& event = run_[run_next_++];
        now_ = event.at;
        return event;
    }

 private:
    using Events = std::vector<QueuedEvent>;
    static constexpr std::size_t kRunMax = 16;  // of a bucket that is sorted at once
    static constexpr std::size_t kRunFull = 4 * kRunMax;

    void put(const QueuedEvent& event) {
        const auto bucket =
            static_cast<std::size_t>(std::bit_width(static_cast<uint64_t>(event.at.nanos ^ base_)));
        buckets_[bucket].push_back(event);
        in_use_ |= uint64_t{1} << bucket;
    }

    void insert_in_run(const QueuedEvent& event) {
        if (run_.size() - run_next_ >= kRunFull) {
            dissolve_run();
            put(event);
            return;
        }
        if (run_next_ == run_.size()) {
            run_.clear();
            run_next_ = 0;
        }
        run_.push_back(event);
        sink(&run_[run_next_], &run_.back());
    }

    // Moves `last` forward to its place among those from `first` on, which are sorted.
    static void sink(QueuedEvent* first, QueuedEvent* last) {
        const QueuedEvent event = *last;
        for (; last > first && event.at < last[-1].at; --last) *last = last[-1];
        *last = event;
    }

    // So much was inserted that the run is no longer short.
    void dissolve_run() {
        for (; run_next_ < run_.size(); ++run_next_) put(run_[run_next_]);
        run_end_ = Instant{now_.nanos - 1};
    }

    // Requires an empty run and some event.
    void refill_run() {
        Events* lowest = &take_lowest();
        while (lowest != &buckets_[0] && lowest->size() > kRunMax) {
            deal_out(*lowest);
            lowest = &take_lowest();
        }
        run_.clear();
        run_next_ = 0;
        std::swap(run_, *lowest);
        QueuedEvent* const first = run_.data();
        QueuedEvent* const end = first + run_.size();
        for (QueuedEvent* event = first + 1; event < end; ++event) sink(first, event);
        run_end_ = end[-1].at;
    }

    Events& take_lowest() {
        const auto lowest = static_cast<std::size_t>(std::countr_zero(in_use_));
        in_use_ &= in_use_ - 1;
        return buckets_[lowest];
    }

    // Moves all of the lowest bucket in use to lower ones.
    void deal_out(Events& bucket) {
        Instant first = bucket.front().at;
        for (const QueuedEvent& event : bucket) first = std::min(first, event.at);
        base_ = first.nanos;
        for (const QueuedEvent& event : bucket) put(event);
        bucket.clear();
    }

    Instant now_;  // of the event that was popped last
    std::size_t size_ = 0;

    // Sorted. Those before `run_next_` have been popped; what is in the buckets comes after
    // `run_end_`.
    Events run_;
    std::size_t run_next_ = 0;
    Instant run_end_{-1};

    // buckets_[b]: events whose time differs from the base in bit b - 1 and no higher one, or, for
    // b = 0, not at all. No event is before the base.
    std::array<Events, 64> buckets_;
    uint64_t in_use_ = 0;  // bit b: buckets_[b] is not empty
    int64_t base_ = 0;
};

}  // namespace wavetank
