// XXH3 from the system library.
#include "core/base/hash.h"

#include <xxhash.h>

namespace wavetank {

uint64_t hash_bytes(std::string_view bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace wavetank
