// Torment: the faults of a torture. Servers are killed (kill -9; one, a majority, all), paused
// (SIGSTOP) and started again; links are cut in shapes and ways that are drawn.
//
// Which faults come, and when, follows from the seed; what they meet does not: real processes do
// not repeat themselves.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/client/session.h"
#include "core/tcp/client/client_loop.h"
#include "sim/kernel/chance.h"
#include "tools/program/local_cluster.h"
#include "tools/relay/cuts.h"

namespace wavetank {

// What cuts links between servers.
class LinkCutter {
 public:
    virtual ~LinkCutter() = default;
    // False: it cuts in both directions or not at all, and always as Cut::Drop.
    virtual bool has_ways() const = 0;
    // Links that are not named are whole afterwards.
    virtual std::optional<Error> cut_exactly(const Cuts& cuts) = 0;
};

// By the cluster's relay, which must run.
class RelayCutter : public LinkCutter {
 public:
    explicit RelayCutter(const LocalCluster& cluster) : cluster_(cluster) {}
    bool has_ways() const override { return true; }
    std::optional<Error> cut_exactly(const Cuts& cuts) override;

 private:
    const LocalCluster& cluster_;
};

struct TormentPlan {
    uint64_t seed = 1;
    // Between two faults, and how long one lasts: drawn up to so much.
    Duration calm_max = milliseconds(1500);
    Duration fault_max = seconds(2);
    Duration cut_max = seconds(4);
};

struct TormentCounts {
    uint64_t kills = 0;
    uint64_t pauses = 0;
    std::map<std::string, uint64_t> cuts;  // by shape
};
// "12 kills, 3 pauses, 5 cuts (2 bridge, 3 leader)"
std::string to_string(const TormentCounts& counts);

class Torment {
 public:
    Torment(const LocalCluster& cluster, LinkCutter& cutter, const TormentPlan& plan)
        : cluster_(cluster), cutter_(cutter), plan_(plan), chance_(plan.seed) {}

    // A pause and a fault; afterwards all servers run and all links are whole. The error says what
    // could not be done, or which server has ended by itself. `session` is of that lane and is
    // asked who leads. Suspends.
    std::optional<Error> strike(ClientLoop::Lane& lane, ClientSession& session);
    const TormentCounts& counts() const { return counts_; }

 private:
    enum class Shape : uint8_t { Split, Leader, Mute, Deaf, Bridge, Links };
    void inflict(ClientLoop::Lane& lane, ClientSession& session);
    void kill(ClientLoop::Lane& lane, std::size_t count);
    void pause(ClientLoop::Lane& lane);
    void cut(ClientLoop::Lane& lane, ClientSession& session, bool with_kill);
    std::vector<Link> links_of(Shape shape, ClientSession& session);
    std::vector<Link> some_links();
    ServerId leader(ClientSession& session);
    void fail_if(std::optional<Error> problem);
    std::optional<Error> who_ended() const;
    // The servers, in an order that is drawn.
    std::vector<ServerId> shuffled();
    uint64_t draw(uint64_t bound);
    Duration draw_up_to(Duration max);

    const LocalCluster& cluster_;
    LinkCutter& cutter_;
    const TormentPlan plan_;
    const Chance chance_;
    uint64_t draws_ = 0;
    std::optional<Error> failure_;
    TormentCounts counts_;
};

}  // namespace wavetank
