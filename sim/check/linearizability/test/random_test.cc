// Both engines and the whole check against brute force, on small random histories with corrupted
// results and unknown outcomes.
#include <gtest/gtest.h>

#include "core/base/hash.h"
#include "sim/check/linearizability/check.h"
#include "sim/check/linearizability/frontier.h"
#include "sim/check/linearizability/partition.h"
#include "sim/check/linearizability/search.h"
#include "sim/check/linearizability/test/histories.h"

namespace wavetank {
namespace {

constexpr uint64_t kSeed = 20240607;
constexpr uint64_t kHistories = 40'000;
constexpr uint64_t kLongHistories = 10'000;

// Keyed chance: the decision is a hash of what it is about.
class Chance {
 public:
    explicit Chance(uint64_t history) : start_(Digest(kSeed).add(history)) {}
    uint64_t draw(uint64_t bound) { return below(Digest(start_).add(++ordinal_).value(), bound); }

 private:
    Digest start_;
    uint64_t ordinal_ = 0;
};

std::string small_value(Chance& chance, uint64_t values) {
    return std::string(1, static_cast<char>('a' + chance.draw(values)));
}

KvCommand random_command(Chance& chance, uint64_t values, uint64_t mixture) {
    // Mixtures: registers; with deletes; appends only; everything.
    static constexpr KvFunction kMixtures[4][6] = {
        {KvFunction::Get, KvFunction::Put, KvFunction::CompareAndSet, KvFunction::Get,
         KvFunction::Put, KvFunction::CompareAndSet},
        {KvFunction::Get, KvFunction::Put, KvFunction::CompareAndSet, KvFunction::Delete,
         KvFunction::Put, KvFunction::Delete},
        {KvFunction::Get, KvFunction::Append, KvFunction::Get, KvFunction::Append,
         KvFunction::Append, KvFunction::Append},
        {KvFunction::Get, KvFunction::Put, KvFunction::Append, KvFunction::CompareAndSet,
         KvFunction::Delete, KvFunction::Append},
    };
    KvCommand command{kMixtures[mixture][chance.draw(6)], "k", "", ""};
    const bool writes =
        command.function != KvFunction::Get && command.function != KvFunction::Delete;
    if (writes) command.value = small_value(chance, values);
    if (writes && chance.draw(40) == 0) command.value.clear();
    if (command.function == KvFunction::CompareAndSet) {
        command.expected = small_value(chance, values);
        if (mixture == 3 && chance.draw(2) == 0) command.expected += small_value(chance, values);
    }
    return command;
}

void corrupt(Chance& chance, uint64_t values, const KvCommand& command, KvResult& result) {
    if (command.function == KvFunction::Get) {
        result.ok = chance.draw(4) != 0;
        result.value = result.ok ? small_value(chance, values) : "";
        if (result.ok && chance.draw(2) == 0) result.value += small_value(chance, values);
    } else if (command.function == KvFunction::CompareAndSet ||
               command.function == KvFunction::Delete) {
        result.ok = !result.ok;
    }
}

struct Shape {
    uint64_t operations_min;
    uint64_t operations_spread;
    uint64_t answers;  // of so many, up to three are wrong
};

// Clients run operations that take effect at a random instant while they are open.
std::vector<Operation> random_history(uint64_t number, Shape shape) {
    Chance chance(number);
    const uint64_t clients = 2 + chance.draw(3);
    const uint64_t operations_max = shape.operations_min + chance.draw(shape.operations_spread);
    const uint64_t values = 1 + chance.draw(3);
    const uint64_t mixture = chance.draw(4);
    const uint64_t corruption = chance.draw(4);
    struct Open {
        std::size_t operation = SIZE_MAX;
        bool took_effect = false;
        KvResult result;
    };
    std::vector<Open> open(clients);
    std::optional<std::string> state;
    History history;
    const auto finish = [&](Open& each) {
        KvResult result = each.result;
        const KvCommand& command = history.operations()[each.operation].command;
        if (chance.draw(shape.answers) < corruption) corrupt(chance, values, command, result);
        history.complete(each.operation, OperationOutcome::Ok, result, Instant{});
        each = Open{};
    };
    for (uint64_t step = 0; step < 20 * operations_max; ++step) {
        Open& each = open[chance.draw(clients)];
        if (each.operation == SIZE_MAX) {
            if (history.operations().size() == operations_max) continue;
            each.operation = history.invoke(ClientId(1), step,
                                            random_command(chance, values, mixture), Instant{});
        } else if (chance.draw(12) == 0) {
            const bool failed = !each.took_effect && chance.draw(3) == 0;
            history.complete(each.operation,
                             failed ? OperationOutcome::Fail : OperationOutcome::Info, {},
                             Instant{});
            each = Open{};
        } else if (!each.took_effect) {
            each.took_effect = true;
            each.result = naive_answer(history.operations()[each.operation].command, state);
        } else {
            finish(each);
        }
    }
    return history.operations();
}

std::string describe(uint64_t number, const std::vector<Operation>& operations) {
    std::string text =
        "seed " + std::to_string(kSeed) + ", history " + std::to_string(number) + "\n";
    for (const Operation& each : operations) {
        text += std::string(name_of(each.command.function)) + " '" + each.command.expected + "' '" +
                each.command.value + "' [" + std::to_string(each.invoked) + ", " +
                (each.completed == UINT64_MAX ? "open" : std::to_string(each.completed)) + "] " +
                (each.outcome == OperationOutcome::Ok     ? "ok "
                 : each.outcome == OperationOutcome::Fail ? "fail "
                                                          : "info ") +
                std::to_string(each.result.ok) + " '" + each.result.value + "'\n";
    }
    return text;
}

// The first completion that cannot be explained, by brute force.
std::size_t naive_blame(const std::vector<Operation>& operations) {
    std::size_t blamed = SIZE_MAX;
    uint64_t first = UINT64_MAX;
    for (std::size_t i = 0; i < operations.size(); ++i) {
        if (operations[i].outcome != OperationOutcome::Ok || operations[i].completed > first)
            continue;
        if (naive_linearizable(operations, operations[i].completed)) continue;
        first = operations[i].completed;
        blamed = i;
    }
    return blamed;
}

TEST(LinearizabilityRandom, EnginesAgreeWithBruteForce) {
    constexpr LinearizabilityBudget kBudget{100'000, 1U << 26};
    uint64_t illegal = 0;
    for (uint64_t number = 0; number < kHistories; ++number) {
        const std::vector<Operation> operations = random_history(number, {3, 6, 20});
        const bool expected = naive_linearizable(operations);
        illegal += expected ? 0 : 1;
        const auto progress =
            expected ? linearizability::Progress::Legal : linearizability::Progress::Illegal;
        for (const auto& part : linearizability::partition(operations)) {
            linearizability::Frontier frontier(part.problem, 1U << 26);
            ASSERT_EQ(frontier.run(100'000), progress) << describe(number, operations);
            linearizability::Search search(part.problem, 1U << 26);
            ASSERT_EQ(search.run(100'000), progress) << describe(number, operations);
        }
        const LinearizabilityReport report = check_linearizability(operations, kBudget);
        ASSERT_EQ(report.verdict, expected ? Linearizability::Ok : Linearizability::Illegal)
            << describe(number, operations);
        if (expected) continue;
        ASSERT_EQ(report.operation, naive_blame(operations))
            << describe(number, operations) << report.evidence;
    }
    // The test is worth something only if both verdicts are common.
    EXPECT_GT(illegal, kHistories / 10);
    EXPECT_LT(illegal, kHistories / 2);
}

// Too long for brute force: the engines check each other.
TEST(LinearizabilityRandom, EnginesAgreeWithEachOther) {
    uint64_t illegal = 0;
    uint64_t decided = 0;
    for (uint64_t number = 0; number < kLongHistories; ++number) {
        const std::vector<Operation> operations = random_history(kHistories + number, {20, 60, 60});
        for (const auto& part : linearizability::partition(operations)) {
            linearizability::Frontier frontier(part.problem, 1U << 26);
            linearizability::Search search(part.problem, 1U << 26);
            const auto one = frontier.run(20'000);
            const auto two = search.run(20'000);
            if (one > linearizability::Progress::Illegal) continue;
            if (two > linearizability::Progress::Illegal) continue;
            ASSERT_EQ(one, two) << describe(number, operations);
            ++decided;
            illegal += one == linearizability::Progress::Illegal ? 1 : 0;
        }
    }
    EXPECT_GT(decided, kLongHistories * 9 / 10);
    EXPECT_GT(illegal, kLongHistories / 10);
    EXPECT_LT(illegal, kLongHistories * 9 / 10);
}

}  // namespace
}  // namespace wavetank
