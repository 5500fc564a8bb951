// Destruction of chunks and comparison of ranges.
#include "core/raft/entry.h"

namespace wavetank {

LogChunk::~LogChunk() {
    for (uint32_t i = 0; i < used_; ++i) slot(i)->~Entry();
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
