// Requests into the connection, replies out of it.
#include "core/tcp/client/pipe.h"

#include "core/wire/client_codec.h"
#include "core/wire/frame.h"

namespace wavetank {
namespace {

// What waits for a connection; more is not taken.
constexpr std::size_t kEarlyBytesMax = 64 << 20;

}  // namespace

Pipe::Pipe(asio::io_context& io, Dialer::Setup setup, User& user, OperatorLog log)
    : user_(user), server_(setup.server), dialer_(io, std::move(setup), *this, std::move(log)) {}

Result<bool> Pipe::ask(const ClientRequest& request) {
    dialer_.want();
    if (dialer_.paused() || early_.size() > kEarlyBytesMax) return false;
    std::string& out = dialer_.open() ? dialer_.connection().out() : early_;
    const Result<std::size_t> size = append_frame(request, out);
    if (!size.ok()) return size.error();
    return true;
}

void Pipe::flush() {
    if (!dialer_.open() || dialer_.connection().unsent() == 0) return;
    sent_ = true;
    dialer_.connection().flush();
}

void Pipe::on_open() {
    dialer_.connection().out().append(early_);
    early_.clear();
    flush();
}

std::optional<Error> Pipe::on_frame(const Frame& frame) {
    if (frame.kind != FrameKind::ClientReply) {
        return Error{"the server sends something else than replies"};
    }
    Result<ClientReply> reply = decode_reply(frame.buffer, frame.body);
    if (!reply.ok()) return reply.error();
    user_.on_reply(std::move(reply.value()));
    return std::nullopt;
}

void Pipe::on_lost() {
    early_.clear();
    user_.on_lost(server_, std::exchange(sent_, false));
}

}  // namespace wavetank
