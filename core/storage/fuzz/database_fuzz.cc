// libFuzzer on what stands where a server's database should.
#include "core/storage/test/database_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    static const wavetank::TestDirectory directory;
    wavetank::try_as_database(directory, {reinterpret_cast<const char*>(data), size});
    return 0;
}
