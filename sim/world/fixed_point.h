// Logarithm and power of two in integers, so that a distribution has the same quantiles on every
// compiler and machine. Fixed point throughout: a real number x stands as x * 2^32 (32 fraction
// bits) unless said otherwise. Results are exact to about one unit of the last place.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace wavetank {

// ln 2, with 62 fraction bits, rounded to the nearest.
inline constexpr uint64_t kLn2Bits62 = 3'196'577'161'300'663'915;

// log2(value), rounded down, with 32 fraction bits. Requires value > 0.
//
// Squaring a number doubles its logarithm: the mantissa is squared once per bit, and the bit is one
// if the square reaches two.
constexpr uint64_t log2_of(uint64_t value) {
    __extension__ using Wide = unsigned __int128;
    const int whole = static_cast<int>(std::bit_width(value)) - 1;
    uint64_t mantissa = value << (63 - whole);  // in [1, 2), 63 fraction bits
    uint64_t logarithm = static_cast<uint64_t>(whole);
    for (int bit = 0; bit < 32; ++bit) {
        const Wide square = (static_cast<Wide>(mantissa) * mantissa) >> 63;
        const bool reaches_two = (square >> 64) != 0;
        mantissa = static_cast<uint64_t>(reaches_two ? square >> 1 : square);
        logarithm = logarithm << 1 | static_cast<uint64_t>(reaches_two);
    }
    return logarithm;
}

namespace detail {

// The Taylor coefficients (ln 2)^k / k! of 2^x, with 62 fraction bits. What is left out is below
// 2^-56.
constexpr std::array<uint64_t, 17> exp2_coefficients() {
    __extension__ using Wide = unsigned __int128;
    std::array<uint64_t, 17> coefficients{uint64_t{1} << 62};
    for (std::size_t k = 1; k < coefficients.size(); ++k) {
        const Wide product = static_cast<Wide>(coefficients[k - 1]) * kLn2Bits62;
        coefficients[k] = static_cast<uint64_t>(product >> 62) / k;
    }
    return coefficients;
}
inline constexpr std::array<uint64_t, 17> kExp2Coefficients = exp2_coefficients();

}  // namespace detail

// 2^fraction for a fraction in [0, 1): in [1, 2), with 62 fraction bits. Rises with `fraction`, and
// is exactly one at zero.
constexpr uint64_t exp2_of_fraction(uint32_t fraction) {
    __extension__ using Wide = unsigned __int128;
    uint64_t power = 0;
    for (std::size_t k = detail::kExp2Coefficients.size(); k-- > 0;) {
        const Wide product = static_cast<Wide>(power) * fraction;
        power = detail::kExp2Coefficients[k] + static_cast<uint64_t>(product >> 32);
    }
    return power;
}

}  // namespace wavetank
