// Who may hold what beside whom.
#include "sim/world/sim_locks.h"

namespace wavetank {
namespace {

std::size_t at(int slot) {
    return static_cast<std::size_t>(slot);
}

}  // namespace

bool SimLocks::lock(Holder& holder, int level) {
    if (level <= holder.level) return true;
    if (exclusive_ != nullptr && exclusive_ != &holder) return false;
    if (holder.level == SQLITE_LOCK_NONE) {
        ++shared_;
        holder.level = SQLITE_LOCK_SHARED;
        if (level == SQLITE_LOCK_SHARED) return true;
    }
    if (reserved_ != nullptr && reserved_ != &holder) return false;
    if (level == SQLITE_LOCK_EXCLUSIVE && shared_ > 1) return false;
    reserved_ = &holder;
    if (level == SQLITE_LOCK_EXCLUSIVE) exclusive_ = &holder;
    holder.level = level;
    return true;
}

void SimLocks::unlock(Holder& holder, int level) {
    if (level >= holder.level) return;
    if (reserved_ == &holder) reserved_ = nullptr;
    if (exclusive_ == &holder) exclusive_ = nullptr;
    if (level == SQLITE_LOCK_NONE) --shared_;
    holder.level = level;
}

bool SimLocks::lock_shared_memory(Holder& holder, const Slots& slots) {
    for (int slot = slots.first; slot < slots.first + slots.count; ++slot) {
        const Holder* owner = memory_exclusive_[at(slot)];
        if (owner != nullptr && owner != &holder) return false;
        const int others = memory_shared_[at(slot)] - (holder.shared[at(slot)] ? 1 : 0);
        if (slots.exclusive && others > 0) return false;
    }
    for (int slot = slots.first; slot < slots.first + slots.count; ++slot) {
        if (slots.exclusive) {
            holder.exclusive[at(slot)] = true;
            memory_exclusive_[at(slot)] = &holder;
        } else if (!holder.shared[at(slot)]) {
            holder.shared[at(slot)] = true;
            ++memory_shared_[at(slot)];
        }
    }
    return true;
}

void SimLocks::unlock_shared_memory(Holder& holder, const Slots& slots) {
    for (int slot = slots.first; slot < slots.first + slots.count; ++slot) {
        if (holder.exclusive[at(slot)]) {
            holder.exclusive[at(slot)] = false;
            memory_exclusive_[at(slot)] = nullptr;
        }
        if (holder.shared[at(slot)]) {
            holder.shared[at(slot)] = false;
            --memory_shared_[at(slot)];
        }
    }
}

void* SimLocks::shared_memory(Holder& holder, int region, int size, bool make) {
    if (!holder.maps_memory) {
        holder.maps_memory = true;
        ++maps_;
    }
    while (make && regions_.size() <= at(region)) {
        regions_.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
    }
    return at(region) < regions_.size() ? regions_[at(region)].get() : nullptr;
}

void SimLocks::leave_shared_memory(Holder& holder) {
    unlock_shared_memory(holder, {0, SQLITE_SHM_NLOCK, false});
    if (!holder.maps_memory) return;
    holder.maps_memory = false;
    if (--maps_ == 0) regions_.clear();
}

void SimLocks::leave(Holder& holder) {
    unlock(holder, SQLITE_LOCK_NONE);
    leave_shared_memory(holder);
}

}  // namespace wavetank
