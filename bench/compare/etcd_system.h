// etcd as a system under load: members as processes of this machine, with their data on the same
// disk as the other systems', and puts over gRPC to the leader. Everything is as Debian ships it
// but the quota of the database, which long runs would fill, and the level of logging.
#pragma once

#include <memory>
#include <vector>

#include "bench/compare/grpc_channel.h"
#include "bench/throughput/server_processes.h"
#include "bench/throughput/system.h"

namespace wavetank::bench {

class EtcdSystem : public SystemUnderLoad {
 public:
    // Members keep their data in `directory`, which must exist.
    explicit EtcdSystem(const std::string& directory) : cluster_(directory) {}

    std::string name() const override { return "etcd"; }
    std::string description() const override;
    std::optional<Error> start(uint32_t servers) override;
    Result<LoadOutcome> drive(const Load& load, const std::function<void()>& begin) override;
    // syncs: of the write-ahead logs and the databases, by etcd's own metrics.
    Usage usage() override;
    void stop() override;

 private:
    std::optional<Error> start_members(uint32_t servers);
    // Waits until there is a leader, and connects to it.
    std::optional<Error> find_leader();

    ServerProcesses cluster_;
    std::vector<uint16_t> client_ports_;
    std::size_t leader_ = 0;  // of client_ports_
    std::unique_ptr<GrpcChannel> channel_;
};

}  // namespace wavetank::bench
