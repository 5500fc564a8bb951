// A node's life: starting, dying, and what its server does to the world.
#include "sim/world/node.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/machines/kv.h"
#include "sim/world/world.h"

namespace wavetank {

Node::Node(World& world, const Setup& setup)
    : world_(world),
      position_(setup.position),
      options_(setup.options),
      sessions_(setup.sessions),
      clock_(setup.clock.offset, setup.clock.drift_ppm),
      standing_drift_ppm_(setup.clock.drift_ppm),
      clock_error_(setup.clock.error_bound.value_or(ClockReading::kUnknown)),
      storage_(setup.initial),
      standing_disk_(setup.disk),
      disk_latency_(setup.disk.write),
      disk_bytes_per_second_(setup.disk.bytes_per_second) {
    if (setup.disk.storage == StorageKind::Memory) return;
    const uint64_t seed = world_.chance().draw(ChanceKind::SqliteDisk, position_, 0);
    sqlite_ = std::make_unique<SqliteHost>(SqliteHost::Setup{id(), seed}, setup.initial);
}

bool Node::start() {
    CHECK(!running());
    const std::optional<Recovered> found = recover();
    if (!found) return false;
    ++starts_;
    const Recovered& recovered = *found;
    if (world_.observer() != nullptr) world_.observer()->on_start(options_, recovered);
    const uint64_t seed = world_.chance().draw(ChanceKind::ServerSeed, position_, incarnation_);
    deadline_ = Instant::never();
    armed_at_ = Instant::never();
    disk_busy_until_ = world_.now();
    replica_.emplace(*this, Replica::Setup{options_, recovered, seed, sessions_},
                     std::make_unique<KvMachine>());
    replica_->start();
    arm_seal();
    look_for_damage();
    return running();
}

void Node::crash() {
    CHECK(running());
    replica_.reset();
    ++incarnation_;  // events of the past life are ignored
    doomed_ = false;
    paused_ = false;
    last_words_ = LastWords{};
    held_writes_ = 0;
    if (world_.observer() != nullptr) world_.observer()->on_crash(id());
    if (sqlite_) {
        disk_state_ = sqlite_->crash(draw_sqlite_crash(), storage_);
    } else {
        storage_.crash(draw_survivors());
    }
    seal_armed_ = sealing_ = seal_held_ = false;
    world_.on_crash(position_);
}

// As a real server does when its disk has failed it; what was not synced is lost.
void Node::stop(const char* why) {
    world_.on_disk_stop(position_, why);
    crash();
}

void Node::look_for_damage() {
    if (sqlite_ && sqlite_->found_damage()) {
        stop("finds that its disk cannot be read");
    } else {
        CHECK(!replica_->stuck());
    }
}

// Runs one event, or dies in it: before, at the write, after some messages, or after all.
template <class Handle>
void Node::handle_or_die(Handle handle) {
    if (!doomed_) {
        handle();
        look_for_damage();
        return;
    }
    const uint64_t point =
        below(world_.chance().draw(ChanceKind::CrashPoint, position_, crash_ordinal_), 8);
    if (point > 0) {
        last_words_.write = point > 1;
        last_words_.sends = point <= 2 ? 0 : (point < 7 ? point - 2 : UINT64_MAX);
        handle();
    }
    crash();
}

void Node::on_input(const Input& input) {
    handle_or_die([&] { replica_->handle(input); });
}

void Node::on_request(const ClientRequest& request) {
    handle_or_die([&] { replica_->request(request); });
}

void Node::take_snapshot() {
    handle_or_die([&] { replica_->take_snapshot(); });
}

void Node::on_deadline(Instant at) {
    if (at != armed_at_) return;  // a later call has armed another event
    armed_at_ = Instant::never();
    if (clock_.local(world_.now()) >= deadline_) {
        handle_or_die([&] { replica_->handle(Wake{}); });
    } else {
        set_deadline(deadline_);  // it was moved back meanwhile
    }
}

void Node::on_disk_done() {
    if (disk_stalled_) {
        ++held_writes_;
        return;
    }
    if (sqlite_ && !sqlite_->sync_one()) {
        const WriteId failed = sqlite_->oldest_write();
        handle_or_die([&] { replica_->handle(WriteFailed{failed}); });
        if (running()) stop("cannot write to its disk");
        return;
    }
    const WriteId id = storage_.sync_one();
    arm_seal();
    if (world_.observer() != nullptr) world_.observer()->on_durable(this->id(), id);
    handle_or_die([&] { replica_->handle(Written{id}); });
}

ClockReading Node::now() {
    return {clock_.local(world_.now()), clock_error_};
}

// Heartbeats move a follower's deadline back all the time; so an armed event stays where it is, and
// looks at the deadline when it comes.
void Node::set_deadline(Instant deadline) {
    deadline_ = deadline;
    const Instant due = clock_.true_time_of(deadline, world_.now());
    if (due >= armed_at_) return;
    armed_at_ = due;
    world_.push(due, {EventKind::Deadline, position_, incarnation_});
}

void Node::rearm() {
    if (!running()) return;
    armed_at_ = Instant::never();
    set_deadline(deadline_);
}

void Node::send(Send& send) {
    if (last_words_.sends == 0) return;
    if (last_words_.sends != UINT64_MAX) --last_words_.sends;
    if (world_.observer() != nullptr) world_.observer()->on_send(id(), send);
    world_.send(position_, send);
}

void Node::reply(ClientReply reply) {
    if (last_words_.sends != UINT64_MAX) return;
    world_.reply(position_, std::move(reply));
}

void Node::write(Write& write) {
    if (!last_words_.write) return;
    if (sqlite_) sqlite_->submit(write);
    const Duration takes = time_of(write);
    storage_.submit(write);
    disk_busy_until_ = std::max(disk_busy_until_, world_.now()) + takes;
    world_.push(disk_busy_until_, {EventKind::DiskDone, position_, incarnation_});
}

void Node::stepped(const Raft& raft, const Input& input, const Output& output) {
    world_.stepped(raft, input, output, last_words_.write);
}

std::optional<EntryRange> Node::read_entries(LogIndex first, uint32_t count) {
    return sqlite_ ? sqlite_->read_entries(first, count) : storage_.read_entries(first, count);
}

std::optional<Payload> Node::read_snapshot(LogIndex index, Piece piece) {
    if (sqlite_) return sqlite_->read_snapshot(index, {piece.offset, piece.size});
    return storage_.read_snapshot(index, {piece.offset, piece.size});
}

void Node::applied(const Applied& what) {
    if (world_.observer() != nullptr) {
        world_.observer()->on_apply(id(),
                                    {what.index, what.entry, what.executed, what.machine_digest});
    }
}

void Node::restored(const SnapshotMeta& snapshot, uint64_t machine_digest) {
    if (world_.observer() != nullptr) {
        world_.observer()->on_restored(id(), snapshot, machine_digest);
    }
}

}  // namespace wavetank
