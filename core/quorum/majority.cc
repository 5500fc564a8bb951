// Votes, half by half.
#include "core/quorum/majority.h"

namespace wavetank::quorum {
namespace {

VoteResult half_result(std::span<const std::size_t> slots, std::span<const Vote> votes) {
    std::size_t granted = 0;
    std::size_t open = 0;
    for (const std::size_t slot : slots) {
        CHECK(slot < votes.size());
        if (votes[slot] == Vote::Granted) ++granted;
        if (votes[slot] == Vote::None) ++open;
    }
    if (slots.empty()) return VoteResult::Won;
    const std::size_t needed = slots.size() / 2 + 1;
    if (granted >= needed) return VoteResult::Won;
    return granted + open >= needed ? VoteResult::Pending : VoteResult::Lost;
}

}  // namespace

VoteResult vote_result(const Configuration& configuration, std::span<const Vote> votes) {
    const VoteResult incoming = half_result(configuration.voter_slots(), votes);
    const VoteResult outgoing = half_result(configuration.outgoing_slots(), votes);
    if (incoming == VoteResult::Lost || outgoing == VoteResult::Lost) return VoteResult::Lost;
    if (incoming == VoteResult::Won && outgoing == VoteResult::Won) return VoteResult::Won;
    return VoteResult::Pending;
}

}  // namespace wavetank::quorum
