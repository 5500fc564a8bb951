// Clocks: steps and drifts, standing still, jumping forth and back.
#include <algorithm>

#include "core/base/check.h"
#include "sim/fault/faults.h"

namespace wavetank {

void Faults::carry_out(const ChangeClock& change) {
    const auto targets = resolve(change.target);
    trace("clock change of", targets);
    const bool sets = change.step != Duration{} || change.drift_ppm;
    for (const uint32_t position : targets) {
        if (sets) {
            world_.change_clock(position, change.step,
                                change.drift_ppm ? &*change.drift_ppm : nullptr);
        }
        if (change.freeze_for) {
            agenda_.at(world_.now() + *change.freeze_for, freeze_clock(position));
        }
        if (change.strobe) {
            agenda_.at(world_.now() + change.strobe->lasts,
                       strobe_clock(position, {change.strobe->by, change.strobe->every}));
        }
    }
}

std::function<void()> Faults::freeze_clock(uint32_t position) {
    if (freezes_[position]++ == 0) world_.freeze_clock(position);
    return [this, position, epoch = clock_epoch_] {
        if (epoch == clock_epoch_ && --freezes_[position] == 0) world_.unfreeze_clock(position);
    };
}

std::function<void()> Faults::strobe_clock(uint32_t position, Jumps jumps) {
    CHECK(jumps.every > Duration{});
    const std::size_t number = strobes_.size();
    strobes_.push_back({position, jumps});
    jump(number);
    return [this, number] { end_strobe(number); };
}

void Faults::jump(std::size_t number) {
    Strobe& strobe = strobes_[number];
    if (strobe.over) return;
    strobe.forth = !strobe.forth;
    const Duration by = strobe.forth ? strobe.jumps.by : strobe.jumps.by * -1;
    world_.change_clock(strobe.position, by, nullptr);
    agenda_.at(world_.now() + strobe.jumps.every, [this, number] { jump(number); });
}

void Faults::end_strobe(std::size_t number) {
    Strobe& strobe = strobes_[number];
    if (!strobe.over && strobe.forth) {
        world_.change_clock(strobe.position, strobe.jumps.by * -1, nullptr);
    }
    strobe.over = true;
}

// Clocks run true from here on. What they have gone astray so far stays.
void Faults::end_clock_faults() {
    for (std::size_t number = 0; number < strobes_.size(); ++number) end_strobe(number);
    ++clock_epoch_;
    const int64_t no_drift = 0;
    for (uint32_t position = 0; position < world_.servers(); ++position) {
        if (std::exchange(freezes_[position], 0) > 0) world_.unfreeze_clock(position);
        world_.change_clock(position, Duration{}, &no_drift);
    }
}

}  // namespace wavetank
