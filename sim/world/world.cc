// The loop: one event at a time, in the total order.
#include "sim/world/world.h"

#include <fmt/format.h>

#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "sim/world/payloads.h"
#include "sim/world/round_trip.h"
#include "sim/world/words.h"

namespace wavetank {
namespace {

// Clients are told apart in messages by ClientId; position p is client p + 1.
uint32_t client_position(ClientId client) {
    return static_cast<uint32_t>(client.value() - 1);
}

// What a message would take on a wire, about: its fields, and its payloads.
uint64_t wire_bytes(const Message& message) {
    return 64 + payload_bytes(message);
}

template <class Dones>
uint64_t count_done(const Dones& dones) {
    uint64_t count = 0;
    for (const auto& done : dones) count += done.status == decltype(done.status)::Done ? 1 : 0;
    return count;
}

// Those that are no members of the cluster yet start without a configuration.
Configuration first_configuration(const WorldSetup& setup) {
    for (const Node::Setup& node : setup.nodes) {
        if (!node.initial.configuration.all().empty()) return node.initial.configuration;
    }
    return {};
}

}  // namespace

World::World(const WorldSetup& setup, uint64_t seed, Observer* observer, TraceSink* trace)
    : chance_(seed),
      encoded_links_(setup.encoded_links),
      committed_{LogIndex(), first_configuration(setup)},
      observer_(observer),
      trace_(trace),
      network_({setup.servers, setup.clients}, setup.network, chance_),
      deferred_(setup.servers) {
    CHECK(setup.nodes.size() == setup.servers);
    for (const Node::Setup& node : setup.nodes) {
        nodes_.push_back(std::make_unique<Node>(*this, node));
    }
    for (uint32_t client = 0; client < setup.clients; ++client) {
        for (uint32_t server = 0; server < setup.servers; ++server) {
            const uint32_t endpoint = setup.servers + client;
            network_.set_standing({endpoint, server}, setup.client_network);
            network_.set_standing({server, endpoint}, setup.client_network);
        }
    }
}

inline void World::handle(const QueuedEvent& event) {
    switch (event.kind) {
        case EventKind::PeerMessage:
            deliver_peer_message(event);
            return;
        case EventKind::ClientRequest:
            deliver_request(event);
            return;
        case EventKind::ClientReply:
            deliver_reply(event);
            return;
        case EventKind::ClientTimer:
            client_port_->on_timer(event.subject, event.token);
            return;
        case EventKind::Deadline:
        case EventKind::DiskDone:
        case EventKind::DiskIdle: {
            Node& node = *nodes_[event.subject];
            if (!node.running() || node.incarnation() != event.token) return;
            if (node.paused()) {
                defer(event.subject, event);
                return;
            }
            if (event.kind == EventKind::Deadline) {
                node.on_deadline(event.at);
            } else if (event.kind == EventKind::DiskDone) {
                node.on_disk_done();
            } else {
                node.on_disk_idle();
            }
            return;
        }
        case EventKind::Control:
            return;
    }
}

World::Stepped World::step() {
    if (queue_.empty()) return {};
    const QueuedEvent event = queue_.pop();
    CHECK(event.at >= now_);
    now_ = event.at;
    ++counts_.events;
    digest_.add(static_cast<uint64_t>(now_.nanos));
    digest_.add(static_cast<uint64_t>(event.kind) << 32 | event.subject);
    if (observer_ != nullptr) observer_->on_event(counts_.events, now_);
    if (event.kind == EventKind::Control) return {true, true, event.subject};
    handle(event);
    return {true, false, 0};
}

inline bool World::held_by_link(Network::Direction direction, const QueuedEvent& event) {
    if (!network_.is_clogged(direction)) return false;
    network_.hold(direction, {event.kind, event.subject, event.token});
    return true;
}

void World::defer(uint32_t position, const QueuedEvent& event) {
    deferred_[position].push_back({event.kind, event.subject, event.token});
}

void World::deliver_peer_message(const QueuedEvent& event) {
    PeerFlight& flight = peer_flights_[event.subject];
    const Network::Direction direction{flight.from, flight.to};
    if (held_by_link(direction, event)) return;
    Node& node = *nodes_[flight.to];
    if (network_.is_cut(direction) || !node.running()) {
        trace_lost(direction, name_of(std::get<Recv>(flight.input).message));
    } else {
        if (node.paused()) {
            defer(flight.to, event);
            return;
        }
        ++counts_.deliveries;
        node.on_input(flight.input);
    }
    peer_flights_.give_back(event.subject);
}

void World::deliver_request(const QueuedEvent& event) {
    RequestFlight& flight = request_flights_[event.subject];
    const Network::Direction direction{endpoint_of_client(flight.client), flight.to};
    if (held_by_link(direction, event)) return;
    Node& node = *nodes_[flight.to];
    if (network_.is_cut(direction) || !node.running()) {
        trace_lost(direction, "a client's request");
    } else {
        if (node.paused()) {
            defer(flight.to, event);
            return;
        }
        ++counts_.deliveries;
        if (tracing()) trace({TraceKind::Deliver, node.id(), {}}, words_of(flight.request));
        node.on_request(flight.request);
    }
    request_flights_.give_back(event.subject);
}

void World::deliver_reply(const QueuedEvent& event) {
    ReplyFlight& flight = reply_flights_[event.subject];
    const Network::Direction direction{flight.from, endpoint_of_client(flight.client)};
    if (held_by_link(direction, event)) return;
    if (network_.is_cut(direction)) {
        trace_lost(direction, "a reply to a client");
    } else {
        ++counts_.deliveries;
        if (tracing()) {
            trace({TraceKind::Client, {}, nodes_[flight.from]->id()}, words_of(flight.reply));
        }
        client_port_->on_reply(flight.client, std::move(flight.reply));
    }
    reply_flights_.give_back(event.subject);
}

// The codec is tried with every message of encoded links, else with one in so many.
inline bool World::makes_round_trip(uint64_t number) const {
    return encoded_links_ || number % kRoundTripEvery == 0;
}

void World::send(uint32_t from, Send& send) {
    const uint32_t to = send.to.value() - 1;
    CHECK(to < servers());
    ++counts_.messages_sent;
    counts_.payload_bytes_sent += payload_bytes(send.message);
    digest_.add(send.to.value()).add(digest_of(send.message));
    if (makes_round_trip(counts_.messages_sent)) round_trip(send.message);
    const auto arrivals =
        network_.transit({from, to}, now_, [&] { return wire_bytes(send.message); });
    if (arrivals.count == 0) {
        trace_lost({from, to}, name_of(send.message));
        return;
    }
    for (uint32_t copy = arrivals.count; copy-- > 0;) {
        const uint32_t number = peer_flights_.take();
        PeerFlight& flight = peer_flights_[number];
        flight.from = from;
        flight.to = to;
        Recv& recv = std::get<Recv>(flight.input);
        recv.from = nodes_[from]->id();
        if (copy == 0) {
            recv.message = std::move(send.message);
        } else {
            recv.message = send.message;
        }
        if (arrivals.corrupt_bits[copy] != 0 &&
            corrupt_one_byte(recv.message, arrivals.corrupt_bits[copy])) {
            SOMETIMES("a payload is corrupted on its way");
            ++counts_.corrupted;
        }
        push(arrivals.at[copy], {EventKind::PeerMessage, number, 0});
    }
}

void World::request(uint32_t client, ServerId to, const ClientRequest& request) {
    const Network::Direction direction{endpoint_of_client(client), to.value() - 1};
    digest_.add(request.request).add(request.session.value()).add(request.body.digest());
    ClientRequest arriving = request;
    if (makes_round_trip(request.request)) round_trip(arriving);
    const auto arrivals =
        network_.transit(direction, now_, [&] { return 64 + request.body.size(); });
    if (arrivals.count == 0) trace_lost(direction, "a client's request");
    for (uint32_t copy = 0; copy < arrivals.count; ++copy) {
        const uint32_t number = request_flights_.take();
        RequestFlight& flight = request_flights_[number];
        flight.client = client;
        flight.to = direction.to;
        flight.request = arriving;
        push(arrivals.at[copy], {EventKind::ClientRequest, number, 0});
    }
}

void World::reply(uint32_t from, ClientReply reply) {
    const uint32_t client = client_position(reply.client);
    const Network::Direction direction{from, endpoint_of_client(client)};
    CHECK(direction.to < network_.endpoints());
    digest_.add(reply.request << 8 | static_cast<uint64_t>(reply.status));
    if (makes_round_trip(reply.request)) round_trip(reply);
    if (reply.status == ReplyStatus::SessionExpired) ++counts_.sessions_expired;
    const auto arrivals = network_.transit(direction, now_, [&] { return 64 + reply.body.size(); });
    if (arrivals.count == 0) trace_lost(direction, "a reply to a client");
    for (uint32_t copy = 0; copy < arrivals.count; ++copy) {
        const uint32_t number = reply_flights_.take();
        ReplyFlight& flight = reply_flights_[number];
        flight.from = from;
        flight.client = client;
        flight.reply = reply;
        push(arrivals.at[copy], {EventKind::ClientReply, number, 0});
    }
}

inline void World::observe_step(const Raft& raft, const Input& input, const Output& output,
                                bool write_leaves) {
    if (const auto* recv = std::get_if<Recv>(&input)) {
        const auto* reply = std::get_if<AppendEntriesReply>(&recv->message);
        if (reply != nullptr && raft.role() == Role::Leader && reply->term == raft.current_term() &&
            raft.progress(recv->from) != nullptr) {
            observer_->on_match(raft.id(), recv->from, raft.progress(recv->from)->match_index);
        }
    }
    if (output.write.id && write_leaves) observer_->on_write(raft.id(), output.write);
    observer_->on_step(
        Observation{.server = raft.id(),
                    .clock = nodes_[raft.id().value() - 1]->now(),
                    .input = &input,
                    .current_term = raft.current_term(),
                    .voted_for = raft.voted_for(),
                    .role = raft.role(),
                    .commit_index = raft.commit_index(),
                    .last_applied = raft.last_applied(),
                    .log = &raft.log(),
                    .configuration = &raft.configuration(),
                    .snapshot = raft.snapshot() ? raft.snapshot()->index() : LogIndex(),
                    .uncommitted_bytes = raft.uncommitted_bytes(),
                    .output = &output});
}

inline void World::count_step(const Input& input, const Output& output, const Raft& raft) {
    for (const Event& event : output.events) {
        if (std::holds_alternative<BecameLeader>(event)) ++counts_.elections_won;
        if (std::holds_alternative<SnapshotInstalled>(event)) ++counts_.snapshots_installed;
        if (std::holds_alternative<ConfigurationChanged>(event)) ++condition_version_;
    }
    counts_.changes_done += count_done(output.changes);
    if (!output.changes.empty()) last_change_done_ = output.changes.back();
    counts_.transfers_done += count_done(output.transfers);
    for (const ReadDone& read : output.reads) counts_.lease_reads += read.by_lease ? 1 : 0;
    if (const auto* taken = std::get_if<SnapshotTaken>(&input)) {
        const bool kept = raft.snapshot() && raft.snapshot()->index() == taken->index;
        counts_.snapshots_taken += kept ? 1 : 0;
    }
    if (raft.configuration_index() > committed_.index &&
        raft.configuration_index() <= raft.commit_index()) {
        committed_ = {raft.configuration_index(), raft.configuration()};
        ++condition_version_;
    }
}

void World::stepped(const Raft& raft, const Input& input, const Output& output, bool write_leaves) {
    digest_.add(raft.current_term().value() << 32 ^ raft.commit_index().value());
    count_step(input, output, raft);
    if (tracing()) trace_step(raft, input, output);
    if (observer_ != nullptr) observe_step(raft, input, output, write_leaves);
}

void World::start_all() {
    for (uint32_t i = 0; i < servers(); ++i) start(i);
}

void World::start(uint32_t position) {
    Node& node = *nodes_[position];
    node.spare();
    if (node.running()) return;
    digest_.add(position);
    if (tracing()) trace({TraceKind::Fault, node.id(), {}}, "starts");
    const bool started = node.start();
    ++condition_version_;
    if (started) return;
    ++counts_.disks_refused;
    const char* why =
        node.disk_state() == DiskState::Sound ? "failing" : words_of(node.disk_state());
    if (tracing()) {
        trace({TraceKind::Fault, node.id(), {}}, fmt::format("stays down: its disk is {}", why));
    }
}

void World::crash(uint32_t position) {
    Node& node = *nodes_[position];
    if (!node.running()) return;
    digest_.add(position);
    if (tracing()) trace({TraceKind::Fault, node.id(), {}}, "crashes");
    node.crash();
}

void World::pause(uint32_t position) {
    Node& node = *nodes_[position];
    if (!node.running() || node.paused()) return;
    if (tracing()) trace({TraceKind::Fault, node.id(), {}}, "stands still");
    node.pause();
    ++condition_version_;
}

void World::on_crash(uint32_t position) {
    ++counts_.crashes;
    ++condition_version_;
    for (const EventQueue::What& what : deferred_[position]) lose(what);
    deferred_[position].clear();
}

// Gives back the flight of a message that will not be delivered.
void World::lose(const EventQueue::What& what) {
    if (what.kind == EventKind::PeerMessage) {
        const PeerFlight& flight = peer_flights_[what.subject];
        trace_lost({flight.from, flight.to}, name_of(std::get<Recv>(flight.input).message));
        peer_flights_.give_back(what.subject);
    } else if (what.kind == EventKind::ClientRequest) {
        const RequestFlight& flight = request_flights_[what.subject];
        trace_lost({endpoint_of_client(flight.client), flight.to}, "a client's request");
        request_flights_.give_back(what.subject);
    }
}

void World::resume(uint32_t position) {
    Node& node = *nodes_[position];
    if (!node.paused()) return;
    if (tracing()) trace({TraceKind::Fault, node.id(), {}}, "goes on");
    node.resume();
    ++condition_version_;
    for (const EventQueue::What& what : deferred_[position]) queue_.push(now_, what);
    deferred_[position].clear();
    node.rearm();  // a deadline among them comes at another time than it was armed for
}

void World::change_clock(uint32_t position, Duration step, const int64_t* drift_ppm) {
    Node& node = *nodes_[position];
    node.clock().step(now_, step);
    if (drift_ppm != nullptr) node.clock().set_drift(now_, *drift_ppm);
    if (tracing()) trace({TraceKind::Fault, node.id(), {}}, "its clock changes");
    node.rearm();
}

void World::freeze_clock(uint32_t position) {
    Node& node = *nodes_[position];
    node.clock().freeze(now_);
    if (tracing()) trace({TraceKind::Fault, node.id(), {}}, "its clock stands still");
    node.rearm();
}

void World::unfreeze_clock(uint32_t position) {
    Node& node = *nodes_[position];
    node.clock().go_on(now_);
    if (tracing()) trace({TraceKind::Fault, node.id(), {}}, "its clock goes on");
    node.rearm();
}

void World::on_disk_stop(uint32_t position, const char* why) {
    ++counts_.disk_stops;
    if (tracing()) trace({TraceKind::Fault, nodes_[position]->id(), {}}, why);
}

std::optional<Error> World::change_disk(uint32_t position, const DiskChange& change) {
    const bool whole = change.kind == DiskChangeKind::RollBack ||
                       change.kind == DiskChangeKind::Clone || change.kind == DiskChangeKind::Lose;
    if (whole) crash(position);
    const bool clone = change.kind == DiskChangeKind::Clone;
    return nodes_[position]->change_disk(change, clone ? nodes_[change.from].get() : nullptr);
}

void World::on_replaced(uint32_t position) {
    ++counts_.servers_replaced;
    if (tracing()) trace({TraceKind::Fault, nodes_[position]->id(), {}}, "has been replaced");
}

void World::stall_disk(uint32_t position) {
    Node& node = *nodes_[position];
    if (node.disk_stalled()) return;
    if (tracing()) trace({TraceKind::Fault, node.id(), {}}, "its disk hangs");
    node.stall_disk();
    ++condition_version_;
}

void World::release_disk(uint32_t position) {
    Node& node = *nodes_[position];
    if (!node.disk_stalled()) return;
    if (tracing()) trace({TraceKind::Fault, node.id(), {}}, "its disk goes on");
    node.release_disk();
    ++condition_version_;
}

void World::wipe(uint32_t position, bool as_witness) {
    Node& node = *nodes_[position];
    if (node.running()) return;
    digest_.add(position);
    if (tracing()) trace({TraceKind::Fault, node.id(), {}}, "its disk is replaced by an empty one");
    node.wipe(as_witness);
}

bool World::ask(uint32_t position, const Input& input) {
    Node& node = *nodes_[position];
    if (!node.running() || node.paused()) return false;
    node.on_input(input);
    return true;
}

bool World::take_snapshot(uint32_t position) {
    Node& node = *nodes_[position];
    if (!node.running() || node.paused()) return false;
    node.take_snapshot();
    return true;
}

void World::release(Network::Direction direction) {
    for (const EventQueue::What& what : network_.release(direction)) queue_.push(now_, what);
}

void World::trace(TraceLine line, std::string words) {
    if (trace_ == nullptr) return;
    trace_->on_event(
        TraceEvent{counts_.events, now_, line.kind, line.server, line.peer, std::move(words)});
}

void World::trace_lost(Network::Direction direction, const char* what) {
    if (trace_ == nullptr) return;
    const auto server_at = [&](uint32_t endpoint) {
        return endpoint < servers() ? nodes_[endpoint]->id() : ServerId();
    };
    trace({TraceKind::Lost, server_at(direction.to), server_at(direction.from)},
          std::string(what) + " is lost");
}

void World::trace_step(const Raft& raft, const Input& input, const Output& output) {
    const auto* recv = std::get_if<Recv>(&input);
    TraceLine line{TraceKind::Wake, raft.id(), {}};
    if (recv != nullptr) line = {TraceKind::Deliver, raft.id(), recv->from};
    if (std::holds_alternative<Written>(input)) line.kind = TraceKind::Durable;
    if (std::holds_alternative<Propose>(input) || std::holds_alternative<Read>(input)) {
        line.kind = TraceKind::Client;
    }
    trace(line, words_of_step(raft, input, output));
}

}  // namespace wavetank
