// Reading and printing percentages, in integers only.
#include "sim/world/ratio.h"

#include <fmt/core.h>

namespace wavetank {

std::optional<Ratio> parse_ratio(std::string_view text) {
    if (text.empty() || text.back() != '%') return std::nullopt;
    text.remove_suffix(1);
    constexpr uint64_t kScale = 1'000'000;
    uint64_t millionths = 0;  // of a percent
    uint64_t place = 0;       // 0: before the point, else the value of the next decimal
    bool digits = false;
    for (const char c : text) {
        if (c == '.' && place == 0) {
            place = kScale / 10;
        } else if (c >= '0' && c <= '9') {
            const uint64_t digit = static_cast<uint64_t>(c - '0');
            digits = true;
            if (place == 0 && text.find('.') > static_cast<std::size_t>(&c - text.data())) {
                millionths = millionths * 10 + digit * kScale;
            } else if (place == 0) {
                return std::nullopt;  // a seventh decimal
            } else {
                millionths += digit * place;
                place /= 10;
            }
        } else {
            return std::nullopt;
        }
        if (millionths > 100 * kScale) return std::nullopt;
    }
    if (!digits) return std::nullopt;
    return Ratio::of(millionths, 100 * kScale);
}

std::string to_string(Ratio ratio) {
    // Rounded to the nearest millionth of a percent, so that what was read is printed again.
    const uint64_t millionths = (ratio.parts() * 100'000'000 + (uint64_t{1} << 31)) >> 32;
    std::string text = fmt::format("{}.{:06}", millionths / 1'000'000, millionths % 1'000'000);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text + "%";
}

}  // namespace wavetank
