// The loop, and the Environment over it.
#include "core/tcp/tcp_server.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <random>

#include "core/base/check.h"
#include "core/server/replica.h"
#include "core/tcp/lobby.h"
#include "core/tcp/peer.h"
#include "core/tcp/role_log.h"
#include "core/tcp/storage_worker.h"
#include "core/tcp/wall_clock.h"

namespace wavetank {
namespace {

// Handlers that one turn runs at most, so that it ends under any load.
constexpr int kHandlersPerTurn = 64;

uint64_t random_seed() {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
}

class RealServer final : public TcpServer, public Environment, public Lobby::User {
 public:
    RealServer(Setup setup, std::unique_ptr<asio::io_context> io, tcp::acceptor acceptor);

    uint16_t port() const override { return lobby_.port(); }
    void set_addresses(const std::map<ServerId, Address>& addresses) override;
    Result<bool> run() override;
    void stop() override {
        asio::post(*io_, [this] { begin_to_stop(); });
    }
    Counts counts() const override {
        return {.turns = shown_.turns.load(std::memory_order_relaxed),
                .steps = shown_.steps.load(std::memory_order_relaxed),
                .commits = shown_.commits.load(std::memory_order_relaxed),
                .writes = shown_.writes.load(std::memory_order_relaxed),
                .syncs = store_->syncs(),
                .traffic = {.received = shown_.received.load(std::memory_order_relaxed),
                            .sent = shown_.sent.load(std::memory_order_relaxed)}};
    }

 private:
    // Environment
    ClockReading now() override { return clock_.now(); }
    void set_deadline(Instant deadline) override;
    void send(Send& send) override;
    void reply(ClientReply reply) override { lobby_.reply(reply); }
    void write(Write& write) override { writes_.push_back(std::exchange(write, Write{})); }
    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) override {
        auto entries = store_->read_entries(first, count);
        look_for_damage();
        return entries;
    }
    std::optional<Payload> read_snapshot(LogIndex index, Piece piece) override {
        auto data = store_->read_snapshot(index, piece);
        look_for_damage();
        return data;
    }
    uint64_t syncs() override { return store_->syncs(); }
    void stepped(const Raft& raft, const Input&, const Output& output) override;
    void applied(const Applied&) override {}
    void restored(const SnapshotMeta& snapshot, uint64_t) override;

    // Lobby::User
    bool knows(ServerId server) override { return peers_.contains(server); }
    void on_message(ServerId from, Message&& message) override;
    void on_request(const ClientRequest& request) override;

    void handle(const Input& input);
    void show_counts();
    void flush();
    void arm_timer();
    void on_written(WriteId upto);
    void on_write_failed(WriteId id, const Error& why);
    void look_for_damage();
    void begin_to_stop();
    bool may_end() const;

    std::unique_ptr<asio::io_context> io_;  // destroyed last
    const ServerId id_;
    const ClusterId cluster_;
    const OperatorLog log_;
    RoleLog role_log_;
    WallClock clock_;
    std::unique_ptr<Store> store_;
    std::shared_ptr<Credentials> credentials_;
    Counts counts_;
    Lobby lobby_;
    std::map<ServerId, std::unique_ptr<Peer>> peers_;  // all but ourselves

    asio::steady_timer timer_;
    Instant deadline_ = Instant::never();   // of the replica
    Instant armed_for_ = Instant::never();  // when the timer comes; never: it does not

    std::vector<Write> writes_;  // of this turn
    std::optional<Error> failure_;
    bool stopping_ = false;
    Instant stop_by_ = Instant::never();
    struct {
        std::atomic<uint64_t> turns = 0, steps = 0, commits = 0, writes = 0, received = 0, sent = 0;
    } shown_;  // `counts_` as other threads see them

    std::unique_ptr<Replica> replica_;
    std::unique_ptr<StorageWorker> worker_;
};

RealServer::RealServer(Setup setup, std::unique_ptr<asio::io_context> io, tcp::acceptor acceptor)
    : io_(std::move(io)),
      id_(setup.options.id),
      cluster_(setup.cluster),
      log_(setup.log),
      role_log_(setup.log),
      clock_(setup.clock_error),
      store_(std::move(setup.store)),
      credentials_(std::move(setup.credentials)),
      lobby_(std::move(acceptor),
             {.ours = {setup.cluster, setup.options.id},
              .credentials = credentials_,
              .traffic = &counts_.traffic},
             *this, setup.log),
      timer_(*io_) {
    Replica::Setup replica{.options = setup.options,
                           .recovered = std::move(setup.recovered),
                           .seed = random_seed(),
                           .sessions = setup.sessions};
    replica_ = std::make_unique<Replica>(*this, std::move(replica), std::move(setup.machine));
}

void RealServer::set_addresses(const std::map<ServerId, Address>& addresses) {
    for (const auto& [server, address] : addresses) {
        if (server == id_) continue;
        Dialer::Setup dialer{.ours = {cluster_, id_},
                             .server = server,
                             .address = address,
                             .credentials = credentials_,
                             .traffic = &counts_.traffic};
        peers_[server] = std::make_unique<Peer>(*io_, std::move(dialer), log_);
    }
}

Result<bool> RealServer::run() {
    worker_ = std::make_unique<StorageWorker>(
        *store_,
        StorageWorker::Events{
            .written =
                [this](WriteId upto) { asio::post(*io_, [this, upto] { on_written(upto); }); },
            .failed =
                [this](WriteId id, const Error& why) {
                    asio::post(*io_, [this, id, why] { on_write_failed(id, why); });
                }});
    const auto work = asio::make_work_guard(*io_);
    replica_->start();
    flush();
    lobby_.open();
    while (!failure_ && !(stopping_ && may_end())) {
        replica_->hold();
        io_->run_one();
        for (int i = 1; i < kHandlersPerTurn && io_->poll_one() > 0; ++i) {
        }
        replica_->release();
        CHECK(failure_ || !replica_->stuck());
        flush();
        ++counts_.turns;
        show_counts();
    }
    lobby_.close();
    for (const auto& [server, peer] : peers_) peer->close();
    show_counts();
    worker_.reset();  // what it was given becomes durable
    if (failure_) return *failure_;
    return true;
}

// --- What happens ---

void RealServer::handle(const Input& input) {
    ++counts_.steps;
    replica_->handle(input);
}

void RealServer::on_message(ServerId from, Message&& message) {
    peers_.at(from)->heard();
    handle(Recv{from, std::move(message)});
}

void RealServer::on_request(const ClientRequest& request) {
    ++counts_.steps;
    replica_->request(request);
}

void RealServer::show_counts() {
    counts_.commits = replica_->commits();
    counts_.writes = worker_->writes();
    shown_.turns.store(counts_.turns, std::memory_order_relaxed);
    shown_.steps.store(counts_.steps, std::memory_order_relaxed);
    shown_.commits.store(counts_.commits, std::memory_order_relaxed);
    shown_.writes.store(counts_.writes, std::memory_order_relaxed);
    shown_.received.store(counts_.traffic.received, std::memory_order_relaxed);
    shown_.sent.store(counts_.traffic.sent, std::memory_order_relaxed);
}

void RealServer::on_written(WriteId upto) {
    handle(Written{upto});
}

void RealServer::on_write_failed(WriteId id, const Error& why) {
    handle(WriteFailed{id});
    failure_ = Error{
        fmt::format("server {} cannot write to its disk and stops: {}", id_.value(), why.message)};
}

void RealServer::look_for_damage() {
    const std::optional<Error> damage = store_->damage();
    if (!damage || failure_) return;
    failure_ = Error{fmt::format("server {} finds damage on its disk and stops: {}", id_.value(),
                                 damage->message)};
}

void RealServer::begin_to_stop() {
    if (stopping_) return;
    stopping_ = true;
    stop_by_ = clock_.now().local + replica_->raft().options().election_timeout_max * 2;
    if (replica_->raft().role() == Role::Leader) {
        log_("stopping; the leadership is handed over");
        handle(Transfer{Replica::kTicketsOfOthers, ServerId()});
    } else {
        log_("stopping");
    }
}

// Others may lead by now, or there is nobody else, or it takes too long.
bool RealServer::may_end() const {
    const Raft& raft = replica_->raft();
    return raft.role() != Role::Leader || !raft.transferring() || clock_.now().local >= stop_by_;
}

// --- Environment ---

void RealServer::send(Send& send) {
    const auto peer = peers_.find(send.to);
    if (peer != peers_.end()) peer->second->send(std::move(send.message));
}

void RealServer::stepped(const Raft& raft, const Input&, const Output& output) {
    role_log_.stepped(raft, output);
}

void RealServer::restored(const SnapshotMeta& snapshot, uint64_t) {
    log_(fmt::format("the state is that of the snapshot at {}", snapshot.index().value()));
}

// The order is by who waits longest for what: others must write, too; so must we; and what is
// already decided can be told last.
void RealServer::flush() {
    for (const auto& [server, peer] : peers_) peer->flush();
    worker_->submit(writes_);
    lobby_.flush();
    arm_timer();
}

void RealServer::set_deadline(Instant deadline) {
    deadline_ = deadline;
}

// A deadline that has moved away leaves the timer as it is: it comes too early, and is set anew.
void RealServer::arm_timer() {
    if (armed_for_ <= deadline_) return;
    armed_for_ = deadline_;
    timer_.expires_at(clock_.steady(deadline_));
    timer_.async_wait([this](const auto& error) {
        if (error) return;  // set anew
        armed_for_ = Instant::never();
        if (clock_.now().local >= deadline_) handle(Wake{});
    });
}

}  // namespace

Result<std::unique_ptr<TcpServer>> TcpServer::listen(Setup setup) {
    auto io = std::make_unique<asio::io_context>(1);
    Result<tcp::acceptor> acceptor = Lobby::listen(*io, setup.listen);
    if (!acceptor.ok()) return acceptor.error();
    return std::unique_ptr<TcpServer>(
        std::make_unique<RealServer>(std::move(setup), std::move(io), std::move(acceptor.value())));
}

}  // namespace wavetank
