// Wavetank as a system under load: real servers over TCP with their data in SQLite, loaded by
// bench/load. Either as processes of this machine, new ones for each measurement, or a cluster that
// is described by its file and runs already, here or elsewhere.
#pragma once

#include <string>

#include "bench/load/load.h"
#include "bench/throughput/server_processes.h"
#include "bench/throughput/system.h"
#include "core/tls/credentials.h"
#include "scenarios/deployment.h"

namespace wavetank::bench {

class LocalWavetank : public SystemUnderLoad {
 public:
    struct Setup {
        std::string program;    // `wavetank`, which has the command `serve`
        std::string directory;  // for the servers' data and the cluster's file; must exist
        uint32_t page_bytes = Deployment().page_bytes;
        // A folder with certificates of these servers and of a client called "client" that may
        // write; then the cluster is the one these are for. Empty: connections are plain.
        std::string tls;
    };
    explicit LocalWavetank(Setup setup) : setup_(std::move(setup)), processes_(setup_.directory) {}

    std::string name() const override { return "wavetank"; }
    std::string description() const override;
    std::optional<Error> start(uint32_t servers) override;
    Result<LoadOutcome> drive(const Load& load, const std::function<void()>& begin) override;
    Usage usage() override;
    void stop() override { processes_.stop(); }

 private:
    Setup setup_;
    ServerProcesses processes_;
    LoadTarget target_;
};

// Is not started and stopped, and keeps the data of one measurement in the next.
class DeployedWavetank : public SystemUnderLoad {
 public:
    // Without `credentials`, of a client that may write, connections are plain.
    DeployedWavetank(const Deployment& deployment, std::shared_ptr<Credentials> credentials);

    std::string name() const override { return "wavetank"; }
    std::string description() const override;
    // An error if the cluster does not have this many servers, or nobody answers.
    std::optional<Error> start(uint32_t servers) override;
    Result<LoadOutcome> drive(const Load& load, const std::function<void()>& begin) override;
    // Of other machines nothing is known but what servers say.
    Usage usage() override;
    void stop() override {}

 private:
    LoadTarget target_;
    std::size_t members_;  // spare servers are none
};

}  // namespace wavetank::bench
