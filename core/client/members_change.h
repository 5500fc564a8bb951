// What an operator wants of the members of a cluster, as a wish (core/env/administration.h) that
// begins with what the leader said of them: if they have changed meanwhile it is refused.
#pragma once

#include <optional>
#include <string_view>

#include "core/base/result.h"
#include "core/env/administration.h"

namespace wavetank {

enum class MemberRole : uint8_t { Voter, Learner, Witness };
// "voter", "learner", "witness".
const char* name_of(MemberRole role);
std::optional<MemberRole> member_role_of(std::string_view name);
// Requires that `id` is among them.
MemberRole member_role_of(const Configuration& members, ServerId id);

// Errors: another change is under way at the leader.
Result<MembersWish> wish_to_add(const ServerStatus& leader, ServerId id, MemberRole as);
Result<MembersWish> wish_to_remove(const ServerStatus& leader, ServerId id);

}  // namespace wavetank
