// libFuzzer on the text of a scenario file.
#include "scenarios/test/scenario_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
    wavetank::try_as_scenario({reinterpret_cast<const char*>(data), size});
    return 0;
}
