// libFuzzer on the codec of the messages between servers.
#include "core/wire/test/properties.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    wavetank::try_as_message({reinterpret_cast<const char*>(data), size});
    return 0;
}
