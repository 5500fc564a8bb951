// ByTerm: a value per term, for histories that only grow with elections. Sorted, newest last: what
// is asked for is nearly always the newest.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/ids.h"

namespace wavetank {

template <class What>
class ByTerm {
 public:
    struct Item {
        Term term;
        What what;
    };
    // Null if there is none.
    const What* find(Term term) const {
        for (auto item = items_.rbegin(); item != items_.rend() && item->term >= term; ++item) {
            if (item->term == term) return &item->what;
        }
        return nullptr;
    }
    What* find(Term term) { return const_cast<What*>(std::as_const(*this).find(term)); }
    // Made if there is none.
    What& of(Term term) {
        if (!items_.empty() && items_.back().term == term) return items_.back().what;
        auto at = items_.end();
        while (at != items_.begin() && std::prev(at)->term > term) --at;
        if (at != items_.begin() && std::prev(at)->term == term) return std::prev(at)->what;
        return items_.insert(at, Item{term, What()})->what;
    }
    const std::vector<Item>& items() const { return items_; }
    // Null if there is none at all.
    const Item* newest() const { return items_.empty() ? nullptr : &items_.back(); }
    // Removes the items of `from` and later terms that are not worth keeping.
    template <class Keep>
    void keep_if(Term from, Keep keep) {
        const auto first = std::find_if(items_.begin(), items_.end(),
                                        [&](const Item& item) { return item.term >= from; });
        items_.erase(
            std::remove_if(first, items_.end(), [&](const Item& item) { return !keep(item.what); }),
            items_.end());
    }
    template <class Each>
    void for_each(Each each) {
        for (Item& item : items_) each(item.what);
    }
    void clear() { items_.clear(); }

 private:
    std::vector<Item> items_;
};

}  // namespace wavetank
