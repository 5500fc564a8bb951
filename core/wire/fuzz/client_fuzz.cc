// libFuzzer on the codecs of the messages between clients and servers.
#include "core/wire/test/properties.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    wavetank::try_as_client_message({reinterpret_cast<const char*>(data), size});
    return 0;
}
