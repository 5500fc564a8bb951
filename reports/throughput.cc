// Rows from samples. Medians, not means: one repeat that something else on the machine disturbed
// must not move the figure.
#include "reports/throughput.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "core/base/check.h"

namespace wavetank {
namespace {

double seconds_of(Duration span) {
    return static_cast<double>(span.nanos) / 1e9;
}

template <class Value>
Value median(std::vector<Value> values) {
    CHECK(!values.empty());
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

using Samples = std::vector<const ThroughputSample*>;

template <class Value>
Value median_of(const Samples& samples, const std::function<Value(const ThroughputSample&)>& of) {
    std::vector<Value> values;
    for (const ThroughputSample* sample : samples) values.push_back(of(*sample));
    return median(std::move(values));
}

// The median over the samples that tell it; nothing if none does.
template <class Value>
std::optional<Value> told_median(
    const Samples& samples,
    const std::function<std::optional<Value>(const ThroughputSample&)>& of) {
    std::vector<Value> values;
    for (const ThroughputSample* sample : samples) {
        if (const std::optional<Value> value = of(*sample)) values.push_back(*value);
    }
    if (values.empty()) return std::nullopt;
    return median(std::move(values));
}

std::string remark_of(const Samples& all, const Samples& measured) {
    std::string remark;
    const auto add = [&](const std::string& text) {
        if (remark.find(text) != std::string::npos) return;
        remark += (remark.empty() ? "" : "; ") + text;
    };
    uint64_t failed = 0;
    uint64_t fewest = UINT64_MAX;
    for (const ThroughputSample* sample : all) {
        if (!sample->problem.empty()) add(sample->problem);
        failed += sample->failed;
    }
    for (const ThroughputSample* sample : measured) fewest = std::min(fewest, sample->messages);
    if (failed > 0) add(fmt::format("{} messages failed", failed));
    if (!measured.empty() && failed == 0 && fewest < measured.front()->cell.messages) {
        add(fmt::format("time limit after {} messages", fewest));
    }
    if (!measured.empty() && measured.size() < all.size()) {
        add(fmt::format("{} of {} repeats", measured.size(), all.size()));
    }
    return remark;
}

void fill_latencies(const Samples& samples, ThroughputRow& row) {
    using Of = std::function<Duration(const ThroughputSample&)>;
    row.p50 = median_of(samples, Of([](const auto& sample) { return sample.p50; }));
    row.p99 = median_of(samples, Of([](const auto& sample) { return sample.p99; }));
    row.p999 = median_of(samples, Of([](const auto& sample) { return sample.p999; }));
    row.max = median_of(samples, Of([](const auto& sample) { return sample.max; }));
}

void fill_costs(const Samples& samples, ThroughputRow& row) {
    row.syncs_per_message = told_median<double>(samples, [](const auto& sample) {
        return sample.syncs ? std::optional(static_cast<double>(*sample.syncs) /
                                            static_cast<double>(sample.messages))
                            : std::nullopt;
    });
    row.messages_per_commit = told_median<double>(samples, [](const auto& sample) {
        return sample.commits && *sample.commits > 0
                   ? std::optional(static_cast<double>(sample.messages) /
                                   static_cast<double>(*sample.commits))
                   : std::nullopt;
    });
    row.cpu_per_message = told_median<Duration>(samples, [](const auto& sample) {
        return sample.server_cpu
                   ? std::optional(*sample.server_cpu / static_cast<int64_t>(sample.messages))
                   : std::nullopt;
    });
    row.memory_peak_bytes =
        told_median<uint64_t>(samples, [](const auto& sample) { return sample.memory_peak_bytes; });
}

ThroughputRow row_of(const Samples& all) {
    ThroughputRow row{.system = all.front()->system, .cell = all.front()->cell};
    Samples measured;
    for (const ThroughputSample* sample : all) {
        if (sample->problem.empty() && sample->messages > 0) measured.push_back(sample);
    }
    row.remark = remark_of(all, measured);
    row.measured = static_cast<uint32_t>(measured.size());
    if (measured.empty()) return row;
    row.messages_per_second =
        median_of(measured, std::function<double(const ThroughputSample&)>(messages_per_second));
    row.slowest = row.fastest = messages_per_second(*measured.front());
    for (const ThroughputSample* sample : measured) {
        row.slowest = std::min(row.slowest, messages_per_second(*sample));
        row.fastest = std::max(row.fastest, messages_per_second(*sample));
    }
    row.megabytes_per_second =
        row.messages_per_second * static_cast<double>(row.cell.payload_bytes) / 1e6;
    fill_latencies(measured, row);
    fill_costs(measured, row);
    return row;
}

// Adds what is not there yet.
template <class Value>
void add_once(std::vector<Value>& values, const Value& value) {
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

}  // namespace

double messages_per_second(const ThroughputSample& sample) {
    if (sample.elapsed.nanos <= 0) return 0;
    return static_cast<double>(sample.messages) / seconds_of(sample.elapsed);
}

std::vector<ThroughputRow> rows_of(const ThroughputSession& session) {
    std::vector<ThroughputCell> cells;
    for (const ThroughputSample& sample : session.samples) add_once(cells, sample.cell);
    std::vector<ThroughputRow> rows;
    for (const ThroughputCell& cell : cells) {
        for (const std::string& system : systems_of(session)) {
            Samples samples;
            for (const ThroughputSample& sample : session.samples) {
                if (sample.cell == cell && sample.system == system) samples.push_back(&sample);
            }
            if (!samples.empty()) rows.push_back(row_of(samples));
        }
    }
    return rows;
}

std::vector<std::string> systems_of(const ThroughputSession& session) {
    std::vector<std::string> systems;
    for (const ThroughputSample& sample : session.samples) add_once(systems, sample.system);
    return systems;
}

std::vector<std::string> tables_of(const ThroughputSession& session) {
    std::vector<std::string> tables;
    for (const ThroughputSample& sample : session.samples) add_once(tables, sample.cell.table);
    return tables;
}

}  // namespace wavetank
