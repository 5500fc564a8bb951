// Plans that are right, and the words about those that are not.
#include "bench/throughput/plan.h"

#include <gtest/gtest.h>

namespace wavetank::bench {
namespace {

std::string mistakes_of(const std::string& text) {
    const Result<Plan> plan = parse_plan(text, "p.textproto");
    return plan.ok() ? "" : plan.error().message;
}

TEST(Plan, ReadsEverything) {
    const Result<Plan> read = parse_plan(R"(
        repeats: 5 warmup_messages: 20 time_limit: "1.5s"
        table {
          title: "sizes" servers: [1, 3] messages: 1000 payload_bytes: [4, 200] concurrency: [1, 64]
          reference { system: "old" messages: 1000 payload_bytes: 200 figure: "crash" }
        }
        bar { against: "other" concurrency: 64 percent_min: 800 })",
                                         "p.textproto");
    ASSERT_TRUE(read.ok()) << read.error().message;
    const Plan& plan = read.value();
    EXPECT_EQ(plan.repeats, 5u);
    EXPECT_EQ(plan.warmup_messages, 20u);
    EXPECT_EQ(plan.time_limit, milliseconds(1'500));
    ASSERT_EQ(plan.references.size(), 1u);
    EXPECT_EQ(plan.references[0].table, "sizes");
    EXPECT_EQ(plan.references[0].figure, "crash");
    ASSERT_EQ(plan.bars.size(), 1u);
    EXPECT_EQ(plan.bars[0].percent_min, 800u);
    const std::vector<ThroughputCell> cells = cells_of(plan);
    ASSERT_EQ(cells.size(), 8u);
    EXPECT_EQ(cells[1], (ThroughputCell{.table = "sizes",
                                        .servers = 1,
                                        .messages = 1'000,
                                        .payload_bytes = 4,
                                        .concurrency = 64}));
    EXPECT_EQ(cells[7].servers, 3u);
    EXPECT_EQ(cells[7].payload_bytes, 200u);
}

TEST(Plan, HasDefaults) {
    const Result<Plan> plan =
        parse_plan("table { messages: 10 payload_bytes: 4 concurrency: 1 }", "p.textproto");
    ASSERT_TRUE(plan.ok());
    EXPECT_EQ(plan.value().repeats, 3u);
    EXPECT_EQ(plan.value().time_limit, seconds(60));
    EXPECT_EQ(cells_of(plan.value()).at(0).servers, 3u);
}

TEST(Plan, EveryMistakeIsNamedWithItsPlace) {
    EXPECT_EQ(mistakes_of("repeats: 0\n"
                          "table {\n"
                          "  message: 10\n"
                          "  payload_bytes: [4, 4]\n"
                          "  concurrency: 5000\n"
                          "  messages: 10\n"
                          "}\n"),
              "p.textproto:1:1: error: repeats is 0; it must be from 1 to 100\n"
              "p.textproto:3:3: error: unknown field \"message\" in table; did you mean "
              "\"messages\"?\n"
              "p.textproto:4:3: error: payload_bytes has 4 twice; once is enough\n"
              "p.textproto:5:3: error: concurrency has 5000; each must be from 1 to 4096");
}

TEST(Plan, WhatIsMissingIsAskedFor) {
    EXPECT_EQ(mistakes_of(""),
              "p.textproto: error: the plan has no table; add for example "
              "table { messages: 1000 payload_bytes: 4 concurrency: [1, 64] }");
    EXPECT_EQ(mistakes_of("table { messages: 10 concurrency: 1 }"),
              "p.textproto:1:1: error: table needs \"payload_bytes\"; add for example "
              "payload_bytes: [4, 200]");
}

TEST(Plan, ReferencesBelongToACell) {
    const std::string table = "table { messages: 10 payload_bytes: 4 concurrency: 1 reference { ";
    EXPECT_EQ(mistakes_of(table + "system: \"s\" messages: 20 payload_bytes: 4 figure: \"1\" } }"),
              "p.textproto:1:78: error: the table has no cell with 20 messages; add it there or "
              "remove the reference");
    EXPECT_EQ(mistakes_of(table + "system: \"s\" messages: 10 payload_bytes: 4 } }"),
              "p.textproto:1:54: error: reference needs \"figure\"; add for example figure: "
              "\"7.6\"");
}

TEST(Plan, TablesAreToldApartAndAreNotEndless) {
    const std::string table = "table { messages: 10 payload_bytes: 4 concurrency: 1 }\n";
    EXPECT_EQ(mistakes_of(table + table),
              "p.textproto:2:1: error: two tables have the title \"\"; give each its own");
    std::string list = "[1";
    for (int i = 2; i <= 99; ++i) list += ", " + std::to_string(i);
    list += "]";
    EXPECT_EQ(mistakes_of("table { servers: " + list + " messages: " + list +
                          " payload_bytes: [1, 2] concurrency: 1 }"),
              "p.textproto:1:1: error: the tables have 19602 cells; at most 10000 are measured at "
              "once");
}

}  // namespace
}  // namespace wavetank::bench
