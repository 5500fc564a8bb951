// Non-blocking system calls; Asio waits for what does not go at once.
#include "core/tcp/connection.h"

#include <fmt/format.h>

namespace wavetank {
namespace {

// What a string keeps when it is empty again; a burst must not cost its memory for ever.
constexpr std::size_t kKeptBytes = 1 << 20;

}  // namespace

std::shared_ptr<Connection> Connection::make(tcp::socket socket, User& user) {
    return std::shared_ptr<Connection>(new Connection(std::move(socket), user));
}

Connection::Connection(tcp::socket socket, User& user) : socket_(std::move(socket)), user_(&user) {
    // Failures show when the socket is used.
    boost::system::error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(tcp::socket::keep_alive(true), ignored);
}

void Connection::read() {
    const std::span<char> room = reader_.room();
    socket_.async_read_some(asio::buffer(room.data(), room.size()),
                            [self = shared_from_this()](const auto& error, std::size_t count) {
                                self->on_read(error, count);
                            });
}

void Connection::on_read(const boost::system::error_code& error, std::size_t count) {
    if (user_ == nullptr) return;
    if (error == asio::error::eof) {
        end(reader_.pending() == 0 ? kClosedByOther
                                   : "the other side has closed it in the middle of a frame");
        return;
    }
    if (error) {
        end(error.message());
        return;
    }
    reader_.received(count);
    while (true) {
        const Result<std::optional<Frame>> frame = reader_.next();
        if (!frame.ok()) {
            end(frame.error().message);
            return;
        }
        if (!frame.value()) break;
        const std::optional<Error> refused = user_->on_frame(*frame.value());
        if (user_ == nullptr) return;  // closed meanwhile
        if (refused) {
            end(refused->message);
            return;
        }
    }
    read();
}

void Connection::flush() {
    while (user_ != nullptr && !stuck_ && sent_ < out_.size()) {
        boost::system::error_code error;
        const std::string_view rest = std::string_view(out_).substr(sent_);
        sent_ += socket_.write_some(asio::buffer(rest.data(), rest.size()), error);
        if (error == asio::error::would_block) {
            stuck_ = true;
            out_.erase(0, std::exchange(sent_, 0));
            socket_.async_wait(tcp::socket::wait_write,
                               [self = shared_from_this()](const auto& failed) {
                                   self->stuck_ = false;
                                   if (!failed) self->flush();
                                   if (self->user_ != nullptr && self->unsent() == 0) {
                                       self->user_->on_room();
                                   }
                               });
            return;
        }
        if (error) {
            // The user is in the middle of something.
            asio::post(socket_.get_executor(),
                       [self = shared_from_this(), error] { self->end(error.message()); });
            break;
        }
    }
    if (sent_ < out_.size()) return;
    sent_ = 0;
    out_.clear();
    if (out_.capacity() > kKeptBytes) out_.shrink_to_fit();
}

void Connection::close() {
    stuck_ = false;
    flush();
    user_ = nullptr;
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
}

void Connection::end(const std::string& why) {
    User* user = user_;
    if (user == nullptr) return;
    // Our handshake may still be in `out`: the other side should see who refuses it.
    close();
    user->on_end(why);
}

}  // namespace wavetank
