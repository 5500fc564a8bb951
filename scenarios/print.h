// From a Setup back to a scenario file: what a shrinker and a swarm write, and a person edits. The
// form is canonical: only what differs from the defaults, in the order of scenario.proto,
// repetitions written out. Reading it gives the same setup, and printing that gives the same text.
// What no file can say is lost: the id in `options`, the outgoing half of members, and a cap on
// kinds of latency that are bounded anyway. Step labels of the form "line 12" are left out, as they
// would lie in the new file.
#pragma once

#include <string>

#include "scenarios/tree.h"
#include "sim/setup.h"

namespace wavetank {

std::string print_scenario(const Setup& setup);

// --- Parts, for the files of print ---

TextTree tree_of(const Latency& latency);
// What differs from `base`.
TextTree tree_of(const LinkQuality& quality, const LinkQuality& base);
TextTree tree_of(const Configuration::Members& members);
TextTree tree_of(const Target& target);
TextTree tree_of(const Expect& expect);
TextTree tree_of(const Step& step, const LinkQuality& network);

}  // namespace wavetank
