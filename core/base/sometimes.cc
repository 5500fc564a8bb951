// The linker names the ends of the section that holds the marks.
#include "core/base/sometimes.h"

extern "C" {
// NOLINTBEGIN: names fixed by the linker.
extern wavetank::SometimesMark* const __start_wavetank_marks[] __attribute__((weak));
extern wavetank::SometimesMark* const __stop_wavetank_marks[] __attribute__((weak));
// NOLINTEND
}

namespace wavetank {

std::span<SometimesMark* const> sometimes_marks() {
    if (__start_wavetank_marks == nullptr) return {};
    return {__start_wavetank_marks, __stop_wavetank_marks};
}

void reset_sometimes() {
    for (SometimesMark* mark : sometimes_marks()) mark->reached.store(false);
}

}  // namespace wavetank
