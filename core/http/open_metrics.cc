// https://github.com/OpenObservability/OpenMetrics, specification 1.0.0.
#include "core/http/open_metrics.h"

#include <fmt/format.h>

namespace wavetank {
namespace {

// For label values and help, where a line break, a backslash and a quote are written with one more.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '"') out.push_back('\\');
        if (c == '\n') {
            out += "\\n";
        } else {
            out.push_back(c);
        }
    }
    return out;
}

}  // namespace

void OpenMetricsText::family(std::string_view type, std::string_view name, std::string_view help) {
    name_ = name;
    counts_ = type == "counter";
    text_ += fmt::format("# TYPE {} {}\n", name, type);
    for (const std::string_view unit : {"bytes", "seconds"}) {
        if (name.ends_with(fmt::format("_{}", unit))) {
            text_ += fmt::format("# UNIT {} {}\n", name, unit);
        }
    }
    text_ += fmt::format("# HELP {} {}\n", name, escaped(help));
}

void OpenMetricsText::line(std::string_view suffix, const Labels& labels, std::string_view value) {
    text_ += name_;
    text_ += suffix;
    const char* between = "{";
    for (const auto& [name, label] : labels) {
        text_ += fmt::format("{}{}=\"{}\"", between, name, escaped(label));
        between = ",";
    }
    text_ += fmt::format("{} {}\n", labels.empty() ? "" : "}", value);
}

void OpenMetricsText::gauge(std::string_view name, std::string_view help) {
    family("gauge", name, help);
}

void OpenMetricsText::counter(std::string_view name, std::string_view help) {
    family("counter", name, help);
}

void OpenMetricsText::sample(uint64_t value, const Labels& labels) {
    line(counts_ ? "_total" : "", labels, fmt::format("{}", value));
}

void OpenMetricsText::sample(double value) {
    line(counts_ ? "_total" : "", {}, fmt::format("{:.6f}", value));
}

void OpenMetricsText::info(std::string_view name, std::string_view help, const Labels& labels) {
    family("info", name, help);
    line("_info", labels, "1");
}

void OpenMetricsText::states(std::string_view name, std::string_view help,
                             const std::vector<std::string_view>& all, std::string_view now) {
    family("stateset", name, help);
    for (const std::string_view state : all) {
        line("", {{name, std::string(state)}}, state == now ? "1" : "0");
    }
}

std::string OpenMetricsText::finish() {
    text_ += "# EOF\n";
    return std::move(text_);
}

}  // namespace wavetank
