// The two ways of a byte: straight to the socket, or through the channel.
#include "core/tcp/stream.h"

#include <algorithm>

namespace wavetank {
namespace {

// So many bytes are sealed at a time: enough for a good system call.
constexpr std::size_t kSealedAtOnce = 256 << 10;

// A record of TLS: handshake or alert, then version 3.x.
bool looks_like_tls(std::string_view bytes) {
    return bytes.size() >= 3 && (bytes[0] == 0x16 || bytes[0] == 0x15) && bytes[1] == 3 &&
           bytes[2] <= 4;
}

}  // namespace

Stream::Stream(tcp::socket socket, std::unique_ptr<TlsChannel> tls, Traffic* traffic)
    : socket_(std::move(socket)), tls_(std::move(tls)), traffic_(traffic) {
    // Failures show when the socket is used.
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(tcp::socket::keep_alive(true), ignored);
}

std::optional<Error> Stream::take(FrameReader& reader) {
    if (!tls_) {
        if (!std::exchange(heard_, true)) {
            speaks_tls_ = looks_like_tls({reader.room().data(), arrived_});
        }
        reader.received(arrived_);
        return std::nullopt;
    }
    tls_->received(arrived_);
    while (true) {
        const Result<std::size_t> count = tls_->read(reader.room());
        if (!count.ok()) return count.error();
        if (count.value() == 0) return std::nullopt;
        reader.received(count.value());
    }
}

std::size_t Stream::put(std::string_view bytes, boost::system::error_code& error) {
    const std::size_t taken = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
    if (traffic_ != nullptr) traffic_->sent += taken;
    return taken;
}

std::size_t Stream::write_some(std::string_view bytes, boost::system::error_code& error) {
    if (!tls_) return put(bytes, error);
    std::size_t taken = 0;
    if (sealed().empty()) {
        taken = std::min(bytes.size(), kSealedAtOnce);
        if (!tls_->seal(bytes.substr(0, taken))) {
            error = asio::error::connection_aborted;
            return 0;
        }
    }
    sent_ += put(sealed(), error);
    if (sealed().empty()) {
        tls_->outgoing().clear();
        sent_ = 0;
    }
    return taken;
}

void Stream::close() {
    boost::system::error_code ignored;
    if (tls_) {
        tls_->say_goodbye();
        if (!sealed().empty()) put(sealed(), ignored);
    }
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
}

}  // namespace wavetank
