// Cuts: which links between servers do not carry what is sent, and how they fail. A link has a
// direction: that from 1 to 2 carries what server 1 sends to server 2, on whichever connection.
//
// As text, a line each: "1 2 drop". This is what the relay is told and what it answers.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace wavetank {

enum class Cut : uint8_t {
    Drop,   // bytes vanish and connections stay open; those that have lost any end with the cut
    Stall,  // bytes wait, connections stay open; what waited arrives when the cut ends
    Reset,  // connections end at once, and new ones are not accepted
};

struct Link {
    ServerId from;
    ServerId to;
    friend auto operator<=>(const Link&, const Link&) = default;
};

using Cuts = std::map<Link, Cut>;

const char* name_of(Cut cut);  // "drop", "stall", "reset"
Result<Cut> parse_cut(std::string_view word);

std::string to_string(const Cuts& cuts);
// The error names the line.
Result<Cuts> parse_cuts(std::string_view text);

// The links between servers of different groups, in both directions. Servers of no group keep
// theirs.
std::vector<Link> links_between(const std::vector<std::vector<ServerId>>& groups);
// The links from the servers of the first group to those of all others.
std::vector<Link> links_out_of_first(const std::vector<std::vector<ServerId>>& groups);

}  // namespace wavetank
