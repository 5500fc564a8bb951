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
inline constexpr EnumName<LinkChange> kLinkChanges[] = {
    {"cut", LinkChange::Cut},
    {"restore", LinkChange::Restore},
    {"clog", LinkChange::Clog},
    {"release", LinkChange::Release},
    {"set_quality", LinkChange::Quality},
};
inline constexpr EnumName<Metric> kMetrics[] = {
    {"LEADER", Metric::Leader},
    {"LEADERS", Metric::Leaders},
    {"TERM", Metric::HighestTerm},
    {"COMMIT", Metric::Commit},
    {"BEHIND", Metric::Behind},
    {"MESSAGES", Metric::Messages},
    {"BYTES", Metric::Bytes},
    {"OPERATIONS_OK", Metric::OperationsOk},
    {"OPERATIONS_OPEN", Metric::OperationsOpen},
};

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

// A question that is a flag: what it asks when true, and in words.
struct FlagQuestion {
    const char* name;
    Expect expect;
    const char* words;
};
inline constexpr FlagQuestion kFlagQuestions[] = {
    {"leader_exists", {.metric = Metric::Leader, .min = 1}, "there is a leader"},
    {"no_leader", {.metric = Metric::Leader, .max = 0}, "there is no leader"},
    {"one_leader", {.metric = Metric::Leaders, .min = 1, .max = 1}, "there is exactly one leader"},
    {"all_answered", {.metric = Metric::OperationsOpen, .max = 0}, "all operations are answered"},
    {"caught_up", {.metric = Metric::Behind, .max = 0}, "all running servers have caught up"},
};

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
