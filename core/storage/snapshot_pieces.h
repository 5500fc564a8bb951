// Pieces of a snapshot as they lie in the database: a row each, by slot and offset (see
// stored_state.h for slots), u64 check, then the bytes. The check is over the bytes, their place
// and whose they are, so that a piece of an earlier snapshot is not taken for one of this.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/storage/stored_state.h"

namespace wavetank {

inline constexpr uint64_t kPieceOffsetMax = (uint64_t{1} << 62) - 1;

// The row's key. Requires slot <= 1 and offset <= kPieceOffsetMax.
int64_t place_of_piece(uint32_t slot, uint64_t offset);
// The offset in such a key.
uint64_t offset_of_piece(int64_t place);

std::string encode_piece(const StoredSnapshot& snapshot, uint64_t offset, std::string_view bytes);
// The bytes. Nothing if they are damaged, or not of this snapshot and offset.
std::optional<std::string_view> decode_piece(const StoredSnapshot& snapshot, uint64_t offset,
                                             std::string_view content);

}  // namespace wavetank
