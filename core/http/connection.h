// HttpConnection: one connection to the gateway: requests in, one at a time, answers out, as
// HTTP/1.1 (RFC 9112) has it, read and written by Boost.Beast. What is no request, is too large or
// takes too long is refused here, and the connection ended.
#pragma once

#include <functional>
#include <memory>

#include "core/base/time.h"
#include "core/http/exchange.h"
#include "core/tcp/asio.h"

namespace wavetank {

struct HttpLimits {
    uint32_t header_bytes_max = 8 << 10;  // of the request's first line and fields
    uint64_t body_bytes_max = 1 << 20;
    std::size_t connections_max = 256;
    Duration idle_timeout = seconds(60);     // until the next request's fields have arrived
    Duration request_timeout = seconds(30);  // until its body has; and to take the answer
    Duration linger_timeout = seconds(1);    // to read on after a refusal, so that it arrives
};

class HttpConnection {
 public:
    class User {
     public:
        virtual ~User() = default;
        // `done` is called once, in the loop's thread, perhaps before this returns.
        virtual void on_request(HttpRequest request,
                                std::function<void(HttpAnswer answer)> done) = 0;
        virtual void on_answer(unsigned status) = 0;
        // It is over; the last call.
        virtual void on_end(HttpConnection& connection) = 0;
    };
    virtual ~HttpConnection() = default;

    // Begins to read requests.
    virtual void start() = 0;
    // Instead: gives this answer to nobody in particular, and ends.
    virtual void turn_away(HttpAnswer answer) = 0;
    // Ends after the request in progress; at once if there is none.
    virtual void stop() = 0;

    // `user` must outlive whatever happens to it.
    static std::shared_ptr<HttpConnection> make(tcp::socket socket, const HttpLimits& limits,
                                                User& user);
};

}  // namespace wavetank
