// A setup in words: what `wavetank check FILE` prints, so that a person sees whether the file says
// what was meant. Everything that matters to the run is said, defaults too.
#pragma once

#include <string>

#include "sim/setup.h"

namespace wavetank {

// Several lines, the last one ended.
std::string explain(const Setup& setup);

// --- Parts, for the files of explain ---

std::string explain(const Latency& latency);
std::string explain(const LinkQuality& quality);
std::string explain(const Target& target);
// A statement: "there is a leader".
std::string explain(const Expect& expect);
// One sentence without its number.
std::string explain(const Step& step);

}  // namespace wavetank
