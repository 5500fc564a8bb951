// What operators do with a real cluster by `wavetank client`: look at it, change its members, move
// the leadership.
#pragma once

#include <string>
#include <vector>

#include "tools/program/command_line.h"
#include "tools/program/deployed.h"

namespace wavetank {

struct ClientCall {
    std::vector<std::string> words;  // the operation and what belongs to it
    std::string as;                  // of --as
    Deployed deployment;
    Duration timeout = seconds(10);
};

// Each returns the exit code.
int show_status(const Program& program, const ClientCall& call);
int change_members(const Program& program, const ClientCall& call);
int transfer_leadership(const Program& program, const ClientCall& call);

}  // namespace wavetank
