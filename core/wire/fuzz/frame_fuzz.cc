// libFuzzer on streams of frames, and with repaired checksums on everything behind them.
#include "core/wire/test/properties.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    wavetank::try_as_stream({reinterpret_cast<const char*>(data), size});
    return 0;
}
