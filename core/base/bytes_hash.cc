// XXH3's streaming form.
#include "core/base/bytes_hash.h"

#define XXH_STATIC_LINKING_ONLY  // the size of the state
#include <xxhash.h>

namespace wavetank {

// The state asks for an alignment of 64, which `new` gives.
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
