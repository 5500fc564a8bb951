// Where on a simulated disk parts of a server's database lie: its two files, and in them the
// entries of its log (core/storage/entry_run.h). For whoever wants to damage just that.
#pragma once

#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "sim/world/sim_disk.h"

namespace wavetank {

inline constexpr const char* kSqliteDirectory = "data";
inline constexpr const char* kDatabaseFile = "data/raft.db";
inline constexpr const char* kWalFile = "data/raft.db-wal";

// The last byte of this entry of the log: in SQLite's log, in the database, and in older versions
// of its page, wherever the entry is. An error if the log has no such entry, or the database cannot
// be read, or the entry is not in one piece. `vfs`: a name that no VFS of SQLite has.
Result<std::vector<SimDisk::Place>> places_of_entry(const SimDisk::Image& image, LogIndex entry,
                                                    const std::string& vfs);

}  // namespace wavetank
