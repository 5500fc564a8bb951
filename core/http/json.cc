// Written and read with nlohmann's library, whose exceptions are never let loose: it is told to
// replace what is no UTF-8, and to give back "discarded" for what is no JSON.
#include "core/http/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/http/base64.h"

namespace wavetank {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// True if all of it is UTF-8. The library finds out when it writes strictly, by an exception; so it
// writes leniently, and what was replaced is another text when it is read again.
bool is_text(std::string_view bytes) {
    const std::string written = Json(bytes).dump(-1, ' ', false, Json::error_handler_t::replace);
    const Json again = Json::parse(written, nullptr, false);
    return again.is_string() && again.get_ref<const std::string&>() == bytes;
}

void add_bytes(Json& json, const std::string& name, std::string_view bytes) {
    if (is_text(bytes)) {
        json[name] = bytes;
    } else {
        json[name + "_base64"] = base64(bytes);
    }
}

const char* name_of_state(ProgressState state) {
    switch (state) {
        case ProgressState::Probe:
            return "probe";
        case ProgressState::Replicate:
            return "replicate";
        case ProgressState::Snapshot:
            return "snapshot";
    }
    CHECK(false);
    return "";
}

Json member_json(const ServerStatus& leader, ServerId id,
                 const std::map<ServerId, Address>& places) {
    Json member;
    member["id"] = id.value();
    member["role"] = name_of(member_role_of(leader.configuration, id));
    const auto place = places.find(id);
    member["address"] = place == places.end() ? Json(nullptr) : Json(to_string(place->second));
    member["leads"] = id == leader.server;
    if (id == leader.server) member["match"] = leader.durable.value();
    for (const ServerStatus::Peer& peer : leader.peers) {
        if (peer.server != id) continue;
        member["match"] = peer.match.value();
        member["state"] = name_of_state(peer.state);
    }
    return member;
}

// An object, or why it is none.
Result<Json> parse_object(std::string_view body) {
    Json json = Json::parse(body, nullptr, false);
    if (json.is_discarded()) return Error{"the body is no JSON"};
    if (!json.is_object()) return Error{"the body is no JSON object"};
    return json;
}

Result<ServerId> read_server(const std::string& name, const Json& json) {
    if (json.is_number_unsigned()) {
        const auto id = json.get<uint64_t>();
        if (id >= 1 && id <= UINT32_MAX) return ServerId(static_cast<uint32_t>(id));
    }
    return Error{fmt::format("\"{}\" must be a server's id: a number from 1 on", name)};
}

}  // namespace

HttpAnswer refusal(unsigned status, std::string_view why) {
    Json json;
    json["error"] = why;
    return {.status = status, .body = text_of(json)};
}

std::string value_json(std::string_view key, std::string_view value) {
    Json json;
    add_bytes(json, "key", key);
    add_bytes(json, "value", value);
    return text_of(json);
}

std::string flag_json(const char* name, bool value) {
    Json json;
    json[name] = value;
    return text_of(json);
}

std::string health_json(const ServerStatus& status, std::string_view reason) {
    Json json;
    json["status"] = reason.empty() ? "ok" : "unavailable";
    if (!reason.empty()) json["error"] = reason;
    json["server"] = status.server.value();
    json["role"] = name_of(status.role);
    json["term"] = status.term.value();
    json["leader"] = status.leader ? Json(status.leader.value()) : Json(nullptr);
    return text_of(json);
}

std::string members_json(const ServerStatus& leader, const std::map<ServerId, Address>& places) {
    Json json;
    json["leader"] = leader.server.value();
    json["term"] = leader.term.value();
    json["configuration"] = leader.configured_at.value();
    json["joint"] = leader.configuration.joint();
    json["last"] = leader.last.value();
    json["commit"] = leader.commit.value();
    json["members"] = Json::array();
    for (const ServerId id : leader.configuration.all()) {
        json["members"].push_back(member_json(leader, id, places));
    }
    return text_of(json);
}

Result<MembersOrder> parse_members_order(std::string_view body) {
    const Result<Json> json = parse_object(body);
    if (!json.ok()) return json.error();
    MembersOrder order;
    for (const auto& [name, value] : json.value().items()) {
        if (name == "add" || name == "remove") {
            if (order.server) return Error{"one server at a time: \"add\" or \"remove\""};
            const Result<ServerId> server = read_server(name, value);
            if (!server.ok()) return server.error();
            order.add = name == "add";
            order.server = server.value();
        } else if (name == "as") {
            const auto role = value.is_string()
                                  ? member_role_of(value.get_ref<const std::string&>())
                                  : std::nullopt;
            if (!role) return Error{R"("as" must be "voter", "learner" or "witness")"};
            order.as = *role;
        } else {
            return Error{R"(the body has a field that is none of "add", "remove" and "as")"};
        }
    }
    if (!order.server) return Error{R"(write {"add": ID}, or {"remove": ID})"};
    if (!order.add && json.value().contains("as")) return Error{"\"as\" belongs to \"add\""};
    return order;
}

Result<TransferWish> parse_transfer_order(std::string_view body) {
    const Result<Json> json = parse_object(body);
    if (!json.ok()) return json.error();
    TransferWish wish;
    for (const auto& [name, value] : json.value().items()) {
        if (name != "to") return Error{R"(the body has a field that is not "to")"};
        const Result<ServerId> server = read_server(name, value);
        if (!server.ok()) return server.error();
        wish.target = server.value();
    }
    return wish;
}

}  // namespace wavetank
