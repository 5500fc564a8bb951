// A server as a process of this machine: started, watched and ended by the harness. It ends with
// the harness in any case (the kernel sees to that), so that an interrupted sitting leaves no
// servers behind.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace wavetank::bench {

class ChildProcess {
 public:
    // Starts `words[0]` (looked for in PATH if it has no slash) with the others as arguments. What
    // it prints goes to `log_file`, which is made or emptied. Requires that this thread lives as
    // long as the process shall.
    static Result<ChildProcess> start(const std::vector<std::string>& words,
                                      const std::string& log_file);
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess();  // kills it

    // Nothing while it runs; else how it ended, with the last line of its log:
    // "etcd ended with exit code 1: bind: address already in use".
    std::string end();
    // Processor time so far, user and system, of all its threads. Zero after its end.
    Duration cpu() const;
    // The most resident memory it had so far. Zero after its end.
    uint64_t memory_peak_bytes() const;

    // Asks it to end (SIGTERM), and kills it if it has not after `patience`.
    void stop(Duration patience);

 private:
    ChildProcess(pid_t process, std::string name, std::string log_file)
        : process_(process), name_(std::move(name)), log_file_(std::move(log_file)) {}
    void kill_and_wait();

    pid_t process_ = -1;  // -1: there is none any more
    std::string name_;
    std::string log_file_;
    std::string ended_;
};

// TCP ports of 127.0.0.1 that nothing listened on a moment ago, all different.
Result<std::vector<uint16_t>> free_ports(std::size_t count);

}  // namespace wavetank::bench
