// A grid is built column by column: a column is a name and a function from a line's source to a
// word.
#include "reports/throughput_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "reports/throughput_comparison.h"
#include "reports/throughput_table.h"

namespace wavetank {
namespace {

template <class Line>
struct Column {
    std::string name;
    std::function<std::string(const Line&)> word;
};

template <class Line>
ThroughputGrid fill(const std::vector<Line>& lines, const std::vector<Column<Line>>& columns) {
    ThroughputGrid grid;
    grid.lines.resize(lines.size());
    for (const Column<Line>& column : columns) {
        std::vector<std::string> words;
        for (const Line& line : lines) words.push_back(column.word(line));
        const bool empty = std::all_of(words.begin(), words.end(),
                                       [](const std::string& word) { return word.empty(); });
        if (empty) continue;
        grid.header.push_back(column.name);
        for (std::size_t i = 0; i < lines.size(); ++i) grid.lines[i].push_back(words[i]);
    }
    return grid;
}

std::string whole(uint64_t number) {
    return figure_text(static_cast<double>(number));
}

// What a cell is: four numbers, of which some are the same in the whole table.
struct Dimension {
    const char* column;
    std::string (*caption)(uint64_t);
    uint64_t (*of)(const ThroughputCell&);
};
const Dimension kDimensions[] = {
    {"servers", [](uint64_t n) { return fmt::format("{} server{}", n, n == 1 ? "" : "s"); },
     [](const ThroughputCell& cell) { return static_cast<uint64_t>(cell.servers); }},
    {"messages", [](uint64_t n) { return whole(n) + " messages"; },
     [](const ThroughputCell& cell) { return cell.messages; }},
    {"payload B", [](uint64_t n) { return "payload " + whole(n) + " B"; },
     [](const ThroughputCell& cell) { return cell.payload_bytes; }},
    {"concurrency", [](uint64_t n) { return "concurrency " + whole(n); },
     [](const ThroughputCell& cell) { return static_cast<uint64_t>(cell.concurrency); }},
};

// The dimensions that differ become columns, the others the caption.
template <class Line>
std::string split_dimensions(const std::vector<Line>& lines, std::vector<Column<Line>>* columns) {
    std::string caption;
    for (const Dimension& dimension : kDimensions) {
        std::set<uint64_t> values;
        for (const Line& line : lines) values.insert(dimension.of(line.cell));
        if (values.size() == 1) {
            caption += (caption.empty() ? "" : ", ") + dimension.caption(*values.begin());
            continue;
        }
        columns->push_back({dimension.column, [of = dimension.of](const Line& line) {
                                return whole(of(line.cell));
                            }});
    }
    return caption;
}

using Row = ThroughputRow;

Column<Row> latency(const char* name, Duration Row::*member) {
    return {name, [member](const Row& row) {
                return row.measured == 0 ? std::string() : span_text(row.*member);
            }};
}

void add_figures(std::vector<Column<Row>>* columns) {
    const auto add = [&](const char* name, std::function<std::string(const Row&)> word) {
        columns->push_back({name, [word = std::move(word)](const Row& row) {
                                return row.measured == 0 ? std::string() : word(row);
                            }});
    };
    add("messages/s", [](const Row& row) { return figure_text(row.messages_per_second); });
    add("repeats", [](const Row& row) {
        return row.measured < 2 ? std::string()
                                : figure_text(row.slowest) + " to " + figure_text(row.fastest);
    });
    add("MB/s", [](const Row& row) { return figure_text(row.megabytes_per_second); });
    columns->push_back(latency("p50", &Row::p50));
    columns->push_back(latency("p99", &Row::p99));
    columns->push_back(latency("p99.9", &Row::p999));
    add("fsyncs/message", [](const Row& row) {
        return row.syncs_per_message ? figure_text(*row.syncs_per_message) : std::string();
    });
    add("messages/commit", [](const Row& row) {
        return row.messages_per_commit ? figure_text(*row.messages_per_commit) : std::string();
    });
    add("CPU/message", [](const Row& row) {
        return row.cpu_per_message ? span_text(*row.cpu_per_message) : std::string();
    });
    add("memory", [](const Row& row) {
        return row.memory_peak_bytes
                   ? figure_text(static_cast<double>(*row.memory_peak_bytes) / 1e6) + " MB"
                   : std::string();
    });
}

void add_references(const ThroughputSession& session, const std::string& table,
                    std::vector<Column<Row>>* columns) {
    std::vector<std::string> names;
    for (const ThroughputReference& reference : session.references) {
        if (reference.table != table) continue;
        if (std::find(names.begin(), names.end(), reference.system) == names.end()) {
            names.push_back(reference.system);
        }
    }
    for (const std::string& name : names) {
        columns->push_back({name, [&session, name](const Row& row) {
                                for (const ThroughputReference& each : session.references) {
                                    if (each.system == name && each.table == row.cell.table &&
                                        each.messages == row.cell.messages &&
                                        each.payload_bytes == row.cell.payload_bytes) {
                                        return each.figure;
                                    }
                                }
                                return std::string();
                            }});
    }
}

ThroughputGrid table_grid(const ThroughputSession& session, const std::string& table) {
    std::vector<Row> rows;
    for (Row& row : rows_of(session)) {
        if (row.cell.table == table) rows.push_back(std::move(row));
    }
    std::vector<Column<Row>> columns;
    std::string caption = split_dimensions(rows, &columns);
    if (systems_of(session).size() > 1) {
        columns.push_back({"system", [](const Row& row) { return row.system; }});
    } else {
        caption += (caption.empty() ? "" : ", ") + systems_of(session).front();
    }
    add_figures(&columns);
    add_references(session, table, &columns);
    columns.push_back({"remark", [](const Row& row) { return row.remark; }});
    ThroughputGrid grid = fill(rows, columns);
    grid.title = table;
    grid.caption = std::move(caption);
    return grid;
}

ThroughputGrid comparison_grid(const ThroughputSession& session) {
    using Line = ThroughputComparison;
    const std::vector<Line> lines = comparisons_of(session);
    std::vector<Column<Line>> columns;
    std::string caption = split_dimensions(lines, &columns);
    const auto factor = [](double value) { return figure_text(value) + " x"; };
    columns.push_back({"against", [](const Line& line) { return line.against; }});
    columns.push_back({"messages/s", [](const Line& line) { return figure_text(line.own); }});
    columns.push_back({"theirs", [](const Line& line) { return figure_text(line.other); }});
    columns.push_back({"ratio", [&](const Line& line) { return factor(line.ratio); }});
    columns.push_back({"p99", [](const Line& line) { return span_text(line.own_p99); }});
    columns.push_back({"their p99", [](const Line& line) { return span_text(line.other_p99); }});
    columns.push_back({"bar", [&](const Line& line) {
                           return line.bar ? factor(*line.bar) + " and p99 below" : std::string();
                       }});
    columns.push_back({"", [](const Line& line) {
                           if (!line.bar) return "";
                           return line.met ? "met" : "missed";
                       }});
    ThroughputGrid grid = fill(lines, columns);
    grid.title = systems_of(session).front() + " beside the others";
    grid.caption = std::move(caption);
    return grid;
}

}  // namespace

std::vector<ThroughputGrid> grids_of(const ThroughputSession& session) {
    std::vector<ThroughputGrid> grids;
    for (const std::string& table : tables_of(session)) grids.push_back(table_grid(session, table));
    if (!comparisons_of(session).empty()) grids.push_back(comparison_grid(session));
    return grids;
}

}  // namespace wavetank
