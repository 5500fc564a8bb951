// Plain sockets, with errors as values.
#include "bench/compare/socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace wavetank::bench {
namespace {

constexpr std::size_t kBodyBytesMax = 16 << 20;

}  // namespace

Result<Socket> Socket::connect(uint16_t port) {
    Socket out(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    if (out.handle_ < 0 ||
        ::connect(out.handle_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        setsockopt(out.handle_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) {
        return Error{fmt::format("cannot connect to 127.0.0.1:{}: {}", port, strerror(errno))};
    }
    return out;
}

Socket::Socket(Socket&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
}

Socket::~Socket() {
    if (handle_ >= 0) close(handle_);
}

std::optional<Error> Socket::send(std::span<const char> bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(handle_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return Error{fmt::format("cannot send: {}", strerror(errno))};
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return std::nullopt;
}

Result<std::size_t> Socket::receive(std::span<char> buffer) {
    for (;;) {
        const ssize_t received = recv(handle_, buffer.data(), buffer.size(), 0);
        if (received >= 0) return static_cast<std::size_t>(received);
        if (errno != EINTR) return Error{fmt::format("cannot receive: {}", strerror(errno))};
    }
}

Result<std::string> http_get(uint16_t port, const std::string& path) {
    Result<Socket> socket = Socket::connect(port);
    if (!socket.ok()) return socket.error();
    const std::string request =
        fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", path);
    if (auto error = socket.value().send(request)) return *error;
    std::string reply;
    std::array<char, 16'384> buffer{};
    for (;;) {
        const Result<std::size_t> received = socket.value().receive(buffer);
        if (!received.ok()) return received.error();
        if (received.value() == 0) break;
        reply.append(buffer.data(), received.value());
        if (reply.size() > kBodyBytesMax) return Error{"the answer to GET " + path + " has no end"};
    }
    const std::size_t body = reply.find("\r\n\r\n");
    if (!reply.starts_with("HTTP/1.1 200") || body == std::string::npos) {
        return Error{fmt::format("GET {} gave '{}'", path, reply.substr(0, reply.find('\r')))};
    }
    return reply.substr(body + 4);
}

}  // namespace wavetank::bench
