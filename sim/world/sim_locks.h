// Locks and shared memory between the connections to one file of a SimVfs, as SQLite wants them of
// a VFS (https://www.sqlite.org/lockingv3.html; for the write-ahead log,
// sqlite3_io_methods.xShmLock). They are on one thread: what is not free is refused, nobody waits.
#pragma once

#include <sqlite3.h>

#include <array>
#include <memory>
#include <vector>

namespace wavetank {

class SimLocks {
 public:
    // Of one connection: what it holds.
    struct Holder {
        int level = SQLITE_LOCK_NONE;
        std::array<bool, SQLITE_SHM_NLOCK> shared{};
        std::array<bool, SQLITE_SHM_NLOCK> exclusive{};
        bool maps_memory = false;
    };

    // To a higher level: SHARED, RESERVED or EXCLUSIVE. False, and nothing changes, if another
    // connection is in the way.
    bool lock(Holder& holder, int level);
    // To SHARED or NONE.
    void unlock(Holder& holder, int level);
    bool reserved() const { return reserved_ != nullptr; }

    struct Slots {
        int first;
        int count;
        bool exclusive;
    };
    bool lock_shared_memory(Holder& holder, const Slots& slots);
    void unlock_shared_memory(Holder& holder, const Slots& slots);
    // Null if it is not there yet and is not to be made. Zeroes at first.
    void* shared_memory(Holder& holder, int region, int size, bool make);
    // The memory is gone with the last one.
    void leave_shared_memory(Holder& holder);
    // The connection is closed.
    void leave(Holder& holder);

 private:
    int shared_ = 0;  // connections at SHARED or higher
    const Holder* reserved_ = nullptr;
    const Holder* exclusive_ = nullptr;
    std::array<int, SQLITE_SHM_NLOCK> memory_shared_{};
    std::array<const Holder*, SQLITE_SHM_NLOCK> memory_exclusive_{};
    std::vector<std::unique_ptr<char[]>> regions_;
    int maps_ = 0;
};

}  // namespace wavetank
