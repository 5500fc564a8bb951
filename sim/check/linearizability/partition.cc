// Ordering the events and translating the operations: the sequential model's side of key and
// command.
#include "sim/check/linearizability/partition.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace wavetank::linearizability {
namespace {

// One event of the whole history, in one word.
constexpr uint32_t invocation_of(std::size_t operation) {
    return static_cast<uint32_t>(operation) << 1;
}
constexpr uint32_t completion_of(std::size_t operation) {
    return invocation_of(operation) | 1;
}

// Says nothing about the state: it had no effect, or nobody knows what it saw.
bool is_mute(const Operation& operation) {
    if (operation.outcome == OperationOutcome::Fail) return true;
    return operation.outcome == OperationOutcome::Info &&
           operation.command.function == KvFunction::Get;
}

// All events that count, in real-time order. Positions are usually dense: then no sort is needed.
std::vector<uint32_t> ordered_events(const std::vector<Operation>& operations) {
    CHECK(operations.size() < (uint64_t{1} << 30));
    uint64_t last = 0;
    for (const Operation& each : operations) {
        last = std::max(last, each.invoked);
        if (each.outcome == OperationOutcome::Ok) {
            CHECK(each.completed != UINT64_MAX);
            CHECK(each.completed > each.invoked);
            last = std::max(last, each.completed);
        }
    }
    std::vector<uint32_t> events;
    if (last / 8 <= operations.size()) {
        events.assign(last + 1, UINT32_MAX);
        for (std::size_t i = 0; i < operations.size(); ++i) {
            if (is_mute(operations[i])) continue;
            CHECK(events[operations[i].invoked] == UINT32_MAX);
            events[operations[i].invoked] = invocation_of(i);
            if (operations[i].outcome != OperationOutcome::Ok) continue;
            CHECK(events[operations[i].completed] == UINT32_MAX);
            events[operations[i].completed] = completion_of(i);
        }
        std::erase(events, UINT32_MAX);
        return events;
    }
    for (std::size_t i = 0; i < operations.size(); ++i) {
        if (is_mute(operations[i])) continue;
        events.push_back(invocation_of(i));
        if (operations[i].outcome == OperationOutcome::Ok) events.push_back(completion_of(i));
    }
    const auto position = [&](uint32_t event) {
        const Operation& operation = operations[event >> 1];
        return (event & 1) == 0 ? operation.invoked : operation.completed;
    };
    std::sort(events.begin(), events.end(),
              [&](uint32_t left, uint32_t right) { return position(left) < position(right); });
    return events;
}

// The history's keys, numbered in the order of their first event.
class Keys {
 public:
    std::vector<KeyPart>& parts() { return parts_; }

    KeyPart& find_or_add(std::string_view key) {
        if ((parts_.size() + 1) * 2 > table_.size()) grow();
        std::size_t at = hash_bytes(key) & (table_.size() - 1);
        while (table_[at] != kFree) {
            if (parts_[table_[at]].key == key) return parts_[table_[at]];
            at = (at + 1) & (table_.size() - 1);
        }
        table_[at] = static_cast<uint32_t>(parts_.size());
        auto values = std::make_unique<ValueTable>();
        Problem problem(*values, kAbsent);
        parts_.push_back({key, std::move(values), std::move(problem)});
        return parts_.back();
    }

 private:
    static constexpr uint32_t kFree = UINT32_MAX;

    void grow() {
        table_.assign(table_.size() * 2, kFree);
        for (std::size_t i = 0; i < parts_.size(); ++i) {
            std::size_t at = hash_bytes(parts_[i].key) & (table_.size() - 1);
            while (table_[at] != kFree) at = (at + 1) & (table_.size() - 1);
            table_[at] = static_cast<uint32_t>(i);
        }
    }

    std::vector<KeyPart> parts_;
    std::vector<uint32_t> table_ = std::vector<uint32_t>(16, kFree);
};

// The sequential model's side of an operation: what it asks of the value and what it does to it.
KeyOperation key_operation(const Operation& operation, std::size_t number, ValueTable& values) {
    const KvCommand& command = operation.command;
    const bool unknown = operation.outcome == OperationOutcome::Info;
    const bool ok = operation.result.ok;
    KeyOperation result;
    result.optional = unknown;
    result.number = static_cast<uint32_t>(number);
    switch (command.function) {
        case KvFunction::Get:
            result.kind = Kind::Read;
            result.a = ok ? values.intern(operation.result.value) : kAbsent;
            break;
        case KvFunction::Put:
            result.kind = Kind::Write;
            result.a = values.intern(command.value);
            break;
        case KvFunction::Append:
            result.kind = Kind::Append;
            result.a = values.intern(command.value);
            break;
        case KvFunction::CompareAndSet:
            result.kind = unknown || ok ? Kind::Cas : Kind::NotEqual;
            result.a = values.intern(command.expected);
            if (result.kind == Kind::Cas) result.b = values.intern(command.value);
            break;
        case KvFunction::Delete:
            result.kind = unknown || ok ? Kind::Take : Kind::Read;
            result.a = kAbsent;
            break;
    }
    return result;
}

}  // namespace

std::vector<KeyPart> partition(const std::vector<Operation>& operations) {
    Keys keys;
    struct Place {
        uint32_t key;
        uint32_t index;
    };
    std::vector<Place> places(operations.size());
    for (const uint32_t event : ordered_events(operations)) {
        const std::size_t number = event >> 1;
        Place& place = places[number];
        if ((event & 1) == 1) {
            if (place.index != kNever) keys.parts()[place.key].problem.complete(place.index);
            continue;
        }
        KeyPart& part = keys.find_or_add(operations[number].command.key);
        place.key = static_cast<uint32_t>(&part - keys.parts().data());
        place.index = part.problem.invoke(key_operation(operations[number], number, *part.values));
    }
    for (KeyPart& part : keys.parts()) {
        if (part.problem.appends()) part.values->prepare_appends(part.problem.asked_values());
        part.problem.finish();
    }
    return std::move(keys.parts());
}

}  // namespace wavetank::linearizability
