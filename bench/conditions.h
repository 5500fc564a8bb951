// Under which conditions something was measured. A figure without them says nothing, so every
// program here prints them first.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace wavetank::bench {

// Name and value, in the order of printing: commit, compiler, build type with its flags, processor,
// kernel.
std::vector<std::pair<std::string, std::string>> conditions();

}  // namespace wavetank::bench
