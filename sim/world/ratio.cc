// Reading and printing percentages, in integers only.
#include "sim/world/ratio.h"

#include <fmt/core.h>

namespace wavetank {
namespace {

constexpr uint64_t kMillionths = 1'000'000;  // of a percent: six decimals
constexpr std::size_t kDecimalsMax = 6;

// The value of up to six digits. Nothing if `text` is empty, longer or holds anything else.
std::optional<uint64_t> parse_digits(std::string_view text) {
    if (text.empty() || text.size() > kDecimalsMax) return std::nullopt;
    uint64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<uint64_t>(c - '0');
    }
    return value;
}

}  // namespace

std::optional<Ratio> parse_ratio(std::string_view text) {
    if (!text.ends_with('%')) return std::nullopt;
    text.remove_suffix(1);
    const std::size_t point = text.find('.');
    const std::optional<uint64_t> whole = parse_digits(text.substr(0, point));
    std::string decimals(point == std::string_view::npos ? "0" : text.substr(point + 1));
    if (!whole || decimals.empty() || decimals.size() > kDecimalsMax) return std::nullopt;
    decimals.resize(kDecimalsMax, '0');
    const std::optional<uint64_t> millionths = parse_digits(decimals);
    if (!millionths) return std::nullopt;

    const uint64_t total = *whole * kMillionths + *millionths;
    if (total > 100 * kMillionths) return std::nullopt;
    return Ratio::of(total, 100 * kMillionths);
}

std::string to_string(Ratio ratio) {
    // Rounded to the nearest millionth of a percent, so that what was read is printed again.
    const uint64_t millionths = (ratio.parts() * 100 * kMillionths + (uint64_t{1} << 31)) >> 32;
    std::string text = fmt::format("{}.{:06}", millionths / kMillionths, millionths % kMillionths);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text + "%";
}

}  // namespace wavetank
