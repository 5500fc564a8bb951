// Bandwidth: how long bytes take through something that passes so many a second, a link or a disk,
// and how many bytes a write is. Integers only.
#pragma once

#include <cstdint>

#include "core/base/time.h"
#include "core/raft/durable.h"

namespace wavetank {

// Rounded down to nanoseconds, and never more than 1,000 hours. Requires bytes_per_second > 0.
Duration transfer_time(uint64_t bytes, uint64_t bytes_per_second);

// What a disk has to take for a write: its payloads, and kRecordBytes for the write itself, for
// each entry, and for each piece of a snapshot. A snapshot that was collected in pieces is on the
// disk by then. What a storage adds (pages, its log, moving that into its database) does not count,
// so that all storages take the same time.
inline constexpr uint64_t kRecordBytes = 32;
uint64_t bytes_of(const Write& write);

}  // namespace wavetank
