// Two uses of one mixing step (a 64x64 -> 128 bit multiply, folded):
//   - `Digest`: a chained digest of a sequence of words and bytes. Same sequence, same value, on
//     every compiler and machine; used for traces, logs and states. Not cryptographic.
//   - `draw`: keyed chance (DESIGN D7). A decision is a hash of what it is about, never the next
//     number of a shared stream, so one more decision somewhere leaves all others alone.
#pragma once

#include <cstdint>
#include <string_view>

namespace wavetank {

// Folds the 128-bit product of two words. Every input bit reaches every output bit.
constexpr uint64_t mix(uint64_t a, uint64_t b) {
    a ^= 0x9e3779b97f4a7c15ULL;
    b ^= 0xd1b54a32d192ed03ULL;
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    const uint64_t folded = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    return folded ^ (a << 32 | a >> 32) ^ b;
}

// 64 bits of a byte string (XXH3). Stable across machines.
uint64_t hash_bytes(std::string_view bytes);

class Digest {
 public:
    constexpr Digest() = default;
    constexpr explicit Digest(uint64_t start) : value_(start) {}
    constexpr Digest& add(uint64_t word) {
        value_ = mix(value_, word);
        return *this;
    }
    Digest& add_bytes(std::string_view bytes) { return add(bytes.size()).add(hash_bytes(bytes)); }
    constexpr uint64_t value() const { return value_; }
    friend constexpr bool operator==(const Digest&, const Digest&) = default;

 private:
    uint64_t value_ = 0x57617665;  // "Wave"
};

// A uniform number below `bound` from 64 random bits (Lemire's multiply; the bias is below
// bound / 2^64). Requires bound > 0.
constexpr uint64_t below(uint64_t bits, uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<uint64_t>((static_cast<Wide>(bits) * bound) >> 64);
}

}  // namespace wavetank
