// Reading of actions: one function for each, in a table by the name of the field.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "scenarios/read.h"

namespace wavetank {
namespace {

Action read_crash(const Block& block, const LinkQuality&) {
    Crash crash;
    crash.target = read_target(block, "target");
    block.choice("moment", &crash.moment, kCrashMoments);
    Duration restart;
    if (block.duration("restart_after", &restart)) crash.restart_after = restart;
    return crash;
}

Action read_restart(const Block& block, const LinkQuality&) {
    return Restart{read_target(block, "target")};
}

Action read_pause(const Block& block, const LinkQuality&) {
    Pause pause;
    pause.target = read_target(block, "target");
    Duration resume;
    if (block.duration("resume_after", &resume)) pause.resume_after = resume;
    return pause;
}

Action read_resume(const Block& block, const LinkQuality&) {
    return Resume{read_target(block, "target")};
}

Action read_partition(const Block& block, const LinkQuality&) {
    Partition partition;
    block.flag("cut_clients", &partition.cut_clients);
    if (!block.require("shape", "shape: ISOLATE")) return partition;
    block.choice("shape", &partition.shape, kPartitionShapes);
    const char* shape = name_in(kPartitionShapes, partition.shape);
    bool required = false;
    bool allowed = false;
    switch (partition.shape) {
        case PartitionShape::Isolate:
        case PartitionShape::Split:
        case PartitionShape::Mute:
        case PartitionShape::Deaf:
            required = allowed = true;
            break;
        case PartitionShape::Bridge:
            allowed = true;
            break;
        case PartitionShape::Halves:
        case PartitionShape::Ring:
        case PartitionShape::Random:
            break;
    }
    if (required && !block.has("target")) {
        block.missing(
            fmt::format("a partition of shape {} needs a target; add for example target {{ "
                        "leader: true }}",
                        shape));
    } else if (!allowed && block.has("target")) {
        block.error("target",
                    fmt::format("a partition of shape {} takes no target; remove it", shape));
    } else if (block.has("target")) {
        partition.target = read_target(block, "target");
    }
    if (partition.cut_clients && !required) {
        block.error("cut_clients", fmt::format("cut_clients does nothing with shape {}; it is for "
                                               "ISOLATE, SPLIT, MUTE and DEAF",
                                               shape));
    }
    return partition;
}

ChangeLinks read_ends(const Block& block, LinkChange change) {
    ChangeLinks links;
    links.change = change;
    links.from = read_target(block, "from");
    links.to = read_target(block, "to");
    return links;
}

Action read_cut(const Block& block, const LinkQuality&) {
    return read_ends(block, LinkChange::Cut);
}
Action read_restore(const Block& block, const LinkQuality&) {
    return read_ends(block, LinkChange::Restore);
}
Action read_clog(const Block& block, const LinkQuality&) {
    return read_ends(block, LinkChange::Clog);
}
Action read_release(const Block& block, const LinkQuality&) {
    return read_ends(block, LinkChange::Release);
}

Action read_set_quality(const Block& block, const LinkQuality& network) {
    ChangeLinks links = read_ends(block, LinkChange::Quality);
    links.quality = network;
    if (block.require("quality", "quality { loss: \"10%\" }")) {
        read_link_quality(block.child("quality"), &links.quality);
    }
    return links;
}

ChangeClock::Strobe read_strobe(const Block& block) {
    ChangeClock::Strobe strobe;
    if (block.require("by", "by: \"50ms\"")) block.duration("by", &strobe.by, Sign::Any);
    if (block.require("every", "every: \"10ms\"")) {
        block.duration("every", &strobe.every, Sign::Positive);
    }
    if (block.require("lasts", "lasts: \"2s\"")) {
        block.duration("lasts", &strobe.lasts, Sign::Positive);
    }
    return strobe;
}

Action read_change_clock(const Block& block, const LinkQuality&) {
    ChangeClock change;
    change.target = read_target(block, "target");
    block.duration("step", &change.step, Sign::Any);
    int64_t drift = 0;
    if (block.number("drift_ppm", &drift, {.min = -999'999, .max = 1'000'000})) {
        change.drift_ppm = drift;
    }
    Duration freeze;
    if (block.duration("freeze_for", &freeze, Sign::Positive)) change.freeze_for = freeze;
    if (block.has("strobe")) change.strobe = read_strobe(block.child("strobe"));
    if (block.has("strobe") && block.has("freeze_for")) {
        block.error("strobe", "a clock cannot stand still and strobe; give freeze_for or strobe");
    }
    const auto given = [&](const char* field) { return block.has(field); };
    const auto fields = {"step", "drift_ppm", "freeze_for", "strobe"};
    if (std::none_of(fields.begin(), fields.end(), given)) {
        block.missing("change_clock changes nothing; give step, drift_ppm, freeze_for or strobe");
    }
    return change;
}

// Notes servers that are listed in both targets.
void check_no_overlap(const Block& block, const ChangeMembership& change) {
    for (const ServerId server : change.add.servers) {
        const auto& removed = change.remove.servers;
        if (std::find(removed.begin(), removed.end(), server) == removed.end()) continue;
        block.error("remove",
                    fmt::format("server {} is added and removed; use two steps, or one of them",
                                server.value()));
    }
}

Action read_change_members(const Block& block, const LinkQuality&) {
    ChangeMembership change;
    if (block.has("set")) read_members(block.child("set"), &change.set.emplace());
    if (block.has("add")) change.add = read_target(block, "add");
    block.choice("as", &change.add_as, kMemberKinds);
    if (block.has("remove")) change.remove = read_target(block, "remove");
    const bool changes = block.has("add") || block.has("remove");
    if (!block.has("set") && !changes) {
        block.missing("change_members changes nothing; give set, add or remove");
    }
    if (block.has("set") && changes) {
        block.error(block.has("add") ? "add" : "remove",
                    "set says who the members are, so nobody can be added or removed; keep one of "
                    "them");
    }
    if (block.has("as") && !block.has("add")) {
        block.error("as", "as says what those are who are added; give add, or remove as");
    }
    check_no_overlap(block, change);
    return change;
}

Action read_transfer(const Block& block, const LinkQuality&) {
    TransferLeadership transfer;
    if (block.has("to")) transfer.to = read_target(block, "to");
    return transfer;
}

Action read_take_snapshot(const Block& block, const LinkQuality&) {
    return TakeSnapshot{read_target(block, "target")};
}

Action read_wipe_disk(const Block& block, const LinkQuality&) {
    WipeDisk wipe;
    wipe.target = read_target(block, "target");
    block.flag("members_too", &wipe.members_too);
    if (wipe.members_too && !block.notes().beyond_limit) {
        block.error("members_too",
                    "members that forget what they have promised are more than a cluster can "
                    "survive; say beyond_limit: true, or remove them first");
    }
    return wipe;
}

Action read_stall_disk(const Block& block, const LinkQuality&) {
    StallDisk stall;
    stall.target = read_target(block, "target");
    Duration release;
    if (block.duration("release_after", &release)) stall.release_after = release;
    return stall;
}

Action read_release_disk(const Block& block, const LinkQuality&) {
    return ReleaseDisk{read_target(block, "target")};
}

// What it means needs a server with SQLite; who is listed must have it.
void check_storage(const Block& block, const Target& target, const char* field) {
    const std::set<ServerId>& with_sqlite = block.notes().with_sqlite;
    if (with_sqlite.empty()) {
        block.error(
            fmt::format("{} is for servers with SQLite, and there are none; give disk {{ "
                        "storage: SQLITE }}",
                        block.name()));
        return;
    }
    if (target.kind != TargetKind::Servers) return;
    for (const ServerId server : target.servers) {
        if (with_sqlite.contains(server)) continue;
        block.error(field,
                    fmt::format("{} is for servers with SQLite, and server {} has none; give "
                                "it a server_disk with storage: SQLITE",
                                block.name(), server.value()));
    }
}

ChangeDisk read_change_disk(const Block& block, DiskChangeKind kind) {
    ChangeDisk change;
    change.change.kind = kind;
    change.target = read_target(block, "target");
    const bool any_storage = kind == DiskChangeKind::Slow || kind == DiskChangeKind::Mend ||
                             kind == DiskChangeKind::Lose;
    if (!any_storage) check_storage(block, change.target, "target");
    return change;
}

void read_mend_after(const Block& block, ChangeDisk* change) {
    Duration mend;
    if (block.duration("mend_after", &mend)) change->mend_after = mend;
}

Action read_fail_disk(const Block& block, const LinkQuality&) {
    ChangeDisk change = read_change_disk(block, DiskChangeKind::Fail);
    SimDisk::Errors& errors = change.change.errors;
    block.flag("read", &errors.read);
    block.flag("write", &errors.write);
    block.flag("sync", &errors.sync);
    if (!errors.read && !errors.write && !errors.sync) {
        block.missing("fail_disk fails nothing; give read: true, write: true or sync: true");
    }
    read_mend_after(block, &change);
    return change;
}

Action read_fill_disk(const Block& block, const LinkQuality&) {
    ChangeDisk change = read_change_disk(block, DiskChangeKind::Fill);
    read_mend_after(block, &change);
    return change;
}

Action read_slow_disk(const Block& block, const LinkQuality&) {
    ChangeDisk change = read_change_disk(block, DiskChangeKind::Slow);
    if (block.has("write")) read_latency(block.child("write"), &change.change.write.emplace());
    block.number("bytes_per_second", &change.change.bytes_per_second, {.min = 1});
    if (!block.has("write") && !block.has("bytes_per_second")) {
        block.missing("slow_disk slows nothing down; give write or bytes_per_second");
    }
    read_mend_after(block, &change);
    return change;
}

Action read_mend_disk(const Block& block, const LinkQuality&) {
    return read_change_disk(block, DiskChangeKind::Mend);
}

Action read_rot_disk(const Block& block, const LinkQuality&) {
    ChangeDisk change = read_change_disk(block, DiskChangeKind::Rot);
    block.number("bits", &change.change.bits, {.min = 1, .max = 1000});
    RotPlace& place = change.change.place;
    if (block.has("file")) block.choice("file", &place.file.emplace(), kRotFiles);
    uint64_t number = 0;
    if (block.number("offset", &number)) place.offset = number;
    if (block.has("offset") && !block.has("file")) {
        block.error("offset", "offset is a place in a file; give file: DATABASE or file: WAL");
    }
    if (block.number("entry", &number, {.min = 1})) place.entry = LogIndex(number);
    if (block.has("entry") && block.has("file")) {
        block.error("entry", "entry and file both say where; keep one of them");
    }
    return change;
}

Action read_misplace_write(const Block& block, const LinkQuality&) {
    ChangeDisk change = read_change_disk(block, DiskChangeKind::Misplace);
    block.choice("where", &change.change.where, kMisplaced);
    return change;
}

Action read_save_disk(const Block& block, const LinkQuality&) {
    return read_change_disk(block, DiskChangeKind::Save);
}

Action read_roll_back_disk(const Block& block, const LinkQuality&) {
    return read_change_disk(block, DiskChangeKind::RollBack);
}

Action read_clone_disk(const Block& block, const LinkQuality&) {
    ChangeDisk change = read_change_disk(block, DiskChangeKind::Clone);
    change.from = read_target(block, "from");
    if (!block.notes().with_sqlite.empty()) check_storage(block, change.from, "from");
    return change;
}

Action read_lose_disk(const Block& block, const LinkQuality&) {
    return read_change_disk(block, DiskChangeKind::Lose);
}

Action read_replace_server(const Block& block, const LinkQuality&) {
    return ReplaceServer{read_target(block, "target")};
}

Action read_invoke(const Block& block, const LinkQuality&) {
    Invoke invoke;
    block.number("count", &invoke.count, {.min = 1, .max = 1'000'000});
    block.flag("concurrent", &invoke.concurrent);
    block.flag("stick", &invoke.stick);
    if (block.has("target")) invoke.server = read_target(block, "target");
    return invoke;
}

Action read_heal(const Block&, const LinkQuality&) {
    return HealNetwork{};
}
Action read_stop_clients(const Block&, const LinkQuality&) {
    return RunClients{false};
}
Action read_start_clients(const Block&, const LinkQuality&) {
    return RunClients{true};
}
Action read_mark(const Block&, const LinkQuality&) {
    return Mark{};
}
Action read_expect(const Block& block, const LinkQuality&) {
    return read_condition(block);
}

struct ActionReader {
    const char* name;
    Action (*read)(const Block& block, const LinkQuality& network);
};
constexpr ActionReader kActions[] = {
    {"crash", read_crash},
    {"restart", read_restart},
    {"pause", read_pause},
    {"resume", read_resume},
    {"partition", read_partition},
    {"cut", read_cut},
    {"restore", read_restore},
    {"clog", read_clog},
    {"release", read_release},
    {"set_quality", read_set_quality},
    {"heal_network", read_heal},
    {"change_clock", read_change_clock},
    {"change_members", read_change_members},
    {"transfer", read_transfer},
    {"take_snapshot", read_take_snapshot},
    {"wipe_disk", read_wipe_disk},
    {"stall_disk", read_stall_disk},
    {"release_disk", read_release_disk},
    {"fail_disk", read_fail_disk},
    {"fill_disk", read_fill_disk},
    {"slow_disk", read_slow_disk},
    {"mend_disk", read_mend_disk},
    {"rot_disk", read_rot_disk},
    {"misplace_write", read_misplace_write},
    {"save_disk", read_save_disk},
    {"roll_back_disk", read_roll_back_disk},
    {"clone_disk", read_clone_disk},
    {"lose_disk", read_lose_disk},
    {"replace_server", read_replace_server},
    {"invoke", read_invoke},
    {"stop_clients", read_stop_clients},
    {"start_clients", read_start_clients},
    {"mark", read_mark},
    {"expect", read_expect},
};

}  // namespace

std::optional<Action> read_action(const Block& step, const LinkQuality& network) {
    const std::string name = step.chosen("action");
    for (const ActionReader& known : kActions) {
        if (name == known.name) return known.read(step.child(known.name), network);
    }
    return std::nullopt;  // wait
}

}  // namespace wavetank
