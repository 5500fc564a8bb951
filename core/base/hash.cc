// XXH3 from the system library.
#include "core/base/hash.h"

#define XXH_INLINE_ALL  // short keys are hashed all the time: no call through the library
#include <xxhash.h>

namespace wavetank {

uint64_t hash_bytes(std::string_view bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace wavetank
