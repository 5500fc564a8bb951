// The words of a scenario file that stand for values of a Setup, each in one table that reading and
// printing share.
#pragma once

#include <cstddef>

#include "sim/fault/fault.h"
#include "sim/setup.h"

namespace wavetank {

// The name of an enumerator in the file and what it stands for.
template <class Enum>
struct EnumName {
    const char* name;
    Enum value;
};
template <class Enum, std::size_t N>
const char* name_in(const EnumName<Enum> (&names)[N], Enum value) {
    for (const EnumName<Enum>& known : names) {
        if (known.value == value) return known.name;
    }
    return "?";
}

inline constexpr EnumName<CrashRule> kCrashRules[] = {
    {"LOSE_ALL", CrashRule::LoseAll},
    {"IN_ORDER", CrashRule::InOrder},
    {"TORN", CrashRule::Torn},
};
inline constexpr EnumName<StorageKind> kStorageKinds[] = {
    {"MEMORY", StorageKind::Memory},
    {"SQLITE", StorageKind::Sqlite},
};
inline constexpr EnumName<ValueDomain> kValueDomains[] = {
    {"UNIQUE", ValueDomain::Unique},
    {"SMALL", ValueDomain::Small},
};
inline constexpr EnumName<CrashMoment> kCrashMoments[] = {
    {"NOW", CrashMoment::Now},
    {"AT_EVENT", CrashMoment::AtEvent},
};
inline constexpr EnumName<PartitionShape> kPartitionShapes[] = {
    {"ISOLATE", PartitionShape::Isolate}, {"SPLIT", PartitionShape::Split},
    {"HALVES", PartitionShape::Halves},   {"MUTE", PartitionShape::Mute},
    {"DEAF", PartitionShape::Deaf},       {"BRIDGE", PartitionShape::Bridge},
    {"RING", PartitionShape::Ring},       {"RANDOM", PartitionShape::Random},
};
inline constexpr EnumName<SimDisk::Misplaced> kMisplaced[] = {
    {"NOWHERE", SimDisk::Misplaced::Nowhere},
    {"ELSEWHERE", SimDisk::Misplaced::Elsewhere},
};
inline constexpr EnumName<RotPlace::File> kRotFiles[] = {
    {"DATABASE", RotPlace::File::Database},
    {"WAL", RotPlace::File::Wal},
};
inline constexpr EnumName<DiskChangeKind> kDiskChanges[] = {
    {"fail_disk", DiskChangeKind::Fail},   {"fill_disk", DiskChangeKind::Fill},
    {"slow_disk", DiskChangeKind::Slow},   {"mend_disk", DiskChangeKind::Mend},
    {"rot_disk", DiskChangeKind::Rot},     {"misplace_write", DiskChangeKind::Misplace},
    {"save_disk", DiskChangeKind::Save},   {"roll_back_disk", DiskChangeKind::RollBack},
    {"clone_disk", DiskChangeKind::Clone}, {"lose_disk", DiskChangeKind::Lose},
};
inline constexpr EnumName<LinkChange> kLinkChanges[] = {
    {"cut", LinkChange::Cut},
    {"restore", LinkChange::Restore},
    {"clog", LinkChange::Clog},
    {"release", LinkChange::Release},
    {"set_quality", LinkChange::Quality},
};
inline constexpr EnumName<Metric> kMetricNames[] = {
    {"LEADER", Metric::Leader},
    {"LEADERS", Metric::Leaders},
    {"TERM", Metric::HighestTerm},
    {"COMMIT", Metric::Commit},
    {"BEHIND", Metric::Behind},
    {"MESSAGES", Metric::Messages},
    {"BYTES", Metric::Bytes},
    {"OPERATIONS_OK", Metric::OperationsOk},
    {"OPERATIONS_OPEN", Metric::OperationsOpen},
    {"VOTERS", Metric::Voters},
    {"LEARNERS", Metric::Learners},
    {"JOINT", Metric::Joint},
    {"CHANGES_DONE", Metric::ChangesDone},
    {"TRANSFERS_DONE", Metric::TransfersDone},
    {"SNAPSHOTS_TAKEN", Metric::SnapshotsTaken},
    {"SNAPSHOTS_INSTALLED", Metric::SnapshotsInstalled},
    {"LOG_ENTRIES", Metric::LogEntries},
    {"LEASE_READS", Metric::LeaseReads},
    {"SESSIONS_EXPIRED", Metric::SessionsExpired},
    {"DISK_STOPS", Metric::DiskStops},
    {"DISKS_REFUSED", Metric::DisksRefused},
    {"SERVERS_REPLACED", Metric::ServersReplaced},
    {"NEED_OPERATOR", Metric::NeedOperator},
};
inline constexpr EnumName<MemberKind> kMemberKinds[] = {
    {"VOTER", MemberKind::Voter},
    {"LEARNER", MemberKind::Learner},
    {"WITNESS", MemberKind::Witness},
};

// Whether a target is given at all: one without servers stands for none.
inline bool names_somebody(const Target& target) {
    return target.kind != TargetKind::Servers || !target.servers.empty();
}

// A role of servers: `leader: true`, or with a number, `random: 2`.
struct RoleName {
    const char* name;
    TargetKind kind;
    bool counted;
};
inline constexpr RoleName kRoles[] = {
    {"leader", TargetKind::Leader, false},
    {"followers", TargetKind::Followers, false},
    {"random", TargetKind::Random, true},
    {"random_followers", TargetKind::RandomFollowers, true},
    {"minority", TargetKind::Minority, false},
    {"minority_with_leader", TargetKind::MinorityWithLeader, false},
    {"all", TargetKind::All, false},
};

// A question that is a flag: what it asks with this value, and in words. Most make no sense when
// false.
struct FlagQuestion {
    const char* name;
    bool value;
    Expect expect;
    const char* words;
};
inline constexpr FlagQuestion kFlagQuestions[] = {
    {"leader_exists", true, {.metric = Metric::Leader, .min = 1}, "there is a leader"},
    {"no_leader", true, {.metric = Metric::Leader, .max = 0}, "there is no leader"},
    {"one_leader",
     true,
     {.metric = Metric::Leaders, .min = 1, .max = 1},
     "there is exactly one leader"},
    {"all_answered",
     true,
     {.metric = Metric::OperationsOpen, .max = 0},
     "all operations are answered"},
    {"caught_up", true, {.metric = Metric::Behind, .max = 0}, "all running members have caught up"},
    {"joint", true, {.metric = Metric::Joint, .min = 1}, "the leader's configuration is joint"},
    {"joint",
     false,
     {.metric = Metric::Joint, .max = 0},
     "the leader's configuration is not joint"},
};

// A question that is a number: at least, at most or exactly so much of a metric. The words follow
// the number: "3 snapshots are taken".
enum class Bound : uint8_t { Least, Most, Exact };
struct NumberQuestion {
    const char* name;
    Metric metric;
    Bound bound;
    uint64_t smallest;  // what may be asked for
    const char* words_for_one;
    const char* words;
};
inline constexpr NumberQuestion kNumberQuestions[] = {
    {"committed", Metric::Commit, Bound::Least, 1, "entry is committed", "entries are committed"},
    {"operations_ok", Metric::OperationsOk, Bound::Least, 1, "operation is answered ok",
     "operations are answered ok"},
    {"voters", Metric::Voters, Bound::Exact, 1, "voter is in the leader's configuration",
     "voters are in the leader's configuration"},
    {"learners", Metric::Learners, Bound::Exact, 0, "learner is in the leader's configuration",
     "learners are in the leader's configuration"},
    {"changes_done", Metric::ChangesDone, Bound::Least, 1, "membership change is done",
     "membership changes are done"},
    {"transfers_done", Metric::TransfersDone, Bound::Least, 1, "leadership transfer is done",
     "leadership transfers are done"},
    {"snapshots_taken", Metric::SnapshotsTaken, Bound::Least, 1, "snapshot is taken",
     "snapshots are taken"},
    {"snapshots_installed", Metric::SnapshotsInstalled, Bound::Least, 1,
     "snapshot of a leader is installed", "snapshots of leaders are installed"},
    {"lease_reads", Metric::LeaseReads, Bound::Least, 1, "read is allowed by a lease",
     "reads are allowed by a lease"},
    {"sessions_expired", Metric::SessionsExpired, Bound::Least, 1,
     "request is answered that its session is gone",
     "requests are answered that their session is gone"},
    {"disk_stops", Metric::DiskStops, Bound::Least, 1, "server has stopped because of its disk",
     "servers have stopped because of their disks"},
    {"disks_refused", Metric::DisksRefused, Bound::Least, 1,
     "start comes to nothing because of the disk", "starts come to nothing because of the disk"},
    {"servers_replaced", Metric::ServersReplaced, Bound::Least, 1, "server is replaced",
     "servers are replaced"},
    {"need_operator", Metric::NeedOperator, Bound::Exact, 0, "server waits to be replaced",
     "servers wait to be replaced"},
    {"log_entries_max", Metric::LogEntries, Bound::Most, 0, "entry is in the log of any server",
     "entries are in the log of any server"},
};

// The one of these that asks just this; none if it must be asked by metric.
inline const NumberQuestion* number_question_of(const Expect& expect) {
    for (const NumberQuestion& known : kNumberQuestions) {
        if (expect.metric != known.metric) continue;
        const bool no_least = expect.min == 0;
        const bool no_most = expect.max == UINT64_MAX;
        const uint64_t number = known.bound == Bound::Most ? expect.max : expect.min;
        if (known.bound == Bound::Least && !no_most) continue;
        if (known.bound == Bound::Most && (!no_least || no_most)) continue;
        if (known.bound == Bound::Exact && expect.min != expect.max) continue;
        if (number >= known.smallest) return &known;
    }
    return nullptr;
}

// Whether a metric counts up, so that "since the mark" means something.
constexpr bool counts_up(Metric metric) {
    switch (metric) {
        case Metric::HighestTerm:
        case Metric::Commit:
        case Metric::Messages:
        case Metric::Bytes:
        case Metric::OperationsOk:
        case Metric::ChangesDone:
        case Metric::TransfersDone:
        case Metric::SnapshotsTaken:
        case Metric::SnapshotsInstalled:
        case Metric::LeaseReads:
        case Metric::SessionsExpired:
        case Metric::DiskStops:
        case Metric::DisksRefused:
        case Metric::ServersReplaced:
            return true;
        case Metric::Leader:
        case Metric::Leaders:
        case Metric::Behind:
        case Metric::OperationsOpen:
        case Metric::Voters:
        case Metric::Learners:
        case Metric::Joint:
        case Metric::LogEntries:
        case Metric::NeedOperator:
            return false;
    }
    return false;
}

// Whether two questions ask the same.
inline bool same_question(const Expect& a, const Expect& b) {
    return a.metric == b.metric && a.since_mark == b.since_mark && a.min == b.min && a.max == b.max;
}

// A kind of random fault, by its field in the file and in the struct.
struct NemesisKind {
    const char* name;
    uint32_t NemesisSetup::*weight;
    const char* words;
};
inline constexpr NemesisKind kNemesisKinds[] = {
    {"crash", &NemesisSetup::crash, "a server crashes, at any event"},
    {"crash_leader", &NemesisSetup::crash_leader, "the leader crashes"},
    {"crash_several", &NemesisSetup::crash_several, "several servers crash together"},
    {"crash_loop", &NemesisSetup::crash_loop, "a server crashes several times in a row"},
    {"pause", &NemesisSetup::pause, "a server stands still"},
    {"partition", &NemesisSetup::partition, "a partition of a random shape"},
    {"isolate_leader", &NemesisSetup::isolate_leader, "the leader is isolated"},
    {"one_way", &NemesisSetup::one_way, "a server is mute or deaf"},
    {"half_dead_link", &NemesisSetup::half_dead_link, "one direction of a leader's link is cut"},
    {"clog", &NemesisSetup::clog, "one direction of a link is clogged"},
    {"slow_link", &NemesisSetup::slow_link, "one direction of a link is slow"},
    {"lossy_network", &NemesisSetup::lossy_network, "all links lose, duplicate and reorder"},
    {"clock_step", &NemesisSetup::clock_step, "a clock jumps"},
    {"clock_drift", &NemesisSetup::clock_drift, "a clock drifts"},
    {"clock_freeze", &NemesisSetup::clock_freeze, "a clock stands still"},
    {"clock_strobe", &NemesisSetup::clock_strobe, "a clock jumps forth and back"},
    {"stall_disk", &NemesisSetup::stall_disk, "a disk hangs"},
    {"fail_disk", &NemesisSetup::fail_disk, "a disk fails calls of some kind"},
    {"fill_disk", &NemesisSetup::fill_disk, "a disk is full"},
    {"slow_disk", &NemesisSetup::slow_disk, "a disk is slow"},
    {"rot_disk", &NemesisSetup::rot_disk, "up to 4 bits of a disk change"},
    {"misplace_write", &NemesisSetup::misplace_write, "a write is not where it belongs"},
    {"roll_back_disk", &NemesisSetup::roll_back_disk, "a disk is as it was earlier"},
    {"clone_disk", &NemesisSetup::clone_disk, "a server gets a copy of another one's disk"},
    {"lose_disk", &NemesisSetup::lose_disk, "a disk is lost"},
    {"change_members", &NemesisSetup::change_members, "the members are changed"},
    {"transfer", &NemesisSetup::transfer, "the leader is asked to hand over"},
    {"snapshot", &NemesisSetup::snapshot, "a server takes a snapshot"},
    {"corrupt_network", &NemesisSetup::corrupt_network, "all links corrupt payloads"},
};

// A weight of the workload.
struct FunctionWeight {
    const char* name;
    uint32_t WorkloadSetup::*weight;
};
inline constexpr FunctionWeight kFunctionWeights[] = {
    {"get", &WorkloadSetup::get},       {"put", &WorkloadSetup::put},
    {"append", &WorkloadSetup::append}, {"cas", &WorkloadSetup::cas},
    {"erase", &WorkloadSetup::erase},
};

}  // namespace wavetank
