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
// That doubt ends with a *seal*: a transaction without content of its own, which carries a mark.
// The mark says how many frames were durable when it was written; whatever has become of them, and
// of the rest of the seal, a mark that is intact proves that they were there. If the seal itself is
// damaged, what is before it is not, and nothing else is lost.
//
// The header of a log that begins anew may be lost as well, by a disk that claims to have written
// it: then the first frame has the salts that come next.
//
// Format: https://www.sqlite.org/fileformat2.html, section 4. A header of 32 bytes: magic (the last
// bit says how words are summed), version, page size, sequence, two salts, two checksums. Then
// frames of 24 bytes and a page: page number, size of the database if it ends a transaction (else
// zero), the salts, and the checksums of all frames up to here.
//
// A mark, wherever it is in the file: "WvTkSeal", u64 salts of the log it speaks of (both, as one
// number), u64 frames before the seal, u64 digest (hash_bytes) of these; as core/base/bytes.h has
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/storage/sqlite.h"

namespace wavetank {

struct WalExtent {
    int64_t bytes = 0;      // of the file; zero also if there is none
    int64_t committed = 0;  // of them, up to the end of the last whole transaction
    uint64_t frames = 0;    // in these
};
// Looks at the -wal of a database. An error if it is damaged, or there without a database. Requires
// that nobody writes to them, and that remains of a transaction are cut off after each crash: else
// those of two could come to lie behind each other.
Result<WalExtent> audit_wal(const SqliteDatabase::Place& database);

// Whether there is neither a database nor a -wal, or only empty ones. Creates nothing.
Result<bool> nothing_there(const SqliteDatabase::Place& database);

// Cuts the -wal off after so many bytes, durably. Requires that nobody else writes to it, and that
// it holds no transaction behind them.
std::optional<Error> cut_wal(const SqliteDatabase::Place& database, int64_t bytes);

// The mark of a seal that comes behind so many frames, all of them durable. Empty if there are
// none: it would speak for nothing. An error if the log's salts cannot be read.
Result<std::string> seal_mark(const SqliteDatabase& database, uint64_t frames);

}  // namespace wavetank
