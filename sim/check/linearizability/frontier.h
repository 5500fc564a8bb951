// Just-in-time linearization (Lowe, "Testing for linearizability", 2017): walk through the events
// and keep every configuration the system may be in: the value, and which open operations have
// taken effect. Only a completion forces a decision, and it forces just enough: the completing
// operation, and before it whatever open operations make it possible. No configuration left: not
// linearizable, and this is the event that cannot be explained. Memory goes with concurrency, not
// with length.
//
// Two ideas keep the configurations few (ORACLES 2.4).
//   - Antichain: with the same value, one configuration can do all that another can if more of its
//     observers are satisfied and fewer of its unknown operations used. Only the best are kept.
//   - Absorption: when a write takes effect, every other open write or append may be taken to have
//     happened just before it, unseen. It is then *absorbable*: free to complete, and still free to
//     take effect later. So concurrent writes that nobody reads need no branch at all.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "sim/check/linearizability/problem.h"

namespace wavetank::linearizability {

enum class Progress : uint8_t {
    Legal,
    Illegal,
    OutOfBudget,  // more expansions may help
    Unable,       // they will not: out of memory, or beyond what this engine can represent
};

constexpr std::size_t kSlotsMax = 64;           // open operations of known outcome
constexpr std::size_t kUnknownClassesMax = 32;  // classes of unknown outcome at one time, with
constexpr unsigned kOtherSlot = 31;             // all that is as good as a write of kOther in one

class Frontier {
 public:
    // An instant without open operations and with a single possible value, and which unknown
    // operations may still take effect later: what happened before is fully known.
    struct Cut {
        uint32_t position = 0;  // the first event after it
        ValueId value = kAbsent;
        std::vector<uint32_t> unused;  // operations of unknown outcome not yet used
    };

    // `problem` must outlive the engine.
    Frontier(const Problem& problem, std::size_t memory_bytes_max)
        : problem_(problem), configurations_max_(memory_bytes_max / sizeof(Configuration)) {}

    // From the beginning, with at most so many expansions.
    Progress run(uint64_t expansions_max);
    // Before `run`: keep the last so many cuts.
    void remember_cuts(std::size_t count) { cuts_max_ = count; }

    uint64_t expansions() const { return expansions_; }
    // After Illegal: the completion that cannot be explained, and the values possible before it.
    uint32_t failed_at() const { return failed_at_; }
    std::vector<ValueId> possible_values() const;
    // The last cuts before the end or the failure, oldest first.
    const std::vector<Cut>& cuts() const { return cuts_; }

 private:
    struct Configuration {
        ValueId value = kAbsent;
        bool fresh =
            false;  // made by a write that satisfied nobody: another write now is pointless
        bool dominated = false;
        uint64_t done = 0;        // by slot: took effect, or satisfied
        uint64_t absorbable = 0;  // by slot: may count as done, see above; never together with done
        std::array<uint16_t, kUnknownClassesMax> used{};  // by class slot: members that took effect
    };

    // Configurations of which none dominates another, found by value.
    class Antichain {
     public:
        void clear();
        // False if one that is as good is there already.
        bool insert(const Configuration& configuration, const Frontier& frontier);
        void drop_dominated();
        std::vector<Configuration>& items() { return items_; }
        const std::vector<Configuration>& items() const { return items_; }

     private:
        std::vector<Configuration> items_;
        std::vector<uint32_t> next_;            // chain of the same value
        std::vector<uint32_t> first_of_value_;  // by value; kNever: none
    };

    void reset();
    bool invoke(uint32_t operation, uint32_t position);
    bool invoke_optional(uint32_t optional_class, uint32_t position);
    void complete(unsigned slot);
    bool complete_alone(unsigned slot);
    void expand(const Configuration& from, unsigned slot);
    std::optional<Configuration> place(const Configuration& from, const KeyOperation& operation,
                                       uint64_t bit) const;
    void offer(Configuration configuration, uint64_t bit);
    void settle(Configuration& configuration) const;
    bool dominates(const Configuration& better, const Configuration& worse) const;
    void close_slot(unsigned slot);
    bool retire_classes(uint32_t position);
    const KeyOperation& operation_of_class_slot(unsigned slot) const;
    void remember_cut(uint32_t position);

    const Problem& problem_;
    std::size_t configurations_max_;
    uint64_t expansions_ = 0;
    uint32_t failed_at_ = kNever;

    Antichain current_;
    Antichain next_;
    Antichain pending_;  // within one completion: configurations in which it has not happened yet

    std::array<uint32_t, kSlotsMax> slot_operation_{};
    std::vector<uint8_t> slot_of_;  // by operation, while open
    uint64_t open_ = 0;
    uint64_t open_observers_ = 0;
    uint64_t open_writes_ = 0;
    uint64_t open_absorbable_ = 0;  // writes and appends

    std::array<uint32_t, kUnknownClassesMax> class_in_slot_{};
    std::array<uint32_t, kUnknownClassesMax> available_{};  // members invoked so far
    std::vector<uint8_t> class_slot_;                       // by class; kNoSlot: none
    uint32_t class_slots_ = 0;                              // bits: in use
    uint32_t retire_next_ = kNever;                         // no class in use ends before this
    std::vector<uint32_t> other_members_;                   // what kOtherSlot counts

    std::size_t cuts_max_ = 0;
    std::vector<Cut> cuts_;
};

}  // namespace wavetank::linearizability
