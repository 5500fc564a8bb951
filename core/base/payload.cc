// Creation, slicing and destruction of shared bytes.
#include "core/base/payload.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace wavetank {

Payload Payload::copy_of(std::string_view bytes) {
    if (bytes.empty()) return Payload();
    CHECK(bytes.size() <= UINT32_MAX);
    void* memory = ::operator new(sizeof(Block) + bytes.size());
    char* data = static_cast<char*>(memory) + sizeof(Block);
    std::memcpy(data, bytes.data(), bytes.size());
    return Payload(new (memory) Block{
        {1}, static_cast<uint32_t>(bytes.size()), hash_bytes(bytes), data, nullptr});
}

Payload Payload::slice(const Payload& whole, Part part) {
    CHECK(part.offset <= whole.size());
    CHECK(part.size <= whole.size() - part.offset);
    if (part.size == 0) return Payload();
    Block* owner = whole.block_->parent != nullptr ? whole.block_->parent : whole.block_;
    add_reference(owner->references);
    const std::string_view bytes = whole.bytes().substr(part.offset, part.size);
    return Payload(new (::operator new(sizeof(Block))) Block{
        {1}, static_cast<uint32_t>(part.size), hash_bytes(bytes), bytes.data(), owner});
}

Payload Payload::stub_of(const Payload& whole) {
    if (whole.block_ == nullptr || whole.is_stub()) return whole;
    return Payload(new (::operator new(sizeof(Block)))
                       Block{{1}, 0, whole.digest(), nullptr, nullptr});
}

bool Payload::verify() const {
    return block_ == nullptr || is_stub() || hash_bytes(bytes()) == block_->digest;
}

void Payload::destroy(Block* block) noexcept {
    Block* parent = block->parent;
    block->~Block();
    ::operator delete(block);
    if (parent != nullptr && drop_reference(parent->references)) destroy(parent);
}

}  // namespace wavetank
