// Throughput sessions as tables: for a terminal, for a Markdown page, and as CSV for other
// programs. Text and Markdown show one line a cell and system, with the median of its repeats; what
// is the same in a whole table stands once above it. CSV holds every sample as it was measured.
#pragma once

#include <string>

#include "reports/throughput.h"

namespace wavetank {

std::string throughput_text(const ThroughputSession& session);
std::string throughput_markdown(const ThroughputSession& session);

// RFC 4180, with "\n" as end of line; the first line names the columns. What a system does not tell
// is an empty field. Times are in nanoseconds, sizes in bytes.
std::string throughput_csv(const ThroughputSession& session);

// "1,234,567", "12.3", "0.07": what is below 100 keeps three digits.
std::string figure_text(double value);
// "85 us", "1.23 ms", "12.3 s".
std::string span_text(Duration span);

}  // namespace wavetank
