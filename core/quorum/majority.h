// Counting: what a majority of each half of a configuration agrees on. These few functions are the
// only place where quorums are formed; elections, commit, reads and check-quorum all come here, so
// that no decision can forget the second half of a joint configuration (paper section 6).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/base/check.h"
#include "core/quorum/configuration.h"

namespace wavetank::quorum {

enum class VoteResult : uint8_t { Pending, Won, Lost };
enum class Vote : uint8_t { None, Granted, Refused };

// The outcome of an election given each member's vote, indexed by slot. Lost as soon as it cannot
// be won any more. An empty half is won: it has nobody to object.
VoteResult vote_result(const Configuration& configuration, std::span<const Vote> votes);

// True if `holds(slot)` is true for a majority of `slots`, or there are none.
template <class Holds>
bool majority_holds(std::span<const std::size_t> slots, Holds holds) {
    std::size_t count = 0;
    for (const std::size_t slot : slots) {
        if (holds(slot)) ++count;
    }
    return count > slots.size() / 2 || slots.empty();
}

// The same for both halves of a joint configuration.
template <class Holds>
bool quorum_holds(const Configuration& configuration, Holds holds) {
    return majority_holds(configuration.voter_slots(), holds) &&
           majority_holds(configuration.outgoing_slots(), holds);
}

// The largest value that a majority of `slots` has reached, where `value_of(slot)` is monotonic
// evidence (match index, read round, time of last contact). `Rep` max if there are no voters.
template <class Value, class ValueOf>
Value reached_by_majority(std::span<const std::size_t> slots, Value unlimited, ValueOf value_of) {
    if (slots.empty()) return unlimited;
    if (slots.size() == 1) return value_of(slots[0]);
    constexpr std::size_t kInline = 8;
    std::array<Value, kInline> inline_values;
    std::vector<Value> heap_values;
    Value* values = inline_values.data();
    if (slots.size() > kInline) {
        heap_values.resize(slots.size());
        values = heap_values.data();
    }
    // Insertion sort, descending: clusters are small, and the values are nearly sorted.
    std::size_t count = 0;
    for (const std::size_t slot : slots) {
        const Value value = value_of(slot);
        std::size_t at = count++;
        for (; at > 0 && values[at - 1] < value; --at) values[at] = values[at - 1];
        values[at] = value;
    }
    return values[slots.size() / 2];
}

// The same over both halves of a joint configuration: the smaller of the two.
template <class Value, class ValueOf>
Value reached_by_quorum(const Configuration& configuration, Value unlimited, ValueOf value_of) {
    const Value incoming = reached_by_majority(configuration.voter_slots(), unlimited, value_of);
    const Value outgoing = reached_by_majority(configuration.outgoing_slots(), unlimited, value_of);
    return std::min(incoming, outgoing);
}

}  // namespace wavetank::quorum
