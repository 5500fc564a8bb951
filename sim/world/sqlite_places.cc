// SQLite tells which bytes the entry is, on a copy of the disk; the bytes tell where it is.
#include "sim/world/sqlite_places.h"

#include <fmt/format.h>

#include "core/storage/entry_run.h"
#include "core/storage/sqlite.h"
#include "sim/world/sim_vfs.h"

namespace wavetank {
namespace {

// As it lies in its run; with its checksum, so that no other entry is the same. Empty if the log
// has none.
std::string bytes_of_entry(SqliteDatabase& database, LogIndex entry) {
    Result<SqliteStatement> query = database.prepare(
        "SELECT first, entries FROM runs WHERE first <= ? ORDER BY first DESC LIMIT 1");
    if (!query.ok()) return {};
    SqliteStatement& run = query.value();
    run.bind(1, static_cast<int64_t>(entry.value()));
    if (run.step() != SqliteStatement::Step::Row) return {};
    EntryRunReader reader(LogIndex(static_cast<uint64_t>(run.integer(0))), run.bytes(1));
    while (reader.index() < entry && reader.skip()) {
    }
    const std::size_t begin = reader.position();
    if (reader.index() != entry || !reader.skip()) return {};
    return std::string(run.bytes(1).substr(begin, reader.position() - begin));
}

}  // namespace

Result<std::vector<SimDisk::Place>> places_of_entry(const SimDisk::Image& image, LogIndex entry,
                                                    const std::string& vfs) {
    SimDisk copy(0);
    copy.replace(image);
    const SimVfs registered(copy, vfs);
    std::string wanted;
    {
        Result<SqliteDatabase> database =
            SqliteDatabase::open({kDatabaseFile, vfs}, SQLITE_OPEN_READWRITE);
        if (!database.ok()) return database.error();
        wanted = bytes_of_entry(database.value(), entry);
    }
    if (wanted.empty()) {
        return Error{fmt::format("its durable log has no entry {}", entry.value())};
    }
    std::vector<SimDisk::Place> places;
    for (const auto& [name, bytes] : image.files) {
        for (std::size_t at = bytes.find(wanted); at != std::string::npos;
             at = bytes.find(wanted, at + 1)) {
            places.push_back({name, at + wanted.size() - 1});
        }
    }
    if (places.empty()) {
        return Error{
            fmt::format("entry {} lies on several pages; choose another one, or a file "
                        "and an offset",
                        entry.value())};
    }
    return places;
}

}  // namespace wavetank
