// The connection that reads while another commits: old entries and pieces of a snapshot, for
// followers that are behind, and for the machine of a server that starts. Each read is a
// transaction of its own, and so sees one state of the database; what it gives is verified.
#pragma once

#include <memory>
#include <optional>

#include "core/base/result.h"
#include "core/raft/durable.h"
#include "core/storage/sqlite.h"
#include "core/storage/stored_state.h"

namespace wavetank {

class StorageReader {
 public:
    // Takes a connection of its own to a database with the newest schema.
    static Result<std::unique_ptr<StorageReader>> open(SqliteDatabase database);

    struct Piece {
        uint64_t offset;
        uint64_t size;
    };
    // See SqliteStorage.
    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count);
    std::optional<Payload> read_snapshot(LogIndex index, Piece piece);
    const std::optional<Error>& damage() const { return damage_; }

 private:
    explicit StorageReader(SqliteDatabase database) : database_(std::move(database)) {}
    std::optional<Error> prepare();

    // Within a transaction; what is damaged or not there gives nothing.
    std::optional<StoredState> state();
    std::optional<EntryRange> entries(LogIndex first, uint32_t count);
    std::optional<Payload> pieces(const StoredSnapshot& snapshot, Piece piece);
    void damaged(Error error);

    SqliteDatabase database_;
    SqliteStatement begin_, end_, record_, runs_, pieces_;
    std::optional<Error> damage_;
};

}  // namespace wavetank
