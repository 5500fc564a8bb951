// Slab: numbered places for values that come and go, such as messages in flight. Places are used
// again in the order last freed, first used; nothing is allocated once it has grown to its working
// size.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

namespace wavetank {

template <class Value>
class Slab {
 public:
    // The number of a place that holds a default or used value; the caller assigns it.
    uint32_t take() {
        if (free_.empty()) {
            places_.emplace_back();
            return static_cast<uint32_t>(places_.size() - 1);
        }
        const uint32_t number = free_.back();
        free_.pop_back();
        return number;
    }
    void give_back(uint32_t number) { free_.push_back(number); }
    // A reference stays good while other places are taken.
    Value& operator[](uint32_t number) { return places_[number]; }

 private:
    std::deque<Value> places_;
    std::vector<uint32_t> free_;
};

}  // namespace wavetank
