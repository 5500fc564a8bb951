// Little-endian encoding of integers and byte strings, for what the core itself stores inside log
// entries (commands, configurations). Messages between servers are Protobuf, one layer up.
//   u8, u32, u64: fixed width, least significant byte first.  bytes: u32 length, then the bytes.
// A `Decoder` never reads past its input: after the first short read `ok()` is false and every
// further read gives zero or nothing, so a caller may read a whole record and ask once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wavetank {

class Encoder {
 public:
    Encoder& u8(uint8_t value);
    Encoder& u32(uint32_t value);
    Encoder& u64(uint64_t value);
    Encoder& bytes(std::string_view value);
    // Appends without a length: the last field of a record.
    Encoder& rest(std::string_view value);
    const std::string& view() const { return out_; }
    std::string take() { return std::move(out_); }
    void clear() { out_.clear(); }

 private:
    std::string out_;
};

class Decoder {
 public:
    explicit Decoder(std::string_view input) : in_(input) {}
    uint8_t u8();
    uint32_t u32();
    uint64_t u64();
    std::string_view bytes();
    std::string_view rest();
    bool ok() const { return ok_; }
    // True if everything was read and nothing was missing.
    bool finished() const { return ok_ && in_.empty(); }

 private:
    std::string_view take(std::size_t count);

    std::string_view in_;
    bool ok_ = true;
};

}  // namespace wavetank
