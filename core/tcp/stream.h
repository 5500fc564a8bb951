// Stream: a connected socket, plain or with TLS on it; who uses it need not know which.
// Non-blocking system calls, as few as there can be: what was sealed together leaves together, and
// what arrived together is opened together. A plain one costs what the socket costs.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/result.h"
#include "core/tcp/asio.h"
#include "core/tls/tls_channel.h"
#include "core/wire/frame_reader.h"

namespace wavetank {

// What sockets have carried, in bytes; with TLS as it is sealed.
struct Traffic {
    uint64_t received = 0;
    uint64_t sent = 0;
};

class Stream {
 public:
    // Requires a connected socket. Without `tls` it is plain. What it carries is added to
    // `traffic`, if there is one, which must outlive it.
    Stream(tcp::socket socket, std::unique_ptr<TlsChannel> tls, Traffic* traffic = nullptr);

    // Reads what there is, but something; then `handler(error)`, and `take` if there is no error.
    template <typename Handler>
    void async_read(FrameReader& reader, Handler handler) {
        const std::span<char> room = tls_ ? tls_->room() : reader.room();
        socket_.async_read_some(asio::buffer(room.data(), room.size()),
                                [this, handler = std::move(handler)](
                                    const boost::system::error_code& error, std::size_t count) {
                                    arrived_ = count;
                                    if (traffic_ != nullptr) traffic_->received += count;
                                    handler(error);
                                });
    }
    // Puts what has been read into `reader`. An error says why the stream cannot go on.
    std::optional<Error> take(FrameReader& reader);

    // Whether `write_some` has something to do, for a user with `waiting` bytes.
    bool can_write(std::size_t waiting) const {
        return tls_ ? !sealed().empty() || (waiting > 0 && tls_->can_seal()) : waiting > 0;
    }
    // Requires can_write(). Gives the kernel what it takes, of `bytes` and of what is sealed
    // already; how many of `bytes` the user need not keep. The error `would_block`: the kernel is
    // full.
    std::size_t write_some(std::string_view bytes, boost::system::error_code& error);
    // Sealed bytes that the kernel has not taken.
    std::size_t unsent() const { return tls_ ? tls_->outgoing().size() - sent_ : 0; }
    template <typename Handler>
    void async_wait_writable(Handler handler) {
        socket_.async_wait(tcp::socket::wait_write, std::move(handler));
    }

    // Who is at the other end, by his certificate. Null: the stream is plain. Requires that
    // something of his has been read.
    const CertificateName* peer() const { return tls_ ? &tls_->peer() : nullptr; }
    // A plain stream has been spoken to in TLS, as far as the first bytes tell.
    bool spoken_to_in_tls() const { return speaks_tls_; }
    tcp::socket::executor_type executor() { return socket_.get_executor(); }
    void close();

 private:
    // Gives the kernel what it takes.
    std::size_t put(std::string_view bytes, boost::system::error_code& error);
    std::string_view sealed() const { return std::string_view(tls_->outgoing()).substr(sent_); }

    tcp::socket socket_;
    std::unique_ptr<TlsChannel> tls_;
    Traffic* traffic_;
    std::size_t arrived_ = 0;  // by the last read
    std::size_t sent_ = 0;     // of `tls_->outgoing()`
    bool heard_ = false;       // the other side
    bool speaks_tls_ = false;  // to a plain stream, by its first bytes
};

}  // namespace wavetank
