// Names as text, and what they are held against.
#include "core/tls/certificate_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

namespace wavetank {
namespace {

constexpr std::string_view kBeginning = "wavetank:cluster/";

struct NamedRight {
    std::string_view name;
    bool Rights::*right;
};
constexpr NamedRight kRights[] = {
    {"read", &Rights::read}, {"write", &Rights::write}, {"admin", &Rights::administer}};

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

// A number from 1 on, written as we do; zero if it is none.
uint64_t number_in(std::string_view digits, uint64_t max) {
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    return whole && number <= max && !digits.starts_with('0') ? number : 0;
}

bool is_client_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    });
}

// False if there is a word that is no right.
bool read_rights(std::string_view text, Rights* rights) {
    for (const std::string_view word : split(text, '+')) {
        const auto* found = std::find_if(std::begin(kRights), std::end(kRights),
                                         [&](const NamedRight& each) { return each.name == word; });
        if (found == std::end(kRights)) return false;
        rights->*found->right = true;
    }
    return true;
}

}  // namespace

std::string to_string(const Rights& rights) {
    std::string text;
    for (const NamedRight& each : kRights) {
        if (!(rights.*each.right)) continue;
        if (!text.empty()) text += '+';
        text += each.name;
    }
    return text;
}

std::string to_uri(const CertificateName& name) {
    if (name.server) {
        return fmt::format("{}{}/server/{}", kBeginning, name.cluster.value(), name.server.value());
    }
    return fmt::format("{}{}/client/{}/{}", kBeginning, name.cluster.value(), name.client,
                       to_string(name.rights));
}

std::string words_of(const CertificateName& name) {
    return name.server ? fmt::format("server {}", name.server.value()) : "client " + name.client;
}

Result<CertificateName> parse_certificate_name(std::string_view uri) {
    const Error wrong{fmt::format(
        "the name \"{}\" is neither wavetank:cluster/N/server/ID nor wavetank:cluster/N/client/"
        "NAME/RIGHTS with RIGHTS such as read+write+admin",
        uri)};
    if (!uri.starts_with(kBeginning)) return wrong;
    const std::vector<std::string_view> parts = split(uri.substr(kBeginning.size()), '/');
    if (parts.size() < 3) return wrong;
    CertificateName name;
    name.cluster = ClusterId(number_in(parts[0], std::numeric_limits<uint64_t>::max()));
    if (name.cluster == ClusterId()) return wrong;
    if (parts[1] == "server" && parts.size() == 3) {
        name.server = ServerId(static_cast<uint32_t>(number_in(parts[2], UINT32_MAX)));
        if (!name.server) return wrong;
        return name;
    }
    if (parts[1] == "client" && parts.size() == 4) {
        name.client = parts[2];
        if (!is_client_name(name.client) || !read_rights(parts[3], &name.rights)) return wrong;
        return name;
    }
    return wrong;
}

std::optional<Error> contradiction(const CertificateName& name, const Handshake& who) {
    if (name.cluster != who.cluster) {
        return Error{fmt::format("its certificate is of cluster {}, not {}", name.cluster.value(),
                                 who.cluster.value())};
    }
    if (name.server == who.server) return std::nullopt;
    return Error{fmt::format("it says that it is {}, but its certificate is that of {}",
                             who.server ? fmt::format("server {}", who.server.value()) : "a client",
                             words_of(name))};
}

}  // namespace wavetank
