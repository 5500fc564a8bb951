// Both ways to the same checksum.
#include "core/wire/crc32c.h"

#include <boost/crc.hpp>
#include <cstring>

#include "core/base/bytes.h"

namespace wavetank {

uint32_t crc32c_portable(std::string_view bytes) {
    boost::crc_optimal<32, 0x1edc6f41, 0xffffffff, 0xffffffff, true, true> crc;
    crc.process_bytes(bytes.data(), bytes.size());
    return crc.checksum();
}

#if defined(__x86_64__)

namespace {

[[gnu::target("sse4.2")]] uint32_t crc32c_sse42(std::string_view bytes) {
    uint64_t crc = 0xffffffff;
    const char* next = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t), next += sizeof(uint64_t)) {
        uint64_t word;
        std::memcpy(&word, next, sizeof(word));
        crc = __builtin_ia32_crc32di(crc, word);
    }
    auto tail = static_cast<uint32_t>(crc);
    for (; left > 0; --left, ++next) {
        tail = __builtin_ia32_crc32qi(tail, static_cast<unsigned char>(*next));
    }
    return ~tail;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
    return __builtin_cpu_supports("sse4.2") ? crc32c_sse42(bytes) : crc32c_portable(bytes);
}

#else

uint32_t crc32c(std::string_view bytes) {
    return crc32c_portable(bytes);
}

#endif

}  // namespace wavetank
