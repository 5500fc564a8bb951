// Waiters are woken in the order they came, through the host's schedule, each once.
#include "core/fiber/wait.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace wavetank {
namespace {

// A host: fibers that are to be resumed stand in `ready`, as in an event queue.
class WaitQueueTest : public testing::Test {
 protected:
    Fiber& spawn(Fiber::Body body) {
        fibers_.push_back(std::make_unique<Fiber>(pool_, std::move(body)));
        fibers_.back()->resume();
        return *fibers_.back();
    }
    void run_ready() {
        while (!ready_.empty()) {
            Fiber* const fiber = ready_.front();
            ready_.pop_front();
            fiber->resume();
        }
    }

    StackPool pool_;
    std::deque<Fiber*> ready_;
    WaitQueue queue_{[this](Fiber& fiber) { ready_.push_back(&fiber); }};
    std::string log_;
    std::vector<std::unique_ptr<Fiber>> fibers_;
};

TEST_F(WaitQueueTest, WakesOneInOrder) {
    for (const char* name : {"a", "b", "c"}) {
        spawn([this, name] {
            queue_.wait();
            log_ += name;
        });
    }
    EXPECT_TRUE(queue_.wake_one());
    EXPECT_EQ(log_, "") << "waking only schedules";
    run_ready();
    EXPECT_EQ(log_, "a");
    EXPECT_TRUE(queue_.wake_one());
    EXPECT_TRUE(queue_.wake_one());
    EXPECT_FALSE(queue_.wake_one());
    EXPECT_TRUE(queue_.empty());
    run_ready();
    EXPECT_EQ(log_, "abc");
}

TEST_F(WaitQueueTest, AwaitsACondition) {
    int committed = 0;
    for (const int index : {3, 1, 2}) {
        spawn([this, &committed, index] {
            queue_.await([&] { return committed >= index; });
            log_ += std::to_string(index);
        });
    }
    queue_.wake_all();
    run_ready();
    EXPECT_EQ(log_, "");
    committed = 2;
    queue_.wake_all();
    run_ready();
    EXPECT_EQ(log_, "12");
    committed = 3;
    queue_.wake_all();
    run_ready();
    EXPECT_EQ(log_, "123");
    queue_.await(
        [] { return true; });  // Holds already: does not suspend, so not even a fiber is needed.
}

TEST_F(WaitQueueTest, DestroyedWaiterLeavesTheLine) {
    for (const char* name : {"a", "b", "c"}) {
        spawn([this, name] {
            queue_.wait();
            log_ += name;
        });
    }
    fibers_.erase(fibers_.begin() + 1);
    queue_.wake_all();
    run_ready();
    EXPECT_EQ(log_, "ac");
}

// A schedule that resumes at once: fibers that wait again, or destroy one another, during
// wake_all().
TEST(WaitQueue, WakeAllWakesOnlyThoseThatWaitedBefore) {
    StackPool pool;
    WaitQueue queue([](Fiber& fiber) { fiber.resume(); });
    std::string log;
    std::unique_ptr<Fiber> victim;
    Fiber first(pool, [&] {
        queue.wait();
        log += "first ";
        victim.reset();
        queue.wait();
        log += "again";
    });
    first.resume();
    victim = std::make_unique<Fiber>(pool, [&] {
        queue.wait();
        log += "victim ";
    });
    victim->resume();
    queue.wake_all();
    EXPECT_EQ(log, "first ");
    queue.wake_all();
    EXPECT_EQ(log, "first again");
    EXPECT_TRUE(queue.empty());
    queue.wake_all();
}

TEST_F(WaitQueueTest, DeathOfStrayResume) {
    Fiber& fiber = spawn([this] { queue_.wait(); });
    EXPECT_DEATH(fiber.resume(), "CHECK failed: waiter.woken");
    queue_.wake_all();
    run_ready();
}

}  // namespace
}  // namespace wavetank
