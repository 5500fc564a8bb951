// CRC-32C (Castagnoli: polynomial 0x1edc6f41, reflected, initial value and final xor of all ones),
// the checksum of frames. It finds every error burst of up to 32 bits. By the processor's own
// instruction where there is one, else by Boost.CRC; the value is the same.
#pragma once

#include <cstdint>
#include <string_view>

namespace wavetank {

uint32_t crc32c(std::string_view bytes);

// By Boost.CRC whatever the processor can: what the other way is compared with.
uint32_t crc32c_portable(std::string_view bytes);

}  // namespace wavetank
