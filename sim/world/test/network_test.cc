// What becomes of a message on a link: delay, loss, repetition, order, bandwidth, cuts and clogs.
#include "sim/world/network.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace wavetank {
namespace {

constexpr Network::Direction kLink{0, 1};

LinkQuality fixed(Duration latency) {
    LinkQuality quality;
    quality.latency = {.kind = LatencyKind::Constant, .base = latency};
    return quality;
}

class NetworkTest : public testing::Test {
 protected:
    Network network(const LinkQuality& quality) { return Network({3, 2}, quality, chance_); }
    static Network::Arrivals send(Network& network, Instant now, uint64_t bytes = 100,
                                  Network::Direction link = kLink) {
        return network.transit(link, now, [bytes] { return bytes; });
    }
    Chance chance_{1};
};

TEST_F(NetworkTest, DelaysByTheLatency) {
    Network net = network(fixed(milliseconds(3)));
    const auto arrivals = send(net, Instant{} + seconds(1));
    ASSERT_EQ(arrivals.count, 1U);
    EXPECT_EQ(arrivals.at[0], Instant{} + milliseconds(1003));
}

TEST_F(NetworkTest, LosesItsShare) {
    LinkQuality quality = fixed(milliseconds(1));
    quality.loss = Ratio::of(1, 5);
    Network net = network(quality);
    uint64_t lost = 0;
    for (int i = 0; i < 10'000; ++i) lost += send(net, Instant{}).count == 0 ? 1U : 0U;
    EXPECT_NEAR(static_cast<int>(lost), 2000, 150);
    quality.loss = Ratio::always();
    Network dead = network(quality);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(send(dead, Instant{}).count, 0U);
}

TEST_F(NetworkTest, RepeatsItsShare) {
    LinkQuality quality = fixed(milliseconds(1));
    quality.duplicate = Ratio::of(1, 10);
    Network net = network(quality);
    uint64_t twice = 0;
    for (int i = 0; i < 10'000; ++i) twice += send(net, Instant{}).count == 2 ? 1U : 0U;
    EXPECT_NEAR(static_cast<int>(twice), 1000, 120);
}

TEST_F(NetworkTest, CorruptsItsShareCopyByCopy) {
    LinkQuality quality = fixed(milliseconds(1));
    quality.corrupt = Ratio::of(1, 10);
    quality.duplicate = Ratio::of(1, 2);
    Network net = network(quality);
    uint64_t first = 0;
    uint64_t second = 0;
    uint64_t both = 0;
    uint64_t twice = 0;
    for (int i = 0; i < 10'000; ++i) {
        const auto arrivals = send(net, Instant{});
        first += arrivals.corrupt_bits[0] != 0 ? 1U : 0U;
        second += arrivals.corrupt_bits[1] != 0 ? 1U : 0U;
        both += arrivals.corrupt_bits[0] != 0 && arrivals.corrupt_bits[1] != 0 ? 1U : 0U;
        twice += arrivals.count == 2 ? 1U : 0U;
    }
    EXPECT_NEAR(static_cast<int>(first), 1000, 120);
    EXPECT_NEAR(static_cast<int>(second), static_cast<int>(twice) / 10, 90);
    EXPECT_NEAR(static_cast<int>(both), 50, 30) << "the copies are corrupted apart";
    Network clean = network(fixed(milliseconds(1)));
    EXPECT_EQ(send(clean, Instant{}).corrupt_bits[0], 0U);
}

TEST_F(NetworkTest, KeepsTheOrderWhateverTheLatency) {
    LinkQuality quality;
    quality.latency = {
        .kind = LatencyKind::Exponential, .base = microseconds(1), .spread = milliseconds(50)};
    quality.duplicate = Ratio::of(1, 4);
    Network net = network(quality);
    Instant last;
    for (int i = 0; i < 2000; ++i) {
        const auto arrivals = send(net, Instant{} + microseconds(i));
        for (uint32_t copy = 0; copy < arrivals.count; ++copy) {
            EXPECT_GE(arrivals.at[copy], last);
            last = std::max(last, arrivals.at[copy]);
        }
    }
}

TEST_F(NetworkTest, ReordersItsShareOnly) {
    LinkQuality quality = fixed(milliseconds(1));
    quality.reorder = Ratio::of(1, 4);
    quality.reorder_delay = {.kind = LatencyKind::Constant, .base = milliseconds(10)};
    Network net = network(quality);
    uint64_t overtaken = 0;
    for (int i = 0; i < 4000; ++i) {
        const Instant now = Instant{} + milliseconds(i);
        const auto arrivals = send(net, now);
        ASSERT_TRUE(arrivals.at[0] == now + milliseconds(1) ||
                    arrivals.at[0] == now + milliseconds(11));
        overtaken += arrivals.at[0] == now + milliseconds(11) ? 1U : 0U;
    }
    EXPECT_NEAR(static_cast<int>(overtaken), 1000, 120) << "the others do not wait for them";
}

// A limited link sends one message after the other.
TEST_F(NetworkTest, BandwidthQueues) {
    LinkQuality quality = fixed(milliseconds(1));
    quality.bytes_per_second = 1000;
    Network net = network(quality);
    for (int i = 1; i <= 3; ++i) {
        EXPECT_EQ(send(net, Instant{}, 100).at[0], Instant{} + milliseconds(100 * i + 1));
    }
    EXPECT_EQ(send(net, Instant{} + seconds(10), 50).at[0], Instant{} + milliseconds(10'051))
        << "by then the queue is empty";
}

TEST_F(NetworkTest, BandwidthQueueIsBounded) {
    LinkQuality quality = fixed({});
    quality.bytes_per_second = 1000;
    quality.queue_bytes_max = 250;
    Network net = network(quality);
    EXPECT_EQ(send(net, Instant{}, 100).count, 1U);
    EXPECT_EQ(send(net, Instant{}, 100).count, 1U);
    EXPECT_EQ(send(net, Instant{}, 100).count, 0U) << "200 bytes wait already";
    EXPECT_EQ(send(net, Instant{}, 50).count, 1U);
    EXPECT_EQ(send(net, Instant{} + milliseconds(100), 100).count, 1U);
}

TEST_F(NetworkTest, BytesAreCountedOnlyWhereBandwidthIsLimited) {
    Network net = network(fixed({}));
    bool asked = false;
    net.transit(kLink, Instant{}, [&] {
        asked = true;
        return uint64_t{1};
    });
    EXPECT_FALSE(asked);
}

TEST_F(NetworkTest, CutsCount) {
    Network net = network(fixed({}));
    net.cut(kLink);
    net.cut(kLink);
    EXPECT_EQ(send(net, Instant{}).count, 0U);
    EXPECT_FALSE(net.is_cut({1, 0})) << "one direction only";
    net.restore(kLink);
    EXPECT_TRUE(net.is_cut(kLink));
    net.restore(kLink);
    EXPECT_EQ(send(net, Instant{}).count, 1U);
}

TEST_F(NetworkTest, ReleaseGivesBackWhatWasHeldInOrder) {
    Network net = network(fixed({}));
    net.clog(kLink);
    EXPECT_TRUE(net.is_clogged(kLink));
    EXPECT_EQ(send(net, Instant{}).count, 1U) << "messages travel, and wait at the end";
    for (uint32_t i = 0; i < 5; ++i) net.hold(kLink, {EventKind::PeerMessage, i, 0});
    const auto held = net.release(kLink);
    ASSERT_EQ(held.size(), 5U);
    for (uint32_t i = 0; i < 5; ++i) EXPECT_EQ(held[i].subject, i);
    EXPECT_FALSE(net.is_clogged(kLink));
    EXPECT_TRUE(net.release(kLink).empty());
}

TEST_F(NetworkTest, VersionRisesWithEveryCutAndClog) {
    Network net = network(fixed({}));
    uint64_t version = net.version();
    const auto risen = [&] { return std::exchange(version, net.version()) < version; };
    net.cut(kLink);
    EXPECT_LT(std::exchange(version, net.version()), net.version());
    net.clog(kLink);
    EXPECT_LT(std::exchange(version, net.version()), net.version());
    net.release(kLink);
    EXPECT_LT(std::exchange(version, net.version()), net.version());
    net.restore(kLink);
    EXPECT_LT(std::exchange(version, net.version()), net.version());
    EXPECT_FALSE(risen());
}

TEST_F(NetworkTest, AnotherQualityForAWhile) {
    Network net = network(fixed(milliseconds(1)));
    net.override_quality(kLink, fixed(milliseconds(100)));
    EXPECT_EQ(send(net, Instant{}).at[0], Instant{} + milliseconds(100));
    EXPECT_EQ(send(net, Instant{}, 0, {1, 0}).at[0], Instant{} + milliseconds(1));
    EXPECT_EQ(net.standing(kLink), fixed(milliseconds(1)));
    net.reset_quality(kLink);
    EXPECT_EQ(send(net, Instant{} + seconds(1)).at[0], Instant{} + milliseconds(1001));
    net.set_standing(kLink, fixed(milliseconds(7)));
    EXPECT_EQ(send(net, Instant{} + seconds(2)).at[0], Instant{} + milliseconds(2007));
}

TEST_F(NetworkTest, EveryPairWithAServerHasItsOwnLink) {
    Network net = network(fixed({}));
    std::vector<Network::Direction> links;
    for (uint32_t from = 0; from < 5; ++from) {
        for (uint32_t to = 0; to < 5; ++to) {
            if (from != to && (from < 3 || to < 3)) links.push_back({from, to});
        }
    }
    for (const auto& link : links) {
        net.cut(link);
        for (const auto& other : links) {
            const bool same = link.from == other.from && link.to == other.to;
            EXPECT_EQ(net.is_cut(other), same);
        }
        net.restore(link);
    }
}

// DESIGN D7: chance is keyed. What happens on one link does not depend on the traffic of another.
TEST_F(NetworkTest, LinksDoNotDisturbEachOther) {
    LinkQuality quality;
    quality.loss = quality.duplicate = quality.reorder = Ratio::of(1, 4);
    Network quiet = network(quality);
    Network busy = network(quality);
    for (int i = 0; i < 500; ++i) {
        const Instant now = Instant{} + milliseconds(i);
        for (int n = 0; n < i % 5; ++n) send(busy, now, 0, {1, 0});
        const auto a = send(quiet, now);
        const auto b = send(busy, now);
        ASSERT_EQ(a.count, b.count);
        for (uint32_t copy = 0; copy < a.count; ++copy) ASSERT_EQ(a.at[copy], b.at[copy]);
    }
}

}  // namespace
}  // namespace wavetank
