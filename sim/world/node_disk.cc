// A node's disk: what a server finds on it, what a crash leaves, what is done to it.
#include <fmt/format.h>

#include "core/base/check.h"
#include "sim/world/bandwidth.h"
#include "sim/world/node.h"
#include "sim/world/world.h"

namespace wavetank {

// What the server starts from; nothing if it does not.
std::optional<Recovered> Node::recover() {
    if (disk_state_ == DiskState::Outdated || disk_state_ == DiskState::Lost) return std::nullopt;
    if (!sqlite_) {
        Result<Recovered> found = storage_.recover();
        // This one does not rot: what does not verify was written by a server so.
        CHECK(found.ok());
        return std::move(found.value());
    }
    SqliteHost::Found found = sqlite_->recover(storage_);
    disk_state_ = found.state;
    if (!found.recovered.ok() || found.state != DiskState::Sound) return std::nullopt;
    return std::move(found.recovered.value());
}

std::optional<Error> Node::change_disk(const DiskChange& change, const Node* other) {
    switch (change.kind) {
        case DiskChangeKind::Slow:
            if (change.write) disk_latency_ = LatencySampler(*change.write);
            if (change.bytes_per_second > 0) disk_bytes_per_second_ = change.bytes_per_second;
            return std::nullopt;
        case DiskChangeKind::Mend:
            disk_latency_ = LatencySampler(standing_disk_.write);
            disk_bytes_per_second_ = standing_disk_.bytes_per_second;
            break;
        case DiskChangeKind::Lose:
            CHECK(!running());
            disk_state_ = DiskState::Lost;
            break;
        case DiskChangeKind::RollBack:
        case DiskChangeKind::Clone:
            CHECK(!running());
            break;
        case DiskChangeKind::Fail:
        case DiskChangeKind::Fill:
        case DiskChangeKind::Rot:
        case DiskChangeKind::Misplace:
        case DiskChangeKind::Save:
            break;
    }
    if (!sqlite_ || (other != nullptr && !other->sqlite_)) return std::nullopt;
    if (!running()) sqlite_->close();
    const Result<DiskState> state =
        sqlite_->change(change, storage_, other != nullptr ? other->sqlite_.get() : nullptr);
    if (!state.ok()) {
        return Error{fmt::format("disk of server {}: {}", id().value(), state.error().message)};
    }
    if (state.value() != DiskState::Sound) disk_state_ = state.value();
    return std::nullopt;
}

// Of a write that has the disk for itself.
Duration Node::time_of(const Write& write) {
    const uint64_t bits = world_.chance().draw(ChanceKind::DiskLatency, position_, disk_ordinal_++);
    const Duration latency = disk_latency_.sample(bits);
    if (disk_bytes_per_second_ == 0) return latency;
    return latency + transfer_time(bytes_of(write), disk_bytes_per_second_);
}

void Node::wipe(bool as_witness) {
    CHECK(!running());
    options_.witness = as_witness;
    storage_ = MemoryStorage(Recovered{});
    if (sqlite_) sqlite_->wipe();
    disk_state_ = DiskState::Sound;
    if (world_.observer() != nullptr) world_.observer()->on_wiped(id());
}

// From now on the disk is idle, if no write is on its way.
void Node::arm_seal() {
    if (!sqlite_) return;
    disk_idle_since_ = world_.now();
    if (seal_armed_ || !sqlite_->seal_due()) return;
    seal_armed_ = true;
    world_.push(disk_idle_since_ + SqliteStorage::kIdleBeforeSeal,
                {EventKind::DiskIdle, position_, incarnation_});
}

// As the storage worker of a real server: a disk that was idle for a while is sealed, which takes
// as long as a write. What is written meanwhile waits.
void Node::on_disk_idle() {
    seal_held_ = disk_stalled_;
    if (disk_stalled_) return;
    if (sealing_) {
        seal_armed_ = sealing_ = false;
        if (!sqlite_->seal()) stop("cannot write to its disk");
        return;
    }
    seal_armed_ = storage_.pending() == 0;  // else it is armed again when that is done
    if (!seal_armed_) return;
    Instant next = disk_idle_since_ + SqliteStorage::kIdleBeforeSeal;
    if (next <= world_.now()) {
        sealing_ = true;
        const uint64_t ordinal = seal_ordinal_++;
        const uint64_t bits = world_.chance().draw(ChanceKind::SealLatency, position_, ordinal);
        next = disk_busy_until_ = world_.now() + disk_latency_.sample(bits);
    }
    world_.push(next, {EventKind::DiskIdle, position_, incarnation_});
}

void Node::release_disk() {
    disk_stalled_ = false;
    if (seal_held_) world_.push(world_.now(), {EventKind::DiskIdle, position_, incarnation_});
    seal_held_ = false;
    for (; held_writes_ > 0; --held_writes_) {
        world_.push(world_.now(), {EventKind::DiskDone, position_, incarnation_});
    }
}

MemoryStorage::Survivors Node::draw_survivors() {
    const uint64_t ordinal = crash_ordinal_++;
    const std::size_t pending = storage_.pending();
    if (standing_disk_.on_crash == CrashRule::LoseAll || pending == 0) return {};
    MemoryStorage::Survivors survivors;
    survivors.whole =
        below(world_.chance().draw(ChanceKind::CrashSurvivors, position_, ordinal), pending + 1);
    if (standing_disk_.on_crash == CrashRule::Torn && survivors.whole < pending) {
        const uint64_t bits = world_.chance().draw(ChanceKind::CrashParts, position_, ordinal);
        survivors.parts = below(bits, storage_.parts(survivors.whole) + 1);
    }
    return survivors;
}

// Of SQLite's transactions the first few are there, and the next one is cut short.
SqliteHost::Crash Node::draw_sqlite_crash() {
    const uint64_t ordinal = crash_ordinal_++;
    if (standing_disk_.on_crash == CrashRule::LoseAll) return {};
    const uint64_t bits = world_.chance().draw(ChanceKind::CrashSurvivors, position_, ordinal);
    SqliteHost::Crash crash{below(bits, storage_.pending() + 1), std::nullopt, sealing_};
    if (standing_disk_.on_crash == CrashRule::Torn) {
        crash.calls_of_next =
            below(world_.chance().draw(ChanceKind::SqliteCrash, position_, ordinal), 20);
    }
    return crash;
}

}  // namespace wavetank
