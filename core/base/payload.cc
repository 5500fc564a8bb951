// Creation, slicing and destruction of shared bytes.
#include "core/base/payload.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace wavetank {

Payload::Buffer Payload::own(std::size_t size, uint64_t digest) {
    CHECK(size > 0);
    CHECK(size <= UINT32_MAX);
    void* memory = ::operator new(sizeof(Block) + size);
    char* bytes = static_cast<char*>(memory) + sizeof(Block);
    return {Payload(new (memory) Block{{1}, static_cast<uint32_t>(size), digest, bytes, nullptr}),
            bytes};
}

Payload Payload::share(const Payload& whole, std::string_view bytes, uint64_t digest) {
    Block* owner = whole.block_->parent != nullptr ? whole.block_->parent : whole.block_;
    add_reference(owner->references);
    return Payload(new (::operator new(sizeof(Block))) Block{
        {1}, static_cast<uint32_t>(bytes.size()), digest, bytes.data(), owner});
}

Payload Payload::copy_of(std::string_view bytes) {
    return bytes.empty() ? Payload() : received(bytes, hash_bytes(bytes));
}

Payload Payload::slice(const Payload& whole, Part part) {
    CHECK(part.offset <= whole.size());
    CHECK(part.size <= whole.size() - part.offset);
    if (part.size == 0) return Payload();
    const std::string_view bytes = whole.bytes().substr(part.offset, part.size);
    return share(whole, bytes, hash_bytes(bytes));
}

Payload Payload::stub_of(const Payload& whole) {
    if (whole.block_ == nullptr || whole.is_stub()) return whole;
    return received_stub(whole.digest());
}

Payload Payload::received(std::string_view bytes, uint64_t digest) {
    if (bytes.empty()) CHECK(digest == 0);
    if (bytes.empty()) return Payload();
    Buffer memory = own(bytes.size(), digest);
    std::memcpy(memory.bytes, bytes.data(), bytes.size());
    return std::move(memory.whole);
}

Payload Payload::received_slice(const Payload& buffer, Part part, uint64_t digest) {
    CHECK(part.offset <= buffer.size());
    CHECK(part.size <= buffer.size() - part.offset);
    if (part.size == 0) CHECK(digest == 0);
    if (part.size == 0) return Payload();
    return share(buffer, buffer.bytes().substr(part.offset, part.size), digest);
}

Payload Payload::received_stub(uint64_t digest) {
    return Payload(new (::operator new(sizeof(Block))) Block{{1}, 0, digest, nullptr, nullptr});
}

Payload::Buffer Payload::buffer(std::size_t size) {
    return own(size, 0);
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
