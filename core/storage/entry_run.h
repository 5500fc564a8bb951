// Entries as they lie in the database: a run is several consecutive entries in one row, so that an
// append costs about what its bytes cost. Every entry has a checksum of its own over all of it and
// its place, so a damaged one is named by its index, and one that is intact but elsewhere than it
// belongs is found as well. A run also says how the log before it looked (see `chain`), so that
// rows of different times cannot be taken for one log.
//
//   run:    u64 seal, u64 chain, entries
//   entry:  u8 flags                            1: command, 2: configuration, 4: stub, 8: as before
//           u64 term, u64 time, u64 error       not if "as before": the same as the entry before
//           u64 digest                          of a stub
//           u32 size                            of others
//           u64 check                           see checksum()
//           bytes                               of others
// Numbers are little-endian. Of the first two flags at most one is set.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/raft/entry.h"

namespace wavetank {

struct RunHeader {
    LogIndex first;      // the row's key
    uint64_t seal = 0;   // number of the state record that was in force when it was written
    uint64_t chain = 0;  // digest of the log before it (chain_entry), from where it once began
};

class EntryRunWriter {
 public:
    void begin(const RunHeader& header);
    // Requires begin(), and fewer than 256 entries in it.
    void append(const Entry& entry);

    bool empty() const { return count_ == 0; }
    LogIndex first() const { return header_.first; }
    LogIndex next() const { return header_.first.plus(count_); }
    // Of the log up to the last entry of the run.
    uint64_t chain() const { return chain_; }
    const std::string& bytes() const { return out_.view(); }
    // No run is begun any more.
    void clear() { count_ = 0; }

 private:
    RunHeader header_;
    uint64_t start_ = 0;
    uint64_t chain_ = 0;
    uint32_t count_ = 0;
    Term term_;
    Instant time_;
    Duration error_;
    Encoder out_;
};

// Reads a run from its beginning. The bytes must stay meanwhile.
class EntryRunReader {
 public:
    EntryRunReader(LogIndex first, std::string_view bytes);

    const RunHeader& header() const { return header_; }
    // The next entry, verified. Nothing at the end, and at damage.
    std::optional<Entry> next();
    // Passes over the next entry without looking at its payload. False at the end or at damage;
    // damage that only verifying can find is found by `next` later, or not at all.
    bool skip();

    // Goes on after an entry that does not fit its checksum, if its end is known. The chain is not
    // known any more.
    bool pass_over();

    // Index of the entry that `next` reads.
    LogIndex index() const { return index_; }
    bool at_end() const { return !damaged_ && rest_.empty(); }
    // The entry at index() does not fit its checksum, or the run ends within it.
    bool damaged() const { return damaged_; }
    // Of the log up to the last entry that `next` gave. Requires that nothing was skipped.
    uint64_t chain() const { return chain_; }
    // Bytes of the run up to there.
    std::size_t position() const { return size_ - rest_.size(); }

 private:
    struct Raw {
        Entry entry;  // without its payload
        uint64_t digest = 0;
        uint64_t check = 0;
        uint8_t flags = 0;
        std::string_view bytes;
    };
    std::optional<Raw> read();

    RunHeader header_;
    std::string_view rest_;  // not read yet
    std::size_t size_;
    LogIndex index_;
    uint64_t start_ = 0;
    uint64_t chain_ = 0;
    bool damaged_ = false;
    bool end_known_ = false;  // of a damaged entry
    Entry before_;            // its term, time and error
};

}  // namespace wavetank
