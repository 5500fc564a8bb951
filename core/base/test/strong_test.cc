// Strong ids and ordinals, and the values that stand for "none".
#include "core/base/strong.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace wavetank {
namespace {

TEST(Strong, DifferentIdsDoNotConvert) {
    EXPECT_FALSE((std::is_convertible_v<Term, LogIndex>));
    EXPECT_FALSE((std::is_constructible_v<Term, LogIndex>));
    EXPECT_FALSE((std::is_convertible_v<uint64_t, Term>));
    EXPECT_FALSE((std::is_convertible_v<Term, uint64_t>));
    EXPECT_TRUE((std::is_trivially_copyable_v<Term>));
    EXPECT_EQ(sizeof(ServerId), sizeof(uint32_t));
}

TEST(Strong, ZeroIsNone) {
    EXPECT_FALSE(ServerId());
    EXPECT_FALSE(LogIndex(0));
    EXPECT_TRUE(LogIndex(1));
}

TEST(Strong, AreOrdered) {
    EXPECT_LT(Term(1), Term(2));
    EXPECT_EQ(Term(2), Term(2));
    EXPECT_GT(LogIndex(UINT64_MAX), LogIndex(0));
}

TEST(Strong, OrdinalsStep) {
    EXPECT_EQ(LogIndex(4).next(), LogIndex(5));
    EXPECT_EQ(LogIndex(4).previous(), LogIndex(3));
    EXPECT_EQ(LogIndex(4).plus(10), LogIndex(14));
    // Unsigned wrap-around at zero is a recorded bug of real implementations.
    EXPECT_EQ(LogIndex(0).previous(), LogIndex(0));
}

TEST(Result, HoldsAValueOrAnError) {
    Result<int> good = 7;
    ASSERT_TRUE(good.ok());
    EXPECT_EQ(good.value(), 7);
    good.value() = 8;
    EXPECT_EQ(good.value(), 8);
    const Result<int> bad = Error{"no such file: x"};
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().message, "no such file: x");
}

TEST(CheckDeathTest, SaysWhatDidNotHold) {
    const Result<int> bad = Error{"why"};
    EXPECT_DEATH(static_cast<void>(bad.value()), "CHECK failed: ok\\(\\)");
}

}  // namespace
}  // namespace wavetank
