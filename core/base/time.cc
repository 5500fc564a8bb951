// Reading and printing of spans, in integers only.
#include "core/base/time.h"

#include <fmt/core.h>

#include <array>

namespace wavetank {
namespace {

struct Unit {
    std::string_view name;
    int64_t nanos;
};
// Longest span first, so that printing finds the largest unit that fits.
constexpr std::array<Unit, 6> kUnits = {{
    {"h", 3'600'000'000'000},
    {"m", 60'000'000'000},
    {"s", 1'000'000'000},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
}};

const Unit* find_unit(std::string_view name) {
    for (const Unit& unit : kUnits) {
        if (unit.name == name) return &unit;
    }
    return nullptr;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    __extension__ using Wide = __int128;
    std::size_t at = 0;
    Wide whole = 0;
    Wide fraction = 0;
    Wide fraction_scale = 1;
    bool digits = false;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, digits = true) {
        whole = whole * 10 + (text[at] - '0');
        if (whole > std::numeric_limits<int64_t>::max()) return std::nullopt;
    }
    if (at < text.size() && text[at] == '.') {
        ++at;
        for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, digits = true) {
            fraction = fraction * 10 + (text[at] - '0');
            fraction_scale *= 10;
            if (fraction_scale > 1'000'000'000) return std::nullopt;
        }
    }
    const Unit* unit = find_unit(text.substr(at));
    if (!digits || unit == nullptr) return std::nullopt;
    if ((fraction * unit->nanos) % fraction_scale != 0) return std::nullopt;  // below 1 ns
    const Wide nanos = whole * unit->nanos + fraction * unit->nanos / fraction_scale;
    if (nanos > std::numeric_limits<int64_t>::max()) return std::nullopt;
    return Duration{static_cast<int64_t>(nanos)};
}

std::string to_string(Duration span) {
    if (span.nanos == 0) return "0s";
    const std::string sign = span.nanos < 0 ? "-" : "";
    const int64_t nanos = span.nanos < 0 ? -span.nanos : span.nanos;
    // Seconds are the largest unit with decimals; minutes and hours only when exact.
    for (const Unit& unit : kUnits) {
        if (nanos % unit.nanos == 0)
            return fmt::format("{}{}{}", sign, nanos / unit.nanos, unit.name);
        if (nanos > unit.nanos && unit.nanos <= 1'000'000'000) {
            std::string decimals =
                fmt::format("{:09}", nanos % unit.nanos * (1'000'000'000 / unit.nanos));
            decimals.erase(decimals.find_last_not_of('0') + 1);
            return fmt::format("{}{}.{}{}", sign, nanos / unit.nanos, decimals, unit.name);
        }
    }
    return fmt::format("{}{}ns", sign, nanos);
}

std::string to_string(Instant point) {
    if (point == Instant::never()) return "never";
    const int64_t micros = point.nanos / 1'000;
    const int64_t magnitude = micros < 0 ? -micros : micros;
    return fmt::format("{}{}.{:06}", micros < 0 ? "-" : "", magnitude / 1'000'000,
                       magnitude % 1'000'000);
}

}  // namespace wavetank
