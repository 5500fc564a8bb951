// What must hold of any bytes whatever that come as a target or as JSON, for tests and fuzzers.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/http/base64.h"
#include "core/http/json.h"
#include "core/http/target.h"

namespace wavetank {

template <class T>
bool taken_or_told(const Result<T>& read) {
    if (!read.ok()) CHECK(!read.error().message.empty());
    return read.ok();
}

inline void try_as_target(std::string_view bytes) {
    std::string encoded;
    for (const char c : bytes) {
        constexpr std::string_view kDigits = "0123456789ABCDEF";
        const auto byte = static_cast<uint8_t>(c);
        encoded += {'%', kDigits[byte / 16U], kDigits[byte % 16U]};
    }
    const Result<std::string> decoded = percent_decoded(encoded);
    CHECK(decoded.ok() && decoded.value() == bytes);
    const Result<std::string> direct = percent_decoded(bytes);
    if (taken_or_told(direct)) CHECK(direct.value().size() <= bytes.size());

    const Result<Target> target = parse_target(bytes);
    if (!taken_or_told(target)) return;
    CHECK(target.value().path.starts_with('/'));
    CHECK(target.value().path.find('?') == std::string::npos);
    std::set<std::string> names;
    for (const auto& [name, value] : target.value().query) {
        CHECK(names.insert(name).second);
        CHECK(target.value().find(name) == &value);
    }
}

// What a field says, as bytes, if they are those.
inline bool says(const nlohmann::json& json, const std::string& name, std::string_view bytes) {
    if (json.contains(name)) return json[name].get<std::string>() == bytes;
    return json[name + "_base64"].get<std::string>() == base64(bytes);
}

inline void try_as_json(std::string_view bytes) {
    const Result<MembersOrder> members = parse_members_order(bytes);
    if (taken_or_told(members)) CHECK(bool(members.value().server));
    taken_or_told(parse_transfer_order(bytes));
    const std::string_view key = bytes.substr(0, bytes.size() / 2);
    const auto said = nlohmann::json::parse(value_json(key, bytes));
    CHECK(said.size() == 2);
    CHECK(says(said, "key", key));
    CHECK(says(said, "value", bytes));
    CHECK(nlohmann::json::parse(refusal(400, bytes).body).contains("error"));
}

// The first byte decides what the rest is taken for.
inline void try_as_request(std::string_view bytes) {
    if (bytes.empty()) return;
    if (bytes[0] == 't') try_as_target(bytes.substr(1));
    if (bytes[0] == 'j') try_as_json(bytes.substr(1));
}

}  // namespace wavetank
