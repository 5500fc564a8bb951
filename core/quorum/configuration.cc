// Sorted lists, their union, and the slots of the voters in it.
#include "core/quorum/configuration.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/bytes.h"
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

bool holds(const std::vector<ServerId>& ids, ServerId id) {
    return std::binary_search(ids.begin(), ids.end(), id);
}

}  // namespace

Configuration::Configuration(Members members) : members_(std::move(members)) {
    sort_unique(members_.voters);
    sort_unique(members_.outgoing);
    sort_unique(members_.learners);
    sort_unique(members_.witnesses);
    for (const auto* part : {&members_.voters, &members_.outgoing, &members_.learners}) {
        all_.insert(all_.end(), part->begin(), part->end());
    }
    sort_unique(all_);
    for (const ServerId id : members_.voters) voter_slots_.push_back(*slot_of(id));
    for (const ServerId id : members_.outgoing) outgoing_slots_.push_back(*slot_of(id));
}

Configuration Configuration::of_voters(std::vector<ServerId> voters) {
    Members members;
    members.voters = std::move(voters);
    return Configuration(std::move(members));
}

std::optional<std::size_t> Configuration::find_slot(ServerId id) const {
    const auto found = std::lower_bound(all_.begin(), all_.end(), id);
    if (found == all_.end() || *found != id) return std::nullopt;
    return static_cast<std::size_t>(found - all_.begin());
}

bool Configuration::is_voter(ServerId id) const {
    return holds(members_.voters, id) || holds(members_.outgoing, id);
}

bool Configuration::is_witness(ServerId id) const {
    return holds(members_.witnesses, id);
}

bool Configuration::valid(const char** why) const {
    const auto fail = [&](const char* reason) {
        *why = reason;
        return false;
    };
    if (members_.voters.empty()) return fail("there is no voter");
    if (!all_.front()) return fail("a server's id must not be zero");
    for (const ServerId id : members_.learners) {
        if (holds(members_.voters, id)) return fail("a server is voter and learner");
    }
    for (const ServerId id : members_.witnesses) {
        if (!is_voter(id) && !holds(members_.learners, id)) {
            return fail("a witness is neither voter nor learner");
        }
    }
    for (const auto* half : {&members_.voters, &members_.outgoing}) {
        const auto witnesses = std::count_if(half->begin(), half->end(),
                                             [this](ServerId id) { return is_witness(id); });
        if (static_cast<std::size_t>(witnesses) > half->size() / 2) {
            return fail("a majority could consist of witnesses alone");
        }
    }
    return true;
}

bool Configuration::may_follow(const Configuration& from) const {
    // A member keeps its kind: a witness has no payloads to become a full member with.
    for (const ServerId id : all_) {
        if (from.contains(id) && is_witness(id) != from.is_witness(id)) return false;
    }
    if (joint()) return !from.joint() && members_.outgoing == from.members_.voters;
    return members_.voters == from.members_.voters;
}

std::string encode(const Configuration& configuration) {
    const Configuration::Members& members = configuration.members();
    Encoder encoder;
    for (const auto* ids :
         {&members.voters, &members.outgoing, &members.learners, &members.witnesses}) {
        encoder.u32(static_cast<uint32_t>(ids->size()));
        for (const ServerId id : *ids) encoder.u32(id.value());
    }
    return encoder.take();
}

std::optional<Configuration> decode_configuration(std::string_view bytes) {
    Decoder decoder(bytes);
    Configuration::Members members;
    for (auto* ids : {&members.voters, &members.outgoing, &members.learners, &members.witnesses}) {
        const uint32_t count = decoder.u32();
        for (uint32_t i = 0; i < count && decoder.ok(); ++i) {
            ids->push_back(ServerId(decoder.u32()));
        }
    }
    if (!decoder.finished()) return std::nullopt;
    Configuration configuration(std::move(members));
    const char* why = "";
    if (!configuration.valid(&why)) return std::nullopt;
    return configuration;
}

std::string Configuration::to_string() const {
    std::string text = list(members_.voters);
    if (joint()) text += "&&" + list(members_.outgoing);
    if (!members_.learners.empty()) text += " learners " + list(members_.learners);
    if (!members_.witnesses.empty()) text += " witnesses " + list(members_.witnesses);
    return text;
}

}  // namespace wavetank
