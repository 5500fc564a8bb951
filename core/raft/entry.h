// Log entries, the chunks they live in, and ranges of them.
//
// A chunk holds the entries of 256 consecutive indexes. Entries are written once and never changed;
// a chunk only grows at its end. So a range (chunk, offset, count) can be handed to the disk and to
// the network without copying while the log goes on growing, and a copy of a log shares the chunks.
// Two logs that share a chunk may both want to write its next place: the first one gets it, the
// other one copies the chunk's beginning (see Log::append). Entries never span chunks, so one
// range, and thus one message, holds entries of one chunk. A chunk belongs to one thread until it
// is handed over inside a range; the receiver only reads places below the range's end.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/base/payload.h"
#include "core/base/time.h"

namespace wavetank {

enum class EntryKind : uint8_t {
    Empty,          // the first entry of a leadership (paper 5.4.2, 8)
    Command,        // for the state machine
    Configuration,  // who the members are, in force as soon as it is in a log (paper section 6)
};

struct Entry {
    Term term;
    EntryKind kind = EntryKind::Empty;
    // A witness has a stub here for a command. The digest in it is computed once, where the entry
    // is created, and verified when it comes from disk or a peer and before it is applied.
    Payload payload;

    // When its leader appended it, by the leader's clock, but never before the entry it follows:
    // the replicated time that expires sessions. With a known error, true time was within
    // [time - error, time + error]: the lease of LeaseGuard (see lease.cc).
    Instant time;
    Duration error = ClockReading::kUnknown;

    ClockReading clock() const { return {time, error}; }
    friend bool operator==(const Entry&, const Entry&) = default;
};

// Digest of an entry and all entries before it: equal chains, equal logs up to there.
inline uint64_t chain_entry(uint64_t chain_before, const Entry& entry) {
    const uint64_t place = entry.term.value() << 8 | static_cast<uint64_t>(entry.kind);
    const uint64_t time = static_cast<uint64_t>(entry.time.nanos) * 0x9e3779b97f4a7c15ULL;
    return mix(mix(chain_before, place + time), entry.payload.digest());
}

class LogChunk {
 public:
    static constexpr uint32_t kEntries = 256;

    LogChunk() = default;
    LogChunk(const LogChunk&) = delete;
    LogChunk& operator=(const LogChunk&) = delete;
    ~LogChunk() { clear(); }

    // The place after the last entry, and that of the first one.
    uint32_t used() const { return used_; }
    uint32_t first() const { return first_; }
    // Empties it; the next entry goes to `offset`. Requires that nobody else holds it.
    void reuse(uint32_t offset) {
        CHECK(offset < kEntries);
        clear();
        first_ = offset;
        used_ = offset;
    }
    const Entry& entry(uint32_t offset) const { return *slot(offset); }
    uint64_t chain(uint32_t offset) const { return chains_[offset]; }
    void append(const Entry& entry, uint64_t chain) {
        CHECK(used_ < kEntries);
        ::new (static_cast<void*>(&storage_[used_ * sizeof(Entry)])) Entry(entry);
        chains_[used_] = chain;
        ++used_;
    }

    std::atomic<uint32_t> references{1};

 private:
    const Entry* slot(uint32_t offset) const {
        return std::launder(reinterpret_cast<const Entry*>(&storage_[offset * sizeof(Entry)]));
    }

    void clear();

    uint32_t first_ = 0;
    uint32_t used_ = 0;
    uint64_t chains_[kEntries];
    alignas(Entry) std::byte storage_[kEntries * sizeof(Entry)];
};

// Shared ownership of a chunk.
class ChunkRef {
 public:
    ChunkRef() = default;
    static ChunkRef make() { return ChunkRef(new LogChunk); }
    ChunkRef(const ChunkRef& other) noexcept : chunk_(other.chunk_) {
        if (chunk_ != nullptr) add_reference(chunk_->references);
    }
    ChunkRef(ChunkRef&& other) noexcept : chunk_(std::exchange(other.chunk_, nullptr)) {}
    ChunkRef& operator=(const ChunkRef& other) noexcept {
        ChunkRef copy(other);
        std::swap(chunk_, copy.chunk_);
        return *this;
    }
    ChunkRef& operator=(ChunkRef&& other) noexcept {
        std::swap(chunk_, other.chunk_);
        return *this;
    }
    ~ChunkRef() {
        if (chunk_ != nullptr && drop_reference(chunk_->references)) delete chunk_;
    }
    LogChunk* operator->() const { return chunk_; }
    LogChunk& operator*() const { return *chunk_; }
    explicit operator bool() const { return chunk_ != nullptr; }
    // True if nobody else shares it.
    bool sole() const { return chunk_->references.load(std::memory_order_acquire) == 1; }

 private:
    explicit ChunkRef(LogChunk* chunk) : chunk_(chunk) {}
    LogChunk* chunk_ = nullptr;
};

// Consecutive entries, shared. Cheap to copy and move; empty by default.
class EntryRange {
 public:
    EntryRange() = default;
    // Requires offset + count <= chunk->used().
    EntryRange(ChunkRef chunk, uint32_t offset, uint32_t count, LogIndex first)
        : chunk_(std::move(chunk)), first_(first), offset_(offset), count_(count) {
        CHECK(offset_ + count_ <= chunk_->used());
    }
    // A range of its own, for tests, decoders and storage. Requires 1..256 entries.
    template <class Entries>
    static EntryRange of(LogIndex first, const Entries& entries) {
        ChunkRef chunk = ChunkRef::make();
        for (const Entry& entry : entries) chunk->append(entry, 0);
        const uint32_t count = chunk->used();
        return EntryRange(std::move(chunk), 0, count, first);
    }

    bool empty() const { return count_ == 0; }
    uint32_t size() const { return count_; }
    // Requires !empty().
    LogIndex first_index() const { return first_; }
    LogIndex last_index() const { return first_.plus(count_).previous(); }
    const Entry& operator[](uint32_t position) const { return chunk_->entry(offset_ + position); }
    // Sum of the payloads' sizes.
    uint64_t payload_bytes() const;
    // The first entries, as many as have up to `bytes_max` bytes of payload, but one at least.
    // Requires !empty().
    EntryRange within(uint64_t bytes_max) const;
    // The same entries, with stubs in the place of commands: what a witness gets.
    EntryRange stubs() const;

    friend bool operator==(const EntryRange& a, const EntryRange& b);

 private:
    ChunkRef chunk_;
    LogIndex first_;
    uint32_t offset_ = 0;
    uint32_t count_ = 0;
};

}  // namespace wavetank
