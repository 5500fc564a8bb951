// Disks: hanging, failing, damaged, older than they were, lost; and the operator's part.
#include "sim/fault/faults.h"

namespace wavetank {
namespace {

const char* words_of(DiskChangeKind kind) {
    switch (kind) {
        case DiskChangeKind::Fail:
            return "calls fail on the disks of";
        case DiskChangeKind::Fill:
            return "full are the disks of";
        case DiskChangeKind::Slow:
            return "slow are the disks of";
        case DiskChangeKind::Mend:
            return "mended are the disks of";
        case DiskChangeKind::Rot:
            return "bits change on the disks of";
        case DiskChangeKind::Misplace:
            return "the next write is misplaced on the disks of";
        case DiskChangeKind::Save:
            return "remembered are the disks of";
        case DiskChangeKind::RollBack:
            return "as they were earlier are the disks of";
        case DiskChangeKind::Clone:
            return "copies of another are the disks of";
        case DiskChangeKind::Lose:
            return "lost are the disks of";
    }
    return "?";
}

bool may_damage(DiskChangeKind kind) {
    switch (kind) {
        case DiskChangeKind::Rot:
        case DiskChangeKind::Misplace:
        case DiskChangeKind::RollBack:
        case DiskChangeKind::Clone:
        case DiskChangeKind::Lose:
            return true;
        case DiskChangeKind::Fail:
        case DiskChangeKind::Fill:
        case DiskChangeKind::Slow:
        case DiskChangeKind::Mend:
        case DiskChangeKind::Save:
            return false;
    }
    return false;
}

// What means something without SQLite.
bool is_of_any_storage(DiskChangeKind kind) {
    return kind == DiskChangeKind::Slow || kind == DiskChangeKind::Mend ||
           kind == DiskChangeKind::Lose;
}

}  // namespace

void Faults::carry_out(const WipeDisk& wipe) {
    const auto targets = resolve(wipe.target);
    trace("empty disks for", targets);
    const std::vector<bool> members = members_that_count(world_);
    for (const uint32_t position : targets) {
        if (wipe.members_too || !members[position])
            world_.wipe(position, world_.node(position).is_witness());
    }
}

void Faults::carry_out(const StallDisk& stall) {
    const auto targets = resolve(stall.target);
    trace("disks hang of", targets);
    for (const uint32_t position : targets) {
        world_.stall_disk(position);
        if (stall.release_after) {
            agenda_.at(world_.now() + *stall.release_after,
                       [this, position] { world_.release_disk(position); });
        }
    }
}

void Faults::carry_out(const ReleaseDisk& release) {
    for (const uint32_t position : resolve(release.target)) world_.release_disk(position);
}

std::optional<Error> Faults::carry_out(const ChangeDisk& change) {
    const auto targets = resolve(change.target);
    trace(words_of(change.change.kind), targets);
    DiskChange what = change.change;
    if (what.kind == DiskChangeKind::Clone) {
        const auto from = resolve(change.from);
        if (from.empty()) return std::nullopt;
        what.from = from.front();
    }
    std::optional<Error> first;
    for (const uint32_t position : targets) {
        std::optional<Error> error = change_disk(position, what);
        if (!first) first = std::move(error);
        if (change.mend_after) {
            agenda_.at(world_.now() + *change.mend_after,
                       [this, position] { change_disk(position, {.kind = DiskChangeKind::Mend}); });
        }
    }
    return first;
}

std::optional<Error> Faults::change_disk(uint32_t position, const DiskChange& change) {
    const bool clone = change.kind == DiskChangeKind::Clone;
    if (clone && (change.from == position || !world_.node(change.from).keeps_sqlite())) {
        return std::nullopt;
    }
    if (!world_.node(position).keeps_sqlite() && !is_of_any_storage(change.kind)) {
        return std::nullopt;
    }
    disks_changed_ = true;
    if (auto error = world_.change_disk(position, change)) return error;
    if (may_damage(change.kind)) health_.tampered(position);
    return std::nullopt;
}

void Faults::carry_out(const ReplaceServer& replace) {
    const auto targets = resolve(replace.target);
    trace("the operator is to replace", targets);
    disks_changed_ = true;
    for (const uint32_t position : targets) replacements_.begin(position);
}

void Faults::try_disk(uint32_t position) {
    if (!health_.sound(position)) world_.crash(position);
    world_.start(position);
    if (world_.node(position).disk_state() != DiskState::Sound) replacements_.begin(position);
}

// Whatever has been done to disks shows now.
void Faults::end_disk_faults() {
    for (const uint32_t position : all()) {
        change_disk(position, {.kind = DiskChangeKind::Mend});
        if (!health_.sound(position)) world_.crash(position);
    }
}

}  // namespace wavetank
