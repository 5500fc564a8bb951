// Configuration: who the members of the cluster are. While a membership change is under way the
// configuration is *joint* (paper section 6): `outgoing` holds the old voters beside the new ones,
// and every decision needs a majority of each half. Learners receive entries and are never counted.
//
// Members have dense *slots* (positions in the sorted union of all members), so that what a leader
// keeps per peer is an array and counting a majority is a walk over it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/ids.h"

namespace wavetank {

class Configuration {
 public:
    // Empty: no members. A server that starts so waits to be added.
    Configuration() = default;

    struct Members {
        std::vector<ServerId> voters;
        std::vector<ServerId> outgoing;  // empty unless joint
        std::vector<ServerId> learners;
    };
    // Sorts each list and drops repetitions. A server may be in `voters` and `outgoing`; a learner
    // is in neither `voters` nor (unless it waits to be demoted) `outgoing`.
    explicit Configuration(Members members);
    static Configuration of_voters(std::vector<ServerId> voters);

    const std::vector<ServerId>& voters() const { return members_.voters; }
    const std::vector<ServerId>& outgoing() const { return members_.outgoing; }
    const std::vector<ServerId>& learners() const { return members_.learners; }
    bool joint() const { return !members_.outgoing.empty(); }

    // All members, sorted; the position of a server here is its slot.
    const std::vector<ServerId>& all() const { return all_; }
    std::optional<std::size_t> slot_of(ServerId id) const {
        // Most clusters are numbered 1, 2, 3, ...
        const std::size_t guess = id.value() - std::size_t{1};
        if (guess < all_.size() && all_[guess] == id) return guess;
        return find_slot(id);
    }
    bool contains(ServerId id) const { return slot_of(id).has_value(); }
    // True for a voter of either half.
    bool is_voter(ServerId id) const;

    // The slots of each half's voters.
    std::span<const std::size_t> voter_slots() const { return voter_slots_; }
    std::span<const std::size_t> outgoing_slots() const { return outgoing_slots_; }

    // "{1,2,3}", "{1,2,4}&&{1,2,3} learners {5}".
    std::string to_string() const;

    friend bool operator==(const Configuration& a, const Configuration& b) {
        return a.members_.voters == b.members_.voters &&
               a.members_.outgoing == b.members_.outgoing &&
               a.members_.learners == b.members_.learners;
    }

 private:
    std::optional<std::size_t> find_slot(ServerId id) const;

    Members members_;
    std::vector<ServerId> all_;
    std::vector<std::size_t> voter_slots_;
    std::vector<std::size_t> outgoing_slots_;
};

}  // namespace wavetank
