// SimVfs: SQLite's own code on a simulated disk. It is a VFS of SQLite (sqlite3_vfs) whose files
// are those of a SimDisk; SQLite, and the storage above it, run unchanged and cannot tell. A host
// that dies is a disk that fails every call: SQLite then unwinds by itself, nothing is thrown
// through it, nothing leaks.
//
// Locks and shared memory are between the connections of this VFS. A new -journal or -wal becomes
// durable, name and all, with its first sync, as SQLite's VFS for Unix does it: without that, a
// journal that was deleted can come back at a crash and roll the database back.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/world/sim_disk.h"

namespace wavetank {

class SimVfs {
 public:
    // Registers it with SQLite under `name`, which no other VFS has. The disk must outlive it, and
    // it all connections.
    SimVfs(SimDisk& disk, std::string name);
    SimVfs(const SimVfs&) = delete;
    SimVfs& operator=(const SimVfs&) = delete;
    ~SimVfs();
    const std::string& name() const { return name_; }

    // SQLite draws the salts of its write-ahead logs from one generator of the process. From here
    // on they follow from `seed`: a run calls this first, and a process makes one run at a time.
    static void seed_sqlite(uint64_t seed);

 private:
    friend struct SimVfsCalls;
    struct Registered;
    std::string name_;
    std::unique_ptr<Registered> registered_;
};

}  // namespace wavetank
