// The log in memory: entries from index 1, in shared chunks of 256 (see entry.h). Knows, for every
// index, the term and the chain digest of everything up to there. Durability is not its concern
// (see writes.h); truncation below what is committed is refused by its callers.
#pragma once

#include <vector>

#include "core/raft/entry.h"

namespace wavetank {

class Log {
 public:
    LogIndex last_index() const { return LogIndex(last_); }
    Term last_term() const { return last_term_; }
    // Digest of the whole log.
    uint64_t last_chain() const { return last_chain_; }

    // Zero at index 0. Requires index <= last_index().
    Term term_at(LogIndex index) const { return index ? entry_at(index).term : Term(); }
    // Digest of all entries up to and including `index`. Requires index <= last_index().
    uint64_t chain_at(LogIndex index) const {
        CHECK(index.value() <= last_);
        if (!index) return 0;
        const Place place = place_of(index);
        return chunks_[place.chunk]->chain(place.offset);
    }
    // Requires 1 <= index <= last_index().
    const Entry& entry_at(LogIndex index) const {
        CHECK(index);
        CHECK(index.value() <= last_);
        const Place place = place_of(index);
        return chunks_[place.chunk]->entry(place.offset);
    }

    // True if the log has an entry of `term` at `index` (index 0 matches term 0): the consistency
    // check of AppendEntries (paper 5.3).
    bool matches(LogIndex index, Term term) const {
        return index.value() <= last_ && term_at(index) == term;
    }

    // The highest index <= `index` whose term is <= `term`: where two logs may still agree,
    // skipping a whole term at a time (paper 5.3, last paragraphs). Requires index <= last_index().
    LogIndex last_index_with_term_at_most(LogIndex index, Term term) const;

    // Requires entry.term >= last_term().
    void append(const Entry& entry);
    // Removes `from` and everything after it. Requires 1 <= from <= last_index().
    void truncate_from(LogIndex from);

    struct Limit {
        uint32_t entries_max;
        uint64_t bytes_max;
    };
    // Entries from `first`: as many as the limit and the chunk allow, at least one. Empty if
    // `first` is past the end.
    EntryRange range(LogIndex first, Limit limit) const;

    friend bool operator==(const Log& a, const Log& b) {
        return a.last_ == b.last_ && a.last_chain_ == b.last_chain_;
    }

 private:
    struct Place {
        std::size_t chunk;
        uint32_t offset;
    };
    static Place place_of(LogIndex index) {
        const uint64_t zero_based = index.value() - 1;
        return {zero_based / LogChunk::kEntries,
                static_cast<uint32_t>(zero_based % LogChunk::kEntries)};
    }

    std::vector<ChunkRef> chunks_;
    uint64_t last_ = 0;
    // Of the entry at `last_`, which is asked for at every step; zero if there is none.
    Term last_term_;
    uint64_t last_chain_ = 0;
};

}  // namespace wavetank
