// CHECK(condition) is on in every build and means: we have a proof. When it fails our own invariant
// is broken and the process stops, because a server that limps on can only make it worse. Never use
// it on what comes from disk, network or a person: that is an error to handle.
#pragma once

namespace wavetank {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace wavetank

#define CHECK(condition)                                 \
    (static_cast<bool>(condition) ? static_cast<void>(0) \
                                  : ::wavetank::check_failed(#condition, __FILE__, __LINE__))
