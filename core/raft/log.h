// The log in memory: entries in shared chunks of 256 (see entry.h). Its beginning may be gone: up
// to base() it was compacted into a snapshot. The entries after that are all part of the log, but
// the older ones may only be in storage: memory holds those from in_memory_from() on, and of the
// others their terms. Durability is not its concern (see writes.h); truncation below what is
// committed is refused by its callers.
#pragma once

#include <vector>

#include "core/raft/entry.h"
#include "core/raft/snapshot.h"

namespace wavetank {

class Log {
 public:
    Log() = default;
    // An empty log that goes on after `base`.
    explicit Log(const LogBase& base);

    const LogBase& base() const { return base_; }
    LogIndex first_index() const { return base_.index.next(); }
    LogIndex last_index() const { return LogIndex(last_); }
    // Of the base if there are no entries.
    Term last_term() const { return last_term_; }
    // Digest of the whole log, from index 1.
    uint64_t last_chain() const { return last_chain_; }
    // Clock of the last entry, or of the base.
    ClockReading last_clock() const { return last_clock_; }
    // Entries from here on are in memory; last_index() + 1 if none is.
    LogIndex in_memory_from() const { return in_memory_from_; }
    bool in_memory(LogIndex index) const {
        return index >= in_memory_from_ && index.value() <= last_;
    }

    // Requires base().index <= index <= last_index().
    Term term_at(LogIndex index) const {
        return in_memory(index) ? entry_at(index).term : term_of_old(index);
    }
    // Digest of all entries up to and including `index`. Requires that it is in memory or the base.
    uint64_t chain_at(LogIndex index) const {
        if (index == base_.index) return base_.chain;
        CHECK(in_memory(index));
        const Place place = place_of(index);
        return chunks_[place.chunk]->chain(place.offset);
    }
    // Requires in_memory(index).
    const Entry& entry_at(LogIndex index) const {
        CHECK(in_memory(index));
        const Place place = place_of(index);
        return chunks_[place.chunk]->entry(place.offset);
    }
    // What a snapshot up to `index` must say of it. Requires as chain_at.
    LogBase base_at(LogIndex index) const;
    // The highest index up to `index` that compact_to takes. Requires base().index <= index <=
    // last_index().
    LogIndex compactable_to(LogIndex index) const;

    // The consistency check of AppendEntries (paper 5.3). What was compacted is committed, and so
    // is the same in every leader's log (paper 5.4.3): there any term is right.
    bool matches(LogIndex index, Term term) const {
        if (index < base_.index) return true;
        return index.value() <= last_ && term_at(index) == term;
    }

    // The highest index <= `index`, but not below the base, whose term is <= `term`: where two logs
    // may still agree, skipping a whole term at a time (paper 5.3, last paragraphs). Requires
    // index <= last_index().
    LogIndex last_index_with_term_at_most(LogIndex index, Term term) const;

    // Requires entry.term >= last_term().
    void append(const Entry& entry);
    // Removes `from` and everything after it. Requires first_index() <= from <= last_index(), and
    // that the entry before it is in memory or the base.
    void truncate_from(LogIndex from);
    // Removes everything up to `index`. Requires compactable_to(index) == index.
    void compact_to(LogIndex index);
    // Leaves entries before `index` to storage, whole chunks at a time, but never the last entry.
    void forget_before(LogIndex index);

    struct Limit {
        uint32_t entries_max;
        uint64_t bytes_max;
    };
    // Entries from `first`: as many as the limit and the chunk allow, at least one. Empty if
    // `first` is past the end. Requires first >= in_memory_from().
    EntryRange range(LogIndex first, Limit limit) const;

    friend bool operator==(const Log& a, const Log& b) {
        return a.last_ == b.last_ && a.last_chain_ == b.last_chain_ && a.base_ == b.base_ &&
               a.in_memory_from_ == b.in_memory_from_;
    }

 private:
    struct Place {
        std::size_t chunk;
        uint32_t offset;
    };
    // A run of entries with the same term.
    struct Run {
        LogIndex first;
        Term term;
    };
    Place place_of(LogIndex index) const {
        const uint64_t zero_based = index.value() - 1;
        return {zero_based / LogChunk::kEntries - chunks_before_,
                static_cast<uint32_t>(zero_based % LogChunk::kEntries)};
    }
    Term term_of_old(LogIndex index) const;
    // A chunk whose first entry will be at `offset`.
    ChunkRef fresh_chunk(uint32_t offset);
    void drop_chunks_before(LogIndex index);

    LogBase base_;
    std::vector<ChunkRef> chunks_;
    uint64_t chunks_before_ = 0;  // chunks of lower indexes that are not held any more
    LogIndex in_memory_from_{1};
    // The last entry of each chunk that was forgotten and not compacted, rising: a later base.
    std::vector<LogBase> old_chunk_ends_;
    std::vector<Run> runs_;        // of all entries after the base, rising
    std::vector<ChunkRef> spare_;  // freed by compaction, to be used again
    uint64_t last_ = 0;
    // Of the entry at `last_`, which is asked for at every step; of the base if there is none.
    Term last_term_;
    uint64_t last_chain_ = 0;
    ClockReading last_clock_;
};

}  // namespace wavetank
