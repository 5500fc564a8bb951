// What a write does to the tables, in the order of its fields.
#include <fmt/format.h>

#include "core/base/check.h"
#include "core/storage/snapshot_pieces.h"
#include "core/storage/storage_writer.h"
#include "core/storage/wal_audit.h"

namespace wavetank {
namespace {

constexpr int64_t kStateRecord = 2;
constexpr int64_t kMarkRecord = 3;
// A run is ended early when it is so large: it is read as a whole.
constexpr std::size_t kRunBytes = 128 << 10;
// Snapshots taken here are cut into pieces of this size; those of a leader are kept as they come.
constexpr std::size_t kPieceBytes = 64 << 10;

int64_t row(LogIndex index) {
    return static_cast<int64_t>(index.value());
}

}  // namespace

bool StorageWriter::apply(const Write& write) {
    if (write.hard_state) state_.hard_state = *write.hard_state;
    if (write.piece && !apply(*write.piece)) return false;
    if (write.snapshot && !apply(*write.snapshot)) return false;
    if (write.compaction && !apply(*write.compaction)) return false;
    if (write.snapshot || write.compaction) {
        CHECK(state_.base.index.value() == 0 || state_.snapshot);
        if (state_.snapshot) CHECK(state_.base.index <= state_.snapshot->meta.index());
        if (state_.snapshot) CHECK(state_.snapshot->meta.index() <= last_);
    }
    if (write.truncate_from && !truncate(*write.truncate_from)) return false;
    for (const EntryRange& range : write.append) {
        if (!append(range)) return false;
    }
    return true;
}

bool StorageWriter::apply(const SnapshotPiece& piece) {
    std::optional<StoredSnapshot>& collecting = state_.collecting;
    if (piece.offset == 0 || !collecting || collecting->meta != piece.meta) {
        if (collecting && !delete_pieces(collecting->slot)) return false;
        collecting = StoredSnapshot{piece.meta, state_.snapshot ? 1 - state_.snapshot->slot : 0, 0};
    }
    CHECK(piece.offset == collecting->bytes);
    if (!put_pieces(*collecting, piece.offset, piece.data.bytes())) return false;
    collecting->bytes += piece.data.size();
    return true;
}

bool StorageWriter::apply(const SnapshotWrite& write) {
    std::optional<StoredSnapshot>& snapshot = state_.snapshot;
    std::optional<StoredSnapshot>& collecting = state_.collecting;
    CHECK(!snapshot || snapshot->meta.index() < write.meta.index());
    if (snapshot && !delete_pieces(snapshot->slot)) return false;
    if (write.collected && write.meta.bytes > 0) {
        CHECK(collecting);
        CHECK(collecting->meta == write.meta);
        CHECK(collecting->bytes == write.meta.bytes);
        snapshot = *collecting;
        collecting.reset();
        return true;
    }
    CHECK(write.data.size() == write.meta.bytes);
    snapshot = StoredSnapshot{write.meta, collecting ? 1 - collecting->slot : 0, write.meta.bytes};
    const std::string_view bytes = write.data.bytes();
    for (std::size_t offset = 0; offset < bytes.size(); offset += kPieceBytes) {
        if (!put_pieces(*snapshot, offset, bytes.substr(offset, kPieceBytes))) return false;
    }
    return true;
}

bool StorageWriter::put_pieces(const StoredSnapshot& snapshot, uint64_t offset,
                               std::string_view bytes) {
    if (bytes.empty()) return true;
    const std::string content = encode_piece(snapshot, offset, bytes);
    return put_piece_.bind(1, place_of_piece(snapshot.slot, offset)).bind(2, content).run();
}

bool StorageWriter::delete_pieces(uint32_t slot) {
    const int64_t last = place_of_piece(slot, kPieceOffsetMax);
    return delete_pieces_.bind(1, place_of_piece(slot, 0)).bind(2, last).run();
}

bool StorageWriter::apply(const Compaction& compaction) {
    if (!flush_run()) return false;
    CHECK(state_.base.index <= compaction.base.index);
    state_.base = compaction.base;
    if (compaction.whole_log) {
        last_ = compaction.base.index;
        chain_ = compaction.base.chain;
        return delete_runs_from_.bind(1, int64_t{0}).run();
    }
    CHECK(compaction.base.index <= last_);
    if (compaction.base.index == last_) return delete_runs_from_.bind(1, int64_t{0}).run();
    // The run with the first entry that stays is kept whole.
    return delete_runs_before_.bind(1, row(compaction.base.index.next())).run();
}

bool StorageWriter::truncate(LogIndex from) {
    CHECK(from > state_.base.index);
    CHECK(from <= last_.next());
    if (!flush_run()) return false;
    if (from == last_.next()) return true;
    if (!end_log_before(from)) return false;
    last_ = from.previous();
    // Of a run that begins before the base nothing counts any more if the log ends there.
    const LogIndex gone_from = last_ == state_.base.index ? LogIndex() : from;
    return delete_runs_from_.bind(1, row(gone_from)).run();
}

bool StorageWriter::end_log_before(LogIndex from) {
    using Step = SqliteStatement::Step;
    const Step step = run_before_.bind(1, row(from)).step();
    if (step == Step::Failed) return false;
    if (step == Step::Done) return chain_before(from);
    EntryRunReader run(LogIndex(static_cast<uint64_t>(run_before_.integer(0))),
                       run_before_.bytes(1));
    while (run.index() < from && run.next()) continue;
    chain_ = run.chain();
    const bool cut = !run.at_end();
    const std::string kept(run_before_.bytes(1).substr(0, run.position()));
    run_before_.reset();
    if (run.damaged() || run.index() != from) {
        failure_ = Error{
            fmt::format("cannot truncate the log from entry {}: entry {} does not fit its checksum",
                        from.value(), run.index().value())};
        return false;
    }
    return !cut || put_run_.bind(1, row(run.header().first)).bind(2, kept).run();
}

// Nothing is left before `from`: the run that begins there says how the log before it looked.
bool StorageWriter::chain_before(LogIndex from) {
    if (run_from_.bind(1, row(from)).step() != SqliteStatement::Step::Row) return false;
    const EntryRunReader run(from, run_from_.bytes(1));
    chain_ = run.header().chain;
    run_from_.reset();
    return true;
}

bool StorageWriter::append(const EntryRange& range) {
    for (uint32_t i = 0; i < range.size(); ++i) {
        CHECK(range.first_index().plus(i) == last_.next());
        const bool new_chunk = last_.value() % LogChunk::kEntries == 0;
        if ((new_chunk || run_.bytes().size() >= kRunBytes) && !flush_run()) return false;
        if (run_.empty()) run_.begin({last_.next(), state_.seal, chain_});
        run_.append(range[i]);
        chain_ = run_.chain();
        last_ = last_.next();
    }
    return true;
}

bool StorageWriter::flush_run() {
    if (run_.empty()) return true;
    const bool done = put_run_.bind(1, row(run_.first())).bind(2, run_.bytes()).run();
    run_.clear();
    return done;
}

bool StorageWriter::put_state() {
    state_.log_end = last_;
    state_.chain_end = chain_;
    const std::string record = encode(state_);
    return put_record_.bind(1, kStateRecord).bind(2, record).run();
}

// What SQLite's log holds is durable, because its last transaction is. Should this one begin the
// log anew, the mark speaks of the log before it, and nothing comes before this seal.
bool StorageWriter::put_mark() {
    const Result<std::string> mark = seal_mark(database_, static_cast<uint64_t>(frames_));
    if (!mark.ok()) failure_ = mark.error();
    return mark.ok() && put_record_.bind(1, kMarkRecord).bind(2, mark.value()).run();
}

}  // namespace wavetank
