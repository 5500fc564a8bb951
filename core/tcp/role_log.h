// RoleLog: tells an operator what a server becomes, in a few lines: leader, follower of another
// one, member of another configuration; and what it refuses, at most a line a second.
#pragma once

#include <chrono>

#include "core/raft/output.h"
#include "core/raft/raft.h"
#include "core/tcp/operator_log.h"

namespace wavetank {

class RoleLog {
 public:
    explicit RoleLog(OperatorLog log) : log_(std::move(log)) {}
    void stepped(const Raft& raft, const Output& output);

 private:
    void tell(const Raft& raft, const Event& event);
    void tell(const Refused& refused);

    const OperatorLog log_;
    Term followed_term_;
    ServerId followed_;
    uint64_t refused_ = 0;  // since the last line
    std::chrono::steady_clock::time_point refused_told_;
};

}  // namespace wavetank
