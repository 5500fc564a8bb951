// A disk for tests: MemoryStorage behind a lock, which outlives the servers that use it, and fails
// when it is told to.
#pragma once

#include <memory>
#include <mutex>

#include "core/storage/memory_storage.h"
#include "core/tcp/store.h"

namespace wavetank {

class MemoryDisk {
 public:
    explicit MemoryDisk(const Configuration& configuration) : storage_(fresh(configuration)) {}

    Recovered recover() {
        const std::lock_guard lock(mutex_);
        storage_.crash({});
        return storage_.recover().value();
    }
    void fail() {
        const std::lock_guard lock(mutex_);
        fails_ = true;
    }
    Result<WriteId> commit(std::span<const Write> writes) {
        const std::lock_guard lock(mutex_);
        if (fails_) return Error{"the disk of this test is broken"};
        WriteId last;
        for (Write write : writes) {
            storage_.submit(write);
            last = storage_.sync_one();
        }
        return last;
    }
    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) {
        const std::lock_guard lock(mutex_);
        return storage_.read_entries(first, count);
    }
    std::optional<Payload> read_snapshot(LogIndex index, Environment::Piece piece) {
        const std::lock_guard lock(mutex_);
        return storage_.read_snapshot(index, {piece.offset, piece.size});
    }

 private:
    static Recovered fresh(const Configuration& configuration) {
        Recovered nothing;
        nothing.configuration = configuration;
        return nothing;
    }
    std::mutex mutex_;
    MemoryStorage storage_;
    bool fails_ = false;
};

// What a server has of it.
class MemoryStore final : public Store {
 public:
    explicit MemoryStore(MemoryDisk& disk) : disk_(disk) {}
    Result<WriteId> commit(std::span<const Write> writes) override { return disk_.commit(writes); }
    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) override {
        return disk_.read_entries(first, count);
    }
    std::optional<Payload> read_snapshot(LogIndex index, Environment::Piece piece) override {
        return disk_.read_snapshot(index, piece);
    }

 private:
    MemoryDisk& disk_;
};

}  // namespace wavetank
