// Destruction of chunks and comparison of ranges.
#include "core/raft/entry.h"

namespace wavetank {

void LogChunk::clear() {
    for (uint32_t i = first_; i < used_; ++i) slot(i)->~Entry();
    used_ = first_;
}

EntryRange EntryRange::within(uint64_t bytes_max) const {
    CHECK(!empty());
    uint32_t count = 1;
    uint64_t bytes = (*this)[0].payload.size();
    for (; count < count_; ++count) {
        bytes += (*this)[count].payload.size();
        if (bytes > bytes_max) break;
    }
    return EntryRange(chunk_, offset_, count, first_);
}

EntryRange EntryRange::stubs() const {
    if (empty()) return EntryRange();
    ChunkRef chunk = ChunkRef::make();
    for (uint32_t i = 0; i < count_; ++i) {
        Entry entry = (*this)[i];
        if (entry.kind == EntryKind::Command) entry.payload = Payload::stub_of(entry.payload);
        chunk->append(entry, 0);
    }
    return EntryRange(std::move(chunk), 0, count_, first_);
}

uint64_t EntryRange::payload_bytes() const {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count_; ++i) sum += (*this)[i].payload.size();
    return sum;
}

bool operator==(const EntryRange& a, const EntryRange& b) {
    if (a.count_ != b.count_) return false;
    if (a.count_ == 0) return true;
    if (a.first_ != b.first_) return false;
    for (uint32_t i = 0; i < a.count_; ++i) {
        if (!(a[i] == b[i])) return false;
    }
    return true;
}

}  // namespace wavetank
