// Peer: messages of ours to one other server, over a connection of their own. (What that server
// sends comes over its connection to us.) Messages wait in a bounded queue until the connection
// takes them; without a connection they are lost, which Raft expects of a network.
#pragma once

#include "core/raft/messages.h"
#include "core/tcp/dialer.h"
#include "core/tcp/send_queue.h"

namespace wavetank {

class Peer final : private Dialer::User {
 public:
    Peer(asio::io_context& io, Dialer::Setup setup, OperatorLog log);

    void send(Message message);
    // Gives the connection what it takes now. Called when there is nothing more to send for now.
    void flush();
    // A message of that server has arrived, so it is there.
    void heard() { dialer_.hurry(); }
    void close() { dialer_.close(); }

 private:
    void on_open() override { flush(); }
    std::optional<Error> on_frame(const Frame& frame) override;
    void on_room() override { flush(); }
    void on_lost() override { queue_.clear(); }

    SendQueue queue_{SendQueue::Limits{}};
    Dialer dialer_;
};

}  // namespace wavetank
