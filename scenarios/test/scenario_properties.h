// What must hold of any text whatever that comes as a scenario file, for tests and fuzzers: it is
// refused with mistakes that lie in it, or it is a setup, and what is printed of that is the same
// setup again.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/check.h"
#include "scenarios/parse.h"
#include "scenarios/print.h"

namespace wavetank {

// True if it is a setup.
inline bool try_as_scenario(std::string_view text) {
    const auto read = parse_scenario_fully(text, "fuzz.textproto");
    if (const auto* mistakes = std::get_if<std::vector<ScenarioError>>(&read)) {
        CHECK(!mistakes->empty());
        const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
        for (const ScenarioError& mistake : *mistakes) {
            CHECK(!mistake.message.empty());
            CHECK(mistake.line >= 0);
            CHECK(mistake.line <= lines);
        }
        return false;
    }
    const std::string printed = print_scenario(std::get<Setup>(read));
    const auto again = parse_scenario(printed, "fuzz.textproto");
    CHECK(again.ok());
    CHECK(print_scenario(again.value()) == printed);
    return true;
}

}  // namespace wavetank
