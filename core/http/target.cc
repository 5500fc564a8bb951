// Scheme and host are cut off; the rest is split at the first question mark, then at ampersands.
#include "core/http/target.h"

#include <fmt/format.h>

#include <algorithm>

namespace wavetank {
namespace {

// The value of a hexadecimal digit, or -1.
int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Cuts "http://host" off.
std::string_view without_host(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!text.starts_with(scheme)) continue;
        const std::size_t slash = text.find('/', scheme.size());
        return slash == std::string_view::npos ? "/" : text.substr(slash);
    }
    return text;
}

Result<bool> add_parameter(std::string_view text, Target& target) {
    const std::size_t equals = std::min(text.find('='), text.size());
    Result<std::string> name = percent_decoded(text.substr(0, equals));
    if (!name.ok()) return name.error();
    const std::string_view rest = text.substr(equals);
    Result<std::string> value = percent_decoded(rest.empty() ? rest : rest.substr(1));
    if (!value.ok()) return value.error();
    if (target.find(name.value()) != nullptr) {
        return Error{fmt::format("the query has \"{}\" twice", text.substr(0, equals))};
    }
    target.query.emplace_back(std::move(name.value()), std::move(value.value()));
    return true;
}

}  // namespace

const std::string* Target::find(std::string_view name) const {
    for (const auto& [each, value] : query) {
        if (each == name) return &value;
    }
    return nullptr;
}

Result<Target> parse_target(std::string_view text) {
    text = without_host(text);
    if (!text.starts_with('/')) return Error{"the target must begin with a slash"};
    const auto plain = [](char c) { return c > ' ' && c < '\x7f' && c != '#'; };
    if (!std::all_of(text.begin(), text.end(), plain)) {
        return Error{"the target has a character that must be percent-encoded"};
    }
    Target target;
    const std::size_t question = std::min(text.find('?'), text.size());
    target.path = text.substr(0, question);
    text.remove_prefix(question);
    while (!text.empty()) {
        text.remove_prefix(1);  // the question mark or ampersand
        const std::size_t end = std::min(text.find('&'), text.size());
        if (end > 0) {
            const Result<bool> added = add_parameter(text.substr(0, end), target);
            if (!added.ok()) return added.error();
        }
        text.remove_prefix(end);
    }
    return target;
}

Result<std::string> percent_decoded(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded.push_back(text[i]);
            continue;
        }
        const int high = i + 1 < text.size() ? digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return Error{fmt::format("\"{}\" is no percent-encoding; write %25 for a percent sign",
                                     text.substr(i, 3))};
        }
        decoded.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return decoded;
}

}  // namespace wavetank
