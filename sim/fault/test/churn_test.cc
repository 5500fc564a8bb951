// Churn: every kind of change happens, within the bounds, and the cluster lives through it.
#include "sim/fault/churn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/fault/test/fault_world.h"

namespace wavetank {
namespace {

std::size_t differ(const std::vector<ServerId>& a, const std::vector<ServerId>& b) {
    return static_cast<std::size_t>(std::count_if(a.begin(), a.end(), [&](ServerId id) {
        return std::find(b.begin(), b.end(), id) == b.end();
    }));
}

// "voter +1 -1": what became of the members.
std::string change_in_words(const Configuration& before, const Configuration& after) {
    const std::size_t joined = differ(after.all(), before.all());
    const std::size_t left = differ(before.all(), after.all());
    if (joined > 0 && left > 0) return "replaced";
    if (left > 0) return "removed";
    if (joined > 0) {
        if (after.witnesses().size() > before.witnesses().size()) return "witness added";
        return after.learners().size() > before.learners().size() ? "learner added" : "voter added";
    }
    return after.voters().size() < before.voters().size() ? "demoted" : "promoted";
}

class Wipes final : public SilentObserver {
 public:
    void on_wiped(ServerId) override { ++count; }
    int count = 0;
};

struct Life {
    std::set<std::string> changes;
    std::size_t fewest_voters = 99;
    std::size_t most_voters = 0;
    std::size_t most_witnesses = 0;
    int wipes = 0;
    uint64_t done = 0;
};

// A cluster whose members are changed twice a second for two minutes.
Life live(NemesisSetup setup, uint64_t seed) {
    Wipes wipes;
    FaultWorld w(SmallWorld::Setup{.servers = 7, .members = 3, .seed = seed}, &wipes);
    EXPECT_TRUE(w.elect());
    Churn churn(w.world(), w.faults, setup);
    Life life;
    for (int i = 0; i < 240; ++i) {
        const Configuration before = present_configuration(w.world());
        if (churn.strike(std::vector<bool>(7, true))) {
            life.changes.insert(change_in_words(before, *churn.accepted()));
            life.fewest_voters = std::min(life.fewest_voters, churn.accepted()->voters().size());
            life.most_voters = std::max(life.most_voters, churn.accepted()->voters().size());
            life.most_witnesses =
                std::max(life.most_witnesses, churn.accepted()->witnesses().size());
        }
        w.run_for(milliseconds(500));
    }
    EXPECT_TRUE(w.elect()) << "seed " << seed;
    life.done = w.world().counts().changes_done;
    life.wipes = wipes.count;
    return life;
}

TEST(Churn, EveryKindOfChangeHappens) {
    NemesisSetup setup;
    setup.voters_min = 2;
    setup.witnesses_max = 1;
    for (uint64_t seed = 1; seed <= 3; ++seed) {
        const Life life = live(setup, seed);
        EXPECT_EQ(life.changes,
                  (std::set<std::string>{"voter added", "learner added", "witness added", "removed",
                                         "replaced", "demoted", "promoted"}))
            << "seed " << seed;
        EXPECT_GE(life.fewest_voters, 2U);
        EXPECT_GE(life.most_voters, 4U);
        EXPECT_EQ(life.most_witnesses, 1U);
        EXPECT_GT(life.wipes, 10) << "seed " << seed;
        EXPECT_GT(life.done, 150U) << "seed " << seed;
    }
}

TEST(Churn, KeepsWithinItsBounds) {
    NemesisSetup setup;
    setup.voters_min = 3;
    const Life life = live(setup, 5);
    EXPECT_EQ(life.fewest_voters, 3U);
    EXPECT_EQ(life.most_witnesses, 0U);
    setup.voters_min = 1;
    EXPECT_EQ(live(setup, 5).fewest_voters, 1U);
}

TEST(Churn, NothingIsAskedWhereNobodyLeads) {
    FaultWorld w(SmallWorld::Setup{.servers = 5, .members = 3});
    Churn churn(w.world(), w.faults, NemesisSetup{});
    EXPECT_FALSE(churn.strike(std::vector<bool>(5, true)));
    EXPECT_FALSE(churn.accepted());
    ASSERT_TRUE(w.elect());
    EXPECT_TRUE(churn.strike(std::vector<bool>(5, true)));
    EXPECT_TRUE(churn.accepted());
}

// With two of three voters left working, nobody of them can go, and who joins must work.
TEST(Churn, AMajorityOfTheNewMembersMustWork) {
    NemesisSetup setup;
    setup.keep_majority_running = true;
    int accepted = 0;
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        FaultWorld w(SmallWorld::Setup{.servers = 5, .members = 3, .seed = seed});
        ASSERT_TRUE(w.elect());
        std::vector<bool> working(5, true);
        working[(*current_leader(w.world()) + 1) % 3] = false;
        Churn churn(w.world(), w.faults, setup);
        if (!churn.strike(working)) continue;
        ++accepted;
        EXPECT_TRUE(majority_among(*churn.accepted(), working)) << "seed " << seed;
    }
    EXPECT_GT(accepted, 20);
    EXPECT_LT(accepted, 60);
}

// A witness's disk makes no full member: it joins anew.
TEST(Churn, WhoWasAWitnessJoinsWithAnEmptyDisk) {
    NemesisSetup setup;
    setup.voters_min = 3;
    setup.witnesses_max = 2;
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        FaultWorld w(SmallWorld::Setup{.servers = 5, .members = 3, .seed = seed});
        ASSERT_TRUE(w.elect());
        ASSERT_TRUE(w.small.open_session(*current_leader(w.world())));
        Churn churn(w.world(), w.faults, setup);
        for (int i = 0; i < 100; ++i) {
            churn.strike(std::vector<bool>(5, true));
            if (const auto leader = current_leader(w.world())) w.small.put(*leader);
            w.run_for(milliseconds(300));
        }
        ASSERT_TRUE(w.elect());
        for (const ServerId id : present_configuration(w.world()).all()) {
            const Node& node = w.world().node(id.value() - 1);
            EXPECT_NE(node.replica().has_state(), present_configuration(w.world()).is_witness(id))
                << "seed " << seed << ", server " << id.value();
        }
    }
}

}  // namespace
}  // namespace wavetank
