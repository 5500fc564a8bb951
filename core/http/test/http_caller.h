// A blocking HTTP client for tests, on one connection; also for bytes that are no HTTP.
#pragma once

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/tcp/asio.h"

namespace wavetank {

class HttpCaller {
 public:
    struct Said {
        unsigned status = 0;
        std::string body;
        boost::beast::http::fields fields;

        std::string field(const std::string& name) const {
            const auto value = fields[name];
            return {value.data(), value.size()};
        }
        // The body's {"error": ...}; empty if it is none.
        std::string error() const {
            const auto json = nlohmann::json::parse(body, nullptr, false);
            return json.is_object() && json.contains("error") ? json["error"].get<std::string>()
                                                              : "";
        }
    };
    using Fields = std::vector<std::pair<std::string, std::string>>;

    explicit HttpCaller(uint16_t port) {
        socket_.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
    }
    Said call(const std::string& method, const std::string& target, const std::string& body = "",
              const Fields& fields = {}) {
        std::string bytes = method + " " + target + " HTTP/1.1\r\nHost: test\r\n";
        for (const auto& [name, value] : fields) bytes += name + ": " + value + "\r\n";
        if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        send(bytes + "\r\n" + body);
        return hear(method == "HEAD");
    }
    Said post(const std::string& target, const std::string& json) {
        return call("POST", target, json, {{"Content-Type", "application/json"}});
    }
    void send(const std::string& bytes) {
        boost::system::error_code ignored;  // it may be closed already
        asio::write(socket_, asio::buffer(bytes), ignored);
    }
    // The next answer.
    Said hear(bool to_head = false) {
        namespace http = boost::beast::http;
        http::response_parser<http::string_body> parser;
        parser.skip(to_head);
        boost::system::error_code error;
        http::read(socket_, buffer_, parser, error);
        if (error) return {};
        auto response = parser.release();
        return {response.result_int(), response.body(), response.base()};
    }
    // True when the other side has closed the connection, with nothing more to say.
    bool closed() {
        boost::system::error_code error;
        std::string rest;
        asio::read(socket_, asio::dynamic_buffer(rest), error);
        return rest.empty() && buffer_.size() == 0 && bool(error);
    }

 private:
    asio::io_context io_;
    tcp::socket socket_{io_};
    boost::beast::flat_buffer buffer_;
};

}  // namespace wavetank
