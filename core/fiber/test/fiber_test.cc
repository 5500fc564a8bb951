// Fibers run in the order they are resumed, keep their own exceptions, unwind when destroyed, and
// nest.
#include "core/fiber/fiber.h"

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace wavetank {
namespace {

#if defined(WAVETANK_TSAN)
constexpr std::size_t kManyFibers = 1'000;  // ThreadSanitizer allows 8,128 threads and fibers.
#else
constexpr std::size_t kManyFibers = 10'000;
#endif

// Appends to `log` when it goes out of scope.
struct AtExit {
    std::string& log;
    std::string text;
    ~AtExit() { log += text; }
};

TEST(Fiber, RunsBetweenResumeAndSuspend) {
    StackPool pool;
    std::string log;
    Fiber fiber(pool, [&] {
        log += "b";
        Fiber::suspend();
        log += "d";
    });
    log += "a";
    fiber.resume();
    log += "c";
    EXPECT_FALSE(fiber.finished());
    fiber.resume();
    log += "e";
    EXPECT_TRUE(fiber.finished());
    EXPECT_EQ(log, "abcde");
}

TEST(Fiber, CurrentIsTheOneThatRuns) {
    StackPool pool;
    Fiber* seen = nullptr;
    Fiber fiber(pool, [&] { seen = Fiber::current(); });
    EXPECT_EQ(Fiber::current(), nullptr);
    fiber.resume();
    EXPECT_EQ(seen, &fiber);
    EXPECT_EQ(Fiber::current(), nullptr);
}

TEST(Fiber, ManyTakeTurns) {
    constexpr std::size_t kRounds = 4;
    StackPool pool;
    std::vector<std::size_t> order;
    std::vector<std::unique_ptr<Fiber>> fibers;
    for (std::size_t i = 0; i < kManyFibers; ++i) {
        fibers.push_back(std::make_unique<Fiber>(pool, [&order, i] {
            for (std::size_t round = 0; round < kRounds; ++round) {
                order.push_back(round * kManyFibers + i);
                Fiber::suspend();
            }
        }));
    }
    for (std::size_t round = 0; round <= kRounds; ++round) {
        for (const auto& fiber : fibers) fiber->resume();
    }
    ASSERT_EQ(order.size(), kRounds * kManyFibers);
    for (std::size_t i = 0; i < order.size(); ++i) ASSERT_EQ(order[i], i);
    EXPECT_EQ(pool.mapped(), kManyFibers);
    EXPECT_EQ(pool.free(), kManyFibers);
    for (const auto& fiber : fibers) EXPECT_TRUE(fiber->finished());
}

TEST(Fiber, NestsAndGoesBackToItsOwnResumer) {
    StackPool pool;
    std::string log;
    Fiber inner(pool, [&] {
        log += "2";
        Fiber::suspend();
        log += "6";
    });
    Fiber outer(pool, [&] {
        log += "1";
        inner.resume();
        EXPECT_EQ(Fiber::current(), &outer);
        log += "3";
        Fiber::suspend();
        log += "5";
        inner.resume();
        log += "7";
    });
    outer.resume();
    log += "4";
    outer.resume();
    EXPECT_EQ(log, "1234567");
    EXPECT_TRUE(inner.finished());
    EXPECT_TRUE(outer.finished());
}

TEST(Fiber, MayBeResumedByDifferentResumers) {
    StackPool pool;
    std::vector<int> steps;
    Fiber worker(pool, [&] {
        for (int i = 0; i < 4; ++i) {
            steps.push_back(i);
            Fiber::suspend();
        }
    });
    Fiber first(pool, [&] { worker.resume(); });
    Fiber second(pool, [&] { worker.resume(); });
    worker.resume();
    first.resume();
    second.resume();
    worker.resume();
    EXPECT_EQ(steps, (std::vector<int>{0, 1, 2, 3}));
}

TEST(Fiber, CatchesInsideWhatItThrowsInside) {
    StackPool pool;
    std::string caught;
    Fiber fiber(pool, [&] {
        try {
            Fiber::suspend();
            throw std::runtime_error("inside");
        } catch (const std::exception& error) {
            caught = error.what();
        }
        Fiber::suspend();
    });
    fiber.resume();
    fiber.resume();
    EXPECT_EQ(caught, "inside");
    EXPECT_FALSE(fiber.finished());
}

// The C++ runtime keeps what is being handled per thread: without care B would rethrow A's.
TEST(Fiber, KeepsItsOwnExceptionWhileSuspendedInACatchBlock) {
    StackPool pool;
    std::vector<std::string> rethrown(2);
    const auto body = [&](std::size_t i, const char* name) {
        try {
            throw std::runtime_error(name);
        } catch (...) {
            Fiber::suspend();
            try {
                throw;
            } catch (const std::exception& error) {
                rethrown[i] = error.what();
            }
        }
        EXPECT_EQ(std::current_exception(), nullptr);
    };
    Fiber a(pool, [&] { body(0, "A"); });
    Fiber b(pool, [&] { body(1, "B"); });
    try {
        throw std::runtime_error("main");
    } catch (...) {
        a.resume();
        b.resume();
        a.resume();
        b.resume();
        EXPECT_THROW(throw, std::runtime_error);
    }
    EXPECT_EQ(rethrown, (std::vector<std::string>{"A", "B"}));
    EXPECT_EQ(std::current_exception(), nullptr);
}

// Resumes its fiber in a destructor, that is, while an exception of the resumer is in flight.
struct ResumesAtExit {
    Fiber& fiber;
    ~ResumesAtExit() { fiber.resume(); }
};

TEST(Fiber, DoesNotSeeTheExceptionInFlightOfItsResumer) {
    StackPool pool;
    int in_flight = -1;
    Fiber fiber(pool, [&] { in_flight = std::uncaught_exceptions(); });
    try {
        ResumesAtExit guard{fiber};
        throw 1;
    } catch (int) {
        EXPECT_EQ(std::uncaught_exceptions(), 0);
    }
    EXPECT_EQ(in_flight, 0);
    EXPECT_TRUE(fiber.finished());
}

TEST(Fiber, ExceptionThatLeavesTheBodyComesOutOfResume) {
    StackPool pool;
    Fiber fiber(pool, [] {
        Fiber::suspend();
        throw std::runtime_error("escaped");
    });
    fiber.resume();
    try {
        fiber.resume();
        FAIL() << "resume() should have thrown";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "escaped");
    }
    EXPECT_TRUE(fiber.finished());
    EXPECT_EQ(Fiber::current(), nullptr);
    EXPECT_EQ(pool.free(), pool.mapped());
}

TEST(Fiber, ExceptionPassesThroughNestedFibers) {
    StackPool pool;
    Fiber inner(pool, [] { throw std::runtime_error("deep"); });
    Fiber outer(pool, [&] { inner.resume(); });
    EXPECT_THROW(outer.resume(), std::runtime_error);
    EXPECT_TRUE(inner.finished());
    EXPECT_TRUE(outer.finished());
}

TEST(Fiber, DestroyingASuspendedOneUnwindsItsFrames) {
    StackPool pool;
    std::string log;
    {
        Fiber fiber(pool, [&] {
            const AtExit outer{log, "outer"};
            try {
                const AtExit inner{log, "inner "};
                const auto held = std::make_unique<int>(1);
                Fiber::suspend();
                log += "not reached";
            } catch (const std::exception&) {
                log += "not a std::exception";
            }
        });
        fiber.resume();
        EXPECT_EQ(log, "");
    }
    EXPECT_EQ(log, "inner outer");
    EXPECT_EQ(pool.free(), pool.mapped());
}

TEST(Fiber, UnwindsOutOfACatchBlockWhileAnotherExceptionIsInFlight) {
    StackPool pool;
    std::string log;
    try {
        Fiber fiber(pool, [&] {
            const AtExit outer{log, "unwound"};
            try {
                throw std::runtime_error("handled");
            } catch (...) {
                Fiber::suspend();
            }
        });
        fiber.resume();
        throw std::logic_error("in flight");
    } catch (const std::logic_error&) {
        log += " caught";
    }
    EXPECT_EQ(log, "unwound caught");
}

TEST(Fiber, NeverStartedOneOnlyGivesBackWhatItHolds) {
    StackPool pool;
    const auto held = std::make_shared<int>(1);
    bool ran = false;
    {
        const Fiber fiber(pool, [&ran, held] { ran = *held == 1; });
        EXPECT_EQ(held.use_count(), 2);
    }
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_FALSE(ran);
    EXPECT_EQ(pool.free(), 1U);
}

TEST(Fiber, BodyIsDestroyedWhenItEnds) {
    StackPool pool;
    const auto held = std::make_shared<int>(1);
    Fiber fiber(pool, [held] { Fiber::suspend(); });
    fiber.resume();
    EXPECT_EQ(held.use_count(), 2);
    fiber.resume();
    EXPECT_EQ(held.use_count(), 1);
}

TEST(Fiber, MayBeOwnedByItsOwnBody) {
    StackPool pool;
    auto slot = std::make_shared<std::unique_ptr<Fiber>>();
    Fiber* const fiber = new Fiber(pool, [slot] { Fiber::suspend(); });
    slot->reset(fiber);
    slot.reset();
    fiber->resume();
    fiber->resume();  // It ends, the body goes, and with it the fiber.
    EXPECT_EQ(pool.free(), 1U);
}

TEST(Fiber, StackIsReusedAfterTheEnd) {
    StackPool pool;
    const void* frames[2] = {nullptr, nullptr};
    for (const void*& frame : frames) {
        Fiber fiber(pool, [&frame] { frame = __builtin_frame_address(0); });
        fiber.resume();
    }
    EXPECT_EQ(frames[0], frames[1]);
    EXPECT_EQ(pool.mapped(), 1U);
}

// A fiber leaves poisoned redzones when it is abandoned in the middle; the next one must not see
// them.
TEST(Fiber, ReusedStackIsCleanAfterUnwinding) {
    StackPool pool;
    for (std::size_t round = 0; round < 100; ++round) {
        Fiber fiber(pool, [round] {
            std::vector<char> sizes(round + 1);
            char frame[512];
            for (char& byte : frame) byte = static_cast<char>(round);
            Fiber::suspend();
            EXPECT_EQ(frame[round], static_cast<char>(round));
        });
        fiber.resume();
    }
    EXPECT_EQ(pool.mapped(), 1U);
}

TEST(Fiber, HeapHeldOnlyByASuspendedOneIsNotALeak) {
#if !defined(WAVETANK_ASAN)
    GTEST_SKIP() << "Needs LeakSanitizer.";
#else
    if (__asan_get_current_fake_stack() != nullptr) GTEST_SKIP() << "Fake stacks are not searched.";
    StackPool pool;
    Fiber fiber(pool, [] {
        const auto held = std::make_unique<int>(1);
        Fiber::suspend();
    });
    fiber.resume();
    EXPECT_EQ(__lsan_do_recoverable_leak_check(), 0);
#endif
}

// Leaves frames with many red zones by an exception.
[[gnu::noinline]] int throw_through_small_arrays(int depth) {
    volatile char a[8] = {1};
    volatile char b[8] = {2};
    volatile char c[8] = {3};
    if (depth == 0) throw std::runtime_error("through");
    const int below = throw_through_small_arrays(depth - 1);
    return below + a[0] + b[0] + c[0];
}

[[gnu::noinline]] int fill_large_array() {
    volatile char large[2048];
    for (volatile char& byte : large) byte = 1;
    return large[7];
}

// AddressSanitizer cleans up behind an exception only if it knows which stack it is on.
TEST(Fiber, ExceptionsLeaveNoPoisonBehind) {
    StackPool pool;
    Fiber fiber(pool, [] {
        for (int round = 0; round < 3; ++round) {
            EXPECT_THROW(throw_through_small_arrays(8), std::runtime_error);
            Fiber::suspend();
            EXPECT_EQ(fill_large_array(), 1);
        }
    });
    while (!fiber.finished()) {
        fiber.resume();
        EXPECT_THROW(throw_through_small_arrays(8), std::runtime_error);
        EXPECT_EQ(fill_large_array(), 1);
    }
}

// Uses more stack than there is, in steps smaller than the guard page.
int overflow(int depth) {
    volatile char frame[1024] = {};
    frame[0] = static_cast<char>(depth);
    if (depth == 1'000'000) return 0;
    return overflow(depth + 1) + frame[0];
}

TEST(FiberDeathTest, OverflowHitsTheGuardPage) {
#if defined(WAVETANK_ASAN) || defined(WAVETANK_TSAN)
    GTEST_SKIP() << "The sanitizers have handlers of their own.";
#endif
    const auto overflow_in_a_fiber = [] {
        StackPool pool;
        Fiber fiber(pool, [] { overflow(0); });
        fiber.resume();
    };
    EXPECT_EXIT(overflow_in_a_fiber(), testing::KilledBySignal(SIGSEGV), "");
}

TEST(FiberDeathTest, MisuseIsRefused) {
    StackPool pool;
    EXPECT_DEATH(Fiber::suspend(), "CHECK failed");
    EXPECT_DEATH(Fiber(pool, nullptr), "CHECK failed");

    Fiber finished(pool, [] {});
    finished.resume();
    EXPECT_DEATH(finished.resume(), "CHECK failed");

    const auto resume_itself = [&pool] {
        Fiber fiber(pool, [] { Fiber::current()->resume(); });
        fiber.resume();
    };
    EXPECT_DEATH(resume_itself(), "CHECK failed");

    const auto swallow_the_unwinding = [&pool] {
        Fiber fiber(pool, [] {
            try {
                Fiber::suspend();
            } catch (...) {
            }
            Fiber::suspend();
        });
        fiber.resume();
    };
    EXPECT_DEATH(swallow_the_unwinding(), "CHECK failed: !fiber->unwinding_");
}

}  // namespace
}  // namespace wavetank
