// What the verbs of `wavetank cluster` are given, and those of them that are about links.
#pragma once

#include <string>
#include <vector>

#include "tools/program/command_line.h"
#include "tools/program/local_cluster.h"
#include "tools/relay/cuts.h"

namespace wavetank {

struct ClusterCall {
    std::string directory;
    std::vector<std::string> words;  // after the verb
    std::vector<ServerId> servers;   // which these words name; all if there are none
    LocalCluster::Size size;
    Duration timeout = seconds(20);
    bool cuttable = false;
    bool join = false;
    bool one_way = false;
    Cut how = Cut::Drop;
};

// Says why, and gives the exit code.
int not_done(const Program& program, const Error& why);
// A server of the cluster.
Result<ServerId> read_server(const LocalCluster& cluster, const std::string& word);

int partition(const Program& program, const ClusterCall& call, const LocalCluster& cluster);
int heal(const Program& program, const ClusterCall& call, const LocalCluster& cluster);
// Is the relay; ends by a signal.
int run_relay(const Program& program, const ClusterCall& call, const LocalCluster& cluster);
void show_cuts(const Program& program, const LocalCluster& cluster);

}  // namespace wavetank
