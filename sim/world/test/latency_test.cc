// Latencies: draws that stay the same for ever, and the shapes they are meant to have. The theory
// is compared in integers: the expected values are written out.
#include "sim/world/latency.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

#include "core/base/hash.h"
#include "sim/world/fixed_point.h"
#include "sim/world/quantiles.h"

namespace wavetank {
namespace {

constexpr Duration kForever{INT64_MAX};

Latency constant() {
    return {.base = milliseconds(3), .spread = milliseconds(9)};
}
Latency uniform() {
    return {.kind = LatencyKind::Uniform, .base = microseconds(200), .spread = microseconds(300)};
}
Latency exponential() {
    return {.kind = LatencyKind::Exponential, .base = microseconds(200), .spread = milliseconds(1)};
}
Latency normal() {
    return {.kind = LatencyKind::Normal, .base = milliseconds(10), .spread = milliseconds(2)};
}
Latency log_normal() {
    return {.kind = LatencyKind::LogNormal, .base = milliseconds(1), .spread = milliseconds(2)};
}
Latency bimodal() {
    return {.kind = LatencyKind::Bimodal,
            .base = milliseconds(1),
            .spread = milliseconds(20),
            .slow = Ratio::of(1, 10)};
}
Latency measured() {
    return {.kind = LatencyKind::Table,
            .quantiles = {milliseconds(1), milliseconds(2), milliseconds(10)}};
}
std::vector<Latency> one_of_each() {
    return {constant(), uniform(), exponential(), normal(), log_normal(), bimodal(), measured()};
}

// From the lowest to the highest draw.
constexpr std::array<uint64_t, 7> kBits = {0,
                                           0x0123456789abcdef,
                                           0x4000000000000000,
                                           0x8000000000000000,
                                           0xd76aa478e8c7b756,
                                           0xffdfffffffffffff,
                                           UINT64_MAX};

std::vector<int64_t> draws_at_kBits(const Latency& latency) {
    const LatencySampler sampler(latency);
    std::vector<int64_t> draws;
    draws.reserve(kBits.size());
    for (const uint64_t bits : kBits) draws.push_back(sampler.sample(bits).nanos);
    return draws;
}

// 100,000 keyed draws, sorted.
struct Draws {
    explicit Draws(const Latency& latency) {
        constexpr uint64_t kSeed = 7;
        const LatencySampler sampler(latency);
        for (uint64_t ordinal = 0; ordinal < 100'000; ++ordinal) {
            sorted.push_back(sampler.sample(mix(kSeed, ordinal)).nanos);
        }
        std::sort(sorted.begin(), sorted.end());
    }
    int64_t mean() const {
        int64_t sum = 0;
        for (const int64_t nanos : sorted) sum += nanos;
        return sum / static_cast<int64_t>(sorted.size());
    }
    // The value that is not exceeded with this probability.
    int64_t at(Ratio probability) const {
        return sorted[(sorted.size() * probability.parts()) >> 32];
    }
    int64_t median() const { return at(Ratio::of(1, 2)); }

    std::vector<int64_t> sorted;
};
struct Neighbourhood {
    int64_t target;
    int64_t distance_max;
};
testing::AssertionResult is_near(int64_t value, Neighbourhood hood) {
    const int64_t distance = value < hood.target ? hood.target - value : value - hood.target;
    if (distance <= hood.distance_max) return testing::AssertionSuccess();
    return testing::AssertionFailure() << value << " is " << distance << " off " << hood.target;
}

// One standard deviation above the mean of a normal distribution.
constexpr Ratio kOneDeviation = Ratio::of(84'134'475, 100'000'000);

// --- Draws that never change ---

TEST(LatencyGolden, Draws) {
    using Nanos = std::vector<int64_t>;
    EXPECT_EQ(draws_at_kBits(constant()), Nanos(kBits.size(), 3'000'000));
    EXPECT_EQ(draws_at_kBits(uniform()),
              (Nanos{200'000, 201'332, 275'000, 350'000, 452'441, 499'853, 499'999}));
    EXPECT_EQ(draws_at_kBits(exponential()),
              (Nanos{200'000, 204'453, 487'682, 893'147, 2'041'821, 8'665'735, 10'199'999}));
    EXPECT_EQ(draws_at_kBits(normal()), (Nanos{2'000'000, 4'763'686, 8'651'020, 10'000'000,
                                               12'001'046, 17'097'268, 17'999'999}));
    EXPECT_EQ(draws_at_kBits(log_normal()),
              (Nanos{62'500, 162'931, 626'553, 1'000'000, 2'000'727, 12'278'985, 15'999'999}));
    EXPECT_EQ(draws_at_kBits(bimodal()), (Nanos{1'000'000, 1'000'000, 1'000'000, 1'000'000,
                                                1'000'000, 21'000'000, 21'000'000}));
    EXPECT_EQ(draws_at_kBits(measured()),
              (Nanos{1'000'000, 1'008'888, 1'500'000, 2'000'000, 7'463'535, 9'992'187, 9'999'999}));
}

// Every place of every table, and between.
TEST(LatencyGolden, DigestOfAllPlaces) {
    Digest digest;
    for (const Latency& latency : one_of_each()) {
        const LatencySampler sampler(latency);
        for (uint64_t step = 0; step < 4096; ++step) {
            digest.add(static_cast<uint64_t>(sampler.sample(step << 52).nanos));
        }
    }
    EXPECT_EQ(digest.value(), 9'033'207'897'273'688'591u);
}

// --- Shapes ---

TEST(LatencyShape, Uniform) {
    const Draws draws(uniform());
    EXPECT_TRUE(is_near(draws.mean(), {.target = 350'000, .distance_max = 1'000}));
    EXPECT_TRUE(is_near(draws.median(), {.target = 350'000, .distance_max = 1'500}));
    EXPECT_TRUE(is_near(draws.at(Ratio::of(9, 10)), {.target = 470'000, .distance_max = 1'500}));
}

TEST(LatencyShape, Exponential) {
    const Draws draws(exponential());
    EXPECT_TRUE(is_near(draws.mean(), {.target = 1'200'000, .distance_max = 10'000}));
    EXPECT_TRUE(
        is_near(draws.median(), {.target = 893'147, .distance_max = 10'000}));  // 200 us + ln 2
    EXPECT_TRUE(is_near(draws.at(Ratio::of(9, 10)),
                        {.target = 2'502'585, .distance_max = 30'000}));  // 200 us + ln 10
}

TEST(LatencyShape, Normal) {
    const Draws draws(normal());
    EXPECT_TRUE(is_near(draws.mean(), {.target = 10'000'000, .distance_max = 20'000}));
    EXPECT_TRUE(is_near(draws.median(), {.target = 10'000'000, .distance_max = 25'000}));
    EXPECT_TRUE(is_near(draws.at(kOneDeviation), {.target = 12'000'000, .distance_max = 30'000}));
    EXPECT_TRUE(is_near(draws.at(Ratio::of(1, 100)),
                        {.target = 5'347'304, .distance_max = 80'000}));  // -2.3263 deviations
}

TEST(LatencyShape, LogNormal) {
    const Draws draws(log_normal());
    EXPECT_TRUE(
        is_near(draws.mean(), {.target = 1'271'523, .distance_max = 10'000}));  // exp((ln 2)^2 / 2)
    EXPECT_TRUE(is_near(draws.median(), {.target = 1'000'000, .distance_max = 10'000}));
    EXPECT_TRUE(is_near(draws.at(kOneDeviation), {.target = 2'000'000, .distance_max = 25'000}));
}

TEST(LatencyShape, BimodalHasTheExactShare) {
    Latency latency = bimodal();
    EXPECT_TRUE(is_near(Draws(latency).mean(), {.target = 3'000'000, .distance_max = 50'000}));

    // The slow draws are the uppermost parts of 2^32.
    for (const Ratio slow : {Ratio::of(1, 10), Ratio::of(1, 3), Ratio::of(1, 1'000'000'000)}) {
        latency.slow = slow;
        const LatencySampler sampler(latency);
        const uint64_t first_slow = ((uint64_t{1} << 32) - slow.parts()) << 32;
        EXPECT_EQ(sampler.sample(first_slow - 1), milliseconds(1));
        EXPECT_EQ(sampler.sample(first_slow), milliseconds(21));
    }
}

TEST(LatencyShape, TableGoesThroughTheMeasuredValues) {
    Latency latency = measured();
    const LatencySampler sampler(latency);
    EXPECT_EQ(sampler.sample(0), milliseconds(1));
    EXPECT_EQ(sampler.sample(uint64_t{1} << 62), microseconds(1500));
    EXPECT_EQ(sampler.sample(uint64_t{1} << 63), milliseconds(2));
    EXPECT_EQ(sampler.sample(uint64_t{3} << 62), milliseconds(6));
    EXPECT_EQ(sampler.largest(), milliseconds(10));
    EXPECT_TRUE(is_near(Draws(latency).mean(), {.target = 3'750'000, .distance_max = 30'000}));

    // More values than places: the ends stay.
    latency.quantiles.clear();
    for (int64_t micros = 0; micros <= 5000; ++micros) {
        latency.quantiles.push_back(microseconds(micros));
    }
    EXPECT_EQ(LatencySampler(latency).largest(), milliseconds(5));
    EXPECT_EQ(LatencySampler(latency).sample(uint64_t{1} << 63), microseconds(2500));
}

// --- Properties ---

TEST(LatencySampler, NeverFallsWhenBitsRise) {
    for (const Latency& latency : one_of_each()) {
        const LatencySampler sampler(latency);
        Duration before = sampler.sample(0);
        EXPECT_EQ(before, sampler.smallest());
        for (uint64_t step = 1; step < uint64_t{1} << 16; ++step) {
            const Duration last_of_step = sampler.sample((step << 48) - 1);
            const Duration first_of_next = sampler.sample(step << 48);
            ASSERT_LE(before, last_of_step);
            ASSERT_LE(last_of_step, first_of_next);
            before = first_of_next;
        }
        EXPECT_LE(before, sampler.largest());
    }
}

TEST(LatencySampler, MaxCutsTheTail) {
    for (Latency latency : one_of_each()) {
        latency.max = microseconds(900);
        const LatencySampler sampler(latency);
        EXPECT_LE(sampler.largest(), microseconds(900));
        EXPECT_LE(sampler.sample(UINT64_MAX), microseconds(900));
        latency.max = {};
        EXPECT_EQ(LatencySampler(latency).largest(), Duration{});
    }
}

TEST(LatencySampler, NormalIsNeverNegative) {
    const Latency latency{
        .kind = LatencyKind::Normal, .base = milliseconds(1), .spread = seconds(1)};
    EXPECT_EQ(LatencySampler(latency).smallest(), Duration{});
    EXPECT_EQ(LatencySampler(latency).largest(), milliseconds(4001));
}

TEST(LatencySampler, TheLargestNumbersDoNotOverflow) {
    for (Latency latency : one_of_each()) {
        latency.base = kForever;
        latency.spread = kForever;
        if (!latency.quantiles.empty()) latency.quantiles = {Duration{}, kForever};
        const LatencySampler sampler(latency);
        EXPECT_EQ(sampler.largest(), kForever);
        EXPECT_GE(sampler.smallest(), Duration{});
        EXPECT_GE(sampler.sample(UINT64_MAX), sampler.sample(UINT64_MAX / 2));
    }
    // The widest lognormal: from below a nanosecond to beyond all time.
    const LatencySampler widest(
        Latency{.kind = LatencyKind::LogNormal, .base = nanoseconds(1), .spread = kForever});
    EXPECT_EQ(widest.smallest(), Duration{});
    EXPECT_EQ(widest.sample(uint64_t{1} << 63), nanoseconds(1));
    EXPECT_EQ(widest.largest(), kForever);
}

TEST(LatencySampler, NoSpreadIsConstant) {
    for (Latency latency : one_of_each()) {
        latency.base = latency.spread = milliseconds(5);
        if (latency.kind != LatencyKind::LogNormal) latency.spread = {};
        if (!latency.quantiles.empty()) latency.quantiles = {milliseconds(5), milliseconds(5)};
        const LatencySampler sampler(latency);
        EXPECT_EQ(sampler.smallest(), milliseconds(5));
        EXPECT_EQ(sampler.largest(), milliseconds(5));
        for (const uint64_t bits : kBits) EXPECT_EQ(sampler.sample(bits), milliseconds(5));
    }
    EXPECT_EQ(LatencySampler().largest(), Duration{});
}

TEST(LatencySampler, BimodalEdges) {
    Latency latency = bimodal();
    latency.slow = Ratio();
    EXPECT_EQ(LatencySampler(latency).largest(), milliseconds(1));
    EXPECT_EQ(LatencySampler(latency).sample(UINT64_MAX), milliseconds(1));
    latency.slow = Ratio::always();
    EXPECT_EQ(LatencySampler(latency).smallest(), milliseconds(21));
    EXPECT_EQ(LatencySampler(latency).sample(0), milliseconds(21));
}

// --- What is refused ---

std::string problem_of(const Latency& latency) {
    const char* why = "";
    const bool is_valid = valid(latency, &why);
    EXPECT_EQ(is_valid, std::string(why).empty());
    return why;
}

TEST(LatencyValid, SaysWhatIsWrong) {
    for (const Latency& latency : one_of_each()) EXPECT_EQ(problem_of(latency), "");

    const std::string negative = "times must not be negative";
    for (Latency latency : one_of_each()) {
        latency.base = nanoseconds(-1);
        EXPECT_EQ(problem_of(latency), negative);
    }
    Latency latency = uniform();
    latency.spread = nanoseconds(-1);
    EXPECT_EQ(problem_of(latency), negative);
    latency = uniform();
    latency.max = nanoseconds(-1);
    EXPECT_EQ(problem_of(latency), negative);

    latency = log_normal();
    latency.base = {};
    EXPECT_EQ(problem_of(latency), "a lognormal needs a median above zero");
    latency.base = milliseconds(3);
    EXPECT_EQ(problem_of(latency),
              "a lognormal's value one deviation up must not be below its median");

    latency = measured();
    latency.quantiles = {milliseconds(1)};
    EXPECT_EQ(problem_of(latency), "a table needs at least two values");
    latency.quantiles = {milliseconds(2), milliseconds(1)};
    EXPECT_EQ(problem_of(latency), "the values of a table must not fall");
    latency.quantiles = {nanoseconds(-2), milliseconds(1)};
    EXPECT_EQ(problem_of(latency), negative);
}

TEST(LatencyValidDeathTest, ASamplerRequiresValidNumbers) {
    EXPECT_DEATH(LatencySampler(Latency{.base = nanoseconds(-1)}), "objection");
}

// --- The arithmetic below ---

TEST(Quantiles, NormalMatchesTheBooks) {
    EXPECT_EQ(normal_quantile(0), -int64_t{4} << 32);
    EXPECT_EQ(normal_quantile(512), 0);
    EXPECT_TRUE(is_near(normal_quantile(768),
                        {.target = 2'896'911'419, .distance_max = 1}));  // 0.674489750196
    EXPECT_TRUE(is_near(normal_quantile(1023),
                        {.target = 13'302'669'398, .distance_max = 1}));  // 3.097269078199
    for (std::size_t place = 0; place < kQuantilePlaces; ++place) {
        EXPECT_LT(normal_quantile(place), normal_quantile(place + 1));
        EXPECT_EQ(normal_quantile(place), -normal_quantile(kQuantilePlaces - place));
    }
}

TEST(Quantiles, ExponentialMatchesTheBooks) {
    EXPECT_EQ(exponential_quantile(0), 0);
    EXPECT_TRUE(
        is_near(exponential_quantile(512), {.target = 2'977'044'472, .distance_max = 1}));  // ln 2
    EXPECT_TRUE(is_near(exponential_quantile(1023),
                        {.target = 29'770'444'718, .distance_max = 1}));  // ln 1024
    EXPECT_EQ(exponential_quantile(1024), int64_t{10} << 32);
    for (std::size_t place = 0; place < kQuantilePlaces; ++place) {
        EXPECT_LT(exponential_quantile(place), exponential_quantile(place + 1));
    }
}

TEST(FixedPoint, Log2) {
    for (int power = 0; power < 64; ++power) {
        EXPECT_EQ(log2_of(uint64_t{1} << power), static_cast<uint64_t>(power) << 32);
    }
    EXPECT_EQ(log2_of(3), 6'807'362'105u);    // 1.584962500721
    EXPECT_EQ(log2_of(10), 14'267'572'527u);  // 3.321928094887
    EXPECT_EQ(log2_of(UINT64_MAX), (uint64_t{64} << 32) - 1);
}

TEST(FixedPoint, Exp2) {
    EXPECT_EQ(exp2_of_fraction(0), uint64_t{1} << 62);
    const uint64_t root = exp2_of_fraction(uint32_t{1} << 31);
    EXPECT_TRUE(is_near(static_cast<int64_t>(root),
                        {.target = 6'521'908'912'666'391'106, .distance_max = 128}));  // sqrt 2
    EXPECT_LT(exp2_of_fraction(UINT32_MAX), uint64_t{1} << 63);
    uint64_t before = 0;
    for (uint32_t step = 0; step < 4096; ++step) {
        EXPECT_LT(before, exp2_of_fraction(step << 20));
        before = exp2_of_fraction(step << 20);
    }
}

}  // namespace
}  // namespace wavetank
