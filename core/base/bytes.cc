// Byte by byte, so that the format does not depend on the machine's own order.
#include "core/base/bytes.h"

#include "core/base/check.h"

namespace wavetank {
namespace {

template <class Word>
void put(std::string& out, Word value) {
    char raw[sizeof(Word)];
    for (std::size_t i = 0; i < sizeof(Word); ++i) {
        raw[i] = static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    }
    out.append(raw, sizeof(Word));
}

template <class Word>
Word get(std::string_view raw) {
    Word value = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        value = static_cast<Word>(value | static_cast<Word>(static_cast<unsigned char>(raw[i]))
                                              << (8 * i));
    }
    return value;
}

}  // namespace

Encoder& Encoder::u8(uint8_t value) {
    out_.push_back(static_cast<char>(value));
    return *this;
}

Encoder& Encoder::u32(uint32_t value) {
    put(out_, value);
    return *this;
}

Encoder& Encoder::u64(uint64_t value) {
    put(out_, value);
    return *this;
}

Encoder& Encoder::bytes(std::string_view value) {
    CHECK(value.size() <= UINT32_MAX);
    u32(static_cast<uint32_t>(value.size()));
    out_.append(value);
    return *this;
}

Encoder& Encoder::rest(std::string_view value) {
    out_.append(value);
    return *this;
}

std::string_view Decoder::take(std::size_t count) {
    if (in_.size() < count) {
        ok_ = false;
        in_ = {};
        return {};
    }
    const std::string_view taken = in_.substr(0, count);
    in_.remove_prefix(count);
    return taken;
}

uint8_t Decoder::u8() {
    return get<uint8_t>(take(1));
}
uint32_t Decoder::u32() {
    return get<uint32_t>(take(4));
}
uint64_t Decoder::u64() {
    return get<uint64_t>(take(8));
}
std::string_view Decoder::bytes() {
    return take(u32());
}
std::string_view Decoder::rest() {
    return take(in_.size());
}

}  // namespace wavetank
