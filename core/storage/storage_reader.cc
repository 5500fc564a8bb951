// Reading by index and by offset.
#include "core/storage/storage_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/storage/entry_run.h"
#include "core/storage/snapshot_pieces.h"

namespace wavetank {
namespace {

using Step = SqliteStatement::Step;

}  // namespace

Result<std::unique_ptr<StorageReader>> StorageReader::open(SqliteDatabase database) {
    std::unique_ptr<StorageReader> reader(new StorageReader(std::move(database)));
    if (auto error = reader->prepare()) return *std::move(error);
    return reader;
}

std::optional<Error> StorageReader::prepare() {
    const struct {
        SqliteStatement& statement;
        const char* sql;
    } all[] = {
        {begin_, "BEGIN"},
        {end_, "COMMIT"},
        {record_, "SELECT content FROM records WHERE id = 2"},
        // The run that an index is in, and those after it.
        {runs_,
         "SELECT first, entries FROM runs WHERE first >= "
         "(SELECT max(first) FROM runs WHERE first <= ?1) ORDER BY first"},
        {pieces_,
         "SELECT place, content FROM pieces WHERE place >= "
         "(SELECT max(place) FROM pieces WHERE place <= ?1) ORDER BY place"},
    };
    for (const auto& [statement, sql] : all) {
        Result<SqliteStatement> prepared = database_.prepare(sql);
        if (!prepared.ok()) return prepared.error();
        statement = std::move(prepared.value());
    }
    return std::nullopt;
}

void StorageReader::damaged(Error error) {
    if (!damage_) damage_ = std::move(error);
}

std::optional<EntryRange> StorageReader::read_entries(LogIndex first, uint32_t count) {
    CHECK(first);
    const uint64_t place_in_chunk = (first.value() - 1) % LogChunk::kEntries;
    count = std::min(count, static_cast<uint32_t>(LogChunk::kEntries - place_in_chunk));
    if (count == 0 || first.value() > INT64_MAX) return std::nullopt;
    if (!begin_.run()) {
        damaged(database_.error("read"));
        return std::nullopt;
    }
    std::optional<EntryRange> found = entries(first, count);
    (void)end_.run();
    return found;
}

std::optional<StoredState> StorageReader::state() {
    const Step step = record_.step();
    std::optional<StoredState> found;
    if (step == Step::Row) found = decode_state(record_.bytes(0));
    if (step == Step::Failed) damaged(database_.error("read the state record of"));
    if (step != Step::Failed && !found) damaged(Error{"the state record does not fit its digest"});
    if (step == Step::Row) record_.reset();
    return found;
}

std::optional<EntryRange> StorageReader::entries(LogIndex first, uint32_t count) {
    const std::optional<StoredState> now = state();
    if (!now || first <= now->base.index) return std::nullopt;
    ChunkRef chunk = ChunkRef::make();
    runs_.bind(1, static_cast<int64_t>(first.value()));
    Step step = Step::Done;
    LogIndex next = first;
    while (chunk->used() < count && (step = runs_.step()) == Step::Row) {
        EntryRunReader run(LogIndex(static_cast<uint64_t>(runs_.integer(0))), runs_.bytes(1));
        while (run.index() < first && run.skip()) continue;
        // The log ends before `first`, or there is a gap: recovery would have found that.
        if (run.index() != next) break;
        while (chunk->used() < count) {
            const std::optional<Entry> entry = run.next();
            if (!entry) break;
            chunk->append(*entry, 0);
        }
        next = run.index();
        if (!run.damaged()) continue;
        damaged(Error{fmt::format("entry {} does not fit its checksum", next.value())});
        break;
    }
    if (step == Step::Row) runs_.reset();
    if (step == Step::Failed) damaged(database_.error("read entries of"));
    if (chunk->used() < count) return std::nullopt;
    return EntryRange(std::move(chunk), 0, count, first);
}

std::optional<Payload> StorageReader::read_snapshot(LogIndex index, Piece piece) {
    if (!begin_.run()) {
        damaged(database_.error("read"));
        return std::nullopt;
    }
    std::optional<Payload> found;
    const std::optional<StoredState> now = state();
    if (now && now->snapshot && now->snapshot->meta.index() == index) {
        const uint64_t bytes = now->snapshot->bytes;
        const bool there = piece.offset <= bytes && piece.size <= bytes - piece.offset;
        if (there) found = pieces(*now->snapshot, piece);
    }
    (void)end_.run();
    return found;
}

std::optional<Payload> StorageReader::pieces(const StoredSnapshot& snapshot, Piece piece) {
    if (piece.size == 0) return Payload();
    Payload::Buffer buffer = Payload::buffer(piece.size);
    pieces_.bind(1, place_of_piece(snapshot.slot, piece.offset));
    uint64_t done = 0;
    Step step = Step::Done;
    while (done < piece.size && (step = pieces_.step()) == Step::Row) {
        const uint64_t offset = offset_of_piece(pieces_.integer(0));
        const auto bytes = decode_piece(snapshot, offset, pieces_.bytes(1));
        const uint64_t at = piece.offset + done;
        if (!bytes || offset > at || at - offset >= bytes->size()) break;
        const std::string_view part = bytes->substr(at - offset, piece.size - done);
        std::memcpy(buffer.bytes + done, part.data(), part.size());
        done += part.size();
    }
    if (step == Step::Row) pieces_.reset();
    if (step == Step::Failed) damaged(database_.error("read the snapshot of"));
    if (done == piece.size) return Payload::slice(buffer.whole, {0, piece.size});
    damaged(Error{fmt::format("the snapshot at {} is damaged at byte {} of {}",
                              snapshot.meta.index().value(), piece.offset + done, snapshot.bytes)});
    return std::nullopt;
}

}  // namespace wavetank
