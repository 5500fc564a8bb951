// A chain of callbacks: fields, body, answer, and again. The stream is a parameter: what is added
// by encryption happens before the first request and after the last answer.
#include "core/http/connection.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

namespace wavetank {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;

// What is read beyond the fields: parts of the body, or of the next request.
constexpr std::size_t kAheadBytes = 64 << 10;

std::chrono::nanoseconds span(Duration duration) {
    return std::chrono::nanoseconds(duration.nanos);
}

std::string text_of(beast::string_view text) {
    return {text.data(), text.size()};
}

template <class Stream>
class StreamConnection final : public HttpConnection,
                               public std::enable_shared_from_this<StreamConnection<Stream>> {
 public:
    StreamConnection(Stream stream, const HttpLimits& limits, User& user)
        : stream_(std::move(stream)),
          body_timer_(stream_.get_executor()),
          limits_(limits),
          user_(user),
          buffer_(limits.header_bytes_max + kAheadBytes) {}

    void start() override { read_fields(); }
    void turn_away(HttpAnswer answer) override {
        last_ = true;
        write(answer);
    }
    void stop() override {
        last_ = true;
        if (idle_) end();
    }

 private:
    auto self() { return this->shared_from_this(); }
    auto& socket() { return beast::get_lowest_layer(stream_); }

    void read_fields() {
        if (last_) return end();
        parser_.emplace();
        parser_->header_limit(limits_.header_bytes_max);
        parser_->body_limit(limits_.body_bytes_max);
        idle_ = true;
        socket().expires_after(span(limits_.idle_timeout));
        http::async_read_header(stream_, buffer_, *parser_,
                                [self = self()](const error_code& error, std::size_t) {
                                    self->idle_ = false;
                                    self->on_fields(error);
                                });
    }

    void on_fields(const error_code& error) {
        const auto& request = parser_->get();
        head_ = request.method() == http::verb::head;
        if (error) return on_bad_read(error);
        if (request.version() == 11 && request[http::field::host].empty()) {
            return turn_away(refusal(400, "the request has no field Host"));
        }
        limit_body_time();
        const beast::string_view expects = request[http::field::expect];
        if (expects.empty()) return read_body();
        if (!beast::iequals(expects, "100-continue")) {
            return turn_away(refusal(417, "only 100-continue can be expected"));
        }
        go_on_ = {http::status::continue_, 11};
        http::async_write(stream_, go_on_, [self = self()](const error_code& failed, std::size_t) {
            if (failed) return self->end();
            self->read_body();
        });
    }

    // By a timer of our own: that of the stream closes it, and nothing could be said any more.
    void limit_body_time() {
        socket().expires_never();
        body_due_ = true;
        body_timer_.expires_after(span(limits_.request_timeout));
        body_timer_.async_wait([self = self()](const error_code& error) {
            if (error || !self->body_due_) return;
            self->body_late_ = true;
            self->socket().cancel();
        });
    }

    void read_body() {
        http::async_read(stream_, buffer_, *parser_,
                         [self = self()](const error_code& error, std::size_t) {
                             self->body_due_ = false;
                             self->body_timer_.cancel();
                             if (error) return self->on_bad_read(error);
                             self->on_request();
                         });
    }

    void on_request() {
        auto request = parser_->release();
        last_ = last_ || !request.keep_alive();
        socket().expires_never();
        HttpRequest asked{.method = text_of(request.method_string()),
                          .target = text_of(request.target()),
                          .content_type = text_of(request[http::field::content_type]),
                          .conditional = request.count(http::field::if_match) > 0 ||
                                         request.count(http::field::if_none_match) > 0 ||
                                         request.count(http::field::if_unmodified_since) > 0,
                          .body = std::move(request.body())};
        // Posted, so that the answer is written on the loop's stack, whoever has it.
        user_.on_request(std::move(asked), [self = self()](HttpAnswer answer) {
            asio::post(self->stream_.get_executor(),
                       [self, answer = std::move(answer)] { self->write(answer); });
        });
    }

    // What came is no request. If it can be told, it is.
    void on_bad_read(const error_code& error) {
        if (body_late_ && error == asio::error::operation_aborted) {
            return turn_away(refusal(408, fmt::format("the request's body did not come within {}",
                                                      to_string(limits_.request_timeout))));
        }
        if (error == http::error::header_limit || error == http::error::buffer_overflow) {
            return turn_away(
                refusal(431, fmt::format("the request's fields have more than {} bytes",
                                         limits_.header_bytes_max)));
        }
        if (error == http::error::body_limit) {
            return turn_away(refusal(
                413, fmt::format("the body has more than {} bytes", limits_.body_bytes_max)));
        }
        const bool told = error != http::error::end_of_stream &&
                          error != http::error::partial_message &&
                          error.category() == error_code(http::error::bad_method).category();
        if (!told) return end();
        turn_away(refusal(400, fmt::format("this is no HTTP request: {}", error.message())));
    }

    void write(const HttpAnswer& answer) {
        user_.on_answer(answer.status);
        response_ = {};
        response_.result(answer.status);
        response_.set(http::field::server, "wavetank");
        response_.set(http::field::content_type, answer.content_type);
        response_.set(http::field::cache_control, "no-store");
        for (const auto& [name, value] : answer.fields) response_.set(name, value);
        response_.keep_alive(!last_);
        response_.body() = answer.body;
        response_.prepare_payload();
        serializer_.emplace(response_);
        socket().expires_after(span(limits_.request_timeout));
        const auto written = [self = self()](const error_code& error, std::size_t) {
            if (error) return self->end();
            self->last_ ? self->linger() : self->read_fields();
        };
        if (head_) {
            http::async_write_header(stream_, *serializer_, written);
        } else {
            http::async_write(stream_, *serializer_, written);
        }
    }

    // Were the connection closed with something unread, the system would take back what was sent.
    void linger() {
        error_code ignored;
        socket().socket().shutdown(tcp::socket::shutdown_send, ignored);
        socket().expires_after(span(limits_.linger_timeout));
        read_rest();
    }
    void read_rest() {
        stream_.async_read_some(asio::buffer(rest_),
                                [self = self()](const error_code& error, std::size_t) {
                                    if (error) return self->end();
                                    self->read_rest();
                                });
    }

    void end() {
        if (ended_) return;
        ended_ = true;
        body_due_ = false;
        body_timer_.cancel();
        socket().close();
        user_.on_end(*this);
    }

    Stream stream_;
    asio::steady_timer body_timer_;
    const HttpLimits limits_;
    User& user_;
    beast::flat_buffer buffer_;
    std::optional<http::request_parser<http::string_body>> parser_;  // of the present request
    http::response<http::empty_body> go_on_;
    http::response<http::string_body> response_;
    std::optional<http::response_serializer<http::string_body>> serializer_;  // of response_
    std::array<char, 4096> rest_{};
    bool idle_ = false;       // waits for a request
    bool body_due_ = false;   // waits for the rest of one
    bool body_late_ = false;  // in vain
    bool head_ = false;       // only the fields are wanted
    bool last_ = false;       // no further request
    bool ended_ = false;      // nothing happens any more
};

}  // namespace

std::shared_ptr<HttpConnection> HttpConnection::make(tcp::socket socket, const HttpLimits& limits,
                                                     User& user) {
    return std::make_shared<StreamConnection<beast::tcp_stream>>(
        beast::tcp_stream(std::move(socket)), limits, user);
}

}  // namespace wavetank
