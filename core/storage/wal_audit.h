// Tells a torn end of SQLite's write-ahead log from damage within it. SQLite itself takes the first
// frame that does not fit its checksum for the end, whatever follows: right after a crash, but bit
// rot in an old transaction would silently take all later ones with it, and with them entries that
// this server has acknowledged. A transaction is only begun when the one before it is synced; so
// whole frames of a later transaction behind the bad one prove that it was durable once.
//
// What stays in doubt is the last transaction: if it is bad, nothing tells whether it ever was
// synced. It is taken for torn, as SQLite does.
//
// Format: https://www.sqlite.org/fileformat2.html, section 4. A header of 32 bytes: magic (the last
// bit says how words are summed), version, page size, sequence, two salts, two checksums. Then
// frames of 24 bytes and a page: page number, size of the database if it ends a transaction (else
// zero), the salts, and the checksums of all frames up to here.
#pragma once

#include <optional>
#include <string>

#include "core/base/result.h"

namespace wavetank {

// The database at `path` with its -wal. `vfs` as in SqliteDatabase::Place. An error if the log is
// damaged, or is there without a database. Requires that nobody writes to them, and that a new log
// was begun after each crash (StorageWriter::recover does that): else remains of two transactions
// could lie behind each other.
std::optional<Error> audit_wal(const std::string& path, const std::string& vfs);

}  // namespace wavetank
