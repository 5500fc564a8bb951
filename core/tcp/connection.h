// Connection: one TCP connection, frames in and bytes out.
//
// Reading: as much as there is, then every frame in it goes to the user at once. Writing: the user
// appends frames to `out` and flushes when it has no more for now; what the kernel does not take is
// kept, and whatever is appended meanwhile leaves together with it. So a busy connection makes few
// and large system calls, and an idle one has no delay.
//
// It is plain or in TLS (stream.h); what is appended before both sides have shown their
// certificates waits until then.
//
// What is no valid frame ends the connection; the reason is told to the user, for people to read.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/result.h"
#include "core/tcp/stream.h"
#include "core/wire/frame_reader.h"

namespace wavetank {

// Why a connection ends in good order.
inline constexpr const char* kClosedByOther = "the other side has closed it";

class Connection : public std::enable_shared_from_this<Connection> {
 public:
    class User {
     public:
        virtual ~User() = default;
        // An error ends the connection, with that reason.
        virtual std::optional<Error> on_frame(const Frame& frame) = 0;
        // The kernel has taken all of `out`, which it had not at the last flush.
        virtual void on_room() = 0;
        // It ended, not by `close`. The last event.
        virtual void on_end(const std::string& why) = 0;
    };
    // `user` must live until `on_end` or `close`.
    static std::shared_ptr<Connection> make(Stream stream, User& user);

    // Begins to read.
    void start() { read(); }
    // Who is at the other end, by his certificate; null if the connection is plain. Requires that a
    // frame has come.
    const CertificateName* peer() const { return stream_.peer(); }
    // Bytes that are to leave. Append only.
    std::string& out() { return out_; }
    // Bytes of `out` that the kernel has not taken.
    std::size_t unsent() const { return out_.size() - sent_ + stream_.unsent(); }
    // The kernel was full at the last flush; on_room comes.
    bool stuck() const { return stuck_; }
    void flush();
    // Ends it without an event. What is in `out` is given to the kernel as far as it takes it.
    void close();

 private:
    Connection(Stream stream, User& user) : stream_(std::move(stream)), user_(&user) {}
    void read();
    void on_read(const boost::system::error_code& error);
    std::string why_closed() const;
    bool is_tls_unawares() const { return !understood_ && stream_.spoken_to_in_tls(); }
    void wait_for_room();
    void end(const std::string& why);

    Stream stream_;
    User* user_;  // none: ended
    FrameReader reader_;
    std::string out_;
    std::size_t sent_ = 0;  // of `out_`
    bool stuck_ = false;
    bool understood_ = false;  // a frame has come
};

}  // namespace wavetank
