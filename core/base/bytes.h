// Little-endian encoding of integers and byte strings, for what the core itself stores inside log
// entries (commands, configurations). Messages between servers are Protobuf, one layer up.
//   u8, u32, u64: fixed width, least significant byte first.  bytes: u32 length, then the bytes.
// A `Decoder` never reads past its input: after the first short read `ok()` is false and every
// further read gives zero or nothing, so a caller may read a whole record and ask once.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "core/base/check.h"

namespace wavetank {

// The same word with its least significant byte first in memory, and back.
template <class Word>
constexpr Word little_endian(Word word) {
    if constexpr (std::endian::native == std::endian::little || sizeof(Word) == 1) return word;
    Word swapped = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
        swapped = static_cast<Word>(swapped << 8 | (word >> (8 * i) & 0xff));
    }
    return swapped;
}

class Encoder {
 public:
    // The record will take about so many bytes.
    Encoder& reserve(std::size_t bytes) {
        out_.reserve(bytes);
        return *this;
    }
    Encoder& u8(uint8_t value) { return put(value); }
    Encoder& u32(uint32_t value) { return put(value); }
    Encoder& u64(uint64_t value) { return put(value); }
    Encoder& bytes(std::string_view value) {
        CHECK(value.size() <= UINT32_MAX);
        u32(static_cast<uint32_t>(value.size()));
        return rest(value);
    }
    // Appends without a length: the last field of a record.
    Encoder& rest(std::string_view value) {
        out_.append(value);
        return *this;
    }
    const std::string& view() const { return out_; }
    std::string take() { return std::move(out_); }
    void clear() { out_.clear(); }

 private:
    template <class Word>
    Encoder& put(Word value) {
        char raw[sizeof(Word)];
        const Word stored = little_endian(value);
        std::memcpy(raw, &stored, sizeof(Word));
        out_.append(raw, sizeof(Word));
        return *this;
    }

    std::string out_;
};

class Decoder {
 public:
    explicit Decoder(std::string_view input) : in_(input) {}
    uint8_t u8() { return get<uint8_t>(); }
    uint32_t u32() { return get<uint32_t>(); }
    uint64_t u64() { return get<uint64_t>(); }
    std::string_view bytes() { return take(u32()); }
    std::string_view rest() { return take(in_.size()); }
    bool ok() const { return ok_; }
    // True if everything was read and nothing was missing.
    bool finished() const { return ok_ && in_.empty(); }

 private:
    std::string_view take(std::size_t count) {
        if (in_.size() < count) {
            ok_ = false;
            in_ = {};
            return {};
        }
        const std::string_view taken = in_.substr(0, count);
        in_.remove_prefix(count);
        return taken;
    }

    template <class Word>
    Word get() {
        const std::string_view raw = take(sizeof(Word));
        if (raw.empty()) return 0;
        Word stored;
        std::memcpy(&stored, raw.data(), sizeof(Word));
        return little_endian(stored);
    }

    std::string_view in_;
    bool ok_ = true;
};

}  // namespace wavetank
