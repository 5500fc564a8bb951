// Disks that fail, and disks that are damaged: of servers with SQLite, and only as far as the
// cluster must survive it (disk_health.h).
#include "sim/fault/nemesis.h"

namespace wavetank {

// Nothing if no server has SQLite.
std::function<void()> Nemesis::begin_disk_fault(Kind kind) {
    std::vector<uint32_t> servers;
    for (uint32_t i = 0; i < world_.servers(); ++i) {
        if (world_.node(i).keeps_sqlite()) servers.push_back(i);
    }
    if (servers.empty()) return {};
    const uint32_t target = servers[below(detail(), servers.size())];
    DiskChange change;
    switch (kind) {
        case Kind::FailDisk:
            change.kind = DiskChangeKind::Fail;
            change.errors = some_errors();
            return begin_failing_disk(target, change);
        case Kind::FillDisk:
            change.kind = DiskChangeKind::Fill;
            return begin_failing_disk(target, change);
        case Kind::SlowDisk:
            change.kind = DiskChangeKind::Slow;
            change.write = setup_.slow_write;
            return begin_failing_disk(target, change);
        case Kind::RotDisk:
            change.kind = DiskChangeKind::Rot;
            change.bits = 1 + static_cast<uint32_t>(below(detail(), 4));
            return begin_damage(target, change);
        case Kind::MisplaceWrite:
            change.kind = DiskChangeKind::Misplace;
            change.where =
                (detail() & 1) != 0 ? SimDisk::Misplaced::Nowhere : SimDisk::Misplaced::Elsewhere;
            return begin_damage(target, change);
        case Kind::CloneDisk:
            change.kind = DiskChangeKind::Clone;
            change.from = servers[below(detail(), servers.size())];
            return change.from == target ? std::function<void()>() : begin_damage(target, change);
        case Kind::LoseDisk:
            change.kind = DiskChangeKind::Lose;
            return begin_damage(target, change);
        case Kind::RollBackDisk:
            return begin_roll_back(target);
        default:
            return {};
    }
}

// At least one kind of call.
SimDisk::Errors Nemesis::some_errors() {
    const uint64_t kinds = 1 + below(detail(), 7);
    return {(kinds & 1) != 0, (kinds & 2) != 0, (kinds & 4) != 0};
}

// The server may stop by itself. Its disk is as good as before afterwards.
std::function<void()> Nemesis::begin_failing_disk(uint32_t target, const DiskChange& change) {
    if (!may_stop({target})) return {};
    ++stopping_[target];
    faults_.change_disk(target, change);
    return [this, target] {
        --stopping_[target];
        faults_.change_disk(target, {.kind = DiskChangeKind::Mend});
        faults_.try_disk(target);
    };
}

bool Nemesis::may_damage(uint32_t target) const {
    return may_stop({target}) && (setup_.beyond_limit || faults_.health().may_lose(target));
}

std::function<void()> Nemesis::begin_damage(uint32_t target, const DiskChange& change) {
    if (!may_damage(target)) return {};
    ++stopping_[target];
    faults_.change_disk(target, change);
    return [this, target] {
        --stopping_[target];
        faults_.try_disk(target);
    };
}

// Backed up at the beginning, and restored from that at the end. The operator knows of it: the disk
// itself says nothing.
std::function<void()> Nemesis::begin_roll_back(uint32_t target) {
    if (!may_damage(target)) return {};
    faults_.change_disk(target, {.kind = DiskChangeKind::Save});
    return [this, target] {
        if (!may_damage(target)) return;
        faults_.change_disk(target, {.kind = DiskChangeKind::RollBack});
        faults_.try_disk(target);
    };
}

}  // namespace wavetank
