// Writes the text format of OpenMetrics 1.0: families, each with its metadata and then its samples.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wavetank {

class OpenMetricsText {
 public:
    static constexpr const char* kContentType =
        "application/openmetrics-text; version=1.0.0; charset=utf-8";
    using Labels = std::vector<std::pair<std::string_view, std::string>>;

    // Begins a family. What of it follows belongs to it until the next. A name that ends in a unit
    // ("_bytes", "_seconds") tells it.
    void gauge(std::string_view name, std::string_view help);
    void counter(std::string_view name, std::string_view help);  // without "_total"
    // Requires: of a gauge or counter; no labels twice in a family.
    void sample(uint64_t value, const Labels& labels = {});
    void sample(double value);

    // A whole family whose only value is what its labels say.
    void info(std::string_view name, std::string_view help, const Labels& labels);
    // A whole family: which one of the states it is.
    void states(std::string_view name, std::string_view help,
                const std::vector<std::string_view>& all, std::string_view now);

    // The text, ended. Nothing may be added any more.
    std::string finish();

 private:
    void family(std::string_view type, std::string_view name, std::string_view help);
    void line(std::string_view suffix, const Labels& labels, std::string_view value);

    std::string text_;
    std::string name_;
    bool counts_ = false;
};

}  // namespace wavetank
