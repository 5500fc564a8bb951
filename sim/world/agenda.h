// Agenda: things to be done to the world at a given time, as functions. They are Control events of
// the world's queue, so their order among all other events is part of the run.
#pragma once

#include <functional>

#include "sim/world/slab.h"
#include "sim/world/world.h"

namespace wavetank {

class Agenda {
 public:
    explicit Agenda(World& world) : world_(world) {}

    // Not before now.
    void at(Instant when, std::function<void()> what) {
        const uint32_t number = entries_.take();
        entries_[number] = std::move(what);
        world_.push(std::max(when, world_.now()), {EventKind::Control, number, 0});
    }
    // A Control event came up. May add to the agenda.
    void run(uint32_t number) {
        const std::function<void()> what = std::exchange(entries_[number], nullptr);
        entries_.give_back(number);
        what();
    }

 private:
    World& world_;
    Slab<std::function<void()>> entries_;
};

}  // namespace wavetank
