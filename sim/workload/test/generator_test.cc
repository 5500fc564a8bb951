// What clients draw: by weight, bounded, and each client for itself.
#include "sim/workload/generator.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace wavetank {
namespace {

std::vector<KvCommand> drawn(const WorkloadSetup& setup, uint32_t client, int count,
                             uint64_t seed = 1) {
    const Chance chance(seed);
    KvGenerator generator(setup, chance, client);
    std::vector<KvCommand> commands;
    commands.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) commands.push_back(generator.next());
    return commands;
}

TEST(Generator, DrawsByWeight) {
    std::map<KvFunction, int> count;
    for (const KvCommand& command : drawn({}, 0, 12'000)) ++count[command.function];
    EXPECT_NEAR(count[KvFunction::Get], 4000, 250);
    EXPECT_NEAR(count[KvFunction::Put], 4000, 250);
    EXPECT_NEAR(count[KvFunction::Append], 1000, 150);
    EXPECT_NEAR(count[KvFunction::CompareAndSet], 2000, 200);
    EXPECT_NEAR(count[KvFunction::Delete], 1000, 150);
}

TEST(Generator, WeightZeroIsNeverDrawn) {
    WorkloadSetup setup;
    setup.get = setup.put = setup.append = setup.erase = 0;
    for (const KvCommand& command : drawn(setup, 0, 500)) {
        EXPECT_EQ(command.function, KvFunction::CompareAndSet);
    }
    setup.cas = 0;
    EXPECT_EQ(drawn(setup, 0, 1)[0].function, KvFunction::Put) << "all zero";
}

TEST(Generator, AReaderDrawsNothingButGets) {
    const WorkloadSetup setup;
    const Chance chance(1);
    KvGenerator generator(setup, chance, 0, true);
    std::set<std::string> keys;
    for (int i = 0; i < 200; ++i) {
        const KvCommand command = generator.next();
        EXPECT_EQ(command.function, KvFunction::Get);
        keys.insert(command.key);
    }
    EXPECT_EQ(keys.size(), 5U);
}

TEST(Generator, UsesAllKeys) {
    std::set<std::string> keys;
    for (const KvCommand& command : drawn({}, 0, 500)) keys.insert(command.key);
    EXPECT_EQ(keys, (std::set<std::string>{"k0", "k1", "k2", "k3", "k4"}));
}

TEST(Generator, UniqueValuesAreUnique) {
    std::set<std::string> values;
    std::size_t writes = 0;
    for (uint32_t client = 0; client < 3; ++client) {
        for (const KvCommand& command : drawn({}, client, 500)) {
            if (command.value.empty()) continue;
            values.insert(command.value);
            ++writes;
        }
    }
    EXPECT_EQ(values.size(), writes);
}

TEST(Generator, SmallValuesComeAgain) {
    WorkloadSetup setup;
    setup.values = ValueDomain::Small;
    std::set<std::string> values;
    for (const KvCommand& command : drawn(setup, 0, 500)) values.insert(command.value);
    EXPECT_EQ(values, (std::set<std::string>{"", "0", "1", "2", "3"}));
}

TEST(Generator, ValuesArePadded) {
    WorkloadSetup setup;
    setup.value_bytes = 64;
    for (const KvCommand& command : drawn(setup, 0, 200)) {
        EXPECT_TRUE(command.value.empty() || command.value.size() == 64);
        EXPECT_TRUE(command.expected.empty() || command.expected.size() == 64);
    }
}

TEST(Generator, AppendsInARowAreBounded) {
    WorkloadSetup setup;
    setup.keys = 1;
    setup.get = setup.put = setup.cas = setup.erase = 0;
    setup.appends_in_a_row_max = 3;
    int row = 0;
    int puts = 0;
    for (const KvCommand& command : drawn(setup, 0, 100)) {
        row = command.function == KvFunction::Append ? row + 1 : 0;
        puts += command.function == KvFunction::Put ? 1 : 0;
        EXPECT_LE(row, 3);
    }
    EXPECT_GT(puts, 10);
}

TEST(Generator, SeedAndClientDecide) {
    EXPECT_EQ(drawn({}, 0, 100), drawn({}, 0, 100));
    EXPECT_NE(drawn({}, 0, 100), drawn({}, 1, 100));
    EXPECT_NE(drawn({}, 0, 100), drawn({}, 0, 100, 2));
}

}  // namespace
}  // namespace wavetank
