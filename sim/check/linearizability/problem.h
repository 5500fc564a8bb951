// One key's history, made ready for the engines: linearizability is local, so a history is
// linearizable exactly if each key's part is (Herlihy & Wing 1990; per key: Horn & Kroening 2015).
// Operations are reduced to six kinds over value numbers, their order in real time to positions.
//
// An operation whose outcome nobody knows (`optional` here) may take effect at any time after its
// invocation or never. Equal ones are interchangeable and form a class, used in invocation order. A
// class ends where nothing that completes later can tell what its members did (usefulness.h): with
// unique values that is soon, and unknown outcomes do not pile up.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/check.h"
#include "sim/check/linearizability/values.h"

namespace wavetank::linearizability {

enum class Kind : uint8_t {
    Read,      // observes: the value is a
    NotEqual,  // observes: the value is not a, or absent (a failed compare-and-set)
    Write,     // a becomes the value; a may be absent (a delete of unknown outcome)
    Cas,       // the value was a and becomes b
    Append,    // the value is followed by a
    Take,      // the key existed and becomes absent (a successful delete)
};

// Changes nothing, whatever the value is.
constexpr bool is_observer(Kind kind) {
    return kind == Kind::Read || kind == Kind::NotEqual;
}
constexpr uint32_t kNever = UINT32_MAX;

struct KeyOperation {
    Kind kind = Kind::Read;
    bool optional = false;  // outcome unknown; never an observer
    ValueId a = 0;
    ValueId b = 0;
    ValueId written = 0;               // by Write and Cas, also where a or b have become kOther
    uint32_t number = 0;               // in the whole history
    uint32_t invoked = 0;              // position among the key's events
    uint32_t completed = kNever;       // the same; kNever if optional
    uint32_t optional_class = kNever;  // index into Problem::classes()
};

// Equal operations of unknown outcome.
struct OptionalClass {
    uint32_t first_member;  // into Problem::members(), in invocation order
    uint32_t member_count;
    uint32_t useful_until;  // see usefulness.h; afterwards a member is as good as a write of kOther
};

struct Event {
    uint32_t operation;  // index into Problem::operations()
    bool is_completion;
};

class Problem {
 public:
    // `values` must outlive the problem; engines may add to it.
    Problem(ValueTable& values, ValueId initial) : values_(&values), initial_(initial) {}

    // Building: events in real-time order, then `finish` once. Returns the operation's index, or
    // kNever if the operation can be left out because it tells nothing and changes nothing.
    uint32_t invoke(KeyOperation operation);
    void complete(uint32_t operation);
    void finish(bool exact = false);

    // The part before event `end` of this problem, without the operations that `keep` leaves out
    // (0), and with an unknown outcome for those it doubts (1). `initial` is the value to begin
    // with.
    struct Part {
        ValueId initial;
        uint32_t end;
        const std::vector<uint8_t>& keep;  // per operation: 0 leave out, 1 doubt, 2 keep
        bool exact = false;                // no value may become kOther
    };
    Problem part(const Part& part) const;

    const std::vector<KeyOperation>& operations() const { return operations_; }
    const std::vector<Event>& events() const { return events_; }
    const std::vector<OptionalClass>& classes() const { return classes_; }
    const std::vector<uint32_t>& members() const { return members_; }
    ValueTable& values() const { return *values_; }
    ValueId initial() const { return initial_; }
    // The last event to which a write of kOther of unknown outcome can matter.
    uint32_t difference_until() const { return difference_until_; }
    // What some operation asks for; with appends, `values` must be prepared with it before
    // `finish`.
    std::vector<ValueId> asked_values() const;
    bool appends() const { return appends_; }
    std::size_t memory_bytes() const;

    // The value after `operation` on `value`, or kNoValue if it is not possible there.
    ValueId apply(const KeyOperation& operation, ValueId value) const {
        switch (operation.kind) {
            case Kind::Read:
                return value == operation.a ? value : kNoValue;
            case Kind::NotEqual:
                return value != operation.a ? value : kNoValue;
            case Kind::Write:
                return operation.a;
            case Kind::Cas:
                return value == operation.a ? operation.b : kNoValue;
            case Kind::Append:
                return values_->append(value, operation.a);
            case Kind::Take:
                return value != kAbsent ? kAbsent : kNoValue;
        }
        return kNoValue;
    }

 private:
    void forget_unobserved_values();
    void form_classes();

    ValueTable* values_;
    ValueId initial_;
    bool appends_ = false;
    uint32_t difference_until_ = 0;
    std::vector<KeyOperation> operations_;  // in invocation order
    std::vector<Event> events_;
    std::vector<OptionalClass> classes_;  // in the order of their first invocation
    std::vector<uint32_t> members_;
};

}  // namespace wavetank::linearizability
