// Placeholder until merge.
#pragma once
#include "sim/check/findings.h"
#include "sim/check/observation.h"
namespace wavetank {
class RaftOracles final : public Observer {
 public:
    RaftOracles(const Configuration&, Findings&) {}
    void finish() {}
    void on_event(uint64_t, Instant) override {}
    void on_start(ServerId, const Recovered&) override {}
    void on_crash(ServerId) override {}
    void on_write(ServerId, const Write&) override {}
    void on_step(const Observation&) override {}
    void on_send(ServerId, const Send&) override {}
    void on_apply(ServerId, LogIndex, const Entry&, uint64_t) override {}
    void on_match(ServerId, ServerId, LogIndex, const Log&) override {}
    void on_durable(ServerId, WriteId) override {}
};
}  // namespace wavetank
