// The disk of a node that keeps its state as a real server does: the production storage, over
// SQLite, over a simulated disk. Writes are queued beside the node's MemoryStorage, which stands
// for what is durable to those who watch; a write is committed at the virtual time at which it
// becomes durable. A crash may cut a commit or a seal short at any call of the disk, and what is
// found then decides what the MemoryStorage has kept of it.
//
// As long as nobody damages the disk, whatever the storage refuses, and whatever it finds but what
// a crash can leave, is a defect of the storage, and a CHECK here. If one bit has changed, or one
// write went astray, the storage may refuse; an older state is still a defect, if the disk was
// sealed when power was lost, and a changed entry that is taken for a good one always is.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "core/storage/memory_storage.h"
#include "core/storage/sqlite_storage.h"
#include "sim/world/disk_change.h"
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

    // What the server finds when it starts; an error if its storage refuses, or cannot read or
    // write what it must. `shadow` as in crash().
    struct Found {
        Result<Recovered> recovered;
        DiskState state = DiskState::Sound;  // Sound with an error: it may be better another time
    };
    Found recover(const MemoryStorage& shadow);
    // Queues a copy of a write.
    void submit(const Write& write) { queue_.push_back(write); }
    // Makes the oldest queued write durable. False if that failed: nobody knows how much of it the
    // disk holds, and the server must stop. Requires that one is queued.
    [[nodiscard]] bool sync_one();
    WriteId oldest_write() const { return queue_.front().id; }
    // See SqliteStorage. False as of sync_one.
    bool seal_due() const { return storage_ && storage_->seal_due(); }
    [[nodiscard]] bool seal();
    // The server is down: it starts by opening its files again.
    void close() { storage_.reset(); }
    // What reading has met, of which the server must stop.
    bool found_damage() const { return storage_ && storage_->damage().has_value(); }

    // What a crash meets: `whole` queued writes are durable by then, and the commit of the next one
    // is cut short after so many calls of the disk, if at all.
    struct Crash {
        std::size_t whole = 0;
        std::optional<uint64_t> calls_of_next;
        bool sealing = false;  // a seal was to become durable before all of them
    };
    // Afterwards `shadow` holds what is left; what was promised, if that is not there any more.
    DiskState crash(const Crash& crash, MemoryStorage& shadow);
    // An empty disk, sound, of a server that waits to be added.
    void wipe();

    // Fail, Fill, Mend, Rot, Misplace and Save at any time; the others replace the whole disk, and
    // require that the server is down. Clone: by that of `other`. The state it is in afterwards,
    // as far as that can be known before the server starts again. An error, and nothing is changed,
    // if there is no such place (Rot).
    Result<DiskState> change(const DiskChange& change, const MemoryStorage& shadow,
                             const SqliteHost* other);

    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) {
        return storage_->read_entries(first, count);
    }
    std::optional<Payload> read_snapshot(LogIndex index, SqliteStorage::Piece piece) {
        return storage_->read_snapshot(index, piece);
    }

 private:
    using Opened = Result<std::unique_ptr<SqliteStorage>>;
    Opened open_on(const std::string& vfs, const Configuration& configuration) const;
    void open_new(const Configuration& configuration);
    Result<Recovered> reopen();
    Result<Recovered> look();
    std::optional<Error> rot(const RotPlace& place, uint32_t bits);
    DiskState judge(const Result<Recovered>& found, const MemoryStorage& shadow) const;

    const ServerId server_;
    const uint64_t seed_;
    SimDisk disk_;
    SimVfs vfs_;
    std::unique_ptr<SqliteStorage> storage_;
    std::deque<Write> queue_;
    SimDisk::Image saved_;
    bool damaged_ = false;        // somebody has done to this disk what a disk must not do
    bool may_be_older_ = false;   // and in a way that can look as if it were an older one
    bool calls_failed_ = false;   // or may have, since the storage was opened
    bool commit_failed_ = false;  // since then
};

}  // namespace wavetank
