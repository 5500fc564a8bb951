// hash_bytes (core/base/hash.h) of bytes that come one after the other: a snapshot in pieces, say.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace wavetank {

class BytesHash {
 public:
    BytesHash();
    BytesHash(const BytesHash&) = delete;
    BytesHash& operator=(const BytesHash&) = delete;
    ~BytesHash();
    void add(std::string_view bytes);
    // hash_bytes of all that was added.
    uint64_t value() const;

 private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wavetank
