// WaitQueue: "wait and notify" for fibers. A fiber that waits stands in line; the owner of the
// queue wakes the first or all of them. Waking does not run a fiber: it hands it to `schedule`, by
// which the host puts a resume() into its own order of events (the simulator's event queue, or
// asio::post). First come, first woken. No memory is allocated: a place in line is on the waiting
// fiber's stack, and a fiber destroyed while it waits leaves the line.
//
// A wait with a deadline is the host's: its timer sets a flag that the condition reads, and wakes.
#pragma once

#include <functional>

#include "core/fiber/fiber.h"

namespace wavetank {

class WaitQueue {
 public:
    // Must have the fiber resumed, once, now or later, unless the fiber is destroyed before.
    using Schedule = std::function<void(Fiber&)>;

    // Requires a schedule.
    explicit WaitQueue(Schedule schedule);
    WaitQueue(const WaitQueue&) = delete;
    WaitQueue& operator=(const WaitQueue&) = delete;
    // Requires: nobody waits, so the queue outlives its waiters. (One who was woken but not resumed
    // yet does not count.)
    ~WaitQueue();

    // Suspends the current fiber until it is woken. Requires: in a fiber; until it is woken nobody
    // else resumes it.
    void wait();

    // Suspends the current fiber until `condition()` holds, asking again at each wake; returns at
    // once if it holds already. Requires: as wait().
    template <class Condition>
    void await(Condition condition) {
        while (!condition()) wait();
    }

    // Schedules the one who waits longest; false if nobody waits. Does not suspend.
    bool wake_one();
    // Schedules all who wait now, in order. One that waits again meanwhile is not woken twice.
    // Requires: the queue outlives the call. Does not suspend.
    void wake_all();

    // Nobody waits.
    bool empty() const { return line_.next == &line_; }

 private:
    // A link of a circular list; the list's own link is the end of the line.
    struct Link {
        Link() = default;
        Link(const Link&) = delete;
        Link& operator=(const Link&) = delete;
        void insert_before(Link& place);
        // Leaves the list, if in one.
        void remove();
        Link* previous = this;
        Link* next = this;
    };
    // A place in line.
    struct Waiter : Link {
        explicit Waiter(Fiber& waiting) : fiber(waiting) {}
        ~Waiter() { remove(); }
        Fiber& fiber;
        bool woken = false;
    };

    void wake_first(Link& line);

    const Schedule schedule_;
    Link line_;
};

}  // namespace wavetank
