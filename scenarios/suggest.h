// Suggestions for misspelt names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wavetank {

// How many letters must be added, dropped, replaced or swapped with their neighbour to make `b` of
// `a`; capitals count as small letters.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The nearest of `candidates` (the first of equals), or nothing if none is near enough to be meant.
std::string nearest(std::string_view name, const std::vector<std::string>& candidates);

// "a, b or c"; `last` stands before the last one.
std::string list_of(const std::vector<std::string>& names, std::string_view last = "or");

}  // namespace wavetank
