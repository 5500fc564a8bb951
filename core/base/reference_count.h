// Counting references, atomically only when it matters: while the process has one thread (always so
// in the simulator) a plain increment does, and costs a fifth. glibc keeps the flag.
#pragma once

#include <sys/single_threaded.h>

#include <atomic>
#include <cstdint>

namespace wavetank {

inline void add_reference(std::atomic<uint32_t>& count) noexcept {
    if (__libc_single_threaded) {
        count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    } else {
        count.fetch_add(1, std::memory_order_relaxed);
    }
}

// True if that was the last reference.
[[nodiscard]] inline bool drop_reference(std::atomic<uint32_t>& count) noexcept {
    if (__libc_single_threaded) {
        const uint32_t left = count.load(std::memory_order_relaxed) - 1;
        count.store(left, std::memory_order_relaxed);
        return left == 0;
    }
    return count.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

}  // namespace wavetank
