// LocalCluster: a cluster of `wavetank serve` processes on this machine, in one directory:
//
//   cluster.textproto   the cluster's file
//   1/, 2/, ...         the servers' data
//   1.log, 2.log, ...   what they print; that one is there says that the server was started before
//   1.pid, 2.pid, ...   their process ids, as long as somebody thinks that they run
//
// If its links can be cut, there is one more process between the servers, a relay (tools/relay):
//
//   1.textproto, ...    the cluster's file as each server sees it: the others are at the relay's
//                       addresses, 127.1.FROM.TO with the port of the server behind it
//   relay.log, .pid, .sock
//
// The processes go on when this one ends.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/env/administration.h"
#include "tools/program/deployed.h"
#include "tools/program/kept_process.h"
#include "tools/relay/relay.h"

namespace wavetank {

class LocalCluster {
 public:
    // So many servers at most.
    static constexpr uint16_t kHttpPortsAfter = 100;
    struct Size {
        uint32_t servers = 3;
        uint16_t first_port = 7001;
        std::string tls;    // a folder of certificates for these servers; empty: without TLS
        bool http = false;  // with an HTTP gateway for each, kHttpPortsAfter above its port; in TLS
        // only if the folder has a certificate for it
    };
    // With a number of its own, or that of the certificates, on the loopback.
    static Result<Deployment> new_deployment(const Size& size);
    // Makes the directory and the cluster's file. An error if there is one already.
    static Result<LocalCluster> create(const std::string& directory, const Size& size);
    // The same with a cluster that is given, and as each of its servers sees it, in their order.
    static Result<LocalCluster> create(const std::string& directory, const Deployment& deployment,
                                       const std::vector<Deployment>& seen);
    // A directory that `create` has made.
    static Result<LocalCluster> open(const std::string& directory);
    static std::string file_in(const std::string& directory) {
        return directory + "/cluster.textproto";
    }

    const Deployed& deployment() const { return deployment_; }
    std::vector<ServerId> servers() const;
    KeptProcess process(ServerId id) const;

    // Where servers start from now on: `inside` does in a server's surroundings what it is given,
    // and they end with this process.
    using Inside = std::function<std::optional<Error>(
        ServerId server, const std::function<std::optional<Error>()>& what)>;
    void surround_with(Inside inside) { inside_ = std::move(inside); }

    // Starts the server. An error if it runs already, or the system refuses. The very first time
    // its database is made: of a founding member, or, if the cluster's file says SPARE, of a server
    // that waits to be added. Later it is not: who has lost it may start again only if he `joins`.
    std::optional<Error> start(ServerId id, bool joins = false) const;
    // Waits until the server answers. The error says how it ended, or that it does not answer.
    std::optional<Error> await_answer(ServerId id, Duration patience) const;
    // Waits until a server says that it leads. An error says who ended before, or that nobody leads
    // by then.
    Result<ServerStatus> await_leader(Duration patience) const;

    // --- Links that can be cut ---

    bool cuttable() const;
    // Puts the relay between the servers from their next start on. An error if one runs without.
    std::optional<Error> make_cuttable() const;
    KeptProcess relay() const;
    // Starts the relay if it does not run, and waits until it obeys. Requires cuttable().
    std::optional<Error> start_relay() const;
    // What the relay has to carry, and where it takes orders.
    Result<Relay::Setup> relay_setup() const;
    // Gives the relay an order (tools/relay/control.h).
    Result<Cuts> tell_relay(const std::string& order, const Cuts& cuts) const;

 private:
    LocalCluster(std::string directory, Deployed deployment)
        : directory_(std::move(directory)), deployment_(std::move(deployment)) {}
    std::string place(ServerId id, const char* ending) const;
    // The cluster as that server sees it.
    std::string file_of(ServerId id) const;
    std::optional<Error> make_database(ServerId id) const;

    std::string directory_;  // absolute
    Deployed deployment_;
    Inside inside_;  // or none
};

}  // namespace wavetank
