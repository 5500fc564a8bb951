// LogShadow: a log as the ids of its entries, from the first one on. It stays whole when the server
// compacts its log: what was removed from the beginning is still known here.
#pragma once

#include <algorithm>
#include <vector>

#include "core/base/ids.h"
#include "sim/check/entry_tree.h"

namespace wavetank {

class LogShadow {
 public:
    LogIndex last_index() const { return LogIndex(ids_.size() - 1); }
    EntryId last() const { return ids_.back(); }
    // Zero at index 0. Requires index <= last_index().
    EntryId at(LogIndex index) const { return ids_[index.value()]; }
    // Zero past the end.
    EntryId find(LogIndex index) const {
        return index.value() < ids_.size() ? ids_[index.value()] : EntryId();
    }
    // True if the log has `id` at `index`, and with it everything before.
    bool has(LogIndex index, EntryId id) const {
        return index.value() < ids_.size() && ids_[index.value()] == id;
    }
    void push(EntryId id) { ids_.push_back(id); }
    // Nothing happens if the log ends before `from`. Requires from >= 1.
    void truncate_from(LogIndex from) {
        if (from.value() < ids_.size()) ids_.resize(from.value());
    }

    // How far two logs agree. Both are paths in one tree: they agree up to there, and nowhere
    // after.
    LogIndex agreement(const LogShadow& other) const {
        uint64_t low = 0;
        uint64_t high = std::min(last_index(), other.last_index()).value();
        while (low < high) {
            const uint64_t middle = low + (high - low + 1) / 2;
            if (ids_[middle] == other.ids_[middle]) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return LogIndex(low);
    }
    // Becomes the beginning of `other`. Requires upto <= other.last_index().
    void become(const LogShadow& other, LogIndex upto) {
        const uint64_t common = std::min(agreement(other), upto).value();
        ids_.resize(common + 1);
        ids_.insert(ids_.end(), other.ids_.begin() + static_cast<std::ptrdiff_t>(common + 1),
                    other.ids_.begin() + static_cast<std::ptrdiff_t>(upto.value() + 1));
    }

 private:
    std::vector<EntryId> ids_ = {EntryId()};
};

}  // namespace wavetank
