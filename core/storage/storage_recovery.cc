// One walk over all tables; the first thing that does not fit ends it.
#include "core/storage/storage_recovery.h"

#include <fmt/format.h>

#include "core/base/bytes_hash.h"
#include "core/storage/entry_run.h"
#include "core/storage/snapshot_pieces.h"

namespace wavetank {
namespace {

using Step = SqliteStatement::Step;

template <class Record>
Result<Record> read_record(SqliteDatabase& database, int64_t id, const char* name,
                           std::optional<Record> (*decode)(std::string_view)) {
    Result<SqliteStatement> query = database.prepare("SELECT content FROM records WHERE id = ?1");
    if (!query.ok()) return query.error();
    const Step step = query.value().bind(1, id).step();
    if (step == Step::Failed) return database.error(fmt::format("read the {} record of", name));
    if (step == Step::Done) return Error{fmt::format("the {} record is missing", name)};
    std::optional<Record> record = decode(query.value().bytes(0));
    if (!record) return Error{fmt::format("the {} record does not fit its digest", name)};
    return *std::move(record);
}

// SQLite's own account: every page belongs to one table, keys rise, free pages are counted.
std::optional<Error> check_structure(SqliteDatabase& database) {
    Result<SqliteStatement> query = database.prepare("PRAGMA quick_check(1)");
    if (!query.ok()) return query.error();
    if (query.value().step() != Step::Row) return database.error("check the structure of");
    const std::string_view answer = query.value().bytes(0);
    if (answer == "ok") return std::nullopt;
    return Error{fmt::format("SQLite finds its structure damaged: {}", answer)};
}

// Walks the runs in their order, and gathers the log.
class LogWalk {
 public:
    LogWalk(const StoredState& state, Recovered& recovered)
        : state_(state), recovered_(recovered), last_(state.base.index), chain_(state.chain_end) {}

    std::optional<Error> run(LogIndex first, std::string_view bytes);
    std::optional<Error> end() const;
    LogIndex last() const { return last_; }
    uint64_t chain() const { return chain_; }

 private:
    std::optional<Error> place(const EntryRunReader& run) const;

    const StoredState& state_;
    Recovered& recovered_;
    LogIndex last_;  // base.index before the first entry that counts
    uint64_t chain_;
    LogIndex next_;  // what the next run must begin with; zero: this is the first
};

std::optional<Error> LogWalk::place(const EntryRunReader& run) const {
    const LogIndex first = run.header().first;
    if (next_ && first != next_) {
        return Error{fmt::format("entry {} is missing: the next one there is {}", next_.value(),
                                 first.value())};
    }
    if (!next_ && first > state_.base.index.next()) {
        return Error{fmt::format("entry {} is missing: the first one there is {}",
                                 state_.base.index.next().value(), first.value())};
    }
    const bool known_before = next_ || first == state_.log_end.next();
    if (known_before && run.header().chain != chain_) {
        return Error{fmt::format("entry {} does not follow the log before it", first.value())};
    }
    const bool sealed = first <= state_.log_end;
    const uint64_t seal = run.header().seal;
    if (sealed ? seal > state_.seal : seal != state_.seal) {
        return Error{
            fmt::format("entry {} was written under seal {}, but the log is sealed up to "
                        "{} by seal {}: it is older or newer than the rest",
                        first.value(), seal, state_.log_end.value(), state_.seal)};
    }
    return std::nullopt;
}

std::optional<Error> LogWalk::run(LogIndex first, std::string_view bytes) {
    EntryRunReader run(first, bytes);
    if (!run.damaged()) {
        if (auto error = place(run)) return error;
    }
    while (const std::optional<Entry> entry = run.next()) {
        const LogIndex index = run.index().previous();
        if (index == state_.log_end && run.chain() != state_.chain_end) {
            return Error{fmt::format("entry {} is intact, but not the one that was sealed there",
                                     index.value())};
        }
        if (index <= state_.base.index) continue;
        recovered_.entries.push_back(*entry);
        last_ = index;
    }
    if (run.damaged()) {
        return Error{fmt::format("entry {} does not fit its checksum", run.index().value())};
    }
    chain_ = run.chain();
    next_ = run.index();
    if (last_ == state_.base.index) {
        return Error{fmt::format("entry {} should be gone: the log begins after {}",
                                 next_.previous().value(), last_.value())};
    }
    return std::nullopt;
}

std::optional<Error> LogWalk::end() const {
    if (last_ >= state_.log_end) return std::nullopt;
    return Error{fmt::format("the log ends at {}, but entry {} was there when it was sealed",
                             last_.value(), state_.log_end.value())};
}

std::optional<Error> read_log(SqliteDatabase& database, StorageContent& content) {
    Result<SqliteStatement> runs =
        database.prepare("SELECT first, entries FROM runs ORDER BY first");
    if (!runs.ok()) return runs.error();
    LogWalk walk(content.state, content.recovered);
    SqliteStatement& query = runs.value();
    Step step = query.step();
    for (; step == Step::Row; step = query.step()) {
        const LogIndex first(static_cast<uint64_t>(query.integer(0)));
        if (auto error = walk.run(first, query.bytes(1))) return error;
    }
    if (step == Step::Failed) return database.error("read the log of");
    content.last = walk.last();
    content.chain = walk.chain();
    return walk.end();
}

// All pieces of a snapshot, in order and without a gap. Gives the digest of them together.
Result<uint64_t> read_pieces(SqliteDatabase& database, const StoredSnapshot& snapshot) {
    Result<SqliteStatement> pieces = database.prepare(
        "SELECT place, content FROM pieces WHERE place BETWEEN ?1 AND ?2 ORDER BY place");
    if (!pieces.ok()) return pieces.error();
    SqliteStatement& query = pieces.value();
    query.bind(1, place_of_piece(snapshot.slot, 0));
    query.bind(2, place_of_piece(snapshot.slot, kPieceOffsetMax));
    const uint64_t index = snapshot.meta.index().value();
    BytesHash hash;
    uint64_t next = 0;
    Step step = query.step();
    for (; step == Step::Row; step = query.step()) {
        const uint64_t offset = offset_of_piece(query.integer(0));
        const auto bytes = decode_piece(snapshot, offset, query.bytes(1));
        if (!bytes || offset != next) {
            return Error{fmt::format("the snapshot at {} is damaged at byte {} of {}", index, next,
                                     snapshot.bytes)};
        }
        hash.add(*bytes);
        next += bytes->size();
    }
    if (step == Step::Failed) return database.error("read the snapshot of");
    if (next != snapshot.bytes) {
        return Error{fmt::format("the snapshot at {} has {} bytes instead of {}", index, next,
                                 snapshot.bytes)};
    }
    return next == 0 ? 0 : hash.value();
}

std::optional<Error> read_snapshots(SqliteDatabase& database, const StoredState& state) {
    if (state.snapshot) {
        const SnapshotMeta& meta = state.snapshot->meta;
        const Result<uint64_t> digest = read_pieces(database, *state.snapshot);
        if (!digest.ok()) return digest.error();
        if (digest.value() != meta.digest) {
            return Error{
                fmt::format("the snapshot at {} of {} bytes does not fit its digest {:016x}",
                            meta.index().value(), meta.bytes, meta.digest)};
        }
    }
    // Whether the pieces are what they should be is known when all of them have come.
    if (!state.collecting) return std::nullopt;
    const Result<uint64_t> digest = read_pieces(database, *state.collecting);
    return digest.ok() ? std::nullopt : std::optional(digest.error());
}

// That the record contradicts neither itself nor the log.
std::optional<Error> check_state(SqliteDatabase& database, const StoredState& state,
                                 LogIndex last) {
    const Result<int64_t> sealed = database.integer("SELECT seal FROM seals WHERE id = 1");
    if (!sealed.ok()) return sealed.error();
    if (static_cast<uint64_t>(sealed.value()) > state.seal) {
        return Error{
            fmt::format("the state record is of seal {}, but seal {} is written down: it "
                        "is an older one",
                        state.seal, sealed.value())};
    }
    const LogIndex snapshot = state.snapshot ? state.snapshot->meta.index() : LogIndex();
    if (state.base.index > snapshot || snapshot > last) {
        return Error{fmt::format("log after {} up to {} and snapshot at {} do not fit",
                                 state.base.index.value(), last.value(), snapshot.value())};
    }
    return std::nullopt;
}

}  // namespace

Result<StoredIdentity> read_identity(SqliteDatabase& database) {
    return read_record<StoredIdentity>(database, 1, "identity", &decode_identity);
}

Result<StoredState> read_state(SqliteDatabase& database) {
    return read_record<StoredState>(database, 2, "state", &decode_state);
}

Result<StorageContent> read_storage(SqliteDatabase& database) {
    if (auto error = check_structure(database)) return *std::move(error);
    StorageContent content;
    Result<StoredIdentity> identity = read_identity(database);
    if (!identity.ok()) return identity.error();
    Result<StoredState> state = read_state(database);
    if (!state.ok()) return state.error();
    content.identity = std::move(identity.value());
    content.state = std::move(state.value());
    if (auto error = read_log(database, content)) return *std::move(error);
    if (auto error = check_state(database, content.state, content.last)) return *std::move(error);
    if (auto error = read_snapshots(database, content.state)) return *std::move(error);
    Recovered& recovered = content.recovered;
    recovered.configuration = content.identity.configuration;
    recovered.hard_state = content.state.hard_state;
    recovered.base = content.state.base;
    if (content.state.snapshot) recovered.snapshot = content.state.snapshot->meta;
    if (const auto& collecting = content.state.collecting) {
        recovered.partial = Recovered::Partial{collecting->meta, collecting->bytes};
    }
    return content;
}

}  // namespace wavetank
