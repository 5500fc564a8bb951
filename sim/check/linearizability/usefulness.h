// How long an operation of unknown outcome can still matter. A write that took effect late can be
// noticed only by who asks for its value. When the last one that does has completed, all that is
// left of it is to make the value *different* from another (for a failed compare-and-set) or
// present at all (for a delete that found the key), and for that one such write is as good as any
// other.
#pragma once

#include <cstdint>
#include <vector>

namespace wavetank::linearizability {

class Problem;

struct Usefulness {
    // By class: position of the last event that asks for what its members do. Afterwards they are
    // as good as writes of kOther. Compare-and-sets and deletes keep their own effect to the end.
    std::vector<uint32_t> until;
    // The last event to which a write of kOther can matter.
    uint32_t difference_until = 0;
};

// Requires that the classes of `problem` are formed.
Usefulness usefulness_of(const Problem& problem);

}  // namespace wavetank::linearizability
