// The tables of a session as grids of words, before they become text or Markdown: which columns a
// table has, and what stands in them. A column in which nothing would stand is left out.
#pragma once

#include <string>
#include <vector>

#include "reports/throughput.h"

namespace wavetank {

struct ThroughputGrid {
    std::string title;
    std::string caption;  // what is the same for all lines: "3 servers, concurrency 64"
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> lines;  // each as long as the header
};

// One for each table, and a last one that compares the systems if there are several.
std::vector<ThroughputGrid> grids_of(const ThroughputSession& session);

}  // namespace wavetank
