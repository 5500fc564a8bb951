// A system under load that is no system: it writes down what is asked of it, and acknowledges all.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "bench/throughput/system.h"

namespace wavetank::bench {

// Acknowledges everything; every message costs one sync and two microseconds.
class ScriptedSystem : public SystemUnderLoad {
 public:
    ScriptedSystem(std::string name, std::vector<std::string>* calls)
        : name_(std::move(name)), calls_(calls) {}

    std::string name() const override { return name_; }
    std::string description() const override { return "scripted"; }
    std::optional<Error> start(uint32_t servers) override {
        calls_->push_back(fmt::format("{} start {}", name_, servers));
        usage_ = {};
        usage_.syncs = 0;
        usage_.server_cpu = Duration{};
        if (servers == refused_size) return Error{"no leader"};
        return std::nullopt;
    }
    Result<LoadOutcome> drive(const Load& load, const std::function<void()>& begin) override {
        calls_->push_back(fmt::format("{} drive {} and {} x {} B, {} at once", name_, load.warmup,
                                      load.messages, load.payload_bytes, load.concurrency));
        if (load.payload_bytes == broken_payload) return Error{"the leader is gone"};
        use(load.warmup);
        begin();
        use(load.messages);
        return LoadOutcome{.messages = load.messages, .elapsed = milliseconds(5)};
    }
    Usage usage() override { return usage_; }
    void stop() override { calls_->push_back(name_ + " stop"); }

    uint32_t refused_size = 0;
    uint64_t broken_payload = 0;

 private:
    void use(uint64_t messages) {
        *usage_.syncs += messages;
        usage_.server_cpu = *usage_.server_cpu + microseconds(2) * static_cast<int64_t>(messages);
    }

    std::string name_;
    std::vector<std::string>* calls_;
    Usage usage_;
};

}  // namespace wavetank::bench
