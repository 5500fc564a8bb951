// Building a problem, and finding out how long an operation of unknown outcome can still matter.
#include "sim/check/linearizability/problem.h"

#include <algorithm>
#include <tuple>

namespace wavetank::linearizability {
namespace {

// Rounds in which uses of unknown compare-and-sets are traced from one to the next.
constexpr int kChainRoundsMax = 16;
// Comparisons of byte strings spent on finding useless unknown writes.
constexpr std::size_t kComparisonsMax = 4'000'000;

// Until which event each value is asked for.
struct Demands {
    std::vector<uint32_t> value_until;  // by value; 0: never
    std::vector<ValueId> values;        // those with value_until > 0 (appends only)
    uint32_t difference_until = 0;      // last event that asks for "not this value"
    uint32_t any_until = 0;             // last event that asks for anything

    void demand(ValueId value, uint32_t until) {
        if (value_until[value] == 0 && until > 0) values.push_back(value);
        value_until[value] = std::max(value_until[value], until);
    }
};

}  // namespace

uint32_t Problem::invoke(KeyOperation operation) {
    if (operation.kind == Kind::Cas && operation.a == operation.b) operation.kind = Kind::Read;
    if (operation.optional) {
        if (is_observer(operation.kind)) return kNever;
        // A delete that finds nothing changes nothing, so an unknown one is a write of "absent".
        if (operation.kind == Kind::Take)
            operation = {
                .kind = Kind::Write, .optional = true, .a = kAbsent, .number = operation.number};
    }
    if (operation.kind == Kind::Append) appends_ = true;
    operation.written = operation.kind == Kind::Cas ? operation.b : operation.a;
    operation.invoked = static_cast<uint32_t>(events_.size());
    const auto index = static_cast<uint32_t>(operations_.size());
    operations_.push_back(operation);
    events_.push_back({index, false});
    return index;
}

void Problem::complete(uint32_t operation) {
    CHECK(operation < operations_.size());
    CHECK(!operations_[operation].optional);
    operations_[operation].completed = static_cast<uint32_t>(events_.size());
    events_.push_back({operation, true});
}

void Problem::finish(bool exact) {
    if (!appends_ && !exact) forget_unobserved_values();
    form_classes();
    if (!classes_.empty()) bound_classes();
}

// Values that nobody asks for cannot be told apart: one number stands for all of them. Not with
// appends, where a value nobody asks for is a part of one that somebody does.
void Problem::forget_unobserved_values() {
    std::vector<bool> observed(values_->size(), false);
    observed[kAbsent] = true;
    for (const KeyOperation& operation : operations_) {
        if (operation.kind == Kind::Write || operation.kind == Kind::Take) continue;
        observed[operation.a] = true;
    }
    for (KeyOperation& operation : operations_) {
        if (operation.kind == Kind::Write && !observed[operation.a]) operation.a = kOther;
        if (operation.kind == Kind::Cas && !observed[operation.b]) operation.b = kOther;
    }
}

void Problem::form_classes() {
    std::vector<uint32_t> optional;
    for (uint32_t i = 0; i < operations_.size(); ++i) {
        if (operations_[i].optional) optional.push_back(i);
    }
    const auto content = [this](uint32_t i) {
        return std::tuple(operations_[i].kind, operations_[i].a, operations_[i].b);
    };
    std::sort(optional.begin(), optional.end(), [&](uint32_t i, uint32_t j) {
        return std::tuple(content(i), i) < std::tuple(content(j), j);
    });
    std::vector<std::pair<uint32_t, uint32_t>> groups;  // first member, count; into `optional`
    for (uint32_t i = 0; i < optional.size(); ++i) {
        if (i == 0 || content(optional[i]) != content(optional[i - 1])) groups.push_back({i, 0});
        ++groups.back().second;
    }
    std::sort(groups.begin(), groups.end(), [&](const auto& left, const auto& right) {
        return optional[left.first] < optional[right.first];
    });
    for (const auto& [first, count] : groups) {
        classes_.push_back({static_cast<uint32_t>(members_.size()), count, kNever});
        for (uint32_t i = first; i < first + count; ++i) {
            operations_[optional[i]].optional_class = static_cast<uint32_t>(classes_.size() - 1);
            members_.push_back(optional[i]);
        }
    }
}

void Problem::bound_classes() {
    Demands demands;
    demands.value_until.resize(values_->size(), 0);
    for (const KeyOperation& operation : operations_) {
        if (operation.optional) continue;
        const uint32_t until = operation.completed == kNever ? 0 : operation.completed;
        if (operation.kind == Kind::Read || operation.kind == Kind::Cas) {
            demands.demand(operation.a, until);
            demands.any_until = std::max(demands.any_until, until);
        } else if (operation.kind == Kind::NotEqual || operation.kind == Kind::Take) {
            demands.difference_until = std::max(demands.difference_until, until);
        }
    }
    demands.any_until = std::max(demands.any_until, demands.difference_until);

    const bool affordable = demands.values.size() * classes_.size() <= kComparisonsMax;
    const auto until_of = [&](const KeyOperation& operation) {
        if (operation.kind == Kind::Append) return demands.any_until;
        const ValueId written = operation.kind == Kind::Cas ? operation.b : operation.a;
        uint32_t until = std::max(demands.difference_until, demands.value_until[written]);
        if (!appends_) return until;
        if (!affordable) return demands.any_until;
        // With appends, a value serves whoever asks for something that begins with it.
        for (const ValueId asked : demands.values) {
            if (demands.value_until[asked] <= until) continue;
            if (values_->bytes(asked).starts_with(values_->bytes(written))) {
                until = demands.value_until[asked];
            }
        }
        return until;
    };
    // An unknown compare-and-set asks for its expected value as long as its own effect can matter.
    bool changed = true;
    for (int round = 0; changed && round < kChainRoundsMax; ++round) {
        changed = false;
        for (OptionalClass& each : classes_) {
            const KeyOperation& operation = operations_[members_[each.first_member]];
            each.useful_until = until_of(operation);
            if (operation.kind != Kind::Cas) continue;
            if (demands.value_until[operation.a] >= each.useful_until) continue;
            demands.demand(operation.a, each.useful_until);
            changed = true;
        }
    }
    if (!changed) return;
    for (OptionalClass& each : classes_) each.useful_until = kNever;
}

Problem Problem::part(const Part& part) const {
    Problem result(*values_, part.initial);
    std::vector<uint32_t> index(operations_.size(), kNever);
    for (uint32_t position = 0; position < part.end; ++position) {
        const Event event = events_[position];
        const KeyOperation& operation = operations_[event.operation];
        if (part.keep[event.operation] == 0) continue;
        const bool known = part.keep[event.operation] == 2 && operation.completed < part.end;
        if (event.is_completion) {
            if (known && !operation.optional) result.complete(index[event.operation]);
            continue;
        }
        KeyOperation copy = operation;
        copy.completed = kNever;
        copy.optional_class = kNever;
        (copy.kind == Kind::Cas ? copy.b : copy.a) = operation.written;
        copy.optional = operation.optional || !known;
        index[event.operation] = result.invoke(copy);
    }
    result.finish(part.exact);
    return result;
}

std::size_t Problem::memory_bytes() const {
    return operations_.capacity() * sizeof(KeyOperation) + events_.capacity() * sizeof(Event) +
           values_->memory_bytes();
}

}  // namespace wavetank::linearizability
