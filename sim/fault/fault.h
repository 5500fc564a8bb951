// Faults and other interventions as values: what a timeline or a nemesis does to the world.
// Carrying them out is nemesis.h; which servers a role means is decided at that moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/quorum/configuration.h"
#include "sim/world/disk_change.h"
#include "sim/world/weather.h"

namespace wavetank {

// Which servers are meant. Roles are those of the moment; "the leader" is the running leader of the
// highest term.
enum class TargetKind : uint8_t {
    Servers,             // the listed ones
    Leader,              // nobody if there is none
    Followers,           // all running servers but the leader
    Random,              // `count` servers drawn from all
    RandomFollowers,     // `count` drawn from the followers
    Minority,            // as many random servers as can fail: (n - 1) / 2
    MinorityWithLeader,  // the leader, and random others up to a minority
    All,
};
struct Target {
    TargetKind kind = TargetKind::Servers;
    std::vector<ServerId> servers;
    uint32_t count = 1;
};

// Where in its work a node dies.
enum class CrashMoment : uint8_t {
    Now,      // between two events
    AtEvent,  // at its next event: before it, after it, or between the messages it sends
};
struct Crash {
    Target target;
    CrashMoment moment = CrashMoment::Now;
    std::optional<Duration> restart_after;  // none: until a Restart or the healing
};
struct Restart {
    Target target;  // those of it that are down
};
// The process stands still: nothing is handled, timers pass by, messages wait.
struct Pause {
    Target target;
    std::optional<Duration> resume_after;
};
struct Resume {
    Target target;
};

enum class PartitionShape : uint8_t {
    Isolate,  // each target from everybody else
    Split,    // the targets on one side, the rest on the other
    Halves,   // a random split, as even as possible
    Mute,     // nothing the targets send arrives
    Deaf,     // nothing sent to the targets arrives
    Bridge,   // two halves, and one server (the first target, or a random one) that sees both
    Ring,     // each server sees only its two neighbours, in a random order
    Random,   // every direction of every link is cut with probability one half
};
struct Partition {
    PartitionShape shape = PartitionShape::Isolate;
    Target target;
    // Isolate, Split, Halves, Mute, Deaf: the clients are cut off from the targets as well.
    bool cut_clients = false;
};

enum class LinkChange : uint8_t {
    Cut,      // messages are lost, those in flight too
    Restore,  // undoes Cut
    Clog,     // messages wait
    Release,  // undoes Clog: they arrive now
    Quality,  // `quality` from now on
};
struct ChangeLinks {
    LinkChange change = LinkChange::Cut;
    Target from;
    Target to;
    LinkQuality quality;
};
// Ends all partitions, cuts, clogs and changed qualities; crashed nodes stay down, paused ones
// paused.
struct HealNetwork {};

struct ChangeClock {
    Target target;
    Duration step;                     // may be negative
    std::optional<int64_t> drift_ppm;  // from now on
    // The clock stands still for so long, and then goes on from where it stood.
    std::optional<Duration> freeze_for;
    // The clock jumps forth and back by `by`, every `every`, for `lasts`.
    struct Strobe {
        Duration by;
        Duration every;
        Duration lasts;
    };
    std::optional<Strobe> strobe;
};

// What an administrator asks of the leader of the moment; nothing if there is none.
enum class MemberKind : uint8_t { Voter, Learner, Witness };
struct ChangeMembership {
    // Either exactly these members ...
    std::optional<Configuration::Members> set;
    // ... or those that are there, with these added (of the target those that are no members) as
    // `add_as` (a learner that is added as a voter is promoted), and these removed.
    Target add;
    MemberKind add_as = MemberKind::Voter;
    Target remove;
};
struct TransferLeadership {
    Target to;  // the first of it; nobody: whom the leader thinks best
};
// These servers write down a snapshot now, however short their log is.
struct TakeSnapshot {
    Target target;
};
// A server that is down and no member loses all that is on its disk: it can be added as a new one.
// Ignored for members of the leader's configuration, which must never forget; unless it says so, in
// runs that are beyond the limit.
struct WipeDisk {
    Target target;
    bool members_too = false;
};
// Their disks hang: no write of theirs becomes durable until they are released; then all go on
// where they were. A restart does not help.
struct StallDisk {
    Target target;
    std::optional<Duration> release_after;  // none: until a ReleaseDisk or the healing
};
struct ReleaseDisk {
    Target target;
};
// Something is done to their disks (disk_change.h); who is down stays down. Servers whose whole
// disk is replaced, or lost, die first. Those without SQLite are passed over where it means
// nothing.
struct ChangeDisk {
    DiskChange change;  // Clone: `from` is not looked at
    Target target;
    Target from;                         // Clone: of whom; the first of it
    std::optional<Duration> mend_after;  // Fail, Fill, Slow; none: until a Mend or the healing
};
// The operator replaces these servers, however long that takes (replacements.h).
struct ReplaceServer {
    Target target;
};

// Extra puts, each by a client of its own, first sent to `server`.
struct Invoke {
    uint32_t count = 1;
    bool concurrent = true;  // else one after the other
    bool stick = false;      // never try another server
    Target server{.kind = TargetKind::Leader, .servers = {}, .count = 1};
};
// The clients of the workload stop or go on invoking.
struct RunClients {
    bool run = true;
};

// --- Questions a timeline asks ---

enum class Metric : uint8_t {
    Leader,          // id of the running leader of the highest term; 0 if none
    Leaders,         // running servers that believe to lead
    HighestTerm,     // highest term of a running server
    Commit,          // highest commit index of a running server
    Behind,          // running members whose commit index is below the highest one
    Messages,        // messages sent between servers
    Bytes,           // payload bytes sent between servers
    OperationsOk,    // client operations answered ok
    OperationsOpen,  // client operations invoked and not answered
    Voters,          // voters (of the new half) in the leader's configuration; 0 without a leader
    Learners,        // learners in the leader's configuration
    Joint,           // 1 if the leader's configuration is joint
    ChangesDone,     // membership changes that were asked for and are done
    TransfersDone,   // leadership transfers that were asked for and are done
    SnapshotsTaken,
    SnapshotsInstalled,  // that were sent by a leader
    LogEntries,          // the longest log of a running server, without what is compacted
    LeaseReads,          // reads that a lease allowed
    SessionsExpired,     // requests answered that their session is gone
    DiskStops,           // servers that stopped because their disk failed them
    DisksRefused,        // starts that came to nothing because of the disk
    ServersReplaced,     // by the operator, because of their disk
    NeedOperator,        // servers that are down until the operator replaces them
};
inline constexpr std::size_t kMetrics = static_cast<std::size_t>(Metric::NeedOperator) + 1;
const char* name_of(Metric metric);

// Remembers the metrics that count something (HighestTerm, Messages, OperationsOk, ChangesDone,
// ...): questions that say `since_mark` speak of what was added since.
struct Mark {};
// A question; the run fails if the answer is outside [min, max].
struct Expect {
    Metric metric = Metric::Leader;
    bool since_mark = false;
    uint64_t min = 0;
    uint64_t max = UINT64_MAX;
};

using Action =
    std::variant<Crash, Restart, Pause, Resume, Partition, ChangeLinks, HealNetwork, ChangeClock,
                 ChangeMembership, TransferLeadership, TakeSnapshot, WipeDisk, StallDisk,
                 ReleaseDisk, ChangeDisk, ReplaceServer, Invoke, RunClients, Mark, Expect>;

// When a step of the timeline happens. Steps happen in order; a step waits for those before it.
struct Step {
    // Not before this time since the start of the run.
    std::optional<Duration> at;
    // Not before this long after the step before it.
    std::optional<Duration> after;
    // Not before this holds; the run fails if it does not within `within`.
    std::optional<Expect> when;
    Duration within = seconds(60);
    std::optional<Action> action;  // none: the step only waits
    std::string label;             // "line 12", for messages
};

// Random faults. Each time, after a pause drawn from `interval`, one kind is drawn by weight; it
// lasts for a time drawn from `duration`. Weight 0 switches a kind off.
struct NemesisSetup {
    Latency interval{.kind = LatencyKind::Exponential, .base = {}, .spread = seconds(1)};
    Latency duration{.kind = LatencyKind::Exponential, .base = {}, .spread = seconds(1)};
    uint32_t crash = 0;  // one server, at any event
    uint32_t crash_leader = 0;
    uint32_t crash_several = 0;  // a random number of servers, possibly all, at the same time
    uint32_t crash_loop = 0;     // one server, several quick crashes and restarts in a row
    uint32_t pause = 0;
    uint32_t partition = 0;  // a random shape
    uint32_t isolate_leader = 0;
    uint32_t one_way = 0;         // mute or deaf, one server
    uint32_t half_dead_link = 0;  // one direction of one link of the leader
    uint32_t clog = 0;            // one direction of one link
    uint32_t slow_link = 0;       // one direction of one link: `slow` latency
    uint32_t lossy_network = 0;   // all links: `lossy`
    uint32_t clock_step = 0;      // one server, up to `clock_step_max` either way
    uint32_t clock_drift = 0;     // one server, up to `drift_ppm_max` either way
    uint32_t clock_freeze = 0;    // one server, for as long as the fault lasts
    uint32_t clock_strobe = 0;    // one server, up to `clock_step_max`, every 1 to 50 ms
    uint32_t stall_disk = 0;      // one server's disk hangs
    // Of servers with SQLite only, and within the limit of what can be survived (disk_health.h),
    // but in runs that are beyond it. At the end of such a fault the server is started again, and
    // if its disk is not sound, replaced.
    uint32_t fail_disk = 0;       // one server's disk fails calls of some kind
    uint32_t fill_disk = 0;       // one server's disk is full
    uint32_t slow_disk = 0;       // one server's disk takes `slow_write` for a write
    uint32_t rot_disk = 0;        // up to 4 bits of one server's disk change
    uint32_t misplace_write = 0;  // the next write of one server goes nowhere, or elsewhere
    uint32_t roll_back_disk = 0;  // one server's disk is as it was when the fault began
    uint32_t clone_disk = 0;      // one server gets the disk of another
    uint32_t lose_disk = 0;       // one server's disk is gone
    uint32_t change_members = 0;  // a random one of: add, remove, replace, demote, promote a server
    uint32_t transfer = 0;        // the leadership, to a random voter or to whoever is best
    uint32_t snapshot = 0;        // one server takes a snapshot
    uint32_t corrupt_network = 0;  // all links: `corrupt` of the messages with payloads
    LinkQuality slow{.latency = {.kind = LatencyKind::Uniform,
                                 .base = milliseconds(50),
                                 .spread = milliseconds(500)}};
    LinkQuality lossy{
        .loss = Ratio::of(1, 5), .duplicate = Ratio::of(1, 10), .reorder = Ratio::of(1, 4)};
    Ratio corrupt = Ratio::of(1, 20);
    Latency slow_write{
        .kind = LatencyKind::Uniform, .base = milliseconds(10), .spread = milliseconds(90)};
    // Membership changes leave at least so many voters, and at most all servers. Servers are added
    // as witnesses only while there are fewer than this.
    uint32_t voters_min = 1;
    uint32_t witnesses_max = 0;
    Duration clock_step_max = milliseconds(500);
    int64_t drift_ppm_max = 100'000;
    // Crashes, pauses, stalled disks and membership changes leave a majority of the voters working.
    bool keep_majority_running = false;
    bool beyond_limit = false;  // of what disks may suffer, see Setup
    uint32_t active_max = 3;    // faults at the same time
};

}  // namespace wavetank
