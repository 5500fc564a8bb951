// SqliteStore: a server's durable state in its directory (core/storage/sqlite_storage.h), as the
// loop and the storage worker use it.
#pragma once

#include <memory>

#include "core/storage/sqlite_storage.h"
#include "core/tcp/store.h"

namespace wavetank {

class SqliteStore final : public Store {
 public:
    explicit SqliteStore(std::unique_ptr<SqliteStorage> storage) : storage_(std::move(storage)) {}

    Result<WriteId> commit(std::span<const Write> writes) override {
        return storage_->commit(writes);
    }
    void after_commit() override { storage_->checkpoint(); }
    std::optional<Duration> seal_due_after() const override {
        return storage_->seal_due() ? std::optional(SqliteStorage::kIdleBeforeSeal) : std::nullopt;
    }
    std::optional<Error> seal() override { return storage_->seal(); }
    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) override {
        return storage_->read_entries(first, count);
    }
    std::optional<Payload> read_snapshot(LogIndex index, Environment::Piece piece) override {
        return storage_->read_snapshot(index, {piece.offset, piece.size});
    }
    std::optional<Error> damage() const override { return storage_->damage(); }
    uint64_t syncs() const override { return storage_->syncs(); }

 private:
    std::unique_ptr<SqliteStorage> storage_;
};

}  // namespace wavetank
