// SmallCluster: a few replicas on fake disks, whose messages arrive when the test says so, in
// order. For stories between servers that a single one with a faked world cannot tell.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "core/server/replica.h"
#include "core/server/test/fake_environment.h"

namespace wavetank {

class SmallCluster {
 public:
    struct Setup {
        uint32_t servers = 3;
        std::optional<Configuration::Members> members = {};  // default: all are voters
        Options options = {};
        SessionLimits sessions = {};
        std::size_t snapshot_slice_bytes = 64 << 10;
    };
    explicit SmallCluster(Setup setup) : setup_(std::move(setup)) {
        Configuration::Members members;
        for (uint32_t id = 1; id <= setup_.servers; ++id) members.voters.push_back(ServerId(id));
        const Configuration all(setup_.members.value_or(members));
        for (uint32_t id = 1; id <= setup_.servers; ++id) {
            servers_.push_back(std::make_unique<Server>());
            servers_.back()->environment.disk.recovered.configuration = all;
            start(id);
        }
    }

    FakeEnvironment& environment(uint32_t id) { return servers_[id - 1]->environment; }
    Replica& replica(uint32_t id) { return *servers_[id - 1]->replica; }
    const Raft& raft(uint32_t id) { return replica(id).raft(); }

    void start(uint32_t id) {
        Server& server = *servers_[id - 1];
        server.environment.writes.clear();
        server.environment.sends.clear();
        Replica::Setup setup{setup_.options, server.environment.disk.recovered, id, setup_.sessions,
                             setup_.snapshot_slice_bytes};
        setup.options.id = ServerId(id);
        setup.options.witness =
            setup_.members && Configuration(*setup_.members).is_witness(ServerId(id));
        server.replica.emplace(server.environment, std::move(setup), std::make_unique<KvMachine>());
        server.replica->start();
    }
    // Loses its memory and what was not synced; the disk stays.
    void crash(uint32_t id) { servers_[id - 1]->replica.reset(); }
    // Nothing comes from this server or gets there.
    void cut(uint32_t id) { cut_.insert(id); }
    void heal() { cut_.clear(); }
    bool runs(uint32_t id) const { return servers_[id - 1]->replica.has_value(); }
    // How often each message arrives; by default once.
    void set_copies(std::function<uint32_t()> copies) { copies_ = std::move(copies); }

    // Disks and messages, until nothing is left to be done.
    void run() {
        for (int round = 0; step(); ++round) {
            ASSERT_LT(round, 10'000) << "it comes to rest";
        }
    }
    // Time goes on in steps of a heartbeat, and everybody does what is due.
    void run_for(Duration span) {
        const Instant end = environment(1).clock + span;
        while (environment(1).clock < end) {
            for (auto& server : servers_) {
                FakeEnvironment& environment = server->environment;
                environment.clock = environment.clock + setup_.options.heartbeat_interval;
                if (server->replica && environment.clock >= environment.deadline) {
                    server->replica->handle(Wake{});
                }
            }
            run();
        }
    }
    // This server asks for an election, and gets it.
    void lead(uint32_t id) {
        run_for(setup_.options.election_timeout_min);  // the others hear no leader
        for (int tries = 0; tries < 50 && raft(id).role() != Role::Leader; ++tries) {
            const Duration wait = environment(id).deadline - environment(id).clock;
            for (auto& server : servers_) {
                server->environment.clock = server->environment.clock + std::max(wait, Duration{});
            }
            replica(id).handle(Wake{});
            run();
        }
        ASSERT_EQ(raft(id).role(), Role::Leader);
        run_for(setup_.options.heartbeat_interval);
    }

    // A request to this server, and all that follows; the replies to it.
    std::vector<ClientReply> ask(uint32_t id, ClientRequest request) {
        if (request.request == 0) request.request = ++requests_;
        environment(id).replies.clear();
        replica(id).request(request);
        run();
        run_for(setup_.options.heartbeat_interval);  // commits are told with the next message
        return std::exchange(environment(id).replies, {});
    }
    SessionId open(uint32_t id) {
        const auto replies = ask(id, {.client = ClientId(1), .kind = RequestKind::OpenSession});
        EXPECT_EQ(replies.size(), 1U);
        return replies.empty() ? SessionId() : replies[0].session;
    }
    std::vector<ClientReply> write(uint32_t id, SessionId session, uint64_t sequence,
                                   Payload body) {
        return ask(id, {.client = ClientId(1),
                        .kind = RequestKind::Command,
                        .session = session,
                        .sequence = sequence,
                        .unacknowledged = sequence,
                        .body = std::move(body)});
    }
    // The value of a key as this server answers it; "no answer" if it does not.
    std::string read(uint32_t id, const std::string& key) {
        const auto replies = ask(id, {.client = ClientId(1), .body = get(key)});
        if (replies.size() != 1 || replies[0].status != ReplyStatus::Ok) return "no answer";
        return value_in(replies[0]);
    }

 private:
    struct Server {
        FakeEnvironment environment;
        std::optional<Replica> replica;
    };

    bool step() {
        bool any = false;
        for (uint32_t id = 1; id <= servers_.size(); ++id) {
            Server& server = *servers_[id - 1];
            if (!server.replica) continue;
            if (const WriteId upto = server.environment.sync()) {
                server.replica->handle(Written{upto});
                any = true;
            }
            for (Send& send : std::exchange(server.environment.sends, {})) {
                deliver(id, send);
                any = true;
            }
        }
        return any;
    }
    void deliver(uint32_t from, Send& send) {
        // What reaches the network is whole.
        EXPECT_EQ(send.entries_to_fetch, 0U);
        EXPECT_EQ(send.bytes_to_fetch, 0U);
        Server& to = *servers_[send.to.value() - 1];
        if (cut_.contains(from) || cut_.contains(send.to.value()) || !to.replica) return;
        for (uint32_t copies = copies_ ? copies_() : 1; copies > 0; --copies) {
            to.replica->handle(Recv{ServerId(from), send.message});
        }
    }

    const Setup setup_;
    std::vector<std::unique_ptr<Server>> servers_;
    std::set<uint32_t> cut_;
    std::function<uint32_t()> copies_;
    uint64_t requests_ = 0;
};

}  // namespace wavetank
