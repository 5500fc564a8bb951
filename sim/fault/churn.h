// Churn: random changes of the members, as administrators make them over the years: servers join,
// with an empty disk or with what they remember of an earlier time, leave, are replaced, demoted to
// learners and promoted again. Who is removed is left running; it must not disturb the others, and
// may be wiped and added again later.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/fault/faults.h"

namespace wavetank {

class Churn {
 public:
    // `world` and `faults` outlive this.
    Churn(World& world, Faults& faults, const NemesisSetup& setup);

    // Asks the leader for one change, drawn from those that are possible now. Who is added is
    // started if it is down. `working`, by position: who goes on working, as far as is known. False
    // if nothing came of it: nobody leads, a change is under way, or the one that was drawn is not
    // allowed.
    bool strike(const std::vector<bool>& working);

    // The members of the last change that was accepted: the cluster may still come to consist of
    // them.
    const std::optional<Configuration>& accepted() const { return accepted_; }

 private:
    enum class Kind : uint8_t {
        AddVoter,
        AddLearner,
        AddWitness,
        Remove,
        Replace,
        Demote,
        Promote
    };
    // What may happen, and to whom. By position.
    struct Chances {
        std::vector<uint32_t> outsiders;
        std::vector<uint32_t> voters;     // witnesses included
        std::vector<uint32_t> demotable;  // voters, witnesses not included
        std::vector<uint32_t> learners;
        std::vector<Kind> kinds;
    };
    struct Change {
        Configuration members;
        std::optional<uint32_t> joins;
    };
    Chances chances(const Configuration& now) const;
    std::vector<Kind> kinds(const Chances& chances, const Configuration& now) const;
    Change draw(const Chances& chances, const Configuration& now);
    void prepare(uint32_t position, bool as_witness);
    uint32_t one_of(const std::vector<uint32_t>& positions) {
        return positions[below(bits(), positions.size())];
    }
    uint64_t bits() { return world_.chance().draw(ChanceKind::MembersDraw, 0, ordinal_++); }

    World& world_;
    Faults& faults_;
    const uint32_t voters_min_;
    const uint32_t witnesses_max_;
    const bool keep_majority_;
    std::optional<Configuration> accepted_;
    uint64_t ordinal_ = 0;
};

}  // namespace wavetank
