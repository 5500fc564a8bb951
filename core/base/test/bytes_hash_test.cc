// Bytes hash the same at once and bit by bit.
#include "core/base/bytes_hash.h"

#include <gtest/gtest.h>

#include <string>

#include "core/base/hash.h"

namespace wavetank {
namespace {

TEST(BytesHash, IsThatOfAllBytesTogether) {
    for (const std::size_t size : {0U, 1U, 17U, 240U, 241U, 1'000U, 70'000U}) {
        std::string bytes;
        for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i * 7 + i / 256));
        for (const std::size_t step : {1U, 63U, 4'096U}) {
            BytesHash hash;
            for (std::size_t at = 0; at < size; at += step) {
                hash.add(std::string_view(bytes).substr(at, step));
            }
            EXPECT_EQ(hash.value(), hash_bytes(bytes)) << size << " by " << step;
        }
    }
}

}  // namespace
}  // namespace wavetank
