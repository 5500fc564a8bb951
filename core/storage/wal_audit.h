// Tells a torn end of SQLite's write-ahead log from damage within it. SQLite itself takes the first
// frame that does not fit its checksum for the end, whatever follows: right after a crash, but bit
// rot in an old transaction would silently take all later ones with it, and with them entries that
// this server has acknowledged. A transaction is only begun when the one before it is synced; so
// whole frames of a later transaction behind the bad one prove that it was durable once.
//
// What stays in doubt is the last transaction: if it is bad, nothing tells whether it ever was
// synced. It is taken for torn, as SQLite does. The last but one is in doubt as well if the header
// of its last frame is what was damaged, and one more frame follows: the two frames could be one
// transaction that was torn.
//
// Format: https://www.sqlite.org/fileformat2.html, section 4. A header of 32 bytes: magic (the last
// bit says how words are summed), version, page size, sequence, two salts, two checksums. Then
// frames of 24 bytes and a page: page number, size of the database if it ends a transaction (else
// zero), the salts, and the checksums of all frames up to here.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/result.h"
#include "core/storage/sqlite.h"

namespace wavetank {

struct WalExtent {
    int64_t bytes = 0;      // of the file; zero also if there is none
    int64_t committed = 0;  // of them, up to the end of the last whole transaction
};
// Looks at the -wal of a database. An error if it is damaged, or there without a database. Requires
// that nobody writes to them, and that remains of a transaction are cut off after each crash: else
// those of two could come to lie behind each other.
Result<WalExtent> audit_wal(const SqliteDatabase::Place& database);

// Cuts the -wal off after so many bytes, durably. Requires that nobody else writes to it, and that
// it holds no transaction behind them.
std::optional<Error> cut_wal(const SqliteDatabase::Place& database, int64_t bytes);

}  // namespace wavetank
