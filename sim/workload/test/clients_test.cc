// The clients of a run over a small cluster: they invoke, wait, hear, and rest when told.
#include "sim/workload/clients.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sim/world/test/small_world.h"

namespace wavetank {
namespace {

class Told final : public ClientObserver {
 public:
    void on_invoke(const Operation& operation) override {
        ++invoked;
        EXPECT_TRUE(open.insert(operation.client.value()).second) << "one at a time";
        most_open = std::max(most_open, open.size());
    }
    void on_complete(const Operation& operation) override {
        ++completed;
        open.erase(operation.client.value());
        ok += operation.outcome == OperationOutcome::Ok ? 1 : 0;
    }
    int invoked = 0;
    int completed = 0;
    int ok = 0;
    std::set<uint64_t> open;  // clients with an operation
    std::size_t most_open = 0;
};

class ClientsTest : public testing::Test {
 protected:
    void use(const WorkloadSetup& workload, uint32_t hands = 0,
             const SessionLimits& sessions = {}) {
        WorldSetup setup = SmallWorld::world_setup({});
        setup.clients = Clients::positions(workload, hands);
        for (Node::Setup& node : setup.nodes) node.sessions = sessions;
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

TEST_F(ClientsTest, OperationsMaxIsPerLane) {
    use({.clients = 4, .operations_max = 5});
    run_until(Instant{} + seconds(10));
    EXPECT_EQ(clients_->counts().ok, 20U);
    EXPECT_TRUE(clients_->quiet());
    use({.clients = 2, .lanes = 3, .readers = 1, .operations_max = 5});
    run_until(Instant{} + seconds(10));
    EXPECT_EQ(clients_->counts().ok, 35U);
}

TEST_F(ClientsTest, TheHistoryIsWhatTheyInvokedAndHeard) {
    use({.clients = 2, .operations_max = 10});
    run_until(Instant{} + seconds(10));
    const auto& operations = clients_->history().operations();
    ASSERT_EQ(operations.size(), 20U);
    EXPECT_EQ(told_.invoked, 20);
    EXPECT_EQ(told_.completed, 20);
    std::set<uint64_t> moments;
    std::map<uint64_t, uint64_t> numbers;
    for (const Operation& operation : operations) {
        EXPECT_EQ(operation.number, ++numbers[operation.client.value()]);
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

// The names by which the log knows the operations: each client has a session and numbers its
// commands in it; questions have none.
TEST_F(ClientsTest, TheHistoryKnowsTheNamesOfCommands) {
    use({.clients = 2, .operations_max = 30});
    run_until(Instant{} + seconds(10));
    std::map<uint64_t, SessionId> sessions;
    std::map<uint64_t, uint64_t> sequences;
    for (const Operation& operation : clients_->history().operations()) {
        if (operation.command.function == KvFunction::Get) {
            EXPECT_EQ(operation.session, SessionId());
            EXPECT_EQ(operation.sequence, 0U);
            continue;
        }
        const auto known = sessions.emplace(operation.client.value(), operation.session).first;
        EXPECT_TRUE(operation.session);
        EXPECT_EQ(operation.session, known->second);
        EXPECT_EQ(operation.sequence, ++sequences[operation.client.value()]);
    }
    ASSERT_EQ(sessions.size(), 2U);
    EXPECT_NE(sessions[1], sessions[2]);
    EXPECT_EQ(clients_->sessions_expired(), 0U);
}

TEST_F(ClientsTest, LanesShareTheSessionOfTheirClient) {
    use({.clients = 2,
         .lanes = 4,
         .operations_max = 20,
         .think = {.kind = LatencyKind::Constant, .base = {}}});
    run_until(Instant{} + seconds(10));
    EXPECT_EQ(clients_->counts().ok, 160U);
    EXPECT_GT(told_.most_open, 2U) << "several operations of a client at a time";
    std::map<bool, std::set<SessionId>> sessions;  // by client
    std::set<std::pair<SessionId, uint64_t>> names;
    std::size_t commands = 0;
    for (const Operation& operation : clients_->history().operations()) {
        if (operation.command.function == KvFunction::Get) continue;
        sessions[operation.client.value() > 4].insert(operation.session);
        names.emplace(operation.session, operation.sequence);
        ++commands;
    }
    EXPECT_EQ(sessions[false].size(), 1U);
    EXPECT_EQ(sessions[true].size(), 1U);
    EXPECT_NE(sessions[false], sessions[true]);
    EXPECT_EQ(names.size(), commands) << "no name is used twice";
    // Surplus sessions, which lanes have opened at the same time, are closed again.
    run_until(Instant{} + seconds(11));
    for (uint32_t i = 0; i < 3; ++i) {
        EXPECT_EQ(world_->node(i).replica().sessions().size(), 2U);
    }
}

TEST_F(ClientsTest, ReadersOnlyGet) {
    use({.clients = 1, .readers = 2, .operations_max = 20});
    run_until(Instant{} + seconds(10));
    std::map<uint64_t, int> commands;
    std::map<uint64_t, int> gets;
    for (const Operation& operation : clients_->history().operations()) {
        const bool get = operation.command.function == KvFunction::Get;
        ++(get ? gets : commands)[operation.client.value()];
    }
    EXPECT_GT(commands[1], 0);
    EXPECT_EQ(commands[2] + commands[3], 0);
    EXPECT_EQ(gets[2], 20);
    EXPECT_EQ(gets[3], 20);
}

// A client that thinks for longer than its session lives loses it, unless it keeps it.
TEST_F(ClientsTest, IdleSessionsExpireOrAreKept) {
    for (const bool kept : {false, true}) {
        told_ = Told{};
        use({.clients = 2,
             .think = {.kind = LatencyKind::Constant, .base = seconds(3)},
             .get = 0,
             .keep_alive = kept ? milliseconds(500) : Duration{}},
            2, {.expire_after = seconds(2)});
        run_until(Instant{} + seconds(30));
        // Also those who have nothing to do, such as the hands, keep what they have opened.
        clients_->ask_hand(put("v"));
        run_until(Instant{} + seconds(31));
        EXPECT_GT(clients_->counts().ok, 4U);
        if (kept) {
            EXPECT_EQ(clients_->sessions_expired(), 0U);
            EXPECT_EQ(clients_->counts().info, 0U);
        } else {
            EXPECT_GT(clients_->sessions_expired(), 4U);
            EXPECT_EQ(clients_->counts().info, clients_->sessions_expired());
        }
    }
}

// A cluster that is to come to rest is left alone.
TEST_F(ClientsTest, StoppedClientsKeepNothingAlive) {
    use({.clients = 2, .keep_alive = milliseconds(100)});
    run_until(Instant{} + seconds(2));
    clients_->run(false);
    run_until(Instant{} + seconds(3));
    const LogIndex before = world_->node(0).replica().raft().log().last_index();
    run_until(Instant{} + seconds(5));
    EXPECT_EQ(world_->node(0).replica().raft().log().last_index(), before);
    clients_->run(true);
    run_until(Instant{} + seconds(6));
    EXPECT_GT(world_->node(0).replica().raft().log().last_index(), before);
}

// What a timeline sends to a server is the next thing this server hears, not the opening of a
// session.
TEST_F(ClientsTest, HandsHaveASessionBeforeTheyAreAsked) {
    use({.clients = 0}, 3);
    run_until(Instant{} + seconds(1));
    ASSERT_EQ(world_->node(0).replica().sessions().size(), 1U);
    const LogIndex before = world_->node(0).replica().raft().log().last_index();
    for (int i = 0; i < 3; ++i) clients_->ask_hand(put(std::to_string(i)));
    run_until(Instant{} + seconds(2));
    EXPECT_EQ(clients_->counts().ok, 3U);
    EXPECT_EQ(world_->node(0).replica().raft().log().last_index(), before.plus(3));
    const auto& operations = clients_->history().operations();
    for (const Operation& operation : operations) {
        EXPECT_EQ(operation.session, operations[0].session) << "one for all hands";
    }
}

}  // namespace
}  // namespace wavetank
