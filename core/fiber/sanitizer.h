// What the sanitizers must be told about fibers; in a plain build all of it is empty.
//   - AddressSanitizer keeps the bounds of the current stack and a "fake stack" per stack: each
//   switch
//     is announced before it and confirmed after it, on the other side. Shadow memory of a stack
//     outlives its frames, so a free stack is poisoned and a reused one is made clean.
//   - LeakSanitizer does not know our stacks: each is registered as a root, or all that only a
//     suspended fiber holds would be called leaked. (It cannot see into fake stacks: with
//     detect_stack_use_after_return=1 such false leaks remain.)
//   - ThreadSanitizer keeps a clock and a call stack per thread: each fiber gets its own.
// UndefinedBehaviorSanitizer needs nothing.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define WAVETANK_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#define WAVETANK_TSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WAVETANK_ASAN 1
#elif __has_feature(thread_sanitizer)
#define WAVETANK_TSAN 1
#endif
#endif

#if defined(WAVETANK_ASAN)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#elif defined(WAVETANK_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

#include "core/fiber/stack_pool.h"

namespace wavetank::sanitizer {

// A stack was mapped; it is free.
inline void stack_mapped([[maybe_unused]] Stack stack) {
#if defined(WAVETANK_ASAN)
    __lsan_register_root_region(stack.bottom, stack.size);
    __asan_poison_memory_region(stack.bottom, stack.size);
#endif
}

// A free stack goes into use, with no trace of the frames that once were there.
inline void stack_acquired([[maybe_unused]] Stack stack) {
#if defined(WAVETANK_ASAN)
    __asan_unpoison_memory_region(stack.bottom, stack.size);
#endif
}

// A stack becomes free: from now on a pointer into one of its old frames is an error that is seen.
inline void stack_released([[maybe_unused]] Stack stack) {
#if defined(WAVETANK_ASAN)
    __asan_poison_memory_region(stack.bottom, stack.size);
#endif
}

// A free stack is about to be unmapped; whatever is mapped there next must find it clean.
inline void stack_unmapping([[maybe_unused]] Stack stack) {
#if defined(WAVETANK_ASAN)
    __asan_unpoison_memory_region(stack.bottom, stack.size);
    __lsan_unregister_root_region(stack.bottom, stack.size);
#endif
}

// One per fiber. "Before" functions run immediately before the jump, "after" functions immediately
// after it, on the other stack.
class SwitchAnnotations {
 public:
#if defined(WAVETANK_ASAN)
    void before_resume(Stack stack) {
        __sanitizer_start_switch_fiber(&resumer_fake_stack_, stack.bottom, stack.size);
    }
    void after_resume() {
        __sanitizer_finish_switch_fiber(fiber_fake_stack_, &resumer_bottom_, &resumer_size_);
    }
    void before_suspend() {
        __sanitizer_start_switch_fiber(&fiber_fake_stack_, resumer_bottom_, resumer_size_);
    }
    // The null pointer frees the fake stack of the fiber.
    void before_end() {
        __sanitizer_start_switch_fiber(nullptr, resumer_bottom_, resumer_size_);
    }
    void after_suspend_or_end() {
        __sanitizer_finish_switch_fiber(resumer_fake_stack_, nullptr, nullptr);
    }
    void close() {}

 private:
    void* resumer_fake_stack_ = nullptr;
    void* fiber_fake_stack_ = nullptr;
    const void* resumer_bottom_ = nullptr;
    std::size_t resumer_size_ = 0;
#elif defined(WAVETANK_TSAN)
    // Always inlined: a function of its own would be entered in one fiber's call stack and left in
    // another's.
    [[gnu::always_inline]] void before_resume(Stack) {
        resumer_ = __tsan_get_current_fiber();
        __tsan_switch_to_fiber(fiber_, 0);
    }
    void after_resume() {}
    [[gnu::always_inline]] void before_suspend() {
        __tsan_switch_to_fiber(resumer_, 0);
    }
    [[gnu::always_inline]] void before_end() {
        __tsan_switch_to_fiber(resumer_, 0);
    }
    void after_suspend_or_end() {}
    void close() {
        __tsan_destroy_fiber(fiber_);
    }

 private:
    void* fiber_ = __tsan_create_fiber(0);
    void* resumer_ = nullptr;
#else
    void before_resume(Stack) {}
    void after_resume() {}
    void before_suspend() {}
    void before_end() {}
    void after_suspend_or_end() {}
    void close() {}
#endif
};

}  // namespace wavetank::sanitizer
