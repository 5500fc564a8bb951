// The core alone, without a simulator: what a production host would pay per message.
#include <benchmark/benchmark.h>

#include "core/base/check.h"
#include "core/raft/raft.h"

namespace wavetank::bench {
namespace {

// Three cores that hear each other at once and whose writes are durable at once. Time stands still
// but for the election.
class Trio {
 public:
    Trio() {
        for (uint32_t i = 1; i <= 3; ++i) {
            Options options;
            options.id = ServerId(i);
            Recovered recovered;
            recovered.configuration =
                Configuration::of_voters({ServerId(1), ServerId(2), ServerId(3)});
            cores_.push_back(Raft::start(options, recovered, 1, Instant{}));
        }
        outputs_.resize(cores_.size());
        now_ = Instant{} + seconds(1);
        step(ServerId(1), Wake{});
        CHECK(leader().role() == Role::Leader);
    }

    Raft& leader() { return cores_[0]; }
    Raft& follower() { return cores_[1]; }
    Instant now() const { return now_; }

    // Handles `input` and everything that follows from it.
    void step(ServerId id, const Input& input) {
        Raft& core = cores_[id.value() - 1];
        core.step(now_, input);
        core.drain(outputs_[id.value() - 1]);
        deliver(id);
    }

 private:
    void deliver(ServerId from) {
        Output done;
        std::swap(done, outputs_[from.value() - 1]);
        if (done.write.id) step(from, Written{done.write.id});
        for (Send& send : done.sends) step(send.to, Recv{from, std::move(send.message)});
    }

    std::vector<Raft> cores_;
    std::vector<Output> outputs_;
    Instant now_;
};

// An empty AppendEntries at a follower that has everything, and its answer.
void heartbeat_at_follower(benchmark::State& state) {
    Trio trio;
    const Raft& leader = trio.leader();
    const Log& log = leader.log();
    const Input heartbeat =
        Recv{leader.id(), AppendEntries{leader.current_term(), log.last_index(), log.last_term(),
                                        leader.commit_index(), 0, EntryRange()}};
    Output output;
    for (auto _ : state) {
        trio.follower().step(trio.now(), heartbeat);
        trio.follower().drain(output);
        benchmark::DoNotOptimize(output.sends.data());
    }
    CHECK(output.sends.size() == 1);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(heartbeat_at_follower);

// A proposal of so many commands, through both followers, until it is committed everywhere.
void append_to_trio(benchmark::State& state) {
    const std::vector<Payload> commands(static_cast<std::size_t>(state.range(0)),
                                        Payload::copy_of("sixteen bytes ok"));
    Trio trio;
    uint64_t ticket = 0;
    for (auto _ : state) {
        trio.step(trio.leader().id(), Propose{++ticket, commands});
        // The log has no compaction yet: it must not grow for ever.
        if (trio.leader().log().last_index() > LogIndex(1 << 20)) {
            state.PauseTiming();
            trio = Trio();
            state.ResumeTiming();
        }
    }
    CHECK(trio.leader().commit_index() == trio.leader().log().last_index());
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_to_trio)->ArgName("entries")->Arg(1)->Arg(64);

}  // namespace
}  // namespace wavetank::bench
