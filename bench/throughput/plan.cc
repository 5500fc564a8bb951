// The values of a plan file, judged one by one; scenarios/passes.h says how such files are read.
#include "bench/throughput/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "bench.pb.h"
#include "scenarios/block.h"
#include "scenarios/error.h"
#include "scenarios/passes.h"

namespace wavetank::bench {
namespace {

struct ListRule {
    const char* field;
    uint64_t max;
    const char* example;
};

void read_list(const Block& block, const ListRule& rule, std::vector<uint64_t>* values) {
    std::vector<uint64_t> read;
    if (!block.has(rule.field)) {
        if (values->empty()) block.require(rule.field, rule.example);
        return;
    }
    block.numbers(rule.field, &read);
    std::set<uint64_t> seen;
    for (const uint64_t value : read) {
        if (value < 1 || value > rule.max) {
            block.error(rule.field, fmt::format("{} has {}; each must be from 1 to {}", rule.field,
                                                value, rule.max));
            return;
        }
        if (seen.insert(value).second) continue;
        block.error(rule.field, fmt::format("{} has {} twice; once is enough", rule.field, value));
        return;
    }
    *values = std::move(read);
}

bool contains(const std::vector<uint64_t>& values, uint64_t value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

void read_reference(const Block& block, const PlanTable& table, Plan* plan) {
    ThroughputReference reference{.table = table.title};
    const bool complete = block.require("system", "system: \"predecessor\"") &&
                          block.require("messages", "messages: 1000") &&
                          block.require("payload_bytes", "payload_bytes: 200") &&
                          block.require("figure", "figure: \"7.6\"");
    if (!complete) return;
    block.text("system", &reference.system);
    block.number("messages", &reference.messages);
    block.number("payload_bytes", &reference.payload_bytes);
    block.text("figure", &reference.figure);
    if (!contains(table.messages, reference.messages)) {
        block.error("messages", fmt::format("the table has no cell with {} messages; add it there "
                                            "or remove the reference",
                                            reference.messages));
    } else if (!contains(table.payload_bytes, reference.payload_bytes)) {
        block.error("payload_bytes", fmt::format("the table has no cell with a payload of {}; add "
                                                 "it there or remove the reference",
                                                 reference.payload_bytes));
    } else {
        plan->references.push_back(std::move(reference));
    }
}

void read_table(const Block& block, Plan* plan) {
    PlanTable table;
    block.text("title", &table.title);
    for (const PlanTable& other : plan->tables) {
        if (other.title != table.title) continue;
        block.error(
            fmt::format("two tables have the title \"{}\"; give each its own", table.title));
    }
    using Limits = PlanLimits;
    read_list(block, {"servers", Limits::kServers, "servers: [3, 5]"}, &table.servers);
    read_list(block, {"messages", Limits::kMessages, "messages: [100, 2000]"}, &table.messages);
    read_list(block, {"payload_bytes", Limits::kPayloadBytes, "payload_bytes: [4, 200]"},
              &table.payload_bytes);
    read_list(block, {"concurrency", Limits::kConcurrency, "concurrency: [1, 64]"},
              &table.concurrency);
    for (const Block& reference : block.children("reference")) {
        read_reference(reference, table, plan);
    }
    plan->tables.push_back(std::move(table));
}

void read_bar(const Block& block, Plan* plan) {
    ThroughputBar bar;
    const bool complete = block.require("against", "against: \"etcd\"") &&
                          block.require("concurrency", "concurrency: 64") &&
                          block.require("percent_min", "percent_min: 200");
    if (!complete) return;
    block.text("against", &bar.against);
    block.number("concurrency", &bar.concurrency,
                 {.min = 1, .max = static_cast<uint32_t>(PlanLimits::kConcurrency)});
    block.number("percent_min", &bar.percent_min, {.min = 1, .max = 1'000'000});
    plan->bars.push_back(std::move(bar));
}

Plan read_plan(const Block& file) {
    Plan plan;
    file.number("repeats", &plan.repeats, {.min = 1, .max = PlanLimits::kRepeats});
    file.number("warmup_messages", &plan.warmup_messages, {.max = PlanLimits::kMessages});
    file.duration("time_limit", &plan.time_limit, Sign::Positive);
    if (!file.has("table")) {
        file.missing(
            "the plan has no table; add for example "
            "table { messages: 1000 payload_bytes: 4 concurrency: [1, 64] }");
    }
    for (const Block& table : file.children("table")) read_table(table, &plan);
    for (const Block& bar : file.children("bar")) read_bar(bar, &plan);
    uint64_t cells = 0;
    for (const PlanTable& table : plan.tables) {
        cells += table.servers.size() * table.messages.size() * table.payload_bytes.size() *
                 table.concurrency.size();
    }
    if (cells > PlanLimits::kCells) {
        file.error("table", fmt::format("the tables have {} cells; at most {} are measured at once",
                                        cells, PlanLimits::kCells));
    }
    return plan;
}

}  // namespace

Result<Plan> parse_plan(std::string_view text, std::string_view file_name) {
    bench_plan::Plan message;
    Plan plan;
    const std::vector<ScenarioError> errors =
        read_text_format({.text = text, .file_name = file_name, .name = "the plan"}, &message,
                         [&](const Block& file) { plan = read_plan(file); });
    if (!errors.empty()) return Error{to_string(errors)};
    return plan;
}

Result<Plan> load_plan(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file) text << file.rdbuf();
    // Reading a folder as a file gives nothing and no error.
    if (!file || text.str().empty()) {
        return Error{
            fmt::format("cannot read a plan from '{}': no such file, or nothing in it", path)};
    }
    return parse_plan(text.str(), path);
}

std::vector<ThroughputCell> cells_of(const Plan& plan) {
    std::vector<ThroughputCell> cells;
    for (const PlanTable& table : plan.tables) {
        for (const uint64_t servers : table.servers) {
            for (const uint64_t messages : table.messages) {
                for (const uint64_t payload_bytes : table.payload_bytes) {
                    for (const uint64_t concurrency : table.concurrency) {
                        cells.push_back({.table = table.title,
                                         .servers = static_cast<uint32_t>(servers),
                                         .messages = messages,
                                         .payload_bytes = payload_bytes,
                                         .concurrency = static_cast<uint32_t>(concurrency)});
                    }
                }
            }
        }
    }
    return cells;
}

}  // namespace wavetank::bench
