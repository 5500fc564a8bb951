// The digest after every event of a run, as a file: two runs that end with different digests are
// compared event by event, and the first one that differs is named.
//
// The file, all numbers little-endian:
//   offset 0   8 bytes   "WTDIGEST"
//   offset 8   u64       the seed
//   offset 16  u64       the number of events, n
//   offset 24  n * u64   the chained digest after event 1, 2, ..., n
// and nothing after that.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace wavetank {

struct EventDigests {
    uint64_t seed = 0;
    std::vector<uint64_t> digests;  // [i] is the digest after event i + 1
};

// Nothing if that worked, else what went wrong.
std::optional<std::string> write_event_digests(const std::string& path, const EventDigests& run);
Result<EventDigests> read_event_digests(const std::string& path);

// The number (from 1) of the first event after which the digests differ, or that only one of the
// two runs has. Nothing if both are the same.
std::optional<uint64_t> first_different_event(std::span<const uint64_t> a,
                                              std::span<const uint64_t> b);

}  // namespace wavetank
