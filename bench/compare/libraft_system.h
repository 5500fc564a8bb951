// libraft's own TCP and disk backend as a system under load: three or so processes of
// wavetank_libraft_server, and one connection to the leader.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/compare/socket.h"
#include "bench/throughput/server_processes.h"
#include "bench/throughput/system.h"

namespace wavetank::bench {

class LibraftSystem : public SystemUnderLoad {
 public:
    struct Setup {
        std::string program;    // wavetank_libraft_server
        std::string directory;  // for the servers' data; must exist
    };
    explicit LibraftSystem(Setup setup)
        : program_(std::move(setup.program)), cluster_(std::move(setup.directory)) {}

    std::string name() const override { return "libraft"; }
    std::string description() const override;
    std::optional<Error> start(uint32_t servers) override;
    Result<LoadOutcome> drive(const Load& load, const std::function<void()>& begin) override;
    // libraft does not tell how often it syncs: it writes with O_DSYNC through the kernel's AIO.
    Usage usage() override { return cluster_.usage(); }
    void stop() override;

 private:
    std::optional<Error> find_leader();
    // One closed loop of `messages` commands.
    Result<LoadOutcome> loop(const Load& load, uint64_t messages);

    std::string program_;
    ServerProcesses cluster_;
    std::vector<uint16_t> client_ports_;
    std::optional<Socket> leader_;
    uint64_t answered_ = 0;  // of this connection's commands
};

}  // namespace wavetank::bench
