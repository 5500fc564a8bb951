// PipePair: one connection through the relay, as two pipes, one for each direction. A pipe holds at
// most one piece: it reads the next one when the receiver has taken this one, so a slow receiver
// slows the sender down as it would without a relay.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "core/tcp/asio.h"
#include "tools/relay/cuts.h"

namespace wavetank {

class PipePair : public std::enable_shared_from_this<PipePair> {
 public:
    // What is cut is looked up whenever something has arrived; `cuts` must outlive this.
    // `client` is the side that has connected: it sends on `link`.
    PipePair(tcp::socket client, Link link, const Cuts& cuts);

    // Connects to the server, and begins to carry.
    void start(const tcp::endpoint& server);
    // The cuts have changed.
    void look_again();
    // Ends both sides; with a reset, as of a host that knows nothing of the connection.
    void end();
    bool ended() const { return ended_; }

 private:
    static constexpr std::size_t kPieceBytes = std::size_t{64} << 10;
    struct Pipe {
        tcp::socket* from;
        tcp::socket* to;
        Link link;
        std::vector<char> piece = std::vector<char>(kPieceBytes);
        std::size_t size = 0;     // of the piece that is on its way
        std::size_t written = 0;  // of these
        bool stalled = false;     // it waits for the end of a cut
        bool dropped = false;     // something was, and so what follows makes no sense
    };
    std::optional<Cut> cut_of(const Link& link) const;
    void read(Pipe& pipe);
    void pass_on(Pipe& pipe);
    void write(Pipe& pipe);

    tcp::socket client_;
    tcp::socket server_;
    const Cuts& cuts_;
    std::array<Pipe, 2> pipes_;
    bool connected_ = false;
    bool ended_ = false;
};

}  // namespace wavetank
