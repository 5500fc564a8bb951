// The rate is that of the whole session: steady enough to estimate from.
#include "tools/program/progress_line.h"

#include <fmt/format.h>

#include <algorithm>

namespace wavetank {
namespace {

constexpr auto kTerminalInterval = std::chrono::milliseconds(200);
constexpr auto kPlainInterval = std::chrono::seconds(10);

// "1:02:03" or "2:03".
std::string clock_text(uint64_t total_seconds) {
    const uint64_t hours = total_seconds / 3600;
    const uint64_t minutes = total_seconds / 60 % 60;
    if (hours == 0) return fmt::format("{}:{:02}", minutes, total_seconds % 60);
    return fmt::format("{}:{:02}:{:02}", hours, minutes, total_seconds % 60);
}

}  // namespace

std::string progress_text(uint64_t planned, const VerdictCounts& counts, Duration elapsed) {
    const uint64_t made = counts.passed + counts.failed + counts.unknown;
    const double in_seconds = std::max(static_cast<double>(elapsed.nanos) / 1e9, 1e-3);
    const double rate = static_cast<double>(made) / in_seconds;
    std::string out = fmt::format("{} of {} runs, {:.1f} per second", made, planned, rate);
    if (made > 0) {
        const double left = static_cast<double>(planned - made) / rate;
        out += fmt::format(", {} to go", clock_text(static_cast<uint64_t>(left + 0.5)));
    }
    if (counts.failed > 0) out += fmt::format(", {} failed", counts.failed);
    if (counts.unknown > 0) out += fmt::format(", {} unknown", counts.unknown);
    return out;
}

ProgressLine::ProgressLine(std::ostream& out, bool is_terminal, uint64_t planned)
    : out_(out), is_terminal_(is_terminal), planned_(planned) {}

void ProgressLine::show(const VerdictCounts& counts) {
    const auto now = std::chrono::steady_clock::now();
    const bool due =
        is_terminal_ ? now - shown_ >= kTerminalInterval : now - shown_ >= kPlainInterval;
    if (!due) return;
    shown_ = now;
    const Duration elapsed = nanoseconds(std::chrono::nanoseconds(now - started_).count());
    const std::string text = progress_text(planned_, counts, elapsed);
    // Carriage return and "erase to the end of the line" of ECMA-48.
    if (is_terminal_)
        out_ << "\r\x1b[K" << text << std::flush;
    else
        out_ << text << "\n" << std::flush;
}

void ProgressLine::line(const std::string& text) {
    clear();
    out_ << text << "\n" << std::flush;
}

void ProgressLine::clear() {
    if (is_terminal_) out_ << "\r\x1b[K" << std::flush;
}

}  // namespace wavetank
