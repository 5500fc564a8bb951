// What all subcommands share: the program's surroundings, exit codes, reading options with errors
// that help. An error says what was tried, with which values, and what to do.
#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "reports/session.h"
#include "tools/program/engine.h"

namespace wavetank {

// What the program leaves for the shell. 64 is EX_USAGE of sysexits.h; a signal adds 128 as shells
// do.
inline constexpr int kExitPassed = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUnknown = 2;
inline constexpr int kExitUsage = 64;
inline constexpr int kExitSignal = 128;
int exit_code(Verdict verdict);

// Where a command runs: tests give it an engine and streams of their own.
struct Program {
    std::string name;  // as it was called
    const Engine& engine;
    std::ostream& out;
    std::ostream& err;
    bool err_is_terminal = false;
};

// Prints "wavetank run: message" and where to find help; returns kExitUsage.
int usage_error(const Program& program, const std::string& command, const std::string& message);

// Options that were given, and the words that are no options.
struct Arguments {
    boost::program_options::variables_map options;
    std::vector<std::string> words;

    bool has(const char* option) const { return options.count(option) > 0; }
    // Requires that it is an option with a text. Empty if it was not given.
    std::string text(const char* option) const;
};
// An unknown option gets the nearest known one as a suggestion. Every option is given at most once,
// except those declared as lists.
Result<Arguments> read_arguments(const boost::program_options::options_description& known,
                                 const std::vector<std::string>& arguments);

// A whole number in [min, max]; the error names the option.
struct NumberRange {
    uint64_t min = 0;
    uint64_t max = UINT64_MAX;
};
Result<uint64_t> read_number(const std::string& what, const std::string& text,
                             const NumberRange& range = {});

// "A..B" with A <= B, both included.
struct SeedRange {
    uint64_t first = 1;
    uint64_t last = 1;
};
Result<SeedRange> read_range(const std::string& what, const std::string& text);

struct LoadedScenario {
    std::string file;  // as named on the command line, or found in a folder named there
    std::string text;
    Setup setup;
};
// All scenarios that the paths stand for. The error lists the mistakes of all files. Scenarios of
// the same name get their file's path added, so that reports can tell them apart.
Result<std::vector<LoadedScenario>> load_scenarios(const Engine& engine,
                                                   const std::vector<std::string>& paths);

}  // namespace wavetank
