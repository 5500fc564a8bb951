// The configurations in a log: a server always uses the newest one in its log, committed or not
// (paper section 6), so one that is appended is in force at once, and one that is truncated hands
// over to the one before it (zoo M05). What is compacted lives on in the snapshot.
#pragma once

#include <vector>

#include "core/base/check.h"
#include "core/base/ids.h"
#include "core/quorum/configuration.h"

namespace wavetank {

class Configurations {
 public:
    struct Placed {
        LogIndex index;  // of its entry, or of the snapshot; zero: the cluster began with it
        Configuration configuration;
        friend bool operator==(const Placed&, const Placed&) = default;
    };
    explicit Configurations(Placed first) : placed_{std::move(first)} {}

    const Configuration& active() const { return placed_.back().configuration; }
    LogIndex active_index() const { return placed_.back().index; }
    // The one in force at `index`. Requires that it is not before the first that is left.
    const Configuration& at(LogIndex index) const { return before(index).configuration; }

    // Requires index > active_index().
    void append(Placed next) {
        CHECK(next.index > active_index());
        placed_.push_back(std::move(next));
    }
    // True if the active one changed.
    bool truncate_from(LogIndex from) {
        bool changed = false;
        while (placed_.size() > 1 && placed_.back().index >= from) {
            placed_.pop_back();
            changed = true;
        }
        return changed;
    }
    // Those in force before `index` only are forgotten.
    void compact_to(LogIndex index) {
        while (placed_.size() > 1 && placed_[1].index <= index) placed_.erase(placed_.begin());
    }
    void reset(Placed only) { placed_.assign(1, std::move(only)); }

    const std::vector<Placed>& all() const { return placed_; }
    friend bool operator==(const Configurations&, const Configurations&) = default;

 private:
    const Placed& before(LogIndex index) const {
        std::size_t at = placed_.size() - 1;
        while (at > 0 && placed_[at].index > index) --at;
        CHECK(placed_[at].index <= index);
        return placed_[at];
    }
    std::vector<Placed> placed_;  // rising; the last is active; never empty
};

}  // namespace wavetank
