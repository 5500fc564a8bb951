// Prints the broken condition on standard error and aborts.
#include "core/base/check.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace wavetank {

void check_failed(const char* condition, const char* file, int line) {
    // The path from the project's top level is enough, and the same on every machine.
    const char* core = std::strstr(file, "core/");
    const char* sim = std::strstr(file, "sim/");
    const char* shown = core != nullptr ? core : (sim != nullptr ? sim : file);
    std::fprintf(stderr, "CHECK failed: %s at %s:%d; this server stops\n", condition, shown, line);
    std::fflush(stderr);
    std::abort();
}

}  // namespace wavetank
