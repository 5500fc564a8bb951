// Lanes, their mailboxes, and the loop that resumes them.
#include "core/tcp/client/client_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <random>
#include <vector>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/fiber/fiber.h"
#include "core/tcp/asio.h"
#include "core/tcp/client/pipe.h"

namespace wavetank {
namespace {

// Deadlines are looked at so often. They are for what goes wrong, and need no precision.
constexpr std::chrono::milliseconds kTick(5);
constexpr int kHandlersPerTurn = 64;

Instant steady_now() {
    return {std::chrono::duration_cast<std::chrono::nanoseconds>(
                std::chrono::steady_clock::now().time_since_epoch())
                .count()};
}

class Loop;

class LoopLane final : public ClientLoop::Lane {
 public:
    LoopLane(Loop& loop, StackPool& stacks, ClientId id, ClientLoop::Body body)
        : loop_(loop), id_(id), body_(std::move(body)), fiber_(stacks, [this] { body_(*this); }) {}

    ClientId id() const override { return id_; }
    Instant now() override;
    void send(ServerId to, const ClientRequest& request) override;
    std::optional<ClientReply> receive(Instant deadline) override;
    Duration backoff(uint64_t attempt) override;
    void rest(Duration span) override;
    void sleep(Instant deadline) override;
    void wake() override;

    void resume() { fiber_.resume(); }
    bool finished() const { return fiber_.finished(); }
    void on_reply(ClientReply reply);
    void on_tick(Instant now);
    // The connection that its question went to is lost.
    void on_lost(ServerId server, bool sent);

 private:
    ClientReply lost(bool sent) const {
        return {.client = id_,
                .request = asked_,
                .status = sent ? ReplyStatus::Unknown : ReplyStatus::NotLeader};
    }
    void wait(Instant deadline, bool hears);

    Loop& loop_;
    const ClientId id_;
    const ClientLoop::Body body_;
    std::deque<ClientReply> inbox_;
    Instant deadline_ = Instant::never();
    bool hears_ = false;  // a reply ends the wait as well
    bool waits_ = false;  // resumed by nobody but a reply, the deadline, or `wake` if it sleeps
    bool sleeps_ = false;
    bool woken_ = false;   // since the last sleep
    ServerId asked_whom_;  // zero: no question is open
    uint64_t asked_ = 0;   // number of the newest request
    Fiber fiber_;
};

class Loop final : public ClientLoop, public Pipe::User {
 public:
    explicit Loop(Setup setup);

    void add(Body body) override;
    void run() override;
    void stop() override { stopped_ = true; }
    asio::io_context& io() override { return io_; }
    std::vector<ServerId> servers_from(std::size_t first) const override;

    const Setup& setup() const { return setup_; }
    // As of the last turn: at most a tick ago.
    Instant now() const { return now_; }
    // False: not taken.
    bool ask(ServerId to, const ClientRequest& request);
    void resume(LoopLane& lane) {
        lane.resume();
        reap(lane);
    }

 private:
    void on_reply(ClientReply reply) override;
    void on_lost(ServerId server, bool sent) override;
    void begin_lanes();
    void reap(LoopLane& lane) { alive_ -= lane.finished() ? 1U : 0U; }
    void tick();

    const Setup setup_;
    asio::io_context io_{1};
    std::map<ServerId, std::unique_ptr<Pipe>> pipes_;
    asio::steady_timer timer_{io_};
    StackPool stacks_;
    uint64_t first_client_;
    std::deque<LoopLane> lanes_;  // by id, from first_client_ on
    std::size_t begun_ = 0;
    std::size_t alive_ = 0;
    bool stopped_ = false;
    Instant now_ = steady_now();
};

// --- A lane ---

Instant LoopLane::now() {
    return loop_.now();
}

void LoopLane::send(ServerId to, const ClientRequest& request) {
    asked_whom_ = to;
    asked_ = request.request;
    if (!loop_.ask(to, request)) inbox_.push_back(lost(false));
}

void LoopLane::wait(Instant deadline, bool hears) {
    deadline_ = deadline;
    hears_ = hears;
    waits_ = true;
    Fiber::suspend();
    waits_ = false;
}

std::optional<ClientReply> LoopLane::receive(Instant deadline) {
    while (inbox_.empty()) {
        if (now() >= deadline) return std::nullopt;
        wait(deadline, true);
    }
    ClientReply reply = std::move(inbox_.front());
    inbox_.pop_front();
    if (reply.request == asked_) asked_whom_ = ServerId();
    return reply;
}

void LoopLane::rest(Duration span) {
    const Instant until = now() + span;
    while (now() < until) wait(until, false);
}

void LoopLane::sleep(Instant deadline) {
    sleeps_ = true;
    while (!woken_ && now() < deadline) wait(deadline, false);
    sleeps_ = false;
    woken_ = false;
}

void LoopLane::wake() {
    woken_ = true;
    if (waits_ && sleeps_) loop_.resume(*this);
}

Duration LoopLane::backoff(uint64_t attempt) {
    const Duration longest = loop_.setup().backoff_max;
    Duration pause = loop_.setup().backoff_min;
    for (uint64_t i = 1; i < attempt && pause < longest; ++i) pause = pause * 2;
    pause = std::min(pause, longest);
    // Half of it by chance, so that lanes do not come back together.
    const uint64_t bits = mix(id_.value(), static_cast<uint64_t>(steady_now().nanos));
    return pause / 2 + nanoseconds(static_cast<int64_t>(
                           below(bits, static_cast<uint64_t>(pause.nanos / 2 + 1))));
}

void LoopLane::on_reply(ClientReply reply) {
    if (reply.request != asked_) return;  // to what is over
    inbox_.push_back(std::move(reply));
    if (waits_ && hears_) resume();
}

void LoopLane::on_tick(Instant now) {
    if (waits_ && now >= deadline_) resume();
}

void LoopLane::on_lost(ServerId server, bool sent) {
    if (asked_whom_ == server) on_reply(lost(sent));
}

// --- The loop ---

Loop::Loop(Setup setup) : setup_(std::move(setup)) {
    std::random_device device;
    first_client_ = (uint64_t{device()} << 32 | device()) & ~(uint64_t{1} << 63);
    for (const auto& [server, address] : setup_.servers) {
        Dialer::Setup dialer{.ours = {setup_.cluster, ServerId()},
                             .server = server,
                             .address = address,
                             .credentials = setup_.credentials};
        pipes_[server] = std::make_unique<Pipe>(io_, std::move(dialer), *this, setup_.log);
    }
}

void Loop::add(Body body) {
    lanes_.emplace_back(*this, stacks_, ClientId(first_client_ + lanes_.size()), std::move(body));
    ++alive_;
}

std::vector<ServerId> Loop::servers_from(std::size_t first) const {
    std::vector<ServerId> servers;
    for (const auto& [server, pipe] : pipes_) servers.push_back(server);
    if (!servers.empty()) {
        const auto middle = servers.begin() + static_cast<std::ptrdiff_t>(first % servers.size());
        std::rotate(servers.begin(), middle, servers.end());
    }
    return servers;
}

bool Loop::ask(ServerId to, const ClientRequest& request) {
    const auto pipe = pipes_.find(to);
    CHECK(pipe != pipes_.end());
    const Result<bool> taken = pipe->second->ask(request);
    if (!taken.ok()) setup_.log(taken.error().message);
    return taken.ok() && taken.value();
}

void Loop::begin_lanes() {
    while (begun_ < lanes_.size()) resume(lanes_[begun_++]);
}

void Loop::run() {
    tick();  // takes the time
    begin_lanes();
    while (alive_ > 0 && !stopped_) {
        for (const auto& [server, pipe] : pipes_) pipe->flush();
        io_.run_one();
        for (int i = 1; i < kHandlersPerTurn && io_.poll_one() > 0; ++i) {
        }
        now_ = steady_now();
        begin_lanes();
    }
    for (const auto& [server, pipe] : pipes_) {
        pipe->flush();  // what a lane said without waiting for an answer
        pipe->close();
    }
    timer_.cancel();
}

void Loop::on_reply(ClientReply reply) {
    const uint64_t place = reply.client.value() - first_client_;
    if (place >= begun_) return;  // not ours
    LoopLane& lane = lanes_[place];
    if (lane.finished()) return;
    lane.on_reply(std::move(reply));
    reap(lane);
}

void Loop::on_lost(ServerId server, bool sent) {
    for (std::size_t i = 0; i < begun_; ++i) {
        if (lanes_[i].finished()) continue;
        lanes_[i].on_lost(server, sent);
        reap(lanes_[i]);
    }
}

void Loop::tick() {
    now_ = steady_now();
    for (std::size_t i = 0; i < begun_; ++i) {
        if (lanes_[i].finished()) continue;
        lanes_[i].on_tick(now_);
        reap(lanes_[i]);
    }
    timer_.expires_after(kTick);
    timer_.async_wait([this](const auto& error) {
        if (!error) tick();
    });
}

}  // namespace

std::unique_ptr<ClientLoop> ClientLoop::make(Setup setup) {
    return std::make_unique<Loop>(std::move(setup));
}

}  // namespace wavetank
