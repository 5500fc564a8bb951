// A loopback cluster with a gateway at one of its servers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/http/gateway.h"
#include "core/http/test/http_caller.h"
#include "core/tcp/test/loopback_cluster.h"

namespace wavetank {

class GatewayCluster {
 public:
    explicit GatewayCluster(uint32_t servers, uint32_t self = 1) : cluster(servers) {
        setup.client = {.cluster = LoopbackCluster::kCluster,
                        .servers = cluster.addresses(),
                        .log = [](const std::string&) {}};
        setup.self = ServerId(self);
        setup.listen = {"127.0.0.1", 0};
        setup.lanes.operation_timeout = seconds(30);  // for a busy machine
        setup.lanes.request_timeout = seconds(5);
        setup.build = {{"version", "test"}};
        setup.server_counts = [] { return TcpServer::Counts{.turns = 11, .steps = 22}; };
        setup.log = [](const std::string&) {};
    }
    // With `setup` as it now is.
    void open() {
        auto listening = Gateway::listen(setup);
        ASSERT_TRUE(listening.ok()) << listening.error().message;
        gateway = std::move(listening.value());
    }
    HttpCaller caller() const { return HttpCaller(gateway->port()); }

    LoopbackCluster cluster;
    Gateway::Setup setup;
    std::unique_ptr<Gateway> gateway;
};

}  // namespace wavetank
