// The rows of the option matrix: what they cover, and that each says what its setup has.
#include "scenarios/generate/matrix.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "scenarios/generate/clock_error.h"

namespace wavetank {
namespace {

wavetank::Setup scenario() {
    wavetank::Setup setup;
    setup.name = "storm";
    setup.servers = 5;
    return setup;
}

// "reads=lease"
std::vector<std::string> choices_of(const MatrixRow& row) {
    std::vector<std::string> choices;
    for (const MatrixChoice& choice : row.choices) {
        choices.push_back(choice.factor + "=" + choice.value);
    }
    return choices;
}

bool has(const MatrixRow& row, const std::string& choice) {
    const std::vector<std::string> choices = choices_of(row);
    return std::find(choices.begin(), choices.end(), choice) != choices.end();
}

std::string choice_of(const MatrixFactor& factor, const MatrixValue& value) {
    return std::string(factor.name) + "=" + value.name;
}

TEST(Matrix, EveryTwoValuesOfDifferentFactorsMeet) {
    const std::vector<MatrixRow> rows = matrix_of(scenario());
    std::size_t pairs = 0;
    for (const MatrixFactor& first : matrix_factors()) {
        for (const MatrixFactor& second : matrix_factors()) {
            if (&first >= &second) continue;
            for (const MatrixValue& a : first.values) {
                for (const MatrixValue& b : second.values) {
                    ++pairs;
                    const std::string left = choice_of(first, a);
                    const std::string right = choice_of(second, b);
                    EXPECT_TRUE(std::any_of(
                        rows.begin(), rows.end(),
                        [&](const MatrixRow& row) { return has(row, left) && has(row, right); }))
                        << left << " never meets " << right;
                }
            }
        }
    }
    EXPECT_GT(pairs, 100u);
    EXPECT_LE(rows.size(), 12u);
}

TEST(Matrix, RowsAreNumberedNamedAndTheSameAgain) {
    const std::vector<MatrixRow> rows = matrix_of(scenario());
    const std::vector<MatrixRow> again = matrix_of(scenario());
    ASSERT_EQ(rows.size(), again.size());
    std::set<std::vector<std::string>> different;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].number, i + 1);
        EXPECT_EQ(rows[i].setup.name, "storm[" + std::to_string(i + 1) + "]");
        EXPECT_EQ(rows[i].choices, again[i].choices);
        different.insert(choices_of(rows[i]));
    }
    EXPECT_EQ(different.size(), rows.size());
}

TEST(Matrix, ARowHasWhatItSays) {
    for (const MatrixRow& row : matrix_of(scenario())) {
        const Options& options = row.setup.options;
        EXPECT_EQ(options.lease_duration.nanos > 0, has(row, "reads=lease"));
        EXPECT_EQ(row.setup.clocks.size(), has(row, "reads=lease") ? 5u : 0u);
        EXPECT_EQ(options.forward_proposals, has(row, "forwarding=on"));
        EXPECT_EQ(options.follower_reads, has(row, "forwarding=on"));
        EXPECT_EQ(options.window.messages_max == 1, has(row, "window=1"));
        EXPECT_EQ(options.entries_per_message_max == 16, has(row, "window=8"));
        EXPECT_EQ(options.snapshot_entries == 0, has(row, "snapshots=never"));
        EXPECT_EQ(options.snapshot_entries == 3, has(row, "snapshots=3"));
        EXPECT_EQ(options.writes_in_flight_max == 1, has(row, "writes=1"));
        EXPECT_EQ(row.setup.encoded_links, has(row, "encoded=yes"));
        EXPECT_EQ(row.setup.priorities.size(), has(row, "priorities=different") ? 5u : 0u);
        EXPECT_EQ(row.setup.network.loss, has(row, "loss=10%") ? Ratio::of(1, 10) : Ratio());
        Options of_a_server = options;
        of_a_server.id = ServerId(1);
        const char* why = "";
        EXPECT_TRUE(of_a_server.valid(&why)) << why;
    }
}

TEST(Matrix, WhatIsLeftOutStaysAsTheScenarioSays) {
    wavetank::Setup setup = scenario();
    setup.network.loss = Ratio::of(1, 2);
    setup.options.window.messages_max = 77;
    setup.matrix_leave_out = {"loss", "window"};
    for (const MatrixRow& row : matrix_of(setup)) {
        EXPECT_EQ(row.setup.network.loss, Ratio::of(1, 2));
        EXPECT_EQ(row.setup.options.window.messages_max, 77u);
        EXPECT_EQ(row.choices.size(), matrix_factors().size() - 2);
        EXPECT_TRUE(row.setup.matrix_leave_out.empty());
    }
    for (const MatrixFactor& factor : matrix_factors()) {
        setup.matrix_leave_out.emplace_back(factor.name);
    }
    EXPECT_EQ(matrix_of(setup).size(), 1u);
}

// A lease may only rest on bounds that hold.
TEST(Matrix, LeasesHaveClocksThatKeepTheirBound) {
    wavetank::Setup setup = scenario();
    setup.clocks = {{ServerId(2), {milliseconds(-3), 100, std::nullopt}},
                    {ServerId(3), {milliseconds(0), 0, milliseconds(0)}}};
    std::size_t leases = 0;
    for (const MatrixRow& row : matrix_of(setup)) {
        if (!has(row, "reads=lease")) continue;
        ++leases;
        ASSERT_EQ(row.setup.clocks.size(), 5u);
        for (const ClockSetup& clock : row.setup.clocks) {
            EXPECT_EQ(clock.quality.error_bound, clock_error_max(row.setup, clock.server));
            ASSERT_TRUE(clock.quality.error_bound.has_value());
        }
    }
    EXPECT_GT(leases, 0u);

    setup.nemesis.emplace().clock_step = 1;
    for (const MatrixRow& row : matrix_of(setup)) {
        if (!has(row, "reads=lease")) continue;
        for (const ClockSetup& clock : row.setup.clocks) {
            EXPECT_FALSE(clock.quality.error_bound.has_value());
        }
    }
}

TEST(Matrix, LossReachesLinksOfTheirOwn) {
    wavetank::Setup setup = scenario();
    setup.links.push_back({ServerId(1), ServerId(2), setup.network});
    setup.links[0].quality.latency = Latency{.base = milliseconds(9)};
    for (const MatrixRow& row : matrix_of(setup)) {
        EXPECT_EQ(row.setup.links[0].quality.loss, row.setup.network.loss);
        EXPECT_EQ(row.setup.links[0].quality.latency, Latency{.base = milliseconds(9)});
    }
}

}  // namespace
}  // namespace wavetank
