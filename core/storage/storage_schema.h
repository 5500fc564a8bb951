// The schema of the database, its version, and how an old one becomes the newest: a list of
// migrations, of which a database takes those it has not had yet, in one transaction. A database
// says whose it is: SQLite's application_id is "WvTk", its user_version the number of migrations
// it has had. See storage_writer.h for what the tables hold.
#pragma once

#include <optional>

#include "core/base/result.h"
#include "core/storage/sqlite.h"
#include "core/storage/stored_state.h"

namespace wavetank {

// True if nothing was created yet. An error if the file is no database, or not of this project, or
// of a schema that is newer than this program, or not the one its version says.
Result<bool> is_new_database(SqliteDatabase& database);

// Brings the schema to the newest version; a new database gets `identity` in the same transaction.
std::optional<Error> migrate(SqliteDatabase& database, const StoredIdentity& identity);

}  // namespace wavetank
