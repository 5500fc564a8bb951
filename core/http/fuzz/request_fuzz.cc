// libFuzzer on what the gateway parses itself: targets and JSON. HTTP around it is Boost.Beast's.
#include "core/http/test/properties.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    wavetank::try_as_request({reinterpret_cast<const char*>(data), size});
    return 0;
}
