// Torture: load on a cluster of real processes while they are tormented (torment.h). What the
// clients saw is a history like that of a simulated run, and is judged by the same linearizability
// checker; every key is read once more at the end, so a lost write that was acknowledged does not
// fit it. Then all servers must come to the same state.
//
// So that a long history can be judged, it is many short ones: the lanes go on to new keys after a
// while, and earlier if the outcome of many operations is unknown, each of which the checker has to
// consider for the rest of its key's history. So a key's history does not grow with the run.
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
#include "tools/program/torment.h"

namespace wavetank {

struct TorturePlan {
    Duration span = seconds(60);
    uint32_t lanes = 16;
    Duration think = milliseconds(20);  // of a lane between two operations
    // How many keys are in use at a time, and until when.
    uint32_t keys = 50;
    Duration keys_span = seconds(20);
    uint64_t keys_unknown_max = 32;  // operations
    TormentPlan torment;
    // Asked before each fault, and before what comes when they are over.
    std::function<bool()> interrupted = [] { return false; };
};

struct TortureCounts {
    uint64_t operations = 0;
    uint64_t unknown = 0;  // of these, without an answer
    uint64_t keys = 0;
};

struct TortureVerdict {
    Verdict verdict = Verdict::Unknown;
    std::string words;
};

class Torture {
 public:
    // `progress` is told now and then.
    Torture(const LocalCluster& cluster, LinkCutter& cutter, const TorturePlan& plan,
            std::function<void(const std::string&)> progress);

    // Requires a cluster that runs. An error says why it could not be carried out to the end
    // (interrupted, too), or which server has ended by itself.
    Result<TortureVerdict> run();
    const TortureCounts& counts() const { return counts_; }
    const TormentCounts& torment_counts() const { return torment_.counts(); }

 private:
    void operate(ClientLoop& loop, ClientLoop::Lane& lane, uint32_t number);
    void carry_out(ClientSession& session, ClientLoop::Lane& lane, ClientId name,
                   const KvCommand& command);
    void run_faults(const ClientLoop& loop, ClientLoop::Lane& lane);
    void report(Duration left);
    void turn_to_new_keys(Instant now);
    std::string name_of_key(uint64_t chapter, const std::string& key) const;
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
    Torment torment_;
    std::string run_;  // begins all keys, because an earlier run may have left its own
    bool over_ = false;
    std::optional<Error> failure_;
    // The keys now in use, since when, and how many operations were unknown then.
    uint64_t chapter_ = 1;
    Instant chapter_begun_;
    uint64_t chapter_unknown_ = 0;
    History history_;
    TortureCounts counts_;
};

}  // namespace wavetank
