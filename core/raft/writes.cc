// Issuing writes and finding what covers what.
#include "core/raft/writes.h"

#include <algorithm>
#include <array>
#include <utility>

namespace wavetank {

void WriteLedger::truncated(LogIndex from) {
    if (from >= unissued_from_) return;  // storage has never heard of what was removed
    unissued_from_ = from;
    truncation_unissued_ = truncation_unissued_ ? std::min(truncation_unissued_, from) : from;
}

void WriteLedger::piece_arrived(SnapshotPiece piece) {
    CHECK(!piece_waiting());
    piece_ = std::move(piece);
}

void WriteLedger::snapshot_taken(SnapshotWrite snapshot,
                                 const std::optional<Compaction>& compaction) {
    CHECK(!snapshot_ || snapshot_->meta.index() < snapshot.meta.index());
    // Ours contains only what is applied, hence durable: a leader's snapshot before it was issued.
    CHECK(replaced_from_ == kNoIndex);
    snapshot_ = std::move(snapshot);
    if (compaction) compaction_ = compaction;
}

void WriteLedger::log_replaced(SnapshotWrite snapshot, LogIndex differs_from) {
    CHECK(!snapshot_ || snapshot_->meta.index() < snapshot.meta.index());
    compaction_ = Compaction{snapshot.meta.last, true};
    // Entries that were not issued yet never will be: they become durable with the snapshot.
    replaced_from_ = std::min({replaced_from_, differs_from, unissued_from_});
    unissued_from_ = snapshot.meta.index().next();
    snapshot_ = std::move(snapshot);
    truncation_unissued_ = LogIndex();
}

void WriteLedger::issue(const Source& source, uint32_t in_flight_max, Write& write) {
    const LogIndex last = source.log.last_index();
    const bool entries = unissued_from_ <= last;
    if (!anything_unissued(last)) return;
    if (in_flight_.size() >= in_flight_max) return;

    issued_ = issued_.next();
    write.id = issued_;
    InFlight record{issued_, hard_state_unissued_, kNoIndex};
    if (hard_state_unissued_) write.hard_state = source.hard_state;
    if (truncation_unissued_) {
        write.truncate_from = truncation_unissued_;
        record.first = truncation_unissued_;
    }
    if (entries) {
        record.first = std::min(record.first, unissued_from_);
        for (LogIndex next = unissued_from_; next <= last;) {
            write.append.push_back(source.log.range(next, {UINT32_MAX, UINT64_MAX}));
            next = write.append.back().last_index().next();
        }
    }
    if (piece_) write.piece = std::exchange(piece_, std::nullopt);
    if (snapshot_) {
        write.snapshot = std::exchange(snapshot_, std::nullopt);
        write.compaction = std::exchange(compaction_, std::nullopt);
        record.first = std::min(record.first, std::exchange(replaced_from_, kNoIndex));
    }
    in_flight_.push_back(record);
    hard_state_unissued_ = false;
    truncation_unissued_ = LogIndex();
    unissued_from_ = last.next();
}

bool WriteLedger::written(WriteId upto) {
    if (upto > issued_) return false;
    if (upto <= done_) return true;
    done_ = upto;
    const auto still_open = std::find_if(in_flight_.begin(), in_flight_.end(),
                                         [&](const InFlight& w) { return w.id > upto; });
    in_flight_.erase(in_flight_.begin(), still_open);
    return true;
}

LogIndex WriteLedger::durable_index() const {
    LogIndex first_open = std::min(unissued_from_, replaced_from_);
    for (const InFlight& write : in_flight_) first_open = std::min(first_open, write.first);
    return first_open.previous();
}

WriteId WriteLedger::covering(LogIndex upto) const {
    if (hard_state_unissued_ || upto >= unissued_from_ || upto >= replaced_from_) {
        return issued_.next();
    }
    for (auto write = in_flight_.rbegin(); write != in_flight_.rend(); ++write) {
        if (write->hard_state || write->first <= upto) return write->id;
    }
    return WriteId();
}

namespace {

auto words_of(const std::optional<SnapshotPiece>& piece) {
    return piece ? std::array<uint64_t, 4>{1, piece->meta.index().value(), piece->offset,
                                           piece->data.digest()}
                 : std::array<uint64_t, 4>{};
}

auto words_of(const std::optional<SnapshotWrite>& snapshot) {
    return snapshot ? std::array<uint64_t, 4>{snapshot->collected ? 2U : 1U,
                                              snapshot->meta.index().value(), snapshot->meta.digest,
                                              snapshot->data.digest()}
                    : std::array<uint64_t, 4>{};
}

auto words_of(const std::optional<Compaction>& compaction) {
    return compaction
               ? std::array<uint64_t, 3>{compaction->whole_log ? 2U : 1U,
                                         compaction->base.index.value(), compaction->base.chain}
               : std::array<uint64_t, 3>{};
}

}  // namespace

bool operator==(const WriteLedger& a, const WriteLedger& b) {
    return a.in_flight_ == b.in_flight_ && a.issued_ == b.issued_ && a.done_ == b.done_ &&
           a.unissued_from_ == b.unissued_from_ &&
           a.truncation_unissued_ == b.truncation_unissued_ &&
           a.hard_state_unissued_ == b.hard_state_unissued_ &&
           a.replaced_from_ == b.replaced_from_ && words_of(a.piece_) == words_of(b.piece_) &&
           words_of(a.snapshot_) == words_of(b.snapshot_) &&
           words_of(a.compaction_) == words_of(b.compaction_);
}

void WriteLedger::add_to(Digest& digest) const {
    digest.add(issued_.value()).add(done_.value()).add(unissued_from_.value());
    digest.add(truncation_unissued_.value()).add(hard_state_unissued_ ? 1 : 0);
    digest.add(replaced_from_.value());
    for (const uint64_t word : words_of(piece_)) digest.add(word);
    for (const uint64_t word : words_of(snapshot_)) digest.add(word);
    for (const uint64_t word : words_of(compaction_)) digest.add(word);
    digest.add(in_flight_.size());
    for (const InFlight& write : in_flight_) {
        digest.add(write.id.value()).add(write.hard_state ? 1 : 0).add(write.first.value());
    }
}

}  // namespace wavetank
