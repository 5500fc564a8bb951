// World: nodes, network and clients' ends on one queue of events in virtual time. It carries events
// out in their order, keeps the digest of the run, tells the oracles, and writes the trace. What is
// done to it from outside (faults, workload, phases) is the business of the layers above.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/hash.h"
#include "core/raft/configurations.h"
#include "sim/check/observation.h"
#include "sim/kernel/chance.h"
#include "sim/kernel/event_queue.h"
#include "sim/record/trace.h"
#include "sim/world/network.h"
#include "sim/world/node.h"
#include "sim/world/slab.h"
#include "sim/world/weather.h"

namespace wavetank {

// The clients' side: gets replies and the timers it asked for. Client positions count from 0.
class ClientPort {
 public:
    virtual ~ClientPort() = default;
    virtual void on_reply(uint32_t client, ClientReply reply) = 0;
    virtual void on_timer(uint32_t client, uint32_t token) = 0;
};

struct WorldSetup {
    uint32_t servers = 0;
    uint32_t clients = 0;
    LinkQuality network;
    LinkQuality client_network;
    bool encoded_links = false;  // every message makes the round trip, else one in so many
    std::vector<Node::Setup> nodes;
};

struct WorldCounts {
    uint64_t events = 0;
    uint64_t messages_sent = 0;
    uint64_t payload_bytes_sent = 0;
    uint64_t corrupted = 0;  // messages, on their way
    uint64_t deliveries = 0;
    uint64_t elections_won = 0;
    uint64_t crashes = 0;
    uint64_t changes_done = 0;    // of the members, for whoever asked
    uint64_t transfers_done = 0;  // of the leadership
    uint64_t snapshots_taken = 0;
    uint64_t snapshots_installed = 0;
    uint64_t lease_reads = 0;
    uint64_t sessions_expired = 0;  // replies that say so
    uint64_t disk_stops = 0;        // servers that stopped because their disk failed them
    uint64_t disks_refused = 0;     // starts that came to nothing because of the disk
    uint64_t servers_replaced = 0;
};

class World {
 public:
    // `observer` and `trace` may be null; all three outlive the world.
    World(const WorldSetup& setup, uint64_t seed, Observer* observer, TraceSink* trace);

    void set_client_port(ClientPort* port) { client_port_ = port; }

    // --- The run ---
    // Handles the next event. True if there was one; a Control event is handed to the caller.
    struct Stepped {
        bool any = false;
        bool control = false;
        uint32_t subject = 0;
    };
    Stepped step();
    Instant now() const { return now_; }
    const WorldCounts& counts() const { return counts_; }
    uint64_t digest() const { return digest_.value(); }
    void push(Instant at, EventQueue::What what) { queue_.push(at, what); }
    const Chance& chance() const { return chance_; }
    Observer* observer() { return observer_; }

    // --- Nodes; positions count from 0, server ids from 1 ---
    uint32_t servers() const { return static_cast<uint32_t>(nodes_.size()); }
    Node& node(uint32_t position) { return *nodes_[position]; }
    const Node& node(uint32_t position) const { return *nodes_[position]; }
    void start_all();
    // A node that was doomed and still runs goes on living. It stays down if its disk does not let
    // it start.
    void start(uint32_t position);
    void crash(uint32_t position);
    void pause(uint32_t position);
    void resume(uint32_t position);
    void change_clock(uint32_t position, Duration step, const int64_t* drift_ppm);
    void freeze_clock(uint32_t position);
    void unfreeze_clock(uint32_t position);
    void stall_disk(uint32_t position);
    void release_disk(uint32_t position);
    // A node that runs dies before its disk is rolled back, cloned or lost. An error if there is no
    // such place on it (Rot).
    std::optional<Error> change_disk(uint32_t position, const DiskChange& change);
    // A server whose disk could not be trusted is back with another one.
    void on_replaced(uint32_t position);
    // A node that runs keeps its disk.
    void wipe(uint32_t position, bool as_witness);
    // Somebody at its console wants something of the server. False if it does not run or stands
    // still: then nothing happens.
    bool ask(uint32_t position, const Input& input);
    bool take_snapshot(uint32_t position);

    // --- Network; endpoints are the servers' positions, then the clients' ---
    Network& network() { return network_; }
    const Network& network() const { return network_; }
    uint32_t endpoint_of_client(uint32_t client) const { return servers() + client; }
    void release(Network::Direction direction);

    // --- For nodes and clients ---
    void send(uint32_t from, Send& send);
    void reply(uint32_t from, ClientReply reply);
    // `client` is the position; the reply will name the request's ClientId, which must be
    // position+1.
    void request(uint32_t client, ServerId to, const ClientRequest& request);
    void stepped(const Raft& raft, const Input& input, const Output& output, bool write_leaves);
    // A node has died: what waited for it while it stood still is lost.
    void on_crash(uint32_t position);
    // A server stops by itself, and dies next.
    void on_disk_stop(uint32_t position, const char* why);
    // The newest configuration that a server has in force and knows to be committed.
    const Configurations::Placed& committed_configuration() const { return committed_; }
    // The newest answer to a wish for other members.
    const ChangeDone& last_change_done() const { return last_change_done_; }
    // Rises whenever a node starts, dies, stands still or goes on, its disk does, a link is cut or
    // clogged, or another configuration is in force or committed.
    uint64_t condition_version() const { return condition_version_ + network_.version(); }

    // --- Digest and trace ---
    void note(uint64_t word) { digest_.add(word); }
    bool tracing() const { return trace_ != nullptr; }
    struct TraceLine {
        TraceKind kind;
        ServerId server;
        ServerId peer;
    };
    void trace(TraceLine line, std::string words);

 private:
    struct PeerFlight {
        uint32_t from = 0;
        uint32_t to = 0;
        Input input;  // always a Recv
    };
    struct RequestFlight {
        uint32_t client = 0;
        uint32_t to = 0;
        ClientRequest request;
    };
    struct ReplyFlight {
        uint32_t from = 0;
        uint32_t client = 0;
        ClientReply reply;
    };

    void handle(const QueuedEvent& event);
    void deliver_peer_message(const QueuedEvent& event);
    void deliver_request(const QueuedEvent& event);
    void deliver_reply(const QueuedEvent& event);
    bool makes_round_trip(uint64_t number) const;
    // True if the event waits, because the link is clogged.
    bool held_by_link(Network::Direction direction, const QueuedEvent& event);
    // The node stands still: the event waits until it goes on.
    void defer(uint32_t position, const QueuedEvent& event);
    void lose(const EventQueue::What& what);
    void trace_lost(Network::Direction direction, const char* what);
    void count_step(const Input& input, const Output& output, const Raft& raft);
    void observe_step(const Raft& raft, const Input& input, const Output& output,
                      bool write_leaves);
    void trace_step(const Raft& raft, const Input& input, const Output& output);

    const Chance chance_;
    EventQueue queue_;
    Instant now_;
    Digest digest_;
    WorldCounts counts_;
    uint64_t condition_version_ = 0;
    const bool encoded_links_;
    Configurations::Placed committed_;
    ChangeDone last_change_done_;
    Observer* observer_;
    TraceSink* trace_;
    ClientPort* client_port_ = nullptr;
    Network network_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::vector<std::vector<EventQueue::What>> deferred_;  // of paused nodes, by position
    Slab<PeerFlight> peer_flights_;
    Slab<RequestFlight> request_flights_;
    Slab<ReplyFlight> reply_flights_;
};

}  // namespace wavetank
