// From the queue to the connection.
#include "core/tcp/peer.h"

namespace wavetank {
namespace {

// So many bytes are made of messages at a time: enough for a good system call.
constexpr std::size_t kBytesAtOnce = 256 << 10;

}  // namespace

Peer::Peer(asio::io_context& io, Dialer::Setup setup, OperatorLog log)
    : dialer_(io, std::move(setup), *this, std::move(log)) {}

void Peer::send(Message message) {
    queue_.push(std::move(message));
}

void Peer::flush() {
    if (queue_.empty()) return;
    if (!dialer_.open()) {
        dialer_.want();
        return;
    }
    Connection& connection = dialer_.connection();
    while (!queue_.empty() && !connection.stuck() && connection.unsent() == 0) {
        queue_.pop_into(connection.out(), kBytesAtOnce);
        connection.flush();
    }
}

// Our connections to servers carry our messages only.
std::optional<Error> Peer::on_frame(const Frame&) {
    return Error{"the server answers on a connection that is for our messages only"};
}

}  // namespace wavetank
