// The disk of a node that keeps its state as a real server does: the production storage, over
// SQLite, over a simulated disk. Writes are queued beside the node's MemoryStorage, which stands
// for what is durable to those who watch; a write is committed at the virtual time at which it
// becomes durable. A crash may cut a commit short at any call of the disk, and what is found then
// decides what the MemoryStorage has kept of it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "core/storage/memory_storage.h"
#include "core/storage/sqlite_storage.h"
#include "sim/world/sim_disk.h"
#include "sim/world/sim_vfs.h"

namespace wavetank {

class SqliteHost {
 public:
    struct Setup {
        ServerId server;
        uint64_t seed = 0;  // of what its disk does in crashes
    };
    // Holds `initial`, all of it durable. Requires that it has neither a snapshot nor pieces of
    // one.
    SqliteHost(const Setup& setup, const Recovered& initial);

    // What is durable.
    Recovered recover();
    // Queues a copy of a write.
    void submit(const Write& write) { queue_.push_back(write); }
    // Makes the oldest queued write durable.
    void sync_one();

    // What a crash meets: `whole` queued writes are durable by then, and the commit of the next one
    // is cut short after so many calls of the disk, if at all.
    struct Crash {
        std::size_t whole = 0;
        std::optional<uint64_t> calls_of_next;
    };
    // Afterwards `shadow` holds what is left, and the storage is open again.
    void crash(const Crash& crash, MemoryStorage& shadow);
    // An empty disk, of a server that waits to be added.
    void wipe();

    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) {
        return storage_->read_entries(first, count);
    }
    std::optional<Payload> read_snapshot(LogIndex index, SqliteStorage::Piece piece) {
        return storage_->read_snapshot(index, piece);
    }

 private:
    void open(const Configuration& configuration);

    const ServerId server_;
    SimDisk disk_;
    SimVfs vfs_;
    std::unique_ptr<SqliteStorage> storage_;
    std::deque<Write> queue_;
};

}  // namespace wavetank
