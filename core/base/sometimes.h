// SOMETIMES("name") marks a path that some test or run must reach: rare branches of the protocol,
// such as "majority holds an entry of an earlier term". A run can list the marks it did not reach,
// which tells whether the weather was rough enough (FoundationDB calls these code probes).
//
// Each mark is a static object, and a pointer to it stands in a linker section of its own, so the
// list is complete without any registration at start-up. Use it in functions of .cc files only (not
// inline, not templates).
#pragma once

#include <atomic>
#include <span>

namespace wavetank {

struct SometimesMark {
    const char* name;
    const char* file;
    int line;
    std::atomic<bool> reached;
};

// All marks of the program, in link order.
std::span<SometimesMark* const> sometimes_marks();

// Forgets what was reached, before a run whose marks are to be counted.
void reset_sometimes();

}  // namespace wavetank

#define SOMETIMES(name)                                                                     \
    do {                                                                                    \
        static constinit ::wavetank::SometimesMark mark_here{name, __FILE__, __LINE__, {}}; \
        [[gnu::section("wavetank_marks"), gnu::used,                                        \
          gnu::retain]] static constinit ::wavetank::SometimesMark* const mark_pointer =    \
            &mark_here;                                                                     \
        if (!mark_here.reached.load(std::memory_order_relaxed)) {                           \
            mark_here.reached.store(true, std::memory_order_relaxed);                       \
        }                                                                                   \
    } while (false)
