// The clients of a run over a small cluster: they invoke, wait, hear, and rest when told.
#include "sim/workload/clients.h"

#include <gtest/gtest.h>

#include <set>

#include "sim/world/test/small_world.h"

namespace wavetank {
namespace {

class Told final : public ClientObserver {
 public:
    void on_invoke(const Operation&) override { ++invoked; }
    void on_complete(const Operation& operation) override {
        ++completed;
        ok += operation.outcome == OperationOutcome::Ok ? 1 : 0;
    }
    int invoked = 0;
    int completed = 0;
    int ok = 0;
};

class ClientsTest : public testing::Test {
 protected:
    void use(const WorkloadSetup& workload, uint32_t hands = 0) {
        WorldSetup setup = SmallWorld::world_setup({});
        setup.clients = Clients::positions(workload, hands);
        world_.emplace(setup, 1, nullptr, nullptr);
        clients_.emplace(*world_, workload, hands, &told_);
        world_->start_all();
        clients_->start();
    }
    void run_until(Instant when) {
        world_->push(std::max(when, world_->now()), {EventKind::Control, ++marker_, 0});
        while (true) {
            const World::Stepped stepped = world_->step();
            if (!stepped.any || (stepped.control && stepped.subject == marker_)) return;
        }
    }
    static Client::Errand put(const std::string& value, uint32_t first = 0, bool stick = false) {
        KvCommand command;
        command.function = KvFunction::Put;
        command.key = "k";
        command.value = value;
        return {command, ServerId(first), stick};
    }

    Told told_;
    std::optional<World> world_;
    std::optional<Clients> clients_;
    uint32_t marker_ = 0;
};

TEST_F(ClientsTest, TheWorkloadGoesOnUntilItIsStopped) {
    use({});
    run_until(Instant{} + seconds(2));
    EXPECT_GT(clients_->counts().ok, 50U);
    clients_->run(false);
    run_until(Instant{} + seconds(3));
    EXPECT_TRUE(clients_->quiet());
    const uint64_t ok = clients_->counts().ok;
    run_until(Instant{} + seconds(4));
    EXPECT_EQ(clients_->counts().ok, ok);
    clients_->run(true);
    run_until(Instant{} + seconds(5));
    EXPECT_GT(clients_->counts().ok, ok);
}

TEST_F(ClientsTest, OperationsMaxIsPerClient) {
    use({.clients = 4, .operations_max = 5});
    run_until(Instant{} + seconds(10));
    EXPECT_EQ(clients_->counts().ok, 20U);
    EXPECT_TRUE(clients_->quiet());
}

TEST_F(ClientsTest, TheHistoryIsWhatTheyInvokedAndHeard) {
    use({.clients = 2, .operations_max = 10});
    run_until(Instant{} + seconds(10));
    const auto& operations = clients_->history().operations();
    ASSERT_EQ(operations.size(), 20U);
    EXPECT_EQ(told_.invoked, 20);
    EXPECT_EQ(told_.completed, 20);
    std::set<uint64_t> moments;
    std::map<uint64_t, uint64_t> sequences;
    for (const Operation& operation : operations) {
        EXPECT_EQ(operation.sequence, ++sequences[operation.client.value()]);
        EXPECT_LT(operation.invoked, operation.completed);
        EXPECT_LE(operation.invoked_at, operation.completed_at);
        moments.insert(operation.invoked);
        moments.insert(operation.completed);
    }
    EXPECT_EQ(moments.size(), 40U) << "one total order";
}

// No answer in time: the outcome is info, and the client goes on with its next operation.
TEST_F(ClientsTest, NoAnswerInTimeIsInfo) {
    use({.clients = 1, .operations_max = 3, .operation_timeout = seconds(1)});
    for (uint32_t i = 0; i < 3; ++i) world_->crash(i);
    run_until(Instant{} + milliseconds(1500));
    EXPECT_EQ(clients_->counts().info, 1U);
    EXPECT_EQ(clients_->history().operations()[0].outcome, OperationOutcome::Info);
    EXPECT_EQ(clients_->history().operations()[0].completed, UINT64_MAX);
    world_->start_all();
    run_until(Instant{} + seconds(10));
    EXPECT_EQ(clients_->counts().ok + clients_->counts().info, 3U);
    EXPECT_GE(clients_->counts().ok, 1U);
}

TEST_F(ClientsTest, HandsCarryOutErrandsOnly) {
    use({.clients = 0}, 3);
    run_until(Instant{} + seconds(1));
    EXPECT_EQ(told_.invoked, 0);
    for (int i = 0; i < 5; ++i) clients_->ask_hand(put(std::to_string(i)));
    EXPECT_EQ(clients_->counts().open, 3U) << "three hands, two errands wait";
    run_until(Instant{} + seconds(2));
    EXPECT_EQ(clients_->counts().ok, 5U);
    std::set<uint64_t> hands;
    for (const Operation& operation : clients_->history().operations()) {
        hands.insert(operation.client.value());
    }
    EXPECT_EQ(hands.size(), 3U);
}

TEST_F(ClientsTest, TheFirstHandWorksInOrder) {
    use({.clients = 0}, 3);
    run_until(Instant{} + seconds(1));
    for (int i = 0; i < 5; ++i) clients_->ask_first_hand(put(std::to_string(i)));
    EXPECT_EQ(clients_->counts().open, 1U);
    run_until(Instant{} + seconds(2));
    const auto& operations = clients_->history().operations();
    ASSERT_EQ(operations.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(operations[i].command.value, std::to_string(i));
        EXPECT_EQ(operations[i].client, operations[0].client);
    }
}

TEST_F(ClientsTest, AStickyErrandAsksItsServerOnly) {
    use({.clients = 0, .operation_timeout = milliseconds(500)}, 1);
    run_until(Instant{} + seconds(1));
    world_->crash(0);
    clients_->ask_hand(put("v", 1, true));
    run_until(Instant{} + seconds(2));
    EXPECT_EQ(clients_->counts().info, 1U);
    clients_->ask_hand(put("v", 1, false));
    run_until(Instant{} + seconds(4));
    EXPECT_EQ(clients_->counts().ok, 1U);
}

TEST_F(ClientsTest, TheProbeIsAnsweredByAHealthyCluster) {
    use({.clients = 0});
    EXPECT_FALSE(clients_->probe_answered());
    clients_->start_probe();
    clients_->start_probe();
    EXPECT_EQ(told_.invoked, 1) << "one at a time";
    run_until(Instant{} + seconds(2));
    EXPECT_TRUE(clients_->probe_answered());
}

}  // namespace
}  // namespace wavetank
