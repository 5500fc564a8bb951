// Lists of ids, with one taken out or put in.
#include "core/client/members_change.h"

#include <vector>

namespace wavetank {
namespace {

constexpr MemberRole kRoles[] = {MemberRole::Voter, MemberRole::Learner, MemberRole::Witness};

}  // namespace

const char* name_of(MemberRole role) {
    switch (role) {
        case MemberRole::Voter:
            return "voter";
        case MemberRole::Learner:
            return "learner";
        case MemberRole::Witness:
            return "witness";
    }
    CHECK(false);
    return "";
}

std::optional<MemberRole> member_role_of(std::string_view name) {
    for (const MemberRole role : kRoles) {
        if (name == name_of(role)) return role;
    }
    return std::nullopt;
}

MemberRole member_role_of(const Configuration& members, ServerId id) {
    CHECK(members.contains(id));
    if (members.is_witness(id)) return MemberRole::Witness;
    return members.is_voter(id) ? MemberRole::Voter : MemberRole::Learner;
}

Result<MembersWish> wish_to_remove(const ServerStatus& leader, ServerId id) {
    if (leader.configuration.joint()) return Error{"another change is under way"};
    MembersWish wish{leader.configured_at, leader.configuration.members()};
    for (auto* ids : {&wish.members.voters, &wish.members.learners, &wish.members.witnesses}) {
        std::erase(*ids, id);
    }
    return wish;
}

Result<MembersWish> wish_to_add(const ServerStatus& leader, ServerId id, MemberRole as) {
    Result<MembersWish> wish = wish_to_remove(leader, id);
    if (!wish.ok()) return wish;
    Configuration::Members& members = wish.value().members;
    (as == MemberRole::Learner ? members.learners : members.voters).push_back(id);
    if (as == MemberRole::Witness) members.witnesses.push_back(id);
    return wish;
}

}  // namespace wavetank
