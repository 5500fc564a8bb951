// Three bytes become four digits; what is missing at the end becomes '='.
#include "core/http/base64.h"

#include <cstdint>

namespace wavetank {

std::string base64(std::string_view bytes) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto byte = [&](std::size_t at) {
        return at < bytes.size() ? static_cast<uint32_t>(static_cast<uint8_t>(bytes[at])) : 0U;
    };
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const uint32_t group = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
        text.push_back(kDigits[group >> 18U]);
        text.push_back(kDigits[group >> 12U & 63U]);
        text.push_back(i + 1 < bytes.size() ? kDigits[group >> 6U & 63U] : '=');
        text.push_back(i + 2 < bytes.size() ? kDigits[group & 63U] : '=');
    }
    return text;
}

}  // namespace wavetank
