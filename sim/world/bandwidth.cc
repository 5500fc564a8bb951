// Time and bytes.
#include "sim/world/bandwidth.h"

#include <algorithm>

#include "core/base/check.h"

namespace wavetank {
namespace {

constexpr Duration kLongest = seconds(1000 * 3600);

uint64_t stored_bytes(const Payload& payload) {
    return payload.is_stub() ? 0 : payload.size();
}

}  // namespace

Duration transfer_time(uint64_t bytes, uint64_t bytes_per_second) {
    CHECK(bytes_per_second > 0);
    __extension__ using Wide = unsigned __int128;
    const Wide nanos = static_cast<Wide>(bytes) * 1'000'000'000 / bytes_per_second;
    return {static_cast<int64_t>(std::min(nanos, static_cast<Wide>(kLongest.nanos)))};
}

uint64_t bytes_of(const Write& write) {
    uint64_t bytes = kRecordBytes;
    if (write.piece) bytes += kRecordBytes + stored_bytes(write.piece->data);
    if (write.snapshot && !write.snapshot->collected) {
        bytes += kRecordBytes + stored_bytes(write.snapshot->data);
    }
    for (const EntryRange& range : write.append) {
        for (uint32_t i = 0; i < range.size(); ++i) {
            bytes += kRecordBytes + stored_bytes(range[i].payload);
        }
    }
    return bytes;
}

}  // namespace wavetank
