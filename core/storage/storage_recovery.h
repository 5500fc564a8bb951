// Reads everything a database holds and verifies it: that SQLite's own structure is whole, that
// every record, entry and piece fits its checksum, and that they fit each other and the seal (see
// stored_state.h). For a server that starts; nothing is changed.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/storage/sqlite.h"
#include "core/storage/stored_state.h"

namespace wavetank {

struct StorageContent {
    StoredIdentity identity;
    StoredState state;
    Recovered recovered;
    LogIndex last;       // of the log
    uint64_t chain = 0;  // its digest, as chained by runs (entry_run.h)
};

// The first damage is the error.
Result<StorageContent> read_storage(SqliteDatabase& database);

// The records alone, verified by themselves.
Result<StoredIdentity> read_identity(SqliteDatabase& database);
Result<StoredState> read_state(SqliteDatabase& database);

}  // namespace wavetank
