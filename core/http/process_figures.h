// What the system says of this process.
#pragma once

#include <cstdint>

namespace wavetank {

struct ProcessFigures {
    double cpu_seconds = 0;
    uint64_t resident_bytes = 0;
    uint64_t open_files = 0;
};
// Zero is what the system does not tell.
ProcessFigures process_figures();

}  // namespace wavetank
