// A leader and two followers in memory: what the core alone can do, without a simulator, a machine
// or a disk. Messages pass through queues; writes are durable as soon as the core is told so.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/raft/raft.h"

namespace wavetank::bench {

class CoreTrio {
 public:
    // `window`: AppendEntries under way to each follower. The log is compacted every so many
    // entries.
    struct Setup {
        uint32_t window = 128;
        uint64_t snapshot_entries = 16'384;
    };
    explicit CoreTrio(const Setup& setup);

    // The leader takes these commands; its messages leave at once.
    void propose(const std::vector<Payload>& commands);
    // Delivers the oldest message or write completion. False if there is none.
    bool deliver_one();
    void deliver_all() {
        while (deliver_one()) {
        }
    }
    const Raft& leader() const { return cores_[0]; }
    const Raft& follower() const { return cores_[1]; }
    uint64_t committed() const { return cores_[0].commit_index().value(); }
    // Taken by all three together, each of which compacted a log.
    uint64_t snapshots() const { return snapshots_; }

 private:
    struct Flight {
        uint32_t to = 0;
        Input input;
    };
    void step(uint32_t position, const Input& input);
    void drain(uint32_t position);
    Flight& next_free();

    std::vector<Raft> cores_;
    std::array<Output, 3> outputs_;
    std::vector<Flight> ring_;  // of messages under way; places keep their memory
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    const Payload snapshot_ = Payload::copy_of("a snapshot");
    uint64_t tickets_ = 0;
    uint64_t snapshots_ = 0;
    Instant now_;
};

}  // namespace wavetank::bench
