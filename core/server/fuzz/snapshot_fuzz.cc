// libFuzzer on the data of snapshots: sessions and machine.
#include "core/server/test/snapshot_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    wavetank::try_as_snapshot({reinterpret_cast<const char*>(data), size});
    return 0;
}
