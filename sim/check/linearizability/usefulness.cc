// Demands: by value, by prefix, by substring.
#include "sim/check/linearizability/usefulness.h"

#include <algorithm>
#include <bitset>
#include <tuple>

#include "sim/check/linearizability/problem.h"

namespace wavetank::linearizability {
namespace {

// Rounds in which uses of unknown compare-and-sets are traced from one to the next.
constexpr int kChainRoundsMax = 16;
// Above so many comparisons, or bytes to search, all unknown operations count as useful.
constexpr std::size_t kComparisonsMax = 4'000'000;
constexpr std::size_t kSearchedBytesMax = 64'000'000;

// Of the rolling hash, modulo 2^64.
constexpr uint64_t kBase = 0x9e3779b97f4a7c15ULL;
constexpr std::size_t filter_bit(uint64_t hash) {
    return (hash ^ hash >> 32) & 4095;
}

class Demands {
 public:
    explicit Demands(const Problem& problem);

    // An unknown compare-and-set asks for its expected value as long as its own effect can matter.
    void trace_chains(std::vector<uint32_t>& until);
    // Appends matter to who asks for a value in which they occur.
    void search_appended(std::vector<uint32_t>& until) const;

    uint32_t difference_until() const { return difference_until_; }

 private:
    void demand(ValueId value, uint32_t until);
    uint32_t until_of(const KeyOperation& operation) const;
    uint32_t until_of_written(ValueId written) const;
    const KeyOperation& member(std::size_t index) const {
        return problem_.operations()[problem_.members()[problem_.classes()[index].first_member]];
    }
    struct Wanted {
        uint64_t hash;
        uint32_t index;  // of the class
    };
    void search_length(std::size_t length, const std::vector<Wanted>& wanted,
                       std::vector<uint32_t>& until) const;

    const Problem& problem_;
    std::vector<uint32_t> value_until_;  // by value; 0: never asked for
    std::vector<ValueId> values_;        // those with value_until_ > 0
    uint32_t difference_until_ = 0;      // the last event that asks for "not this value"
    uint32_t any_until_ = 0;             // the last event that asks for anything
};

Demands::Demands(const Problem& problem) : problem_(problem) {
    value_until_.resize(problem.values().size(), 0);
    for (const KeyOperation& operation : problem.operations()) {
        if (operation.optional || operation.completed == kNever) continue;
        // Who asks for "not a" tells a from the others too.
        if (operation.kind == Kind::Read || operation.kind == Kind::Cas ||
            operation.kind == Kind::NotEqual) {
            demand(operation.a, operation.completed);
        }
        if (operation.kind == Kind::NotEqual || operation.kind == Kind::Take) {
            difference_until_ = std::max(difference_until_, operation.completed);
        }
    }
    any_until_ = std::max(any_until_, difference_until_);
}

void Demands::demand(ValueId value, uint32_t until) {
    if (value_until_[value] == 0 && until > 0) values_.push_back(value);
    value_until_[value] = std::max(value_until_[value], until);
    any_until_ = std::max(any_until_, until);
}

uint32_t Demands::until_of_written(ValueId written) const {
    uint32_t until = value_until_[written];
    if (!problem_.appends()) return until;
    if (written == kOther) return 0;
    if (values_.size() * problem_.classes().size() > kComparisonsMax) return any_until_;
    // With appends, a value serves whoever asks for something that begins with it.
    for (const ValueId asked : values_) {
        if (value_until_[asked] <= until) continue;
        if (problem_.values().bytes(asked).starts_with(problem_.values().bytes(written))) {
            until = value_until_[asked];
        }
    }
    return until;
}

uint32_t Demands::until_of(const KeyOperation& operation) const {
    switch (operation.kind) {
        case Kind::Append:
            return any_until_;
        case Kind::Cas:
            return std::max(until_of_written(operation.b), difference_until_);
        case Kind::Write:
            // Absent is different from everything, but it is not a key that exists.
            if (operation.a == kAbsent)
                return problem_.appends() ? any_until_
                                          : std::max(value_until_[kAbsent], difference_until_);
            return until_of_written(operation.a);
        case Kind::Read:
        case Kind::NotEqual:
        case Kind::Take:
            return any_until_;
    }
    return any_until_;
}

void Demands::trace_chains(std::vector<uint32_t>& until) {
    bool changed = true;
    for (int round = 0; changed && round < kChainRoundsMax; ++round) {
        changed = false;
        for (std::size_t i = 0; i < until.size(); ++i) {
            const KeyOperation& operation = member(i);
            until[i] = until_of(operation);
            if (operation.kind != Kind::Cas) continue;
            if (value_until_[operation.a] >= until[i]) continue;
            demand(operation.a, until[i]);
            changed = true;
        }
    }
    if (changed) std::fill(until.begin(), until.end(), any_until_);
}

void Demands::search_appended(std::vector<uint32_t>& until) const {
    std::vector<std::pair<std::size_t, Wanted>> wanted;  // by length
    for (uint32_t i = 0; i < until.size(); ++i) {
        if (member(i).kind != Kind::Append) continue;
        const std::string_view suffix = problem_.values().bytes(member(i).a);
        if (suffix.empty()) continue;
        uint64_t hash = 0;
        for (const char byte : suffix) hash = hash * kBase + static_cast<unsigned char>(byte);
        wanted.push_back({suffix.size(), {hash, i}});
    }
    std::sort(wanted.begin(), wanted.end(), [](const auto& left, const auto& right) {
        return std::tuple(left.first, left.second.hash, left.second.index) <
               std::tuple(right.first, right.second.hash, right.second.index);
    });
    std::size_t bytes = 0;
    for (const ValueId asked : values_) bytes += problem_.values().bytes(asked).size();
    std::size_t searched = 0;
    for (std::size_t begin = 0; begin < wanted.size();) {
        const std::size_t length = wanted[begin].first;
        std::vector<Wanted> same_length;
        for (; begin < wanted.size() && wanted[begin].first == length; ++begin) {
            same_length.push_back(wanted[begin].second);
        }
        searched += bytes;
        if (searched > kSearchedBytesMax) return;
        search_length(length, same_length, until);
    }
}

// Slides a window of `length` over all values asked for, with a rolling hash.
void Demands::search_length(std::size_t length, const std::vector<Wanted>& wanted,
                            std::vector<uint32_t>& until) const {
    std::bitset<4096> filter;
    uint64_t power = 1;
    for (std::size_t i = 0; i < length; ++i) power *= kBase;
    for (const Wanted& each : wanted) {
        filter.set(filter_bit(each.hash));
        until[each.index] = 0;
    }
    for (const ValueId asked : values_) {
        const std::string_view text = problem_.values().bytes(asked);
        uint64_t hash = 0;
        for (std::size_t end = 0; end < text.size(); ++end) {
            hash = hash * kBase + static_cast<unsigned char>(text[end]);
            if (end >= length) hash -= power * static_cast<unsigned char>(text[end - length]);
            if (end + 1 < length || !filter.test(filter_bit(hash))) continue;
            auto found = std::partition_point(wanted.begin(), wanted.end(),
                                              [&](const Wanted& each) { return each.hash < hash; });
            for (; found != wanted.end() && found->hash == hash; ++found) {
                // Not compared byte by byte: a false hit only makes it useful for longer.
                until[found->index] = std::max(until[found->index], value_until_[asked]);
            }
        }
    }
}

}  // namespace

Usefulness usefulness_of(const Problem& problem) {
    Demands demands(problem);
    Usefulness result;
    result.until.resize(problem.classes().size(), 0);
    demands.trace_chains(result.until);
    demands.search_appended(result.until);
    result.difference_until = demands.difference_until();
    return result;
}

}  // namespace wavetank::linearizability
