// Bytes take their time, the same in every storage.
#include "sim/world/bandwidth.h"

#include <gtest/gtest.h>

#include "sim/world/test/small_world.h"

namespace wavetank {
namespace {

TEST(Bandwidth, TransferTimeIsExact) {
    EXPECT_EQ(transfer_time(0, 5), Duration{});
    EXPECT_EQ(transfer_time(1'000'000, 1'000'000), seconds(1));
    EXPECT_EQ(transfer_time(1, 3).nanos, 333'333'333);
    EXPECT_EQ(transfer_time(1, 2'000'000'000).nanos, 0) << "rounded down";
    EXPECT_EQ(transfer_time(UINT64_MAX, 1), seconds(3'600'000)) << "the longest there is";
    EXPECT_EQ(transfer_time(UINT64_MAX, UINT64_MAX), seconds(1));
}

Entry entry_of(Payload payload) {
    Entry entry;
    entry.term = Term(1);
    entry.payload = std::move(payload);
    return entry;
}

TEST(Bandwidth, BytesOfAWrite) {
    const Payload payload = Payload::copy_of(std::string(1000, 'x'));
    Write write;
    write.hard_state = HardState{};
    EXPECT_EQ(bytes_of(write), 32U);
    write.append.push_back(EntryRange::of(
        LogIndex(1),
        std::vector<Entry>{entry_of(payload), entry_of({}), entry_of(Payload::stub_of(payload))}));
    EXPECT_EQ(bytes_of(write), 32U * 4 + 1000) << "of a stub the payload is not here";
    write.clear();
    write.piece = SnapshotPiece{{}, 0, payload};
    EXPECT_EQ(bytes_of(write), 32U * 2 + 1000);
    write.clear();
    write.snapshot = SnapshotWrite{{}, true, {}};
    EXPECT_EQ(bytes_of(write), 32U) << "its pieces are on the disk";
    write.snapshot = SnapshotWrite{{}, false, payload};
    EXPECT_EQ(bytes_of(write), 32U * 2 + 1000);
}

// Notes what is handed to the disk, and when it is durable.
class DiskTimes final : public SilentObserver {
 public:
    void on_write(ServerId, const Write& write) override {
        bytes += bytes_of(write);
        begun.push_back(world->now());
    }
    void on_durable(ServerId, WriteId) override { done.push_back(world->now()); }

    const World* world = nullptr;
    uint64_t bytes = 0;
    std::vector<Instant> begun;
    std::vector<Instant> done;
};

class NarrowDisk : public testing::TestWithParam<StorageKind> {
 protected:
    static constexpr Duration kLatency = milliseconds(2);

    void begin(uint64_t bytes_per_second) {
        SmallWorld::Setup setup;
        setup.servers = 1;
        setup.client_network.latency = {.kind = LatencyKind::Constant};
        setup.disk = {.write = {.kind = LatencyKind::Constant, .base = kLatency},
                      .bytes_per_second = bytes_per_second,
                      .storage = GetParam()};
        small_.emplace(setup, &times_);
        times_.world = &small_->world;
        small_->world.start_all();
        ASSERT_TRUE(small_->run_until_holds([&] { return small_->has_leader(); }));
        ASSERT_TRUE(small_->open_session(0));
        small_->run_for(seconds(1));
    }
    // How long the disk takes for a put of that size that finds it idle.
    Duration put(std::size_t bytes) {
        times_.begun.clear();
        times_.done.clear();
        times_.bytes = 0;
        small_->put(0, std::string(bytes, 'v'));
        small_->run_for(seconds(10));
        if (times_.begun.size() != 1 || times_.done.size() != 1) return {-1};
        return times_.done[0] - times_.begun[0];
    }
    void change(const DiskChange& change) { small_->world.change_disk(0, change); }

    std::optional<SmallWorld> small_;
    DiskTimes times_;
};

TEST_P(NarrowDisk, AWriteTakesTheTimeOfItsBytes) {
    begin(1'000'000);
    const Duration small = put(1);
    EXPECT_EQ(small, kLatency + microseconds(static_cast<int64_t>(times_.bytes)));
    const Duration large = put(100'001);
    EXPECT_EQ(large - small, milliseconds(100)) << "a tenth of a megabyte at one a second";
}

TEST_P(NarrowDisk, WithoutALimitBytesCostNothing) {
    begin(0);
    EXPECT_EQ(put(1), kLatency);
    EXPECT_EQ(put(500'000), kLatency);
}

TEST_P(NarrowDisk, IsSlowedDownAndMended) {
    begin(0);
    change({.kind = DiskChangeKind::Slow, .bytes_per_second = 10'000});
    const Duration slow = put(1'000);
    EXPECT_EQ(slow, kLatency + microseconds(static_cast<int64_t>(times_.bytes) * 100))
        << "the latency stays";
    change({.kind = DiskChangeKind::Slow, .write = Latency{.base = milliseconds(7)}});
    EXPECT_EQ(put(1'000), slow + milliseconds(5)) << "the bandwidth stays";
    change({.kind = DiskChangeKind::Mend});
    EXPECT_EQ(put(1'000), kLatency);
}

INSTANTIATE_TEST_SUITE_P(EachStorage, NarrowDisk,
                         testing::Values(StorageKind::Memory, StorageKind::Sqlite),
                         [](const auto& param) {
                             return param.param == StorageKind::Memory ? "memory" : "sqlite";
                         });

}  // namespace
}  // namespace wavetank
