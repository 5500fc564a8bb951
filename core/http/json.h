// What the gateway says and hears in JSON (RFC 8259).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/client/members_change.h"
#include "core/http/exchange.h"
#include "core/tcp/address.h"

namespace wavetank {

// {"key": ..., "value": ...}. What is no UTF-8 stands under "key_base64" or "value_base64" instead.
std::string value_json(std::string_view key, std::string_view value);
// {"stored": true}
std::string flag_json(const char* name, bool value);
// How a server sees itself; `reason` is empty if it is well.
std::string health_json(const ServerStatus& status, std::string_view reason);
// The configuration as its leader has it, and how far every member is.
std::string members_json(const ServerStatus& leader, const std::map<ServerId, Address>& places);

// The bodies of POST /v1/members and /v1/transfer. Every field must be known, and of its type.
struct MembersOrder {
    bool add = false;  // else remove
    ServerId server;
    MemberRole as = MemberRole::Voter;
};
Result<MembersOrder> parse_members_order(std::string_view body);
Result<TransferWish> parse_transfer_order(std::string_view body);

}  // namespace wavetank
