// Configuration: who the members of the cluster are. While a membership change is under way the
// configuration is *joint* (paper section 6): `outgoing` holds the old voters beside the new ones,
// and every decision needs a majority of each half. Learners receive entries and are never counted.
// Witnesses are voters that keep no payloads: they vote, and their acknowledgements count, but they
// never lead and have no machine. Fewer of them than a majority, so every majority has a full copy.
//
// Format in a log entry (core/base/bytes.h): for each of voters, outgoing, learners, witnesses: u32
// count, then u32 ids, rising.
//
// Members have dense *slots* (positions in the sorted union of all members), so that what a leader
// keeps per peer is an array and counting a majority is a walk over it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
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
        std::vector<ServerId> witnesses;  // each also a voter, or a learner
        friend bool operator==(const Members&, const Members&) = default;
    };
    // Sorts each list and drops repetitions. A server may be in `voters` and `outgoing`; a learner
    // is in neither `voters` nor (unless it waits to be demoted) `outgoing`.
    explicit Configuration(Members members);
    static Configuration of_voters(std::vector<ServerId> voters);

    const std::vector<ServerId>& voters() const { return members_.voters; }
    const std::vector<ServerId>& outgoing() const { return members_.outgoing; }
    const std::vector<ServerId>& learners() const { return members_.learners; }
    const std::vector<ServerId>& witnesses() const { return members_.witnesses; }
    const Members& members() const { return members_; }
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
    bool is_witness(ServerId id) const;

    // True if a cluster can work with these members: a voter at least, no id zero, nobody a voter
    // and a learner of the same half, witnesses are voters and fewer than a majority of each half.
    // Otherwise `why` says what is wrong.
    bool valid(const char** why) const;
    // From `from` to this one without losing the overlap of quorums (paper section 6): the same
    // voters; into a joint configuration whose outgoing half is `from`; or out of `from` by
    // dropping its outgoing half.
    bool may_follow(const Configuration& from) const;

    // The slots of each half's voters.
    std::span<const std::size_t> voter_slots() const { return voter_slots_; }
    std::span<const std::size_t> outgoing_slots() const { return outgoing_slots_; }

    // "{1,2,3}", "{1,2,4}&&{1,2,3} learners {5}".
    std::string to_string() const;

    friend bool operator==(const Configuration& a, const Configuration& b) {
        return a.members_ == b.members_;
    }

 private:
    std::optional<std::size_t> find_slot(ServerId id) const;

    Members members_;
    std::vector<ServerId> all_;
    std::vector<std::size_t> voter_slots_;
    std::vector<std::size_t> outgoing_slots_;
};

std::string encode(const Configuration& configuration);
// Nothing if the bytes are no configuration, or not a valid one.
std::optional<Configuration> decode_configuration(std::string_view bytes);

}  // namespace wavetank
