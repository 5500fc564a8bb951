// SmallWorld: a few servers with one client's end, for tests that step the world event by event.
// The client sends what the test tells it to and keeps what it hears.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/machines/kv.h"
#include "sim/world/world.h"

namespace wavetank {

class SmallWorld final : public ClientPort {
 public:
    struct Setup {
        uint32_t servers = 3;
        uint32_t members = UINT32_MAX;  // the first ones; the others wait to be added
        uint64_t seed = 1;
        LinkQuality network = {};
        LinkQuality client_network = {};
        DiskQuality disk = {};
        ClockQuality clock_of_1 = {};
        Options options = {};
        bool encoded_links = false;
    };
    explicit SmallWorld(const Setup& setup, Observer* observer = nullptr,
                        TraceSink* trace = nullptr)
        : world(world_setup(setup), setup.seed, observer, trace) {
        world.set_client_port(this);
    }

    static WorldSetup world_setup(const Setup& setup) {
        WorldSetup world;
        world.servers = setup.servers;
        world.clients = 1;
        world.network = setup.network;
        world.client_network = setup.client_network;
        world.encoded_links = setup.encoded_links;
        std::vector<ServerId> members;
        for (uint32_t i = 0; i < std::min(setup.servers, setup.members); ++i) {
            members.push_back(ServerId(i + 1));
        }
        for (uint32_t i = 0; i < setup.servers; ++i) {
            Node::Setup& node = world.nodes.emplace_back();
            node.position = i;
            node.options = setup.options;
            node.options.id = ServerId(i + 1);
            node.disk = setup.disk;
            if (i == 0) node.clock = setup.clock_of_1;
            if (i < members.size()) node.initial.configuration = Configuration::of_voters(members);
        }
        return world;
    }

    // Handles events until virtual time has passed `when`, or nothing is left. The world's clock
    // moves with its events: a marker event makes it stop there.
    void run_until(Instant when) {
        world.push(std::max(when, world.now()), {EventKind::Control, ++marker_, 0});
        while (true) {
            const World::Stepped stepped = world.step();
            if (!stepped.any || (stepped.control && stepped.subject == marker_)) return;
        }
    }
    void run_for(Duration span) { run_until(world.now() + span); }
    // Until `holds()`, at most for `span`. True if it held.
    template <class Holds>
    bool run_until_holds(Holds holds, Duration span = seconds(20)) {
        const Instant limit = world.now() + span;
        while (!holds()) {
            if (world.now() >= limit || !world.step().any) return false;
        }
        return true;
    }

    Raft raft(uint32_t position) const { return world.node(position).replica().raft(); }
    bool running(uint32_t position) const { return world.node(position).running(); }
    // Position of the running leader; servers() if there is none.
    uint32_t leader() const {
        uint32_t found = world.servers();
        for (uint32_t i = 0; i < world.servers(); ++i) {
            if (running(i) && world.node(i).replica().raft().role() == Role::Leader) found = i;
        }
        return found;
    }
    bool has_leader() const { return leader() < world.servers(); }

    // Opens the client's session. Requires that this server leads.
    bool open_session(uint32_t position) {
        ClientRequest request;
        request.client = ClientId(1);
        request.request = ++requests_;
        request.kind = RequestKind::OpenSession;
        world.request(0, ServerId(position + 1), request);
        if (!run_until_holds([this] { return !replies.empty(); })) return false;
        session_ = replies.back().session;
        replies.clear();
        return session_ != SessionId();
    }
    // A put by the client; every call has the next number. Without an open session it is logged and
    // applied as well, and answered that there is none.
    void put(uint32_t position, const std::string& value = "v") {
        KvCommand command;
        command.function = KvFunction::Put;
        command.key = "k";
        command.value = value;
        ClientRequest request;
        request.client = ClientId(1);
        request.request = ++requests_;
        request.kind = RequestKind::Command;
        request.session = session_;
        request.sequence = ++sequence_;
        request.body = Payload::copy_of(encode(command));
        world.request(0, ServerId(position + 1), request);
    }
    // A get by the client.
    void get(uint32_t position) {
        KvCommand command;
        command.function = KvFunction::Get;
        command.key = "k";
        ClientRequest request;
        request.client = ClientId(1);
        request.request = ++requests_;
        request.body = Payload::copy_of(encode(command));
        world.request(0, ServerId(position + 1), request);
    }

    void on_reply(uint32_t, ClientReply reply) override { replies.push_back(std::move(reply)); }
    void on_timer(uint32_t, uint32_t) override {}

    World world;
    std::vector<ClientReply> replies;

 private:
    SessionId session_{UINT64_MAX};
    uint64_t requests_ = 0;
    uint64_t sequence_ = 0;
    uint32_t marker_ = 1'000'000;
};

// Keeps nothing and judges nothing; for tests that need one or two of the calls.
class SilentObserver : public Observer {
 public:
    void on_event(uint64_t, Instant) override {}
    void on_start(const Options&, const Recovered&) override {}
    void on_crash(ServerId) override {}
    void on_wiped(ServerId) override {}
    void on_write(ServerId, const Write&) override {}
    void on_step(const Observation&) override {}
    void on_send(ServerId, const Send&) override {}
    void on_restored(ServerId, const SnapshotMeta&, uint64_t) override {}
    void on_apply(ServerId, const Application&) override {}
    void on_match(ServerId, ServerId, LogIndex) override {}
    void on_durable(ServerId, WriteId) override {}
};

}  // namespace wavetank
