// Sorted lists, their union, and the slots of the voters in it.
#include "core/quorum/configuration.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"

namespace wavetank {
namespace {

void sort_unique(std::vector<ServerId>& ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

std::string list(const std::vector<ServerId>& ids) {
    std::string text = "{";
    for (const ServerId id : ids) {
        if (text.size() > 1) text += ",";
        text += fmt::format("{}", id.value());
    }
    return text + "}";
}

}  // namespace

Configuration::Configuration(Members members) : members_(std::move(members)) {
    sort_unique(members_.voters);
    sort_unique(members_.outgoing);
    sort_unique(members_.learners);
    for (const auto* part : {&members_.voters, &members_.outgoing, &members_.learners}) {
        all_.insert(all_.end(), part->begin(), part->end());
    }
    sort_unique(all_);
    for (const ServerId id : members_.voters) voter_slots_.push_back(*slot_of(id));
    for (const ServerId id : members_.outgoing) outgoing_slots_.push_back(*slot_of(id));
}

Configuration Configuration::of_voters(std::vector<ServerId> voters) {
    return Configuration(Members{.voters = std::move(voters), .outgoing = {}, .learners = {}});
}

std::optional<std::size_t> Configuration::find_slot(ServerId id) const {
    const auto found = std::lower_bound(all_.begin(), all_.end(), id);
    if (found == all_.end() || *found != id) return std::nullopt;
    return static_cast<std::size_t>(found - all_.begin());
}

bool Configuration::is_voter(ServerId id) const {
    return std::binary_search(members_.voters.begin(), members_.voters.end(), id) ||
           std::binary_search(members_.outgoing.begin(), members_.outgoing.end(), id);
}

std::string Configuration::to_string() const {
    std::string text = list(members_.voters);
    if (joint()) text += "&&" + list(members_.outgoing);
    if (!members_.learners.empty()) text += " learners " + list(members_.learners);
    return text;
}

}  // namespace wavetank
