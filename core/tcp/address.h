// Where a server is reached: a host (a name or a number) and a TCP port.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace wavetank {

struct Address {
    std::string host;
    uint16_t port = 0;  // to listen at: zero is any free one
    friend bool operator==(const Address&, const Address&) = default;
};

// "host:port"; a host with colons stands in brackets: "[::1]:7000".
std::string to_string(const Address& address);
Result<Address> parse_address(std::string_view text);

// True if what is sent there never leaves this machine: "localhost", 127.0.0.0/8, "::1".
bool is_loopback(const std::string& host);

}  // namespace wavetank
