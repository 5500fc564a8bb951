// How far many runs have come: on a terminal one line that is written over and over, elsewhere (a
// CI log) a plain line now and then.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>

#include "core/base/time.h"
#include "reports/session.h"

namespace wavetank {

// "137 of 1000 runs, 45.6 per second, 0:19 to go, 1 failed".
std::string progress_text(uint64_t planned, const VerdictCounts& counts, Duration elapsed);

class ProgressLine {
 public:
    ProgressLine(std::ostream& out, bool is_terminal, uint64_t planned);

    // Shows where we are, if it is time to.
    void show(const VerdictCounts& counts);
    // Prints a line of its own above the progress line.
    void line(const std::string& text);
    // Removes the progress line from the terminal.
    void clear();

 private:
    std::ostream& out_;
    bool is_terminal_;
    uint64_t planned_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::chrono::steady_clock::time_point shown_ = started_;
};

}  // namespace wavetank
