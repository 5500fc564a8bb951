// A TCP connection to a server of this machine, blocking: the loads here are closed loops of one
// thread, which have nothing else to do while they wait.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/base/result.h"

namespace wavetank::bench {

class Socket {
 public:
    // To 127.0.0.1. Small segments are sent at once (TCP_NODELAY).
    static Result<Socket> connect(uint16_t port);
    Socket(Socket&& other) noexcept;
    Socket& operator=(Socket&& other) noexcept;
    ~Socket();

    // Everything, or why not.
    std::optional<Error> send(std::span<const char> bytes);
    // As much as there is, at least one byte; zero if the server closed the connection.
    Result<std::size_t> receive(std::span<char> buffer);

 private:
    explicit Socket(int handle) : handle_(handle) {}
    int handle_ = -1;
};

// The body that a GET of `path` gives (HTTP/1.1, connection closed by the server).
Result<std::string> http_get(uint16_t port, const std::string& path);

}  // namespace wavetank::bench
