// Slab: numbered places for values that come and go, such as messages in flight. Places are used
// again in the order last freed, first used; nothing is allocated once it has grown to its working
// size.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace wavetank {

template <class Value>
class Slab {
 public:
    // The number of a place that holds a default or used value; the caller assigns it.
    uint32_t take() {
        if (free_.empty()) {
            if (places_ % kBlock == 0) blocks_.push_back(std::make_unique<Value[]>(kBlock));
            return places_++;
        }
        const uint32_t number = free_.back();
        free_.pop_back();
        return number;
    }
    void give_back(uint32_t number) { free_.push_back(number); }
    // A reference stays good while other places are taken.
    Value& operator[](uint32_t number) { return blocks_[number / kBlock][number % kBlock]; }

 private:
    static constexpr uint32_t kBlock = 64;

    std::vector<std::unique_ptr<Value[]>> blocks_;
    std::vector<uint32_t> free_;
    uint32_t places_ = 0;
};

}  // namespace wavetank
