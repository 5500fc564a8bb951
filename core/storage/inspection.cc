// Opens read-only, asks recovery for its verdict, then walks the log by itself.
#include "core/storage/inspection.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/storage/entry_run.h"
#include "core/storage/storage_recovery.h"
#include "core/storage/storage_schema.h"
#include "core/storage/wal_audit.h"

namespace wavetank {
namespace {

using Step = SqliteStatement::Step;
constexpr std::size_t kDamageMax = 1000;  // entries that are named

class Inspector {
 public:
    explicit Inspector(const InspectionTarget& target) : target_(target) {}
    Result<Inspection> run();

 private:
    std::optional<Error> look_at_lock();
    std::optional<Error> look_at_file(SqliteDatabase& database);
    void read_records(SqliteDatabase& database);
    void walk_log(SqliteDatabase& database);
    void walk_run(LogIndex first, std::string_view bytes);
    void count(LogIndex index, const Entry& entry);
    void damaged(std::string what) {
        std::vector<std::string>& all = found_.damage;
        const bool known = std::find(all.begin(), all.end(), what) != all.end();
        if (!known && all.size() < kDamageMax) all.push_back(std::move(what));
    }

    const InspectionTarget& target_;
    Inspection found_;
};

// A running server holds raft.lock; its write-ahead log changes under our eyes.
std::optional<Error> Inspector::look_at_lock() {
    const std::string folder = target_.path.substr(0, target_.path.rfind('/') + 1);
    auto lock = SqliteDatabase::open({folder + "raft.lock", target_.vfs}, SQLITE_OPEN_READWRITE);
    if (!lock.ok()) return std::nullopt;  // it is a copy, away from where a server would run
    found_.in_use = lock.value().execute("BEGIN EXCLUSIVE").has_value();
    if (found_.in_use && (lock.value().code() & 0xff) != SQLITE_BUSY)
        return lock.value().error("look at");
    if (found_.in_use) return std::nullopt;
    const Result<WalExtent> log = audit_wal({target_.path, target_.vfs});
    if (!log.ok()) damaged(log.error().message);
    return std::nullopt;
}

std::optional<Error> Inspector::look_at_file(SqliteDatabase& database) {
    const Result<bool> is_new = is_new_database(database);
    if (!is_new.ok()) return is_new.error();
    if (is_new.value()) return Error{"it is empty: no server has used it"};
    const struct {
        const char* sql;
        int64_t& value;
    } all[] = {{"PRAGMA user_version", found_.schema},
               {"PRAGMA page_size", found_.page_bytes},
               {"PRAGMA page_count", found_.pages}};
    for (const auto& [sql, value] : all) {
        const Result<int64_t> answer = database.integer(sql);
        if (!answer.ok()) return answer.error();
        value = answer.value();
    }
    return std::nullopt;
}

void Inspector::read_records(SqliteDatabase& database) {
    const Result<StorageContent> content = read_storage(database);
    if (!content.ok()) damaged(content.error().message);
    const Result<StoredIdentity> identity = read_identity(database);
    if (identity.ok()) found_.identity = identity.value();
    const Result<StoredState> state = read_state(database);
    if (state.ok()) found_.state = state.value();
}

void Inspector::walk_log(SqliteDatabase& database) {
    Result<SqliteStatement> runs =
        database.prepare("SELECT first, entries FROM runs ORDER BY first");
    if (!runs.ok()) return damaged(runs.error().message);
    SqliteStatement& query = runs.value();
    Step step = query.step();
    for (; step == Step::Row; step = query.step()) {
        ++found_.rows;
        walk_run(LogIndex(static_cast<uint64_t>(query.integer(0))), query.bytes(1));
    }
    if (step == Step::Failed) damaged(database.error("read the log of").message);
}

void Inspector::walk_run(LogIndex first, std::string_view bytes) {
    EntryRunReader run(first, bytes);
    for (;;) {
        const LogIndex index = run.index();
        if (const std::optional<Entry> entry = run.next()) {
            if (!found_.state || index > found_.state->base.index) count(index, *entry);
        } else if (!run.damaged()) {
            return;
        } else if (run.pass_over()) {
            damaged(fmt::format("entry {} does not fit its checksum", index.value()));
        } else {
            return damaged(fmt::format("entry {} cannot be read, nor what follows it in its row",
                                       index.value()));
        }
    }
}

void Inspector::count(LogIndex index, const Entry& entry) {
    if (found_.entries == 0) found_.first = index;
    found_.last = index;
    ++found_.entries;
    found_.entry_bytes += entry.payload.size();
    if (entry.kind == EntryKind::Configuration) {
        if (const auto members = decode_configuration(entry.payload.bytes()))
            found_.configuration = Inspection::Placed{index, *members};
    }
    if (target_.each_entry) target_.each_entry(index, entry);
}

Result<Inspection> Inspector::run() {
    found_.path = target_.path;
    if (auto error = look_at_lock()) return *std::move(error);
    auto opened = SqliteDatabase::open({target_.path, target_.vfs}, SQLITE_OPEN_READONLY);
    if (!opened.ok()) return opened.error();
    SqliteDatabase& database = opened.value();
    if (auto error =
            database.execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; BEGIN"))
        return *std::move(error);
    if (auto error = look_at_file(database)) {
        return Error{
            fmt::format("{} is not the disk of a server: {}", target_.path, error->message)};
    }
    read_records(database);
    walk_log(database);
    return std::move(found_);
}

}  // namespace

Result<Inspection> inspect_storage(const InspectionTarget& target) {
    return Inspector(target).run();
}

}  // namespace wavetank
