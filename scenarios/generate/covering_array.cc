// Greedy: the first missing pair, then the best value of each other factor.
#include "scenarios/generate/covering_array.h"

#include <algorithm>
#include <optional>
#include <set>

#include "core/base/check.h"

namespace wavetank {
namespace {

// A value of one factor.
struct Choice {
    uint32_t factor = 0;
    uint32_t value = 0;
    friend auto operator<=>(const Choice&, const Choice&) = default;
};
struct Pair {
    Choice first;  // of the factor with the smaller number
    Choice second;
    friend auto operator<=>(const Pair&, const Pair&) = default;
};
Pair pair_of(Choice a, Choice b) {
    return a.factor < b.factor ? Pair{a, b} : Pair{b, a};
}

std::set<Pair> all_pairs(const std::vector<uint32_t>& values) {
    std::set<Pair> pairs;
    for (uint32_t f = 0; f < values.size(); ++f) {
        for (uint32_t g = f + 1; g < values.size(); ++g) {
            for (uint32_t v = 0; v < values[f]; ++v) {
                for (uint32_t w = 0; w < values[g]; ++w) pairs.insert(Pair{{f, v}, {g, w}});
            }
        }
    }
    return pairs;
}

class Array {
 public:
    explicit Array(const std::vector<uint32_t>& values)
        : values_(values), missing_(all_pairs(values)), uses_(values.size()) {
        for (std::size_t f = 0; f < values.size(); ++f) uses_[f].resize(values[f]);
    }

    std::vector<CoveringRow> rows() {
        std::vector<CoveringRow> rows;
        while (!missing_.empty()) rows.push_back(next_row());
        return rows;
    }

 private:
    CoveringRow next_row() {
        const Pair start = *missing_.begin();
        std::vector<Choice> row = {start.first, start.second};
        for (uint32_t f = 0; f < values_.size(); ++f) {
            if (f != start.first.factor && f != start.second.factor) row.push_back(best(f, row));
        }
        CoveringRow out(values_.size());
        for (std::size_t i = 0; i < row.size(); ++i) {
            out[row[i].factor] = row[i].value;
            ++uses_[row[i].factor][row[i].value];
            for (std::size_t j = 0; j < i; ++j) missing_.erase(pair_of(row[i], row[j]));
        }
        return out;
    }

    // Of equally good values the one that was used least, of these the first.
    Choice best(uint32_t factor, const std::vector<Choice>& row) const {
        std::optional<Choice> best;
        std::size_t best_gain = 0;
        for (uint32_t value = 0; value < values_[factor]; ++value) {
            const Choice choice{factor, value};
            const auto gain = static_cast<std::size_t>(std::count_if(
                row.begin(), row.end(),
                [&](const Choice& other) { return missing_.contains(pair_of(choice, other)); }));
            const bool rarer = best && uses_[factor][value] < uses_[factor][best->value];
            if (best && (gain < best_gain || (gain == best_gain && !rarer))) continue;
            best = choice;
            best_gain = gain;
        }
        return *best;
    }

    const std::vector<uint32_t>& values_;
    std::set<Pair> missing_;
    std::vector<std::vector<uint32_t>> uses_;  // by factor and value
};

}  // namespace

std::vector<CoveringRow> covering_array(const std::vector<uint32_t>& values) {
    for (const uint32_t count : values) CHECK(count >= 1);
    if (values.empty()) return {CoveringRow()};
    if (values.size() == 1) {
        std::vector<CoveringRow> rows;
        for (uint32_t value = 0; value < values[0]; ++value) rows.push_back({value});
        return rows;
    }
    return Array(values).rows();
}

}  // namespace wavetank
