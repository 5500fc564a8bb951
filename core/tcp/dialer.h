// Dialer: keeps one outgoing connection to a place. It connects when there is something to send,
// shakes hands, and tries again after a pause that doubles from failure to failure. Servers use it
// for their peers, clients for the servers.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/time.h"
#include "core/tcp/address.h"
#include "core/tcp/asio.h"
#include "core/tcp/connection.h"
#include "core/tcp/operator_log.h"
#include "core/tls/credentials.h"
#include "core/wire/handshake.h"

namespace wavetank {

class Dialer final : private Connection::User {
 public:
    class User {
     public:
        virtual ~User() = default;
        // Hands are shaken: `out` may be filled.
        virtual void on_open() = 0;
        // A frame has arrived. An error ends the connection, with that reason.
        virtual std::optional<Error> on_frame(const Frame& frame) = 0;
        // The kernel has taken everything again.
        virtual void on_room() = 0;
        // It is not there, or not any more. What was in `out` may be lost.
        virtual void on_lost() = 0;
    };
    struct Setup {
        Handshake ours;
        ServerId server;  // whom we expect there
        Address address;
        // Without them the connection is plain.
        std::shared_ptr<Credentials> credentials;
        Traffic* traffic = nullptr;  // what it carries is added; outlives the dialer
        Duration pause_min = milliseconds(20);
        Duration pause_max = seconds(1);
        Duration connect_timeout = seconds(2);  // until hands are shaken
    };
    // `user` and `io` must outlive the dialer, which must not be destroyed while `io` runs.
    Dialer(asio::io_context& io, Setup setup, User& user, OperatorLog log);

    // Begins to connect, unless it is connected, or does so already, or pauses.
    void want();
    // The other side has been heard: a pause ends.
    void hurry();
    bool open() const { return state_ == State::Open; }
    // It failed, and is not tried again for a while.
    bool paused() const { return state_ == State::Paused; }
    // Requires open().
    Connection& connection() { return *connection_; }
    // Ends what there is, without an event; it stays ended until the next `want`.
    void close();

 private:
    enum class State : uint8_t { Idle, Connecting, Open, Paused };

    std::optional<Error> on_frame(const Frame& frame) override;
    void on_room() override;
    void on_end(const std::string& why) override;

    void connect();
    void connect_to(const tcp::resolver::results_type& places);
    void connected(tcp::socket socket);
    void failed(const std::string& why);
    void after(Duration span, void (Dialer::*then)());
    void timed_out() { failed("it took too long to connect"); }

    asio::io_context& io_;
    const Setup setup_;
    User& user_;
    const OperatorLog log_;
    State state_ = State::Idle;
    // Events of earlier attempts are ignored by their number.
    uint64_t attempt_ = 0;
    std::shared_ptr<tcp::socket> connecting_;
    std::shared_ptr<Connection> connection_;  // once connected
    tcp::resolver resolver_;
    asio::steady_timer timer_;
    Duration pause_;
    bool told_ = false;  // that it failed; once until it works again
};

}  // namespace wavetank
