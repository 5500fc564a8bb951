// Stacks are handed out last-in first-out, whole pages, usable from bottom to top.
#include "core/fiber/stack_pool.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/fiber/sanitizer.h"

namespace wavetank {
namespace {

TEST(StackPool, ReusesTheOneGivenBackLast) {
    StackPool pool;
    const Stack a = pool.acquire();
    const Stack b = pool.acquire();
    EXPECT_NE(a.bottom, b.bottom);
    EXPECT_EQ(pool.free(), 0U);
    pool.release(b);
    pool.release(a);
    EXPECT_EQ(pool.acquire().bottom, a.bottom);
    EXPECT_EQ(pool.acquire().bottom, b.bottom);
    EXPECT_EQ(pool.mapped(), 2U);
    pool.release(a);
    pool.release(b);
}

TEST(StackPool, StacksHaveTheSizeAskedForAndAreAllUsable) {
    StackPool pool(5'000);
    std::vector<Stack> stacks;
    for (std::size_t i = 0; i < 20; ++i) stacks.push_back(pool.acquire());
    for (const Stack stack : stacks) {
        EXPECT_GE(stack.size, 5'000U);
        EXPECT_LE(stack.size, 3 * 4'096U);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(stack.top()) % 64, 0U);
        std::memset(stack.bottom, 1, stack.size);
        EXPECT_EQ(*(stack.top() - 1), std::byte{1});
    }
    EXPECT_NE(stacks[0].size, stacks[1].size) << "tops should not all share cache lines";
    for (const Stack stack : stacks) pool.release(stack);
}

TEST(StackPoolDeathTest, PageBelowIsInaccessible) {
#if defined(WAVETANK_ASAN) || defined(WAVETANK_TSAN)
    GTEST_SKIP() << "The sanitizers have handlers of their own.";
#endif
    StackPool pool;
    const Stack stack = pool.acquire();
    volatile std::byte* const below = stack.bottom - 1;
    EXPECT_EXIT(*below = std::byte{1}, testing::KilledBySignal(SIGSEGV), "");
    pool.release(stack);
}

TEST(StackPoolDeathTest, MustOutliveItsFibers) {
    EXPECT_DEATH(StackPool().acquire(), "CHECK failed");
}

}  // namespace
}  // namespace wavetank
