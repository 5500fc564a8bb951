// The line of waiting fibers, a circular doubly linked list through their stacks.
#include "core/fiber/wait.h"

#include <utility>

#include "core/base/check.h"

namespace wavetank {

void WaitQueue::Link::insert_before(Link& place) {
    CHECK(next == this);
    previous = place.previous;
    next = &place;
    previous->next = this;
    place.previous = this;
}

void WaitQueue::Link::remove() {
    previous->next = next;
    next->previous = previous;
    previous = this;
    next = this;
}

WaitQueue::WaitQueue(Schedule schedule) : schedule_(std::move(schedule)) {
    CHECK(schedule_ != nullptr);
}

WaitQueue::~WaitQueue() {
    CHECK(empty());
}

void WaitQueue::wait() {
    Fiber* const fiber = Fiber::current();
    CHECK(fiber != nullptr);
    Waiter waiter(*fiber);
    waiter.insert_before(line_);
    Fiber::suspend();
    CHECK(waiter.woken);
}

bool WaitQueue::wake_one() {
    if (empty()) return false;
    wake_first(line_);
    return true;
}

void WaitQueue::wake_all() {
    // Those who wait now form a line of their own: `schedule` may resume at once, and what it
    // resumes may wait again here, or destroy one that is still to be woken, who then leaves this
    // line.
    Link marked;
    marked.insert_before(line_);
    line_.remove();
    while (marked.next != &marked) wake_first(marked);
}

void WaitQueue::wake_first(Link& line) {
    Waiter& waiter = static_cast<Waiter&>(*line.next);
    waiter.remove();
    waiter.woken = true;
    schedule_(waiter.fiber);  // `waiter` may be gone when this returns.
}

}  // namespace wavetank
