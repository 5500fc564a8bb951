// ServerNetworks: a network namespace for each server, with addresses of its own, and real links:
//
//   10.77.0.N        server N for clients, over a bridge; this process is 10.77.0.254
//   10.78.K.1, .2    the two ends of the K-th link, one for each pair of servers: a veth pair
//
// Servers are numbered by their places, from 1. A link is cut by setting it down; so cuts have no
// direction, and connections over it notice nothing but silence, or are told that there is no way.
//
// All of it is in a private network namespace that this process enters and does not leave. It has
// no names that others could see, touches nothing of the host's network, and is gone when the last
// process in it is: servers are started so that the kernel kills them when this process ends.
// Needs root, and the program `ip` of iproute2.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "scenarios/deployment.h"
#include "tools/program/torment.h"

namespace wavetank {

// Begins the error when the system does not give us what we need.
inline constexpr const char* kNoNamespaces = "no network namespaces here: ";

class ServerNetworks final : public LinkCutter {
 public:
    static constexpr uint32_t kServersMax = 16;  // the number of a link is a byte
    // Requires at most that many, and that this process has one thread.
    static Result<std::unique_ptr<ServerNetworks>> make(uint32_t servers);
    ~ServerNetworks() override;
    ServerNetworks(const ServerNetworks&) = delete;
    ServerNetworks& operator=(const ServerNetworks&) = delete;

    // The addresses of servers 1, 2, ... as clients have them, and as server `from` has them.
    Deployment for_clients(Deployment deployment) const;
    Deployment seen_by(uint32_t from, Deployment deployment) const;

    // Does it in that server's namespace; what it starts stays there.
    std::optional<Error> inside(ServerId server, const std::function<std::optional<Error>()>& what);

    bool has_ways() const override { return false; }
    std::optional<Error> cut_exactly(const Cuts& cuts) override;

 private:
    // Places of two servers, the lower one first.
    using Pair = std::pair<uint32_t, uint32_t>;

    explicit ServerNetworks(uint32_t servers) : servers_(servers) {}
    std::optional<Error> enter_new(int* name);
    std::optional<Error> build();
    std::optional<Error> ip_inside(uint32_t server, const std::vector<std::string>& lines);
    std::string path_of(uint32_t server) const;
    uint32_t number_of(Pair pair) const;

    uint32_t servers_;
    int home_ = -1;           // an open file that stands for the namespace of this process
    std::vector<int> names_;  // those of the servers
    std::set<Pair> down_;
};

}  // namespace wavetank
