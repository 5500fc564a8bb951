// Payload: immutable bytes, shared by reference count, with a digest computed once at creation. A
// log entry's bytes travel from the client through the leader's log, the disk, the messages to the
// followers and the state machine without being copied, and can be verified against the digest at
// each stop. A slice shares the bytes of a larger payload (a receive buffer, say) and keeps it
// alive.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <utility>

#include "core/base/reference_count.h"

namespace wavetank {

class Payload {
 public:
    // Empty: no bytes, no allocation.
    constexpr Payload() = default;
    static Payload copy_of(std::string_view bytes);
    // A part of `whole`, without copying. Requires offset + size <= whole.size().
    struct Part {
        std::size_t offset;
        std::size_t size;
    };
    static Payload slice(const Payload& whole, Part part);
    // A payload without its bytes: only the digest is left. What a witness keeps of a command.
    // The stub of an empty payload is the empty payload.
    static Payload stub_of(const Payload& whole);

    // What came from elsewhere carries the digest it was sent with, so that `verify` finds out what
    // happened to the bytes on the way; nothing is hashed here. No bytes have digest zero.
    static Payload received(std::string_view bytes, uint64_t digest);
    // The same, sharing the bytes of the buffer they were received in.
    static Payload received_slice(const Payload& buffer, Part part, uint64_t digest);
    static Payload received_stub(uint64_t digest);
    // Memory to receive into: `bytes` may be written, and `whole` be sliced, as they are filled.
    // The digest of `whole` is zero and says nothing. Requires size > 0.
    struct Buffer;
    static Buffer buffer(std::size_t size);

    Payload(const Payload& other) noexcept : block_(other.block_) { retain(); }
    Payload(Payload&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    Payload& operator=(const Payload& other) noexcept {
        Payload copy(other);
        std::swap(block_, copy.block_);
        return *this;
    }
    Payload& operator=(Payload&& other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~Payload() { release(); }

    std::string_view bytes() const {
        return block_ == nullptr ? std::string_view()
                                 : std::string_view(block_->data, block_->size);
    }
    std::size_t size() const { return block_ == nullptr ? 0 : block_->size; }
    // hash_bytes of the content, as computed where it was created.
    uint64_t digest() const { return block_ == nullptr ? 0 : block_->digest; }
    // True for what stub_of made: the bytes are not here.
    bool is_stub() const { return block_ != nullptr && block_->data == nullptr; }
    // True if nobody else shares the bytes, nor any slice of them: a buffer may be filled anew.
    bool sole() const {
        return block_ != nullptr && block_->references.load(std::memory_order_acquire) == 1;
    }
    // Recomputes the digest: false if the bytes changed since they were created. A stub has
    // nothing that could have changed.
    bool verify() const;

    // Same content.
    friend bool operator==(const Payload& a, const Payload& b) {
        return a.block_ == b.block_ || (a.digest() == b.digest() && a.bytes() == b.bytes());
    }

 private:
    // One allocation: the block, then (for an owner) its bytes.
    struct Block {
        std::atomic<uint32_t> references;
        uint32_t size;
        uint64_t digest;
        const char* data;  // null in a stub
        Block* parent;     // of a slice, else null
    };

    explicit Payload(Block* block) : block_(block) {}
    void retain() noexcept {
        if (block_ != nullptr) add_reference(block_->references);
    }
    void release() noexcept {
        if (block_ != nullptr && drop_reference(block_->references)) destroy(block_);
    }
    static Buffer own(std::size_t size, uint64_t digest);
    static Payload share(const Payload& whole, std::string_view bytes, uint64_t digest);
    static void destroy(Block* block) noexcept;

    Block* block_ = nullptr;
};

struct Payload::Buffer {
    Payload whole;
    char* bytes;
};

}  // namespace wavetank
