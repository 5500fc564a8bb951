// Strong: an integer with a meaning of its own. Terms, indexes and ids are different types that do
// not convert into each other, so that a term can never be compared with an index by mistake.
// `Strong` gives order, equality and a way out (`value()`); `StrongOrdinal` adds what counters
// need: next, previous, distance.
#pragma once

#include <compare>
#include <cstdint>

namespace wavetank {

template <class Tag, class Rep>
class Strong {
 public:
    using rep = Rep;
    constexpr Strong() = default;
    constexpr explicit Strong(Rep value) : value_(value) {}
    constexpr Rep value() const { return value_; }
    constexpr explicit operator bool() const { return value_ != 0; }
    friend constexpr auto operator<=>(const Strong&, const Strong&) = default;
    friend constexpr bool operator==(const Strong&, const Strong&) = default;

 private:
    Rep value_ = 0;
};

// A position in a sequence. `next` and `previous` step by one; `previous` of zero stays zero,
// because unsigned wrap-around at zero is a recorded bug of real implementations.
template <class Tag, class Rep>
class StrongOrdinal : public Strong<Tag, Rep> {
 public:
    using Strong<Tag, Rep>::Strong;
    constexpr StrongOrdinal next() const { return StrongOrdinal(this->value() + 1); }
    constexpr StrongOrdinal previous() const {
        return StrongOrdinal(this->value() == 0 ? 0 : this->value() - 1);
    }
    constexpr StrongOrdinal plus(Rep count) const { return StrongOrdinal(this->value() + count); }
};

}  // namespace wavetank
