// SQLite tells what the run holds, on a copy of the disk; the bytes tell where it is.
#include "sim/world/sqlite_places.h"

#include "core/storage/entry_run.h"
#include "core/storage/sqlite.h"
#include "sim/world/sim_vfs.h"

namespace wavetank {
namespace {

// The header of a run and all of its first entry but the payload, with the checksum: no other run
// begins with them. So much of a row is never split between pages.
constexpr std::size_t kHeadBytes = 8 + 8 + 1 + 3 * 8 + 4 + 8;

bool holds(LogIndex first, std::string_view run, LogIndex entry) {
    EntryRunReader reader(first, run);
    while (reader.index() < entry && reader.skip()) {
    }
    return reader.index() == entry && reader.skip();
}

// The head of the run; empty if there is none.
std::string head_of_run(SqliteDatabase& database, LogIndex entry) {
    Result<SqliteStatement> query = database.prepare(
        "SELECT first, entries FROM runs WHERE first <= ? ORDER BY first DESC LIMIT 1");
    if (!query.ok()) return {};
    SqliteStatement& run = query.value();
    run.bind(1, static_cast<int64_t>(entry.value()));
    if (run.step() != SqliteStatement::Step::Row) return {};
    const LogIndex first(static_cast<uint64_t>(run.integer(0)));
    if (!holds(first, run.bytes(1), entry)) return {};
    return std::string(run.bytes(1).substr(0, kHeadBytes));
}

}  // namespace

std::vector<SimDisk::Place> places_of_run(const SimDisk::Image& image, LogIndex entry,
                                          const std::string& vfs) {
    SimDisk copy(0);
    copy.replace(image);
    const SimVfs registered(copy, vfs);
    std::string head;
    {
        Result<SqliteDatabase> database =
            SqliteDatabase::open({kDatabaseFile, vfs}, SQLITE_OPEN_READWRITE);
        if (!database.ok()) return {};
        head = head_of_run(database.value(), entry);
    }
    std::vector<SimDisk::Place> places;
    if (head.empty()) return places;
    for (const auto& [name, bytes] : image.files) {
        for (std::size_t at = bytes.find(head); at != std::string::npos;
             at = bytes.find(head, at + 1)) {
            places.push_back({name, at});
        }
    }
    return places;
}

}  // namespace wavetank
