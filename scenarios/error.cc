// Printing of mistakes, in the form editors understand.
#include "scenarios/error.h"

#include <fmt/core.h>

namespace wavetank {

std::string to_string(const ScenarioError& error) {
    if (error.line == 0) return fmt::format("{}: error: {}", error.file, error.message);
    return fmt::format("{}:{}:{}: error: {}", error.file, error.line, error.column, error.message);
}

std::string to_string(const std::vector<ScenarioError>& errors) {
    std::string text;
    for (const ScenarioError& error : errors) {
        if (!text.empty()) text += '\n';
        text += to_string(error);
    }
    return text;
}

}  // namespace wavetank
