// Columns wide enough for a million events and a thousand seconds; longer numbers push to the
// right.
#include "reports/narration.h"

#include <fmt/format.h>

#include "reports/text.h"

namespace wavetank {
namespace {

std::string sides(const TraceEvent& event) {
    if (!event.server && !event.peer) return "-";
    std::string out = event.server ? fmt::to_string(event.server.value()) : "-";
    if (event.peer) out += fmt::format("<-{}", event.peer.value());
    return out;
}

}  // namespace

std::string narration_line(const TraceEvent& event) {
    std::string words;
    // One event stays one line, so that the lines can be searched and counted.
    for (const char c : printable(event.words))
        words += c == '\n' ? std::string("; ") : std::string(1, c);
    return fmt::format("{:>7} {:>11} {:<7} {:<5} {}", event.number, to_string(event.at),
                       name_of(event.kind), sides(event), words);
}

Narrator::Narrator(EventRange range, std::function<void(const std::string&)> write)
    : range_(range), write_(std::move(write)) {}

void Narrator::on_event(const TraceEvent& event) {
    if (event.number < range_.first || event.number > range_.last) return;
    write_(narration_line(event) + "\n");
}

}  // namespace wavetank
