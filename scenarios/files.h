// Finding scenario files: what a person names on the command line, files or whole folders.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "sim/setup.h"

namespace wavetank {

// The scenario files that `paths` stand for: a file as given, whatever its name; of a folder all
// *.textproto in it and in the folders below, sorted by path. A file that is named twice comes
// once, at its first place. An error if a path does not exist or a folder holds no scenario.
Result<std::vector<std::string>> find_scenarios(const std::vector<std::string>& paths);

// Reads and parses one file. The error lists every mistake, or says why the file cannot be read.
Result<Setup> load_scenario(const std::string& path);

}  // namespace wavetank
