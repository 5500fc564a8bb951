// Non-blocking system calls; Asio waits for what does not go at once.
#include "core/tcp/connection.h"

#include <fmt/format.h>

namespace wavetank {
namespace {

// What a string keeps when it is empty again; a burst must not cost its memory for ever.
constexpr std::size_t kKeptBytes = 1 << 20;

constexpr const char* kSpeaksTls = "it speaks TLS, which this side does not";

}  // namespace

std::shared_ptr<Connection> Connection::make(Stream stream, User& user) {
    return std::shared_ptr<Connection>(new Connection(std::move(stream), user));
}

void Connection::read() {
    stream_.async_read(reader_,
                       [self = shared_from_this()](const auto& error) { self->on_read(error); });
}

void Connection::on_read(const boost::system::error_code& error) {
    if (user_ == nullptr) return;
    if (error) {
        end(error == asio::error::eof ? why_closed() : error.message());
        return;
    }
    if (const std::optional<Error> broken = stream_.take(reader_)) {
        end(broken->message);
        return;
    }
    while (true) {
        const Result<std::optional<Frame>> frame = reader_.next();
        if (!frame.ok()) {
            end(is_tls_unawares() ? kSpeaksTls : frame.error().message);
            return;
        }
        if (!frame.value()) break;
        understood_ = true;
        const std::optional<Error> refused = user_->on_frame(*frame.value());
        if (user_ == nullptr) return;  // closed meanwhile
        if (refused) {
            end(refused->message);
            return;
        }
    }
    // Answers of TLS itself, and what has waited for them.
    if (stream_.can_write(out_.size() - sent_)) flush();
    read();
}

std::string Connection::why_closed() const {
    if (is_tls_unawares()) return kSpeaksTls;
    return reader_.pending() == 0 ? kClosedByOther
                                  : "the other side has closed it in the middle of a frame";
}

void Connection::flush() {
    while (user_ != nullptr && !stuck_ && stream_.can_write(out_.size() - sent_)) {
        boost::system::error_code error;
        sent_ += stream_.write_some(std::string_view(out_).substr(sent_), error);
        if (error == asio::error::would_block) {
            wait_for_room();
            return;
        }
        if (error) {
            // The user is in the middle of something.
            asio::post(stream_.executor(),
                       [self = shared_from_this(), error] { self->end(error.message()); });
            break;
        }
    }
    if (sent_ < out_.size()) return;
    sent_ = 0;
    out_.clear();
    if (out_.capacity() > kKeptBytes) out_.shrink_to_fit();
}

void Connection::wait_for_room() {
    stuck_ = true;
    // Now and then: moving a large rest each time would cost more than sending it.
    if (sent_ > out_.size() / 2) out_.erase(0, std::exchange(sent_, 0));
    stream_.async_wait_writable([self = shared_from_this()](const auto& failed) {
        self->stuck_ = false;
        if (!failed) self->flush();
        if (self->user_ != nullptr && self->unsent() == 0) self->user_->on_room();
    });
}

void Connection::close() {
    stuck_ = false;
    flush();
    user_ = nullptr;
    stream_.close();
}

void Connection::end(const std::string& why) {
    User* user = user_;
    if (user == nullptr) return;
    // Our handshake may still be in `out`: the other side should see who refuses it.
    close();
    user->on_end(why);
}

}  // namespace wavetank
