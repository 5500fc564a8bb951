// Splitting at the last colon, and the loopback addresses.
#include "core/tcp/address.h"

#include <fmt/format.h>

#include <charconv>

#include "core/tcp/asio.h"

namespace wavetank {

std::string to_string(const Address& address) {
    const bool number = address.host.find(':') != std::string::npos;
    return fmt::format("{}:{}", number ? "[" + address.host + "]" : address.host, address.port);
}

Result<Address> parse_address(std::string_view text) {
    const Error wrong{fmt::format(
        "\"{}\" is no address; write host:port, for example 127.0.0.1:7001 or [::1]:7001", text)};
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return wrong;
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    if (host.starts_with('[') != host.ends_with(']')) return wrong;
    if (host.starts_with('[')) {
        host = host.substr(1, host.size() - 2);
    } else if (host.find(':') != std::string_view::npos) {
        return wrong;
    }
    Address address{std::string(host), 0};
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    if (host.empty() || !whole) return wrong;
    return address;
}

bool is_loopback(const std::string& host) {
    if (host == "localhost") return true;
    boost::system::error_code error;
    const asio::ip::address address = asio::ip::make_address(host, error);
    return !error && address.is_loopback();
}

}  // namespace wavetank
