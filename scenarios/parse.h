// From a scenario file to a Setup. A file is Protobuf text format with the schema of
// scenario.proto; all that is wrong with it is said at once, each mistake with its line and column
// and with what would be right. The work is done in three passes: syntax.h finds what does not fit
// the schema and takes it out, Protobuf's own parser reads the rest, read.h turns it into a Setup
// and finds what makes no sense.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "scenarios/error.h"
#include "sim/setup.h"

namespace wavetank {

// The setup, or every mistake in the order of the file (at least one). `file_name` is used in
// messages and, without folder and ending, as the scenario's name if it gives itself none.
std::variant<Setup, std::vector<ScenarioError>> parse_scenario_fully(std::string_view text,
                                                                     std::string_view file_name);

// The same with all mistakes in one error, a line for each.
Result<Setup> parse_scenario(std::string_view text, std::string_view file_name);

}  // namespace wavetank
