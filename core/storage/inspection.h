// What a database holds, for a person: everything is verified as at a server's start, and where
// that ends at the first damage, all entries that do not fit their checksums are named. The files
// are left as they are, and may be those of a running server: then one state of them is looked at.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/storage/stored_state.h"

namespace wavetank {

struct Inspection {
    std::string path;
    bool in_use = false;  // a server has it open
    int64_t schema = 0;   // version
    int64_t page_bytes = 0;
    int64_t pages = 0;
    std::optional<StoredIdentity> identity;
    std::optional<StoredState> state;

    // Of the entries that are intact and part of the log.
    LogIndex first;  // zero: there are none
    LogIndex last;
    uint64_t entries = 0;
    uint64_t entry_bytes = 0;  // of their payloads
    uint64_t rows = 0;
    struct Placed {
        LogIndex index;
        Configuration configuration;
    };
    std::optional<Placed> configuration;  // the newest in the log

    // In words; nothing: a server can start from it.
    std::vector<std::string> damage;
};

struct InspectionTarget {
    std::string path;  // of the database file
    std::string vfs;   // empty: the system's
    // Called for each entry that is intact, in order; may be empty.
    std::function<void(LogIndex, const Entry&)> each_entry;
};
// An error if it is no database of a server, or of a newer program, or cannot be read at all.
Result<Inspection> inspect_storage(const InspectionTarget& target);

}  // namespace wavetank
