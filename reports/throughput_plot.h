// A throughput session as an SVG picture: messages/s on a logarithmic axis (the figures
// span several decades). One panel for each table, number of servers and what else
// is neither the x axis nor a line; in a panel one line for each system and concurrency. Bars span
// the slowest and the fastest repeat.
#pragma once

#include <string>

#include "reports/throughput.h"

namespace wavetank {

// A whole document in UTF-8. A session without figures gives a picture that says so.
std::string throughput_svg(const ThroughputSession& session);

}  // namespace wavetank
