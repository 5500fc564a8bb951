// Node: a simulated host with its clock, its disk and, while it runs, one server. It is the
// server's Environment. A node can die between any two of the things it does: before an event,
// before its write reaches the disk, between two messages, or after all. Its disk can hang, and be
// damaged, and be replaced by an empty one: node_disk.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "core/env/environment.h"
#include "core/server/replica.h"
#include "core/server/session_limits.h"
#include "core/storage/memory_storage.h"
#include "sim/kernel/event_queue.h"
#include "sim/kernel/node_clock.h"
#include "sim/world/disk_change.h"
#include "sim/world/sqlite_host.h"
#include "sim/world/weather.h"

namespace wavetank {

class World;

class Node final : public Environment {
 public:
    struct Setup {
        uint32_t position = 0;
        Options options;
        ClockQuality clock;
        DiskQuality disk;
        SessionLimits sessions;
        Recovered initial;
    };
    Node(World& world, const Setup& setup);

    ServerId id() const { return options_.id; }
    bool running() const { return replica_.has_value(); }
    bool paused() const { return paused_; }
    // Running, not paused, and its writes become durable.
    bool working() const { return running() && !paused_ && !disk_stalled_; }
    // Requires running().
    const Replica& replica() const { return *replica_; }
    const MemoryStorage& storage() const { return storage_; }
    NodeClock& clock() { return clock_; }
    const NodeClock& clock() const { return clock_; }
    int64_t standing_drift_ppm() const { return standing_drift_ppm_; }
    uint32_t incarnation() const { return incarnation_; }

    // Requires !running(). False if the server does not start, because of its disk: as it is now,
    // or because it is not sound.
    [[nodiscard]] bool start();
    // So often it has started.
    uint32_t starts() const { return starts_; }
    // Requires running().
    void crash();
    // Dies at its next event, at a point drawn from the seed.
    void doom() { doomed_ = true; }
    void spare() { doomed_ = false; }
    void pause() { paused_ = true; }
    void resume() { paused_ = false; }
    // Requires !running(). The next start is that of a new server, which waits to be added.
    // An empty disk, and from now on a witness or not.
    void wipe(bool as_witness);
    bool is_witness() const { return options_.witness; }
    bool may_lead() const { return !options_.witness && options_.priority > 0; }
    // No write becomes durable any more, whether the server runs or not; then all do, in order.
    void stall_disk() { disk_stalled_ = true; }
    void release_disk();
    bool disk_stalled() const { return disk_stalled_; }
    // Requires !running() for RollBack, Clone and Lose. Clone: `other` is the node that it is of.
    // Without SQLite only Slow, Mend and Lose do anything. An error if there is no such place
    // (Rot).
    std::optional<Error> change_disk(const DiskChange& change, const Node* other);
    bool keeps_sqlite() const { return sqlite_ != nullptr; }
    // As far as it is known: what was done to a disk may show at the next start only.
    DiskState disk_state() const { return disk_state_; }
    // After the clock was changed: the deadline may be due at another true time.
    void rearm();

    // An event for this node. Requires running() and not paused().
    void on_input(const Input& input);
    void on_request(const ClientRequest& request);
    void take_snapshot();
    void on_deadline(Instant at);
    void on_disk_done();
    void on_disk_idle();

    // Environment
    ClockReading now() override;
    void set_deadline(Instant deadline) override;
    void send(Send& send) override;
    void reply(ClientReply reply) override;
    void write(Write& write) override;
    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) override;
    std::optional<Payload> read_snapshot(LogIndex index, Piece piece) override;
    void stepped(const Raft& raft, const Input& input, const Output& output) override;
    void applied(const Applied& what) override;
    void restored(const SnapshotMeta& snapshot, uint64_t machine_digest) override;

 private:
    // How much of a step a dying node still does.
    struct LastWords {
        bool write = true;
        uint64_t sends = UINT64_MAX;
    };
    template <class Handle>
    void handle_or_die(Handle handle);
    void stop(const char* why);
    void look_for_damage();
    std::optional<Recovered> recover();
    void arm_seal();
    Duration time_of(const Write& write);
    MemoryStorage::Survivors draw_survivors();
    SqliteHost::Crash draw_sqlite_crash();

    World& world_;
    const uint32_t position_;
    Options options_;
    SessionLimits sessions_;
    NodeClock clock_;
    const int64_t standing_drift_ppm_;
    const Duration clock_error_;  // what the server is told; ClockReading::kUnknown: nothing
    MemoryStorage storage_;
    std::unique_ptr<SqliteHost> sqlite_;  // holds the same; null: the server's storage is storage_
    DiskState disk_state_ = DiskState::Sound;
    const DiskQuality standing_disk_;
    LatencySampler disk_latency_;
    uint64_t disk_bytes_per_second_;  // 0: unlimited
    std::optional<Replica> replica_;

    bool paused_ = false;
    bool doomed_ = false;
    LastWords last_words_;
    uint32_t incarnation_ = 0;
    uint32_t starts_ = 0;

    Instant deadline_ = Instant::never();  // on the node's clock
    Instant armed_at_ = Instant::never();  // true time of the queued event that will look at it
    bool disk_stalled_ = false;
    uint32_t held_writes_ = 0;  // that would be durable, were the disk not stalled
    Instant disk_busy_until_;
    uint64_t disk_ordinal_ = 0;
    Instant disk_idle_since_;  // or later, if a write is on its way; of a disk with SQLite
    bool seal_armed_ = false;  // an event will look at that
    bool sealing_ = false;     // a seal is on its way, and will be durable at that event
    bool seal_held_ = false;   // the event came, and the disk was stalled
    uint64_t seal_ordinal_ = 0;
    uint64_t crash_ordinal_ = 0;
};

}  // namespace wavetank
