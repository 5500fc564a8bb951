// For the tests of this folder: histories written by hand, a brute-force oracle, and long histories
// as a healthy cluster would leave them.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/hash.h"
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

// What the key-value machine does to one key and answers, written without a look at the checker.
inline KvResult naive_answer(const KvCommand& command, std::optional<std::string>& state) {
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
    return result;
}

// False if the answer is not the one recorded.
inline bool naive_step(const Operation& operation, std::optional<std::string>& state) {
    const KvResult result = naive_answer(operation.command, state);
    return operation.outcome != OperationOutcome::Ok || result == operation.result;
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

struct EasyHistory {
    std::size_t operations = 1000;
    uint64_t clients = 8;
    uint64_t keys = 20;
    uint64_t info_in_1000 = 2;  // answers that get lost
    uint64_t functions = 5;     // 2: get and put only; 3: append too; 5: cas and delete too
    bool unique_values = true;  // else of 0..4
    uint64_t seed = 1;
};

// What a healthy cluster answers: each operation takes effect while it is open.
inline std::vector<Operation> easy_history(const EasyHistory& options) {
    uint64_t ordinal = 0;
    const auto draw = [&](uint64_t bound) {
        return below(Digest(options.seed).add(++ordinal).value(), bound);
    };
    struct Client {
        std::size_t operation = SIZE_MAX;
        bool took_effect = false;
        KvResult result;
        std::string seen;  // the value last read, to compare with
    };
    std::vector<Client> clients(options.clients);
    std::map<std::string, std::optional<std::string>> states;
    History history;
    uint64_t open = 0;
    for (int64_t step = 0; open > 0 || history.operations().size() < options.operations; ++step) {
        const uint64_t number = draw(options.clients);
        Client& client = clients[number];
        const Instant now{1000 * step};
        if (client.operation == SIZE_MAX) {
            if (history.operations().size() == options.operations) continue;
            const uint64_t function = draw(10) < 4 ? 0 : draw(options.functions);
            const std::string value =
                options.unique_values ? std::to_string(step) + "." : std::to_string(draw(5));
            KvCommand command{KvFunction(1 + function), "key" + std::to_string(draw(options.keys)),
                              value, ""};
            // Appended values would grow for ever: now and then they are replaced.
            if (command.function == KvFunction::Append && draw(20) == 0) {
                command.function = KvFunction::Put;
            }
            if (command.function == KvFunction::CompareAndSet) {
                command.expected = options.unique_values ? client.seen : std::to_string(draw(5));
            }
            client.operation = history.invoke(ClientId(number + 1), uint64_t(step), command, now);
            ++open;
            continue;
        }
        const Operation& operation = history.operations()[client.operation];
        if (!client.took_effect) {
            client.took_effect = true;
            client.result = naive_answer(operation.command, states[operation.command.key]);
            if (draw(1000) >= options.info_in_1000) continue;
            history.complete(client.operation, OperationOutcome::Info, {}, now);
        } else {
            if (operation.command.function == KvFunction::Get) client.seen = client.result.value;
            history.complete(client.operation, OperationOutcome::Ok, client.result, now);
        }
        client.operation = SIZE_MAX;
        client.took_effect = false;
        --open;
    }
    return history.operations();
}

}  // namespace wavetank
