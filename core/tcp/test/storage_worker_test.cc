// What the worker makes of writes, idleness and its end. No test waits for time to pass: a store
// says that a seal is due at once, or as good as never.
#include "core/tcp/storage_worker.h"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <vector>

namespace wavetank {
namespace {

class RecordingStore final : public Store {
 public:
    explicit RecordingStore(Duration idle_before_seal) : idle_before_seal_(idle_before_seal) {}

    Result<WriteId> commit(std::span<const Write> writes) override {
        for (const Write& write : writes)
            calls.push_back("write " + std::to_string(write.id.value()));
        seal_due_ = true;
        return writes.back().id;
    }
    std::optional<Duration> seal_due_after() const override {
        return seal_due_ ? std::optional(idle_before_seal_) : std::nullopt;
    }
    std::optional<Error> seal() override {
        calls.emplace_back("seal");
        seal_due_ = false;
        sealed.set_value();
        return seal_error;
    }
    std::optional<EntryRange> read_entries(LogIndex, uint32_t) override { return std::nullopt; }
    std::optional<Payload> read_snapshot(LogIndex, Environment::Piece) override {
        return std::nullopt;
    }

    std::vector<std::string> calls;  // read when the worker has ended
    std::promise<void> sealed;
    std::optional<Error> seal_error;

 private:
    const Duration idle_before_seal_;
    bool seal_due_ = false;
};

std::vector<Write> write(uint64_t id) {
    std::vector<Write> writes(1);
    writes[0].id = WriteId(id);
    return writes;
}

TEST(StorageWorker, SealsWhenItIsIdle) {
    RecordingStore store(Duration{});
    {
        StorageWorker worker(store, {.written = [](WriteId) {}, .failed = {}});
        std::vector<Write> writes = write(1);
        worker.submit(writes);
        store.sealed.get_future().wait();
        EXPECT_EQ(worker.writes(), 1U) << "a seal is none";
    }
    EXPECT_EQ(store.calls, (std::vector<std::string>{"write 1", "seal"})) << "once";
}

TEST(StorageWorker, SealsWhenItEnds) {
    RecordingStore store(seconds(100'000));
    {
        StorageWorker worker(store, {.written = [](WriteId) {}, .failed = {}});
        std::vector<Write> writes = write(1);
        worker.submit(writes);
    }
    EXPECT_EQ(store.calls, (std::vector<std::string>{"write 1", "seal"}));
}

TEST(StorageWorker, WithoutWritesThereIsNothingToSeal) {
    RecordingStore store(Duration{});
    {
        const StorageWorker worker(store, {.written = [](WriteId) {}, .failed = {}});
    }
    EXPECT_TRUE(store.calls.empty());
}

TEST(StorageWorker, ASealThatFailsIsTheEnd) {
    RecordingStore store(Duration{});
    store.seal_error = Error{"the disk of this test is broken"};
    std::promise<std::pair<WriteId, std::string>> failed;
    {
        StorageWorker worker(store, {.written = [](WriteId) {},
                                     .failed =
                                         [&](WriteId id, const Error& why) {
                                             failed.set_value({id, why.message});
                                         }});
        std::vector<Write> writes = write(4);
        worker.submit(writes);
        const auto [id, why] = failed.get_future().get();
        EXPECT_EQ(id, WriteId(5)) << "what was written is durable";
        EXPECT_EQ(why, "the disk of this test is broken");
        writes = write(5);
        worker.submit(writes);
    }
    EXPECT_EQ(store.calls, (std::vector<std::string>{"write 4", "seal"}));
}

}  // namespace
}  // namespace wavetank
