// A real cluster as its file describes it (deployment.proto).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/quorum/configuration.h"
#include "core/raft/options.h"
#include "core/server/session_limits.h"
#include "scenarios/error.h"

namespace wavetank {

enum class DeployedRole : uint8_t { Voter, Learner, Witness, Spare };

struct DeployedServer {
    ServerId id;
    std::string host;
    uint16_t port = 0;
    DeployedRole role = DeployedRole::Voter;
    uint32_t priority = Options::kPriorityMax;
    uint16_t http_port = 0;  // zero: no HTTP gateway
};

struct Deployment {
    uint64_t cluster = 0;
    std::vector<DeployedServer> servers;
    Options options = defaults();  // without id
    SessionLimits sessions;
    uint32_t page_bytes = 8192;
    std::string tls;  // folder of certificates; empty: connections are plain

    static Options defaults();
    // Null if there is none.
    const DeployedServer* find(ServerId id) const;
    // What the cluster is created with.
    Configuration configuration() const;
    // Requires find(id).
    Options options_of(ServerId id) const;
};

// The deployment, or every mistake in the order of the file (at least one).
std::variant<Deployment, std::vector<ScenarioError>> parse_deployment(std::string_view text,
                                                                      std::string_view file_name);
// Reads and parses the file; all mistakes in one error, a line for each. `tls` is relative to the
// file's folder no more.
Result<Deployment> load_deployment(const std::string& path);
// As a file that is read as the same deployment. Requires that its options are the defaults.
std::string print_deployment(const Deployment& deployment);

}  // namespace wavetank
