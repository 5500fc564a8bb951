// Ring: a queue that keeps its memory. Like std::deque at both ends of a queue, but in its steady
// state it neither allocates nor frees.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "core/base/check.h"

namespace wavetank {

template <class T>
class Ring {
 public:
    bool empty() const { return count_ == 0; }
    std::size_t size() const { return count_; }
    // Requires position < size(); 0 is the front.
    T& operator[](std::size_t position) { return places_[place_of(position)]; }
    const T& operator[](std::size_t position) const { return places_[place_of(position)]; }
    const T& front() const { return (*this)[0]; }
    const T& back() const { return (*this)[count_ - 1]; }

    void push_back(T value) {
        if (count_ == places_.size()) grow();
        places_[place_of(count_)] = std::move(value);
        ++count_;
    }
    // Requires !empty().
    void pop_front() {
        CHECK(count_ > 0);
        first_ = place_of(1);
        --count_;
    }
    void clear() {
        first_ = 0;
        count_ = 0;
    }

    friend bool operator==(const Ring& a, const Ring& b) {
        if (a.count_ != b.count_) return false;
        for (std::size_t i = 0; i < a.count_; ++i) {
            if (!(a[i] == b[i])) return false;
        }
        return true;
    }

 private:
    std::size_t place_of(std::size_t position) const {
        return (first_ + position) & (places_.size() - 1);
    }
    void grow() {
        std::vector<T> larger(places_.empty() ? 8 : places_.size() * 2);
        for (std::size_t i = 0; i < count_; ++i) larger[i] = std::move((*this)[i]);
        places_ = std::move(larger);
        first_ = 0;
    }

    std::vector<T> places_;  // size is a power of two, or zero
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

}  // namespace wavetank
