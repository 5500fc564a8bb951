// A cluster in bad weather, drawn from a seed: messages are lost and repeated, servers cut off and
// restarted, snapshots taken in between, and clients repeat themselves at every server. Whatever
// happens, a command is carried out at most once, exactly once if a client has heard so, every
// read sees what was acknowledged before it, and in the end all servers are equal.
#include <gtest/gtest.h>

#include "core/server/test/small_cluster.h"

namespace wavetank {
namespace {

class Weather {
 public:
    explicit Weather(uint64_t seed) : seed_(seed), cluster_(setup(seed)) {
        cluster_.set_copies([this] {
            const uint64_t drawn = draw(100);
            return drawn < loss_ ? 0U : (drawn < 95 ? 1U : 2U);
        });
    }

    void run() {
        loss_ = 10;
        for (int i = 0; i < 150; ++i) step();
        loss_ = 0;
        cluster_.heal();
        for (uint32_t id = 1; id <= 3; ++id) {
            if (!cluster_.runs(id)) cluster_.start(id);
        }
        for (int i = 0; i < 100 && !all_answered(); ++i) {
            for (auto& [number, command] : commands_) send(number, command);
            elapse(milliseconds(100));
        }
        EXPECT_TRUE(all_answered());
        elapse(seconds(3));
        judge();
    }

    uint64_t executed() const { return executed_; }
    uint64_t restored() const { return restored_; }

 private:
    struct Command {
        SessionId session;
        uint64_t sequence = 0;
        bool answered = false;
    };
    struct Read {
        std::vector<std::string> must_see;
    };

    static SmallCluster::Setup setup(uint64_t seed) {
        SmallCluster::Setup setup;
        setup.options.snapshot_entries = 12;
        setup.options.snapshot_trailing_entries = seed % 3 == 0 ? 0 : 4;
        setup.options.snapshot_piece_bytes = 60;
        setup.options.log_memory_entries = seed % 2 == 0 ? 4 : 0;
        setup.options.apply_entries_max = 3;
        setup.options.forward_proposals = seed % 4 < 2;
        setup.options.follower_reads = true;
        setup.sessions = {.sessions_max = 4, .replies_max = 6};
        setup.snapshot_slice_bytes = 30;
        return setup;
    }
    uint64_t draw(uint64_t bound) { return below(mix(seed_, ++ordinal_), bound); }
    uint32_t some_server() { return 1 + static_cast<uint32_t>(draw(3)); }
    static std::string token(uint64_t number) { return "<" + std::to_string(number) + ">"; }

    void step() {
        const uint32_t server = some_server();
        const uint64_t what = draw(40);
        if (what == 0) cluster_.cut(server);
        if (what == 1 || what == 2) cluster_.heal();
        if (what == 3 && cluster_.runs(server)) cluster_.crash(server);
        if ((what == 4 || what == 5) && !cluster_.runs(server)) cluster_.start(server);
        if (what == 6 && cluster_.runs(server)) cluster_.replica(server).take_snapshot();
        if (what == 7 || sessions_.empty()) open();
        if (what >= 8 && what < 24 && !sessions_.empty()) {
            Command command;
            command.session = sessions_[draw(sessions_.size())];
            command.sequence = ++sequences_[command.session];
            const uint64_t number = ++requests_;
            send(number, commands_[number] = command);
        }
        if (what >= 24 && what < 34 && !commands_.empty()) {
            auto again = commands_.begin();
            std::advance(again, draw(commands_.size()));
            send(again->first, again->second);
        }
        if (what >= 34) read();
        elapse(milliseconds(static_cast<int64_t>(draw(3) * 50)));
    }
    void open() {
        const uint32_t server = some_server();
        if (!cluster_.runs(server)) return;
        cluster_.replica(server).request(
            {.client = ClientId(1), .request = ++requests_, .kind = RequestKind::OpenSession});
    }
    // To some server, as a client would who cannot find the leader.
    void send(uint64_t number, const Command& command) {
        const uint32_t server = some_server();
        if (command.answered || !cluster_.runs(server)) return;
        ClientRequest request{.client = ClientId(1),
                              .request = number,
                              .kind = RequestKind::Command,
                              .session = command.session,
                              .sequence = command.sequence,
                              .unacknowledged = command.sequence,
                              .body = append("k", token(number))};
        for (const auto& [other, open] : commands_) {
            if (open.session != command.session || open.answered) continue;
            request.unacknowledged = std::min(request.unacknowledged, open.sequence);
        }
        cluster_.replica(server).request(request);
    }
    void read() {
        const uint32_t server = some_server();
        if (!cluster_.runs(server)) return;
        reads_[++requests_].must_see = acknowledged_;
        cluster_.replica(server).request(
            {.client = ClientId(1), .request = requests_, .body = get("k")});
    }

    void elapse(Duration span) {
        cluster_.run();
        cluster_.run_for(span);
        for (uint32_t id = 1; id <= 3; ++id) {
            for (const ClientReply& reply : std::exchange(cluster_.environment(id).replies, {})) {
                take(reply);
            }
        }
    }
    void take(const ClientReply& reply) {
        const bool ok = reply.status == ReplyStatus::Ok;
        if (const auto read = reads_.find(reply.request); read != reads_.end()) {
            const std::string value = ok ? value_in(reply) : "";
            for (const std::string& each : read->second.must_see) {
                EXPECT_TRUE(!ok || value.find(each) != std::string::npos)
                    << each << " in " << value;
            }
            reads_.erase(read);
            return;
        }
        const auto found = commands_.find(reply.request);
        if (found == commands_.end()) {
            if (ok && reply.session) sessions_.push_back(reply.session);
            return;
        }
        Command& command = found->second;
        if (ok && !command.answered) acknowledged_.push_back(token(reply.request));
        if (ok) command.answered = true;
        if (reply.status == ReplyStatus::SessionExpired) {
            // Nothing more comes of this session; what its commands have done is unknown.
            std::erase(sessions_, command.session);
            for (auto& [number, other] : commands_) {
                if (other.session == command.session) other.answered = true;
            }
        }
    }
    bool all_answered() const {
        return std::all_of(commands_.begin(), commands_.end(),
                           [](const auto& each) { return each.second.answered; });
    }

    void judge() {
        const std::string value = cluster_.read(leader(), "k");
        for (const auto& [number, command] : commands_) {
            const std::size_t first = value.find(token(number));
            if (first == std::string::npos) continue;
            EXPECT_EQ(value.find(token(number), first + 1), std::string::npos)
                << token(number) << " twice in " << value;
        }
        for (const std::string& each : acknowledged_) {
            EXPECT_NE(value.find(each), std::string::npos) << each << " is lost in " << value;
        }
        executed_ = acknowledged_.size();
        for (uint32_t id = 1; id <= 3; ++id) {
            EXPECT_EQ(cluster_.raft(id).last_applied(), cluster_.raft(1).last_applied());
            EXPECT_EQ(cluster_.replica(id).machine_digest(), cluster_.replica(1).machine_digest());
            restored_ += cluster_.environment(id).restorations.size();
        }
    }
    uint32_t leader() {
        for (uint32_t id = 1; id <= 3; ++id) {
            if (cluster_.raft(id).role() == Role::Leader) return id;
        }
        return 1;
    }

    const uint64_t seed_;
    uint64_t ordinal_ = 0;
    uint64_t loss_ = 0;  // percent
    SmallCluster cluster_;
    uint64_t requests_ = 0;
    std::vector<SessionId> sessions_;
    std::map<SessionId, uint64_t> sequences_;
    std::map<uint64_t, Command> commands_;  // by request
    std::map<uint64_t, Read> reads_;        // by request
    std::vector<std::string> acknowledged_;
    uint64_t executed_ = 0;
    uint64_t restored_ = 0;
};

TEST(ReplicaRandomTest, ExactlyOnceInBadWeather) {
    uint64_t executed = 0;
    uint64_t restored = 0;
    for (uint64_t seed = 1; seed <= 100; ++seed) {
        SCOPED_TRACE(seed);
        Weather weather(seed);
        weather.run();
        if (testing::Test::HasFailure()) return;  // one story is enough
        executed += weather.executed();
        restored += weather.restored();
    }
    EXPECT_GT(executed, 1000U);
    EXPECT_GT(restored, 50U);
}

}  // namespace
}  // namespace wavetank
