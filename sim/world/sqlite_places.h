// Where on a simulated disk parts of a server's database lie: its two files, and in them the runs
// of log entries (core/storage/entry_run.h). For whoever wants to damage just that.
#pragma once

#include <string>
#include <vector>

#include "core/base/ids.h"
#include "sim/world/sim_disk.h"

namespace wavetank {

inline constexpr const char* kSqliteDirectory = "data";
inline constexpr const char* kDatabaseFile = "data/raft.db";
inline constexpr const char* kWalFile = "data/raft.db-wal";

// Where the head of the run that holds this entry of the log begins: in SQLite's log, in the
// database, and in older versions of its page, wherever these bytes are. Nothing if the log has no
// such entry, or the database cannot be read. `vfs`: a name that no VFS of SQLite has.
std::vector<SimDisk::Place> places_of_run(const SimDisk::Image& image, LogIndex entry,
                                          const std::string& vfs);

}  // namespace wavetank
