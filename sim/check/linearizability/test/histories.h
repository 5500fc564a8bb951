// For the tests of this folder: histories written by hand, and a brute-force oracle.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/record/history.h"

namespace wavetank {

// Writes a history in the order of its events: `const auto a = h.put(1, "x"); h.ok(a);`.
class HistoryWriter {
 public:
    explicit HistoryWriter(std::string key = "k") : key_(std::move(key)) {}
    void key(std::string key) { key_ = std::move(key); }

    std::size_t get(uint64_t client) { return invoke(client, {KvFunction::Get, key_, "", ""}); }
    std::size_t put(uint64_t client, std::string value) {
        return invoke(client, {KvFunction::Put, key_, std::move(value), ""});
    }
    std::size_t append(uint64_t client, std::string value) {
        return invoke(client, {KvFunction::Append, key_, std::move(value), ""});
    }
    std::size_t cas(uint64_t client, std::string expected, std::string value) {
        return invoke(client,
                      {KvFunction::CompareAndSet, key_, std::move(value), std::move(expected)});
    }
    std::size_t remove(uint64_t client) {
        return invoke(client, {KvFunction::Delete, key_, "", ""});
    }

    // The operation succeeded; of a get: with this value.
    void ok(std::size_t operation, std::string value = "") {
        end(operation, OperationOutcome::Ok, {true, std::move(value)});
    }
    // It completed, and the key was absent or the compare-and-set did not match.
    void not_ok(std::size_t operation) { end(operation, OperationOutcome::Ok, {false, ""}); }
    void info(std::size_t operation) { end(operation, OperationOutcome::Info, {}); }
    void fail(std::size_t operation) { end(operation, OperationOutcome::Fail, {}); }

    const std::vector<Operation>& operations() const { return history_.operations(); }

 private:
    std::size_t invoke(uint64_t client, KvCommand command) {
        return history_.invoke(ClientId(client), ++sequence_, std::move(command), tick());
    }
    void end(std::size_t operation, OperationOutcome outcome, KvResult result) {
        history_.complete(operation, outcome, std::move(result), tick());
    }
    Instant tick() { return Instant{1'000'000 * ++ticks_}; }

    History history_;
    std::string key_;
    uint64_t sequence_ = 0;
    int64_t ticks_ = 0;
};

// What the key-value machine does to one key, written without a look at the checker. False if the
// result is not the one recorded.
inline bool naive_step(const Operation& operation, std::optional<std::string>& state) {
    const KvCommand& command = operation.command;
    const bool known = operation.outcome == OperationOutcome::Ok;
    KvResult result{true, ""};
    switch (command.function) {
        case KvFunction::Get:
            result = {state.has_value(), state.value_or("")};
            break;
        case KvFunction::Put:
            state = command.value;
            break;
        case KvFunction::Append:
            state = state.value_or("") + command.value;
            break;
        case KvFunction::CompareAndSet:
            result.ok = state == std::optional(command.expected);
            if (result.ok) state = command.value;
            break;
        case KvFunction::Delete:
            result.ok = state.has_value();
            state.reset();
            break;
    }
    return !known || result == operation.result;
}

// Tries every order. For one key and a handful of operations. What completes after `last` need not
// have taken effect; if it did, then with its result.
inline bool naive_linearizable(const std::vector<Operation>& operations, uint64_t last = UINT64_MAX,
                               uint32_t placed = 0,
                               const std::optional<std::string>& state = std::nullopt) {
    uint64_t bound = last;
    bool all = true;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        if ((placed >> i & 1U) != 0 || operations[i].outcome != OperationOutcome::Ok) continue;
        if (operations[i].completed > last) continue;
        all = false;
        bound = std::min(bound, operations[i].completed);
    }
    if (all) return true;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        if ((placed >> i & 1U) != 0 || operations[i].outcome == OperationOutcome::Fail) continue;
        if (operations[i].invoked > bound) continue;
        std::optional<std::string> next = state;
        if (!naive_step(operations[i], next)) continue;
        if (naive_linearizable(operations, last, placed | 1U << i, next)) return true;
    }
    return false;
}

}  // namespace wavetank
