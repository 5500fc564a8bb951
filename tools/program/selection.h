// Which scenarios a person chose: files and folders, the rows of an option matrix over them, or
// what the swarm draws from each seed. `run` and `replay` take the same words for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "tools/program/command_line.h"

namespace wavetank {

struct Selection {
    std::vector<std::string> paths;  // none with `swarm`
    bool swarm = false;
    bool matrix = false;
    std::optional<uint32_t> row;  // of the matrix; none: all of them
};
void add_selection_options(boost::program_options::options_description& known);
// `paths`: the words of the command line that name scenarios.
Result<Selection> read_selection(const Arguments& given, std::vector<std::string> paths);

// One scenario to run: the same for each seed, or drawn from it.
struct Selected {
    std::string name;                 // in reports
    std::string file;                 // where it was read; empty if drawn
    std::string words;                // what selects it on a command line, quoted
    std::optional<std::string> text;  // as it was read; none: it was made here
    std::optional<Setup> setup;       // none: the swarm draws it
};
struct SelectedScenarios {
    std::vector<Selected> scenarios;  // at least one
    std::string head;                 // what was selected, in some lines
};
// The error lists the mistakes of all files.
Result<SelectedScenarios> load_selection(const Engine& engine, const Selection& selection);

Setup setup_of(const Engine& engine, const Selected& selected, uint64_t seed);
// The scenario as a file: as it was read, or printed.
std::string text_of(const Engine& engine, const Selected& selected, uint64_t seed);

}  // namespace wavetank
