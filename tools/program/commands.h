// The subcommands. Each reads its arguments (those after its name), does its work, and returns the
// exit code of the program.
#pragma once

#include <string>
#include <vector>

#include "tools/program/command_line.h"

namespace wavetank {

// Runs scenarios over seeds, on several processes.
int run_command(const Program& program, const std::vector<std::string>& arguments);
// Makes one run again, in this process, and compares, narrates or dissects it.
int replay_command(const Program& program, const std::vector<std::string>& arguments);
// Reads scenarios and says what they mean.
int check_command(const Program& program, const std::vector<std::string>& arguments);
// Shows and verifies what a server has on its disk.
int inspect_command(const Program& program, const std::vector<std::string>& arguments);

// Finds the subcommand. `arguments` are those of the program, without its name.
int dispatch(const Program& program, const std::vector<std::string>& arguments);

}  // namespace wavetank
