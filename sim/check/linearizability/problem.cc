// Building a problem, and finding out how long an operation of unknown outcome can still matter.
#include "sim/check/linearizability/problem.h"

#include <algorithm>
#include <tuple>

#include "sim/check/linearizability/usefulness.h"

namespace wavetank::linearizability {
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
    if (!exact) forget_unobserved_values();
    form_classes();
    if (classes_.empty()) return;
    const Usefulness usefulness = usefulness_of(*this);
    for (std::size_t i = 0; i < classes_.size(); ++i) {
        classes_[i].useful_until = usefulness.until[i];
    }
    difference_until_ = usefulness.difference_until;
}

std::vector<ValueId> Problem::asked_values() const {
    std::vector<ValueId> asked;
    for (const KeyOperation& operation : operations_) {
        const bool asks = operation.kind == Kind::Read || operation.kind == Kind::NotEqual ||
                          operation.kind == Kind::Cas;
        if (asks) asked.push_back(operation.a);
    }
    return asked;
}

// Values that nobody asks for cannot be told apart: one number stands for all of them.
void Problem::forget_unobserved_values() {
    std::vector<bool> asked(values_->size(), false);
    asked[kAbsent] = true;
    for (const ValueId value : asked_values()) asked[value] = true;
    const auto remembered = [&](ValueId value) {
        // With appends, a value nobody asks for may become one that somebody does.
        if (appends_) return values_->of_interest(value);
        return asked[value] ? value : kOther;
    };
    for (KeyOperation& operation : operations_) {
        if (operation.kind == Kind::Write) operation.a = remembered(operation.a);
        if (operation.kind == Kind::Cas) operation.b = remembered(operation.b);
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
