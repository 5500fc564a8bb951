// Read, look whether the link is cut, write.
#include "tools/relay/pipe_pair.h"

namespace wavetank {

PipePair::PipePair(tcp::socket client, Link link, const Cuts& cuts)
    : client_(std::move(client)),
      server_(client_.get_executor()),
      cuts_(cuts),
      pipes_{Pipe{.from = &client_, .to = &server_, .link = link},
             Pipe{.from = &server_, .to = &client_, .link = {link.to, link.from}}} {}

std::optional<Cut> PipePair::cut_of(const Link& link) const {
    const auto found = cuts_.find(link);
    return found == cuts_.end() ? std::nullopt : std::optional(found->second);
}

void PipePair::start(const tcp::endpoint& server) {
    server_.async_connect(server, [self = shared_from_this()](const auto& error) {
        if (self->ended_) return;
        if (error) {
            self->end();
            return;
        }
        boost::system::error_code ignored;
        for (tcp::socket* socket : {&self->client_, &self->server_}) {
            socket->set_option(tcp::no_delay(true), ignored);
        }
        self->connected_ = true;
        for (Pipe& pipe : self->pipes_) self->read(pipe);
    });
}

void PipePair::read(Pipe& pipe) {
    pipe.from->async_read_some(asio::buffer(pipe.piece),
                               [self = shared_from_this(), &pipe](const auto& error, auto count) {
                                   if (self->ended_) return;
                                   if (error) {
                                       self->end();
                                       return;
                                   }
                                   pipe.size = count;
                                   pipe.written = 0;
                                   self->pass_on(pipe);
                               });
}

void PipePair::pass_on(Pipe& pipe) {
    const std::optional<Cut> cut = cut_of(pipe.link);
    pipe.stalled = cut == Cut::Stall;
    if (pipe.stalled) return;
    // After a gap a stream has no meaning any more: it is over when the cut is.
    pipe.dropped = pipe.dropped || cut == Cut::Drop;
    if (cut == Cut::Reset || (pipe.dropped && cut != Cut::Drop)) {
        end();
    } else if (pipe.dropped) {
        read(pipe);
    } else {
        write(pipe);
    }
}

void PipePair::write(Pipe& pipe) {
    pipe.to->async_write_some(
        asio::buffer(pipe.piece.data() + pipe.written, pipe.size - pipe.written),
        [self = shared_from_this(), &pipe](const auto& error, auto count) {
            if (self->ended_) return;
            if (error) {
                self->end();
                return;
            }
            pipe.written += count;
            if (pipe.written < pipe.size) {
                self->write(pipe);
            } else {
                self->read(pipe);
            }
        });
}

void PipePair::look_again() {
    for (Pipe& pipe : pipes_) {
        if (ended_) return;
        const std::optional<Cut> cut = cut_of(pipe.link);
        if (cut == Cut::Reset || (pipe.dropped && cut != Cut::Drop)) {
            end();
        } else if (pipe.stalled) {
            pass_on(pipe);
        }
    }
}

void PipePair::end() {
    if (ended_) return;
    ended_ = true;
    boost::system::error_code ignored;
    for (tcp::socket* socket : {&client_, &server_}) {
        socket->set_option(asio::socket_base::linger(true, 0), ignored);
        socket->close(ignored);
    }
}

}  // namespace wavetank
