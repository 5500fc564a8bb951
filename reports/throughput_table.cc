// Grids and samples become lines.
#include "reports/throughput_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/text.h"
#include "reports/throughput_grid.h"

namespace wavetank {
namespace {

std::string with_commas(const std::string& digits) {
    std::string out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
        out += digits[i];
    }
    return out;
}

// Text that stands in a table: one line, nothing that moves a terminal's cursor.
std::string one_line(const std::string& text) {
    std::string out = printable(text);
    for (char& c : out) {
        if (c == '\n' || c == '\t') c = ' ';
    }
    return out;
}

std::string markdown_word(const std::string& text) {
    std::string out;
    for (const char c : one_line(text)) {
        if (c == '|' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

bool is_number(const std::string& word) {
    return !word.empty() && word.front() >= '0' && word.front() <= '9';
}

// Figures stand to the right, so that their sizes can be seen; words to the left.
std::vector<bool> right_aligned(const ThroughputGrid& grid) {
    std::vector<bool> right(grid.header.size(), true);
    for (const auto& line : grid.lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            if (!line[i].empty() && !is_number(line[i])) right[i] = false;
        }
    }
    return right;
}

std::string text_grid(const ThroughputGrid& grid) {
    std::vector<std::size_t> widths;
    for (const std::string& name : grid.header) widths.push_back(name.size());
    for (const auto& line : grid.lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], one_line(line[i]).size());
        }
    }
    const std::vector<bool> right = right_aligned(grid);
    const auto add = [&](std::string& out, const std::vector<std::string>& words) {
        std::string text;
        for (std::size_t i = 0; i < words.size(); ++i) {
            const std::string word = one_line(words[i]);
            text += right[i] ? fmt::format("  {:>{}}", word, widths[i])
                             : fmt::format("  {:<{}}", word, widths[i]);
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    };
    std::string out;
    if (!grid.title.empty()) out += one_line(grid.title) + "\n";
    if (!grid.caption.empty()) out += one_line(grid.caption) + "\n";
    add(out, grid.header);
    for (const auto& line : grid.lines) add(out, line);
    return out;
}

std::string markdown_grid(const ThroughputGrid& grid) {
    const auto add = [](std::string& out, const std::vector<std::string>& words) {
        out += "|";
        for (const std::string& word : words) out += " " + markdown_word(word) + " |";
        out += "\n";
    };
    std::string out;
    if (!grid.title.empty()) out += "### " + markdown_word(grid.title) + "\n\n";
    if (!grid.caption.empty()) out += markdown_word(grid.caption) + "\n\n";
    add(out, grid.header);
    out += "|";
    for (const bool right : right_aligned(grid)) out += right ? "---:|" : "---|";
    out += "\n";
    for (const auto& line : grid.lines) add(out, line);
    return out;
}

std::string csv_word(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

template <class Value>
std::string told(const std::optional<Value>& value) {
    return value ? fmt::format("{}", *value) : std::string();
}

}  // namespace

std::string figure_text(double value) {
    if (value >= 99.95) return with_commas(fmt::format("{:.0f}", value));
    if (value == std::floor(value)) return fmt::format("{:.0f}", value);
    return value >= 9.995 ? fmt::format("{:.1f}", value) : fmt::format("{:.2f}", value);
}

std::string span_text(Duration span) {
    const auto nanos = static_cast<double>(span.nanos);
    if (nanos < 999.5e3) return figure_text(nanos / 1e3) + " us";
    if (nanos < 999.5e6) return figure_text(nanos / 1e6) + " ms";
    return figure_text(nanos / 1e9) + " s";
}

std::string throughput_text(const ThroughputSession& session) {
    std::string out = fmt::format("measured {}\n", one_line(session.started));
    for (const auto& [name, text] : session.conditions) {
        out += fmt::format("{}: {}\n", one_line(name), one_line(text));
    }
    for (const ThroughputGrid& grid : grids_of(session)) out += "\n" + text_grid(grid);
    return out;
}

std::string throughput_markdown(const ThroughputSession& session) {
    std::string out;
    for (const ThroughputGrid& grid : grids_of(session)) out += markdown_grid(grid) + "\n";
    out += fmt::format("Measured {}.\n\n", markdown_word(session.started));
    for (const auto& [name, text] : session.conditions) {
        out += fmt::format("- {}: {}\n", markdown_word(name), markdown_word(text));
    }
    return out;
}

std::string throughput_csv(const ThroughputSession& session) {
    std::string out =
        "table,system,servers,messages,payload_bytes,concurrency,repeat,acknowledged,failed,"
        "elapsed_ns,p50_ns,p99_ns,p999_ns,max_ns,syncs,commits,server_cpu_ns,client_cpu_ns,"
        "memory_peak_bytes,problem\n";
    for (const ThroughputSample& sample : session.samples) {
        const ThroughputCell& cell = sample.cell;
        std::optional<int64_t> server_cpu;
        if (sample.server_cpu) server_cpu = sample.server_cpu->nanos;
        out += fmt::format(
            "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_word(cell.table),
            csv_word(sample.system), cell.servers, cell.messages, cell.payload_bytes,
            cell.concurrency, sample.repeat, sample.messages, sample.failed, sample.elapsed.nanos,
            sample.p50.nanos, sample.p99.nanos, sample.p999.nanos, sample.max.nanos,
            told(sample.syncs), told(sample.commits), told(server_cpu), sample.client_cpu.nanos,
            told(sample.memory_peak_bytes), csv_word(sample.problem));
    }
    return out;
}

}  // namespace wavetank
