// A file of a SimDisk: its bytes as the host sees them, as they are durable, and the changes
// between the two in their order. Locks and shared memory of SQLite's connections are beside it,
// because they are gone with the host.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/world/sim_disk.h"

namespace wavetank {

class SimDisk::File {
 public:
    // A change that was not synced yet: bytes at an offset, or (if `cut`) a new size.
    struct Change {
        uint64_t offset = 0;
        std::string bytes;
        bool cut = false;
        std::optional<Misplaced> misplaced;
    };

    std::string seen;
    std::string durable;
    std::vector<Change> changes;

    static void put(std::string& content, uint64_t offset, std::string_view bytes) {
        if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
        std::copy(bytes.begin(), bytes.end(),
                  content.begin() + static_cast<std::ptrdiff_t>(offset));
    }
};

}  // namespace wavetank
