// Ratio: a probability as an integer count of 2^-32, so that no decision depends on floating point.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wavetank {

class Ratio {
 public:
    constexpr Ratio() = default;  // never
    // Requires numerator <= denominator, 0 < denominator <= 2^31.
    static constexpr Ratio of(uint64_t numerator, uint64_t denominator) {
        return Ratio((numerator << 32) / denominator);
    }
    static constexpr Ratio always() { return Ratio(uint64_t{1} << 32); }

    // True for that share of all 64-bit draws.
    constexpr bool happens(uint64_t bits) const { return (bits >> 32) < parts_; }
    constexpr bool never() const { return parts_ == 0; }
    constexpr uint64_t parts() const { return parts_; }
    friend constexpr bool operator==(const Ratio&, const Ratio&) = default;

 private:
    constexpr explicit Ratio(uint64_t parts) : parts_(parts) {}
    uint64_t parts_ = 0;  // of 2^32
};

// Reads "10%", "0.1%", "2.5%", "100%": digits on both sides of the point, at most six decimals, at
// most 100%. Nothing for anything else.
std::optional<Ratio> parse_ratio(std::string_view text);
// "10%", "0.1%"; rounded to six decimals.
std::string to_string(Ratio ratio);

}  // namespace wavetank
