// A setup in words: what `wavetank check FILE` prints, so that a person sees whether the file says
// what was meant. Everything that matters to the run is said, defaults too.
#pragma once

#include <string>

#include "scenarios/page.h"
#include "sim/setup.h"

namespace wavetank {

// Several lines, the last one ended.
std::string explain(const Setup& setup);

// --- Parts, for the files of explain ---

std::string explain(const Latency& latency);
std::string explain(const LinkQuality& quality);
// "servers 1 and 2 vote and server 3 learns".
std::string explain(const Configuration::Members& members);
std::string explain(const Target& target);
// A statement: "there is a leader".
std::string explain(const Expect& expect);
// One sentence without its number.
std::string explain(const Step& step);
// Each a section.
void explain_cluster(const Setup& setup, Page* page);
void explain_weather(const Setup& setup, Page* page);

}  // namespace wavetank
