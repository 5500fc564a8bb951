// LocalCluster: a cluster of `wavetank serve` processes on this machine, in one directory:
//
//   cluster.textproto   the cluster's file
//   1/, 2/, ...         the servers' data
//   1.log, 2.log, ...   what they print
//   1.pid, 2.pid, ...   their process ids, as long as somebody thinks that they run
//
// The processes go on when this one ends. Whether a process is there, and is the one we mean, is
// looked up in /proc: a pid file may be left over, and its number given to somebody else.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/env/administration.h"
#include "scenarios/deployment.h"

namespace wavetank {

class LocalCluster {
 public:
    // So many servers at most.
    static constexpr uint16_t kHttpPortsAfter = 100;
    struct Size {
        uint32_t servers = 3;
        uint16_t first_port = 7001;
        bool http = false;  // with an HTTP gateway for each, kHttpPortsAfter above its port
    };
    // Makes the directory and the cluster's file. An error if there is one already.
    static Result<LocalCluster> create(const std::string& directory, Size size);
    // A directory that `create` has made.
    static Result<LocalCluster> open(const std::string& directory);
    static std::string file_in(const std::string& directory) {
        return directory + "/cluster.textproto";
    }

    const Deployment& deployment() const { return deployment_; }
    std::vector<ServerId> servers() const;
    std::string log_of(ServerId id) const;

    // The server's process, if it runs.
    std::optional<pid_t> process_of(ServerId id) const;
    // Starts the server. An error if it runs already, or the system refuses.
    std::optional<Error> start(ServerId id) const;
    // Sends the signal. False if the server does not run.
    bool signal(ServerId id, int signal) const;
    // Waits until the server's process is gone. False if it is not by then.
    bool await_end(ServerId id, Duration patience) const;
    // Waits until a server says that it leads. An error says who ended before, or that nobody leads
    // by then.
    Result<ServerStatus> await_leader(Duration patience) const;

 private:
    LocalCluster(std::string directory, Deployment deployment)
        : directory_(std::move(directory)), deployment_(std::move(deployment)) {}
    std::string place(ServerId id, const char* ending) const;

    std::string directory_;  // absolute
    Deployment deployment_;
};

}  // namespace wavetank
