// Resolve, connect, shake hands; or pause.
#include "core/tcp/dialer.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace wavetank {

Dialer::Dialer(asio::io_context& io, Setup setup, User& user, OperatorLog log)
    : io_(io),
      setup_(std::move(setup)),
      user_(user),
      log_(std::move(log)),
      resolver_(io),
      timer_(io),
      pause_(setup_.pause_min) {}

void Dialer::want() {
    if (state_ == State::Idle) connect();
}

void Dialer::hurry() {
    pause_ = setup_.pause_min;
    if (state_ != State::Paused) return;
    state_ = State::Idle;
    connect();
}

void Dialer::after(Duration span, void (Dialer::*then)()) {
    timer_.expires_after(std::chrono::nanoseconds(span.nanos));
    timer_.async_wait([this, then, attempt = attempt_](const auto& error) {
        if (!error && attempt == attempt_) (this->*then)();
    });
}

void Dialer::connect() {
    state_ = State::Connecting;
    ++attempt_;
    after(setup_.connect_timeout, &Dialer::timed_out);
    boost::system::error_code error;
    const asio::ip::address number = asio::ip::make_address(setup_.address.host, error);
    if (!error) {
        const tcp::endpoint place(number, setup_.address.port);
        connect_to(tcp::resolver::results_type::create(place, setup_.address.host, ""));
        return;
    }
    resolver_.async_resolve(setup_.address.host, std::to_string(setup_.address.port),
                            [this, attempt = attempt_](const auto& failure, const auto& places) {
                                if (attempt != attempt_) return;
                                if (failure) {
                                    failed(failure.message());
                                } else {
                                    connect_to(places);
                                }
                            });
}

void Dialer::connect_to(const tcp::resolver::results_type& places) {
    connecting_ = std::make_shared<tcp::socket>(io_);
    asio::async_connect(
        *connecting_, places,
        [this, attempt = attempt_, socket = connecting_](const auto& error, const auto&) {
            if (attempt != attempt_) return;
            connecting_.reset();
            if (error) {
                failed(error.message());
            } else {
                connected(std::move(*socket));
            }
        });
}

void Dialer::connected(tcp::socket socket) {
    auto tls = setup_.credentials ? setup_.credentials->channel(TlsChannel::Side::Calls) : nullptr;
    connection_ =
        Connection::make(Stream(std::move(socket), std::move(tls), setup_.traffic), *this);
    append_frame(setup_.ours, connection_->out());
    connection_->flush();
    connection_->start();
}

std::optional<Error> Dialer::on_frame(const Frame& frame) {
    if (frame.kind != FrameKind::Handshake) return user_.on_frame(frame);
    const Result<Handshake> theirs =
        decode_handshake(frame.bytes(), {setup_.ours.cluster, setup_.server, setup_.ours.server});
    if (!theirs.ok()) return theirs.error();
    if (const CertificateName* name = connection_->peer()) {
        if (auto lie = contradiction(*name, theirs.value())) return lie;
    }
    timer_.cancel();
    state_ = State::Open;
    pause_ = setup_.pause_min;
    if (std::exchange(told_, false)) {
        log_(fmt::format("connected to server {} at {} again", setup_.server.value(),
                         to_string(setup_.address)));
    }
    user_.on_open();
    return std::nullopt;
}

void Dialer::on_room() {
    if (state_ == State::Open) user_.on_room();
}

void Dialer::on_end(const std::string& why) {
    const bool unheard = state_ == State::Connecting && why == kClosedByOther;
    failed(unheard
               ? fmt::format("{} before it was open: {}, and its log says why", why,
                             setup_.credentials ? "it refuses us" : "it refuses us, or wants TLS")
               : why);
}

void Dialer::failed(const std::string& why) {
    close();
    if (!std::exchange(told_, true)) {
        log_(fmt::format("no connection to server {} at {}: {}; trying again from time to time",
                         setup_.server.value(), to_string(setup_.address), why));
    }
    state_ = State::Paused;
    after(pause_, &Dialer::connect);
    pause_ = std::min(pause_ * 2, setup_.pause_max);
    user_.on_lost();
}

void Dialer::close() {
    ++attempt_;
    state_ = State::Idle;
    timer_.cancel();
    resolver_.cancel();
    boost::system::error_code ignored;
    if (connecting_) connecting_->close(ignored);
    connecting_.reset();
    if (connection_) connection_->close();
    connection_.reset();
}

}  // namespace wavetank
