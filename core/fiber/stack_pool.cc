// Maps, guards and keeps stacks.
#include "core/fiber/stack_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/base/check.h"
#include "core/fiber/sanitizer.h"

namespace wavetank {
namespace {

constexpr std::size_t kKibibyte = 1024;

// Four cache lines, about what a suspended fiber touches; sixteen colours to a page.
constexpr std::size_t kColourBytes = 256;

std::size_t page_size() {
    return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::size_t round_up(std::size_t bytes, std::size_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

[[noreturn]] void stop_for_lack_of_stacks(const char* call, std::size_t stack_bytes,
                                          std::size_t mapped) {
    std::fprintf(stderr,
                 "%s of a fiber stack of %zu bytes failed with %zu stacks mapped: %s; this process "
                 "stops (each stack is two mappings, see vm.max_map_count)\n",
                 call, stack_bytes, mapped, std::strerror(errno));
    std::fflush(stderr);
    std::abort();
}

}  // namespace

std::size_t StackPool::default_stack_bytes() {
#if defined(WAVETANK_ASAN) || defined(WAVETANK_TSAN)
    return 256 * kKibibyte;
#else
    return 64 * kKibibyte;
#endif
}

StackPool::StackPool(std::size_t stack_bytes)
    : page_bytes_(page_size()),
      stack_bytes_(round_up(stack_bytes, page_bytes_)),
      mapping_bytes_(page_bytes_ + stack_bytes_ + page_bytes_) {
    CHECK(stack_bytes > 0);
}

StackPool::~StackPool() {
    CHECK(free_.size() == mapped_);
    for (const Stack stack : free_) {
        sanitizer::stack_unmapping(stack);
        munmap(stack.bottom - page_bytes_, mapping_bytes_);
    }
}

Stack StackPool::acquire() {
    Stack stack;
    if (free_.empty()) {
        stack = map();
    } else {
        stack = free_.back();
        free_.pop_back();
    }
    sanitizer::stack_acquired(stack);
    return stack;
}

void StackPool::release(Stack stack) {
    CHECK(stack.bottom != nullptr);
    CHECK(stack.size >= stack_bytes_);
    CHECK(free_.size() < mapped_);
    sanitizer::stack_released(stack);
    free_.push_back(stack);
}

Stack StackPool::map() {
    // Room for every stack, made now, so that release() cannot fail; doubled, so that it is cheap.
    if (free_.capacity() <= mapped_) free_.reserve(std::max<std::size_t>(16, 2 * mapped_));

    void* const mapping =
        mmap(nullptr, mapping_bytes_, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, /*fd=*/-1, /*offset=*/0);
    if (mapping == MAP_FAILED) stop_for_lack_of_stacks("mmap", stack_bytes_, mapped_);
    if (mprotect(mapping, page_bytes_, PROT_NONE) != 0) {
        stop_for_lack_of_stacks("mprotect", stack_bytes_, mapped_);
    }
    const std::size_t colour = mapped_ % (page_bytes_ / kColourBytes) * kColourBytes;
    const Stack stack{static_cast<std::byte*>(mapping) + page_bytes_,
                      mapping_bytes_ - page_bytes_ - colour};
    ++mapped_;
    sanitizer::stack_mapped(stack);
    return stack;
}

}  // namespace wavetank
