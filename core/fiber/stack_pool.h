// StackPool: the stacks that fibers run on. A stack is a mapping of its own with one inaccessible
// guard page below, so that an overflow stops the process at once instead of writing into a
// neighbour. (A frame larger than a page can step over it: keep such arrays on the heap.) Mapping
// costs microseconds and a switch nanoseconds, so stacks are kept, and the one given back last is
// handed out first, because it is warm. The kernel gives memory page by page as a stack is touched.
//
// Tops are at different places in their pages (the "colour" of a stack). Otherwise the hot ends of
// all stacks compete for the same few cache lines; with 1,000 fibers a switch then takes twice as
// long. Bounded by the most fibers alive at one time; a guarded stack is two mappings, of which the
// kernel allows 65,530 by default (vm.max_map_count).
#pragma once

#include <cstddef>
#include <vector>

namespace wavetank {

// The usable part of a mapping; the guard page lies below `bottom`. It grows down from top().
struct Stack {
    std::byte* bottom = nullptr;
    std::size_t size = 0;
    std::byte* top() const { return bottom + size; }
};

class StackPool {
 public:
    // SQLite and Protobuf's text format need 12 KiB at most (measured); sanitizers make frames
    // larger. 64 KiB, or 256 KiB in builds with AddressSanitizer or ThreadSanitizer.
    static std::size_t default_stack_bytes();

    // Maps nothing yet. Stacks will have at least `stack_bytes`, in whole pages, and up to a page
    // more. Requires stack_bytes > 0.
    explicit StackPool(std::size_t stack_bytes = default_stack_bytes());
    StackPool(const StackPool&) = delete;
    StackPool& operator=(const StackPool&) = delete;
    // Unmaps all stacks. Requires: all were given back, so the pool outlives its fibers.
    ~StackPool();

    // The stack given back last, or a new one. The caller owns it until release(). A new one that
    // the kernel refuses stops the process with a message.
    Stack acquire();
    // Takes back a stack that nothing runs on. Does not allocate. Requires: from this pool's
    // acquire().
    void release(Stack stack);

    // Stacks mapped so far, in use or free.
    std::size_t mapped() const { return mapped_; }
    // Of these, free ones.
    std::size_t free() const { return free_.size(); }

 private:
    Stack map();

    const std::size_t page_bytes_;
    // The least that a stack has.
    const std::size_t stack_bytes_;
    // Guard page, stack, and a page for the colours.
    const std::size_t mapping_bytes_;
    std::size_t mapped_ = 0;
    std::vector<Stack> free_;  // last given back last; capacity for all of mapped_
};

}  // namespace wavetank
