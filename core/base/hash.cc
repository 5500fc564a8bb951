// XXH3 from the system library.
#include "core/base/hash.h"

#define XXH_INLINE_ALL  // short keys are hashed all the time: no call through the library
#include <xxhash.h>

namespace wavetank {

uint64_t hash_bytes(std::string_view bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

struct BytesHash::State {
    XXH3_state_t xxh3;
};

BytesHash::BytesHash() : state_(std::make_unique<State>()) {
    XXH3_64bits_reset(&state_->xxh3);
}

BytesHash::~BytesHash() = default;

void BytesHash::add(std::string_view bytes) {
    XXH3_64bits_update(&state_->xxh3, bytes.data(), bytes.size());
}

uint64_t BytesHash::value() const {
    return XXH3_64bits_digest(&state_->xxh3);
}

}  // namespace wavetank
