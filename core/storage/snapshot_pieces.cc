// Keys and checks of pieces.
#include "core/storage/snapshot_pieces.h"

#include "core/base/bytes.h"
#include "core/base/hash.h"

namespace wavetank {
namespace {

constexpr uint32_t kSlotShift = 62;

uint64_t checksum(const StoredSnapshot& snapshot, uint64_t offset, std::string_view bytes) {
    const SnapshotMeta& meta = snapshot.meta;
    const uint64_t whose = mix(mix(meta.digest, meta.bytes), meta.index().value());
    return mix(mix(whose, offset), mix(hash_bytes(bytes), bytes.size()));
}

}  // namespace

int64_t place_of_piece(uint32_t slot, uint64_t offset) {
    CHECK(slot <= 1);
    CHECK(offset <= kPieceOffsetMax);
    return static_cast<int64_t>(uint64_t{slot} << kSlotShift | offset);
}

uint64_t offset_of_piece(int64_t place) {
    return static_cast<uint64_t>(place) & kPieceOffsetMax;
}

std::string encode_piece(const StoredSnapshot& snapshot, uint64_t offset, std::string_view bytes) {
    return Encoder()
        .reserve(sizeof(uint64_t) + bytes.size())
        .u64(checksum(snapshot, offset, bytes))
        .rest(bytes)
        .take();
}

std::optional<std::string_view> decode_piece(const StoredSnapshot& snapshot, uint64_t offset,
                                             std::string_view content) {
    Decoder in(content);
    const uint64_t check = in.u64();
    const std::string_view bytes = in.rest();
    if (!in.ok() || bytes.empty() || checksum(snapshot, offset, bytes) != check)
        return std::nullopt;
    return bytes;
}

}  // namespace wavetank
