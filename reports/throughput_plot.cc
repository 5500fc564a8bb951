// First rows are sorted into panels and lines, then a panel is drawn. The tree is built with
// pugixml, which escapes. Colours are Okabe and Ito's, which colour-blind people can tell apart.
#include "reports/throughput_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "reports/text.h"
#include "reports/throughput_table.h"

namespace wavetank {
namespace {

constexpr const char* kColours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                    "#e69f00", "#56b4e9", "#000000"};
constexpr double kPanelWidth = 460, kPanelHeight = 340;
constexpr double kLeft = 64, kRight = 16, kTop = 40, kBottom = 44;
constexpr double kLegendLine = 16;

enum class Axis : uint8_t { Payload, Messages, Servers, Concurrency };

uint64_t value_on(Axis axis, const ThroughputCell& cell) {
    switch (axis) {
        case Axis::Payload:
            return cell.payload_bytes;
        case Axis::Messages:
            return cell.messages;
        case Axis::Servers:
            return cell.servers;
        case Axis::Concurrency:
            return cell.concurrency;
    }
    return 0;
}

const char* name_of(Axis axis) {
    switch (axis) {
        case Axis::Payload:
            return "payload, bytes";
        case Axis::Messages:
            return "messages";
        case Axis::Servers:
            return "servers";
        case Axis::Concurrency:
            return "concurrency";
    }
    return "";
}

struct Panel {
    std::string title;
    Axis axis = Axis::Payload;
    std::map<std::string, std::vector<ThroughputRow>> lines;  // by legend
};

std::set<uint64_t> values_on(Axis axis, const std::vector<ThroughputRow>& rows) {
    std::set<uint64_t> values;
    for (const ThroughputRow& row : rows) values.insert(value_on(axis, row.cell));
    return values;
}

// The first of the dimensions in which the rows differ.
Axis axis_of(const std::vector<ThroughputRow>& rows) {
    for (const Axis axis : {Axis::Payload, Axis::Messages, Axis::Servers, Axis::Concurrency}) {
        if (values_on(axis, rows).size() > 1) return axis;
    }
    return Axis::Payload;
}

std::string panel_title(const ThroughputCell& cell, Axis axis) {
    std::string title = cell.table;
    const auto add = [&](Axis each, const std::string& text) {
        if (each != axis) title += (title.empty() ? "" : ", ") + text;
    };
    const auto whole = [](uint64_t number) { return figure_text(static_cast<double>(number)); };
    add(Axis::Servers, fmt::format("{} servers", cell.servers));
    add(Axis::Messages, whole(cell.messages) + " messages");
    add(Axis::Payload, whole(cell.payload_bytes) + " B");
    return title;
}

std::vector<Panel> panels_of(const ThroughputSession& session) {
    std::map<std::string, std::vector<ThroughputRow>> by_table;
    for (ThroughputRow& row : rows_of(session)) {
        if (row.measured > 0) by_table[row.cell.table].push_back(std::move(row));
    }
    std::vector<Panel> panels;
    for (const std::string& table : tables_of(session)) {
        const std::vector<ThroughputRow>& rows = by_table[table];
        const Axis axis = axis_of(rows);
        std::vector<Panel> of_table;
        for (const ThroughputRow& row : rows) {
            const std::string title = panel_title(row.cell, axis);
            auto panel = std::find_if(of_table.begin(), of_table.end(),
                                      [&](const Panel& each) { return each.title == title; });
            if (panel == of_table.end()) {
                panel = of_table.insert(panel, Panel{.title = title, .axis = axis});
            }
            const std::string legend =
                axis == Axis::Concurrency
                    ? row.system
                    : fmt::format("{}, concurrency {}", row.system, row.cell.concurrency);
            panel->lines[legend].push_back(row);
        }
        panels.insert(panels.end(), of_table.begin(), of_table.end());
    }
    return panels;
}

struct Point {
    double x = 0, y = 0;
};

// Draws into one panel. Values of the x axis stand at equal distances: they are chosen, not
// measured. The y axis is logarithmic, from a power of ten to a power of ten.
class Painter {
 public:
    Painter(pugi::xml_node group, const Panel& panel) : group_(group), panel_(panel) {
        double low = 1e300, high = 0;
        for (const auto& [legend, rows] : panel.lines) {
            for (const uint64_t value : values_on(panel.axis, rows)) values_.insert(value);
            for (const ThroughputRow& row : rows) {
                low = std::min(low, row.slowest);
                high = std::max(high, row.fastest);
            }
        }
        decade_low_ = std::floor(std::log10(std::max(low, 0.001)));
        decade_high_ = std::max(decade_low_ + 1, std::ceil(std::log10(std::max(high, 0.001))));
    }

    void draw() {
        text({kLeft, 20}, panel_.title, "start", "bold");
        draw_grid();
        std::size_t number = 0;
        for (const auto& [legend, rows] : panel_.lines) {
            draw_line(rows, kColours[number % std::size(kColours)]);
            draw_legend(legend, number);
            ++number;
        }
    }

 private:
    double x_of(uint64_t value) const {
        const auto place = static_cast<double>(std::distance(values_.begin(), values_.find(value)));
        const double step = (kPanelWidth - kLeft - kRight) / static_cast<double>(values_.size());
        return kLeft + step * (place + 0.5);
    }
    double y_of(double figure) const {
        const double share =
            (std::log10(std::max(figure, 0.001)) - decade_low_) / (decade_high_ - decade_low_);
        return kPanelHeight - kBottom - share * (kPanelHeight - kTop - kBottom);
    }

    pugi::xml_node line(Point from, Point to, const char* colour) {
        pugi::xml_node node = group_.append_child("line");
        node.append_attribute("x1") = fmt::format("{:.1f}", from.x).c_str();
        node.append_attribute("y1") = fmt::format("{:.1f}", from.y).c_str();
        node.append_attribute("x2") = fmt::format("{:.1f}", to.x).c_str();
        node.append_attribute("y2") = fmt::format("{:.1f}", to.y).c_str();
        node.append_attribute("stroke") = colour;
        return node;
    }
    void text(Point at, const std::string& words, const char* anchor, const char* weight) {
        pugi::xml_node node = group_.append_child("text");
        node.append_attribute("x") = fmt::format("{:.1f}", at.x).c_str();
        node.append_attribute("y") = fmt::format("{:.1f}", at.y).c_str();
        node.append_attribute("text-anchor") = anchor;
        node.append_attribute("font-weight") = weight;
        node.text().set(printable(words).c_str());
    }

    void draw_grid() {
        for (double decade = decade_low_; decade <= decade_high_; decade += 1) {
            const double figure = std::pow(10, decade);
            const double y = y_of(figure);
            line({kLeft, y}, {kPanelWidth - kRight, y}, "#cccccc");
            text({kLeft - 6, y + 4}, figure_text(figure), "end", "normal");
        }
        for (const uint64_t value : values_) {
            text({x_of(value), kPanelHeight - kBottom + 16},
                 figure_text(static_cast<double>(value)), "middle", "normal");
        }
        text({kLeft, kTop - 6}, "messages/s", "end", "normal");
        text({(kLeft + kPanelWidth - kRight) / 2, kPanelHeight - kBottom + 34},
             name_of(panel_.axis), "middle", "normal");
    }

    void draw_line(std::vector<ThroughputRow> rows, const char* colour) {
        std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
            return value_on(panel_.axis, a.cell) < value_on(panel_.axis, b.cell);
        });
        std::string points;
        for (const ThroughputRow& row : rows) {
            const Point at{x_of(value_on(panel_.axis, row.cell)), y_of(row.messages_per_second)};
            points += fmt::format("{:.1f},{:.1f} ", at.x, at.y);
            line({at.x, y_of(row.slowest)}, {at.x, y_of(row.fastest)}, colour);
            pugi::xml_node dot = group_.append_child("circle");
            dot.append_attribute("cx") = fmt::format("{:.1f}", at.x).c_str();
            dot.append_attribute("cy") = fmt::format("{:.1f}", at.y).c_str();
            dot.append_attribute("r") = "3";
            dot.append_attribute("fill") = colour;
            dot.append_child("title").text().set(
                fmt::format("{} messages/s", figure_text(row.messages_per_second)).c_str());
        }
        pugi::xml_node path = group_.append_child("polyline");
        path.append_attribute("points") = points.c_str();
        path.append_attribute("fill") = "none";
        path.append_attribute("stroke") = colour;
        path.append_attribute("stroke-width") = "2";
    }

    void draw_legend(const std::string& legend, std::size_t number) {
        const double y = kPanelHeight + 8 + kLegendLine * static_cast<double>(number);
        pugi::xml_node mark =
            line({kLeft, y}, {kLeft + 24, y}, kColours[number % std::size(kColours)]);
        mark.append_attribute("stroke-width") = "3";
        text({kLeft + 32, y + 4}, legend, "start", "normal");
    }

    pugi::xml_node group_;
    const Panel& panel_;
    std::set<uint64_t> values_;  // of the x axis
    double decade_low_ = 0, decade_high_ = 1;
};

}  // namespace

std::string throughput_svg(const ThroughputSession& session) {
    const std::vector<Panel> panels = panels_of(session);
    std::size_t legends = 1;
    for (const Panel& panel : panels) legends = std::max(legends, panel.lines.size());
    const double panel_height = kPanelHeight + 24 + kLegendLine * static_cast<double>(legends);
    const std::size_t across = std::min<std::size_t>(std::max<std::size_t>(panels.size(), 1), 2);
    const std::size_t down = std::max<std::size_t>((panels.size() + across - 1) / across, 1);

    pugi::xml_document document;
    pugi::xml_node svg = document.append_child("svg");
    svg.append_attribute("xmlns") = "http://www.w3.org/2000/svg";
    const double width = kPanelWidth * static_cast<double>(across);
    const double height = panel_height * static_cast<double>(down);
    svg.append_attribute("width") = fmt::format("{:.0f}", width).c_str();
    svg.append_attribute("height") = fmt::format("{:.0f}", height).c_str();
    svg.append_attribute("viewBox") = fmt::format("0 0 {:.0f} {:.0f}", width, height).c_str();
    svg.append_attribute("font-family") = "sans-serif";
    svg.append_attribute("font-size") = "11";
    pugi::xml_node background = svg.append_child("rect");
    background.append_attribute("width") = "100%";
    background.append_attribute("height") = "100%";
    background.append_attribute("fill") = "white";
    for (std::size_t i = 0; i < panels.size(); ++i) {
        pugi::xml_node group = svg.append_child("g");
        group.append_attribute("transform") =
            fmt::format("translate({:.0f} {:.0f})", kPanelWidth * static_cast<double>(i % across),
                        panel_height * static_cast<double>(i / across))
                .c_str();
        Painter(group, panels[i]).draw();
    }
    if (panels.empty()) {
        pugi::xml_node note = svg.append_child("text");
        note.append_attribute("x") = "20";
        note.append_attribute("y") = "30";
        note.text().set("nothing was measured");
    }
    std::ostringstream out;
    document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
    return out.str();
}

}  // namespace wavetank
