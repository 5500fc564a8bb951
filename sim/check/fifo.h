// Fifo: things that come one after the other and mostly go in the same order. Taking out the oldest
// costs nothing, another one as much as there are older ones. Memory is kept and used again.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace wavetank {

template <class What>
class Fifo {
 public:
    std::size_t size() const { return items_.size() - first_; }
    bool empty() const { return size() == 0; }
    // From the oldest, 0.
    const What& operator[](std::size_t position) const { return items_[first_ + position]; }

    void push(What what) {
        if (first_ > 0 && items_.size() == items_.capacity()) drop_gap();
        items_.push_back(std::move(what));
    }
    // The oldest one for which `wanted` is true; it is taken out.
    template <class Wanted>
    std::optional<What> take(Wanted wanted) {
        for (std::size_t at = first_; at < items_.size(); ++at) {
            if (!wanted(std::as_const(items_[at]))) continue;
            What found = std::move(items_[at]);
            for (; at > first_; --at) items_[at] = std::move(items_[at - 1]);
            drop_oldest();
            return found;
        }
        return std::nullopt;
    }
    // The oldest one for which `wanted` is true; null if there is none.
    template <class Wanted>
    What* find(Wanted wanted) {
        for (std::size_t at = first_; at < items_.size(); ++at) {
            if (wanted(std::as_const(items_[at]))) return &items_[at];
        }
        return nullptr;
    }
    // Requires !empty().
    void drop_oldest() {
        ++first_;
        if (first_ == items_.size()) clear();
    }
    void clear() {
        items_.clear();
        first_ = 0;
    }

 private:
    void drop_gap() {
        items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }

    std::vector<What> items_;
    std::size_t first_ = 0;  // the places before it are free
};

}  // namespace wavetank
