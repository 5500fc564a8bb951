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

// Runs one server of a real cluster.
int serve_command(const Program& program, const std::vector<std::string>& arguments);
// Carries out one operation on a real cluster.
int client_command(const Program& program, const std::vector<std::string>& arguments);
// Starts and stops a cluster of processes on this machine.
int cluster_command(const Program& program, const std::vector<std::string>& arguments);
// Puts load on such a cluster while its processes are killed, paused and cut apart, and judges it.
int torture_command(const Program& program, const std::vector<std::string>& arguments);
// Measures throughput over real TCP and real disks, and shows what was measured.
int bench_command(const Program& program, const std::vector<std::string>& arguments);

// Finds the subcommand. `arguments` are those of the program, without its name.
int dispatch(const Program& program, const std::vector<std::string>& arguments);

}  // namespace wavetank
