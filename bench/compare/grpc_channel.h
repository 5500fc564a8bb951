// Unary gRPC calls over one HTTP/2 connection, by nghttp2: the leanest client that is still a right
// one. It takes little of the processor that the servers need; Debian's gRPC library costs several
// times as much for each call. The wire form: a POST with content-type application/grpc, whose body
// is a byte 0 (not compressed), the length in four bytes, big-endian, and the message; the answer's
// trailers carry grpc-status (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
#pragma once

#include <nghttp2/nghttp2.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bench/compare/socket.h"
#include "core/base/result.h"

namespace wavetank::bench {

class GrpcChannel {
 public:
    // The message of the answer, or what went wrong.
    using OnReply = std::function<void(Result<std::string>)>;

    static Result<std::unique_ptr<GrpcChannel>> connect(uint16_t port);
    GrpcChannel(const GrpcChannel&) = delete;
    GrpcChannel& operator=(const GrpcChannel&) = delete;
    ~GrpcChannel();

    // Begins a call of `path` ("/package.Service/Method"). `on_reply` is called once, inside of
    // turn(), and may begin further calls.
    void call(const std::string& path, const std::string& message, OnReply on_reply);
    // Sends what is waiting, waits for something to arrive, and handles it. After an error the
    // channel is of no use any more.
    std::optional<Error> turn();
    std::size_t calls_under_way() const { return calls_.size(); }

 private:
    struct Call {
        std::string body;  // what is left to send begins at `sent`
        std::size_t sent = 0;
        std::string reply;
        std::string status;   // grpc-status
        std::string message;  // grpc-message
        OnReply on_reply;
    };

    GrpcChannel(Socket socket, uint16_t port);
    void open_session();
    std::optional<Error> flush();
    static void finish(Call call, uint32_t http_error);

    static ssize_t read_body(nghttp2_session* session, int32_t stream, uint8_t* buffer,
                             std::size_t size, uint32_t* flags, nghttp2_data_source* source,
                             void* channel);
    static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const uint8_t* name,
                         std::size_t name_size, const uint8_t* value, std::size_t value_size,
                         uint8_t flags, void* channel);
    static int on_data(nghttp2_session* session, uint8_t flags, int32_t stream, const uint8_t* data,
                       std::size_t size, void* channel);
    static int on_close(nghttp2_session* session, int32_t stream, uint32_t http_error,
                        void* channel);

    Socket socket_;
    std::string authority_;
    nghttp2_session* session_ = nullptr;
    std::map<int32_t, std::unique_ptr<Call>> calls_;  // by stream
    std::string outbox_;
};

}  // namespace wavetank::bench
