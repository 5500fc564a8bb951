// What it costs to make entries durable in SQLite on the disk of the working directory: commits of
// 1, 64 and 1024 entries of 4 to 4096 bytes, with pages of several sizes. The log is compacted as
// it grows, as a server does it, so that the file stays of one size.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/storage/sqlite_storage.h"

namespace wavetank::bench {
namespace {

constexpr uint64_t kLogBytes = 64 << 20;  // after which it is compacted

class Log {
 public:
    Log(uint64_t entries_per_commit, std::size_t bytes)
        : count_(entries_per_commit),
          bytes_(bytes),
          command_(Payload::copy_of(std::string(bytes, 'x'))) {}

    Write next() {
        Write write;
        write.id = WriteId(++id_);
        std::vector<Entry> entries;
        for (uint64_t i = 0; i < count_; ++i) {
            Entry entry;
            entry.term = Term(3);
            entry.kind = EntryKind::Command;
            entry.payload = command_;
            entry.time = Instant{1'700'000'000'000'000'000 + static_cast<int64_t>(last_ / 64)};
            entries.push_back(entry);
            ++last_;
            if (last_ % LogChunk::kEntries != 0 && i + 1 < count_) continue;
            write.append.push_back(EntryRange::of(LogIndex(last_ - entries.size() + 1), entries));
            entries.clear();
        }
        since_ += count_ * (bytes_ + 16);
        if (since_ < kLogBytes) return write;
        // Up to what was there before this write.
        since_ = 0;
        SnapshotMeta meta;
        meta.last.index = LogIndex(last_ - count_);
        meta.last.term = Term(3);
        meta.configuration = Configuration::of_voters({ServerId(1)});
        write.snapshot = SnapshotWrite{meta, false, {}};
        write.compaction = Compaction{meta.last, false};
        return write;
    }

 private:
    uint64_t count_;
    std::size_t bytes_;
    Payload command_;
    uint64_t id_ = 0;
    uint64_t last_ = 0;
    uint64_t since_ = 0;
};

void storage_commit(benchmark::State& state) {
    const std::string directory = std::filesystem::current_path() / "storage_bench.tmp";
    std::filesystem::remove_all(directory);
    std::filesystem::create_directory(directory);
    SqliteStorage::Setup setup;
    setup.directory = directory;
    setup.server = ServerId(1);
    setup.page_bytes = static_cast<uint32_t>(state.range(2));
    {
        auto storage = SqliteStorage::open(setup);
        if (!storage.ok()) return state.SkipWithError(storage.error().message.c_str());
        if (!storage.value()->recover().ok()) return state.SkipWithError("cannot recover");
        Log log(static_cast<uint64_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
        for (auto _ : state) {
            state.PauseTiming();
            Write write = log.next();
            state.ResumeTiming();
            const Result<WriteId> done = storage.value()->commit(std::span(&write, 1));
            if (!done.ok()) return state.SkipWithError(done.error().message.c_str());
        }
        state.SetItemsProcessed(state.iterations() * state.range(0));
        state.SetBytesProcessed(state.iterations() * state.range(0) * state.range(1));
    }
    std::filesystem::remove_all(directory);
}
BENCHMARK(storage_commit)
    ->ArgNames({"entries", "bytes", "page"})
    ->ArgsProduct({{1, 64, 1024}, {4, 200, 640, 4096}, {4096, 16384, 65536}})
    ->UseRealTime();

}  // namespace
}  // namespace wavetank::bench
