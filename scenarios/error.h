// What is wrong with a scenario file, and where: one entry for each mistake, so that a person can
// mend a file in one go.
#pragma once

#include <compare>
#include <string>
#include <vector>

namespace wavetank {

// A position in a text, from 1; columns count bytes. Line 0 stands for the file as a whole.
struct Place {
    int line = 0;
    int column = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
};

struct ScenarioError {
    std::string file;
    int line = 0;
    int column = 0;
    std::string message;  // "what is wrong; what would be right"
    friend bool operator==(const ScenarioError&, const ScenarioError&) = default;
};

// "file:line:column: error: what is wrong; what would be right", as compilers print it.
std::string to_string(const ScenarioError& error);
// One line each, no newline at the end.
std::string to_string(const std::vector<ScenarioError>& errors);

}  // namespace wavetank
