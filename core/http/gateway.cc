// The thread: connections come in, and lanes run, in one loop.
#include "core/http/gateway.h"

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <mutex>
#include <thread>

#include "core/http/routes.h"
#include "core/tcp/lobby.h"

namespace wavetank {
namespace {

// Connections above the limit that are told so, at a time; the others are closed.
constexpr std::size_t kTurnedAwayMax = 64;
// To close the session, if nothing else is in progress; else it expires by itself.
constexpr std::chrono::milliseconds kGoodbye(200);
// After a failed accept, which means that the process has too many open files.
constexpr std::chrono::milliseconds kAcceptPause(100);

std::chrono::nanoseconds span(Duration duration) {
    return std::chrono::nanoseconds(duration.nanos);
}

class RealGateway final : public Gateway, public HttpConnection::User {
 public:
    RealGateway(Setup setup, std::unique_ptr<ClientLoop> loop, tcp::acceptor acceptor);
    ~RealGateway() override {
        stop([] {});
        thread_.join();
    }

    uint16_t port() const override { return port_; }
    void stop(std::function<void()> then) override;

 private:
    void on_request(HttpRequest request, std::function<void(HttpAnswer)> done) override {
        routes_.handle(request, done);
    }
    void on_answer(unsigned status) override { ++counts_.answers[status]; }
    void on_end(HttpConnection& connection) override { connections_.erase(&connection); }

    Routes::Setup routes();
    void run();
    void accept();
    void enter(tcp::socket socket);
    void begin_to_stop();
    void drain();

    const Setup setup_;
    const uint16_t port_;
    std::mutex mutex_;  // guards `loop_` against ending while it is told to stop
    std::function<void()> then_;
    bool stopping_ = false;
    std::unique_ptr<ClientLoop> loop_;  // null: ended
    // The rest belongs to the thread.
    std::optional<tcp::acceptor> acceptor_;
    std::optional<asio::steady_timer> timer_;
    Lanes lanes_;
    Routes routes_;
    HttpCounts counts_;
    std::map<HttpConnection*, std::shared_ptr<HttpConnection>> connections_;
    std::chrono::steady_clock::time_point stop_by_;
    std::thread thread_;
};

RealGateway::RealGateway(Setup setup, std::unique_ptr<ClientLoop> loop, tcp::acceptor acceptor)
    : setup_(std::move(setup)),
      port_(acceptor.local_endpoint().port()),
      loop_(std::move(loop)),
      acceptor_(std::move(acceptor)),
      timer_(loop_->io()),
      lanes_(*loop_, setup_.lanes),
      routes_(lanes_, routes()) {
    thread_ = std::thread([this] { run(); });
}

Routes::Setup RealGateway::routes() {
    return {.self = setup_.self,
            .servers = setup_.client.servers,
            .build = setup_.build,
            .server_counts = setup_.server_counts,
            .http_counts =
                [this] {
                    HttpCounts counts = counts_;
                    counts.connections = connections_.size();
                    counts.in_progress = lanes_.busy();
                    return counts;
                },
            .operation_timeout = setup_.lanes.operation_timeout,
            .change_timeout = setup_.lanes.change_timeout};
}

void RealGateway::run() {
    accept();
    loop_->run();
    drain();
    std::function<void()> then;
    {
        const std::lock_guard lock(mutex_);
        loop_.reset();
        then = std::move(then_);
    }
    if (then) then();
}

void RealGateway::stop(std::function<void()> then) {
    const std::lock_guard lock(mutex_);
    if (stopping_ || !loop_) return;
    stopping_ = true;
    then_ = std::move(then);
    asio::post(loop_->io(), [this] { begin_to_stop(); });
}

void RealGateway::begin_to_stop() {
    stop_by_ = std::chrono::steady_clock::now() +
               (lanes_.busy() > 0 ? span(setup_.drain_timeout) : kGoodbye);
    acceptor_->close();
    const auto connections = connections_;
    for (const auto& [key, connection] : connections) connection->stop();
    lanes_.stop();
    timer_->expires_at(stop_by_);
    timer_->async_wait([this](const auto& error) {
        if (!error) loop_->stop();
    });
}

// The lanes have ended; their last answers may still be on the way.
void RealGateway::drain() {
    timer_.reset();
    loop_->io().restart();
    while (!connections_.empty() && loop_->io().run_one_until(stop_by_) > 0) {
    }
    connections_.clear();
    acceptor_.reset();
}

void RealGateway::accept() {
    acceptor_->async_accept([this](const auto& error, tcp::socket socket) {
        if (error == asio::error::operation_aborted || !acceptor_->is_open()) return;
        if (!error) {
            enter(std::move(socket));
            return accept();
        }
        setup_.log(
            fmt::format("the HTTP gateway cannot take a connection now: {}", error.message()));
        timer_->expires_after(kAcceptPause);
        timer_->async_wait([this](const auto& stopped) {
            if (!stopped) accept();
        });
    });
}

void RealGateway::enter(tcp::socket socket) {
    ++counts_.accepted;
    const std::size_t open = connections_.size();
    if (open >= setup_.limits.connections_max + kTurnedAwayMax) return;
    const auto connection = HttpConnection::make(std::move(socket), setup_.limits, *this);
    connections_[connection.get()] = connection;
    if (open < setup_.limits.connections_max) return connection->start();
    HttpAnswer answer = refusal(503, "too many connections");
    answer.fields.emplace_back("Retry-After", "1");
    connection->turn_away(std::move(answer));
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::listen(Setup setup) {
    auto loop = ClientLoop::make(setup.client);
    Result<tcp::acceptor> acceptor = Lobby::listen(loop->io(), setup.listen);
    if (!acceptor.ok()) return acceptor.error();
    return std::unique_ptr<Gateway>(std::make_unique<RealGateway>(std::move(setup), std::move(loop),
                                                                  std::move(acceptor.value())));
}

}  // namespace wavetank
