// Torture: load on a cluster of real processes while they are killed (kill -9), paused (SIGSTOP)
// and started again. What the clients saw is a history like that of a simulated run, and is judged
// by the same linearizability checker; every key is read once more at the end, so a lost write that
// was acknowledged does not fit it. Then all servers must come to the same state.
//
// Which faults come, and when, follows from the seed; what they meet does not: real processes do
// not repeat themselves.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/tcp/client/client_loop.h"
#include "sim/kernel/chance.h"
#include "sim/record/history.h"
#include "sim/record/run_record.h"
#include "sim/workload/workload.h"
#include "tools/program/local_cluster.h"

namespace wavetank {

struct TorturePlan {
    uint64_t seed = 1;
    Duration span = seconds(60);
    uint32_t lanes = 16;
    Duration think = milliseconds(5);  // of a lane between two operations
    uint32_t keys = 50;
    // Between two faults, and how long one lasts: drawn up to so much.
    Duration calm_max = seconds(2);
    Duration fault_max = seconds(2);
};

struct TortureCounts {
    uint64_t operations = 0;
    uint64_t unknown = 0;  // of these, without an answer
    uint64_t kills = 0;
    uint64_t pauses = 0;
};

struct TortureVerdict {
    Verdict verdict = Verdict::Unknown;
    std::string words;
};

class Torture {
 public:
    // `progress` is told now and then, and of every fault.
    Torture(const LocalCluster& cluster, const TorturePlan& plan,
            std::function<void(const std::string&)> progress);

    // Requires a cluster that runs. An error says why it could not be carried out to the end.
    Result<TortureVerdict> run();
    const TortureCounts& counts() const { return counts_; }

 private:
    void operate(ClientLoop& loop, ClientLoop::Lane& lane, uint32_t number);
    void carry_out(ClientSession& session, ClientLoop::Lane& lane, ClientId name,
                   const KvCommand& command);
    void torment(ClientLoop::Lane& lane);
    void strike(ClientLoop::Lane& lane);
    void kill(ClientLoop::Lane& lane, const std::vector<ServerId>& victims);
    void pause(ClientLoop::Lane& lane, ServerId victim);
    void start_all();
    uint64_t draw(uint64_t bound);
    Duration draw_up_to(Duration max);
    std::unique_ptr<ClientLoop> make_loop() const;
    ClientSession make_session(const ClientLoop& loop, ClientLoop::Lane& lane,
                               SharedSession& shared) const;

    void read_all_keys();
    Result<bool> await_equal_servers() const;
    TortureVerdict judge() const;

    const LocalCluster& cluster_;
    const TorturePlan plan_;
    const std::function<void(const std::string&)> progress_;
    const Chance chance_;
    WorkloadSetup workload_;
    uint64_t draws_ = 0;
    bool over_ = false;
    std::optional<Error> failure_;
    History history_;
    TortureCounts counts_;
};

}  // namespace wavetank
