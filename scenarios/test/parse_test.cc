// What a good file means, field by field.
#include "scenarios/parse.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "scenarios/names.h"

namespace wavetank {
namespace {

Setup setup_of(const std::string& text) {
    const auto setup = parse_scenario("story: \"s\" servers: 5\n" + text, "folder/file.textproto");
    EXPECT_TRUE(setup.ok()) << (setup.ok() ? "" : setup.error().message);
    return setup.ok() ? setup.value() : Setup();
}

Latency latency_of(const std::string& text) {
    return setup_of("network { latency { " + text + " } }").network.latency;
}

Target target_of(const std::string& text) {
    const auto setup = setup_of("step { restart { target { " + text + " } } }");
    return std::get<Restart>(setup.timeline.at(0).action.value()).target;
}

Expect expect_of(const std::string& text) {
    const auto setup = setup_of("step { mark {} } step { expect { " + text + " } }");
    return std::get<Expect>(setup.timeline.at(1).action.value());
}

template <class Kind>
Kind action_of(const std::string& text) {
    const auto setup = setup_of("step { " + text + " }");
    return std::get<Kind>(setup.timeline.at(0).action.value());
}

TEST(Parse, DefaultsAreThoseOfTheStructs) {
    const auto setup = setup_of("");
    const wavetank::Setup usual;  // GoogleTest has a Setup of its own
    EXPECT_EQ(setup.name, "file");
    EXPECT_EQ(setup.story, "s");
    EXPECT_EQ(setup.servers, 5u);
    EXPECT_EQ(setup.options.election_timeout_min, milliseconds(150));
    EXPECT_EQ(setup.network, usual.network);
    EXPECT_EQ(setup.disk, usual.disk);
    EXPECT_EQ(setup.workload.clients, 3u);
    EXPECT_EQ(setup.duration, seconds(10));
    EXPECT_FALSE(setup.nemesis.has_value());
    EXPECT_TRUE(setup.timeline.empty());
    EXPECT_TRUE(setup.oracles);
}

TEST(Parse, Cluster) {
    const auto setup = setup_of(R"(
        name: "other"
        options {
            election_timeout_min: "1.000000001s" election_timeout_max: "2m"
            heartbeat_interval: "1us"
            entries_per_message_max: 1 bytes_per_message_max: 2 window_messages_max: 3
            window_bytes_max: 4 writes_in_flight_max: 5 uncommitted_bytes_max: 6
            pending_reads_max: 7 open_proposals_max: 8 forward_proposals: true
            follower_reads: true lease_duration: "9ms" priority: 1 snapshot_entries: 11
            snapshot_bytes: 12 snapshot_trailing_entries: 13 snapshot_piece_bytes: 14
            snapshot_transfers_max: 15 apply_entries_max: 16 log_memory_entries: 17
            catch_up_rounds_max: 18
        }
        initial { server: 2 term: 6 voted_for: 3 log: [1, 1, 4] }
        initial { server: 3 log: 2 log: 5 }
        duration: "1h" events_max: 8 oracles: false
        liveness { owed: false leader_within: "1s" commit_within: "2s" caught_up_within: "3s" }
        linearizability { expansions_max: 9 bytes_max: 10 })");
    EXPECT_EQ(setup.name, "other");
    EXPECT_EQ(setup.options.election_timeout_min, nanoseconds(1'000'000'001));
    EXPECT_EQ(setup.options.election_timeout_max, seconds(120));
    EXPECT_EQ(setup.options.heartbeat_interval, microseconds(1));
    EXPECT_EQ(setup.options.entries_per_message_max, 1u);
    EXPECT_EQ(setup.options.bytes_per_message_max, 2u);
    EXPECT_EQ(setup.options.window.messages_max, 3u);
    EXPECT_EQ(setup.options.window.bytes_max, 4u);
    EXPECT_EQ(setup.options.writes_in_flight_max, 5u);
    EXPECT_EQ(setup.options.uncommitted_bytes_max, 6u);
    EXPECT_EQ(setup.options.pending_reads_max, 7u);
    EXPECT_EQ(setup.options.open_proposals_max, 8u);
    EXPECT_TRUE(setup.options.forward_proposals);
    EXPECT_TRUE(setup.options.follower_reads);
    EXPECT_EQ(setup.options.lease_duration, milliseconds(9));
    EXPECT_EQ(setup.options.priority, 1u);
    EXPECT_EQ(setup.options.snapshot_entries, 11u);
    EXPECT_EQ(setup.options.snapshot_bytes, 12u);
    EXPECT_EQ(setup.options.snapshot_trailing_entries, 13u);
    EXPECT_EQ(setup.options.snapshot_piece_bytes, 14u);
    EXPECT_EQ(setup.options.snapshot_transfers_max, 15u);
    EXPECT_EQ(setup.options.apply_entries_max, 16u);
    EXPECT_EQ(setup.options.log_memory_entries, 17u);
    EXPECT_EQ(setup.options.catch_up_rounds_max, 18u);
    ASSERT_EQ(setup.initial.size(), 2u);
    EXPECT_EQ(setup.initial[0].server, ServerId(2));
    EXPECT_EQ(setup.initial[0].hard_state, (HardState{Term(6), ServerId(3)}));
    EXPECT_EQ(setup.initial[0].log, (std::vector<Term>{Term(1), Term(1), Term(4)}));
    EXPECT_EQ(setup.initial[1].hard_state, (HardState{Term(5), ServerId()}));
    EXPECT_EQ(setup.duration, seconds(3600));
    EXPECT_EQ(setup.events_max, 8u);
    EXPECT_FALSE(setup.oracles);
    EXPECT_FALSE(setup.liveness.owed);
    EXPECT_EQ(setup.liveness.leader_within, seconds(1));
    EXPECT_EQ(setup.liveness.commit_within, seconds(2));
    EXPECT_EQ(setup.liveness.caught_up_within, seconds(3));
    EXPECT_EQ(setup.linearizability_expansions_max, 9u);
    EXPECT_EQ(setup.linearizability_bytes_max, 10u);
}

TEST(Parse, Latencies) {
    EXPECT_EQ(latency_of("constant: \"3ms\""), (Latency{.base = milliseconds(3)}));
    EXPECT_EQ(
        latency_of("uniform { min: \"1ms\" max: \"5ms\" }"),
        (Latency{
            .kind = LatencyKind::Uniform, .base = milliseconds(1), .spread = milliseconds(4)}));
    EXPECT_EQ(latency_of("exponential { min: \"1ms\" mean: \"5ms\" cap: \"1s\" }"),
              (Latency{.kind = LatencyKind::Exponential,
                       .base = milliseconds(1),
                       .spread = milliseconds(4),
                       .max = seconds(1)}));
    EXPECT_EQ(
        latency_of("normal { mean: \"5ms\" deviation: \"1ms\" }"),
        (Latency{.kind = LatencyKind::Normal, .base = milliseconds(5), .spread = milliseconds(1)}));
    EXPECT_EQ(latency_of("lognormal { median: \"2ms\" p84: \"9ms\" cap: \"2s\" }"),
              (Latency{.kind = LatencyKind::LogNormal,
                       .base = milliseconds(2),
                       .spread = milliseconds(9),
                       .max = seconds(2)}));
    EXPECT_EQ(latency_of("bimodal { fast: \"1ms\" slow: \"30ms\" slow_share: \"12.5%\" }"),
              (Latency{.kind = LatencyKind::Bimodal,
                       .base = milliseconds(1),
                       .spread = milliseconds(29),
                       .slow = Ratio::of(1, 8)}));
    EXPECT_EQ(latency_of("table { quantile: [\"1ms\", \"1ms\", \"7ms\"] }"),
              (Latency{.kind = LatencyKind::Table,
                       .quantiles = {milliseconds(1), milliseconds(1), milliseconds(7)}}));
}

TEST(Parse, WeatherBuildsOnTheGeneralOne) {
    const auto setup = setup_of(R"(
        link { from: 1 quality { loss: "50%" } }
        link { from: 2 to: 3 quality { bytes_per_second: 1000 queue_bytes_max: 5 } }
        network { latency { constant: "1ms" } duplicate: "25%" reorder: "0.1%"
                  reorder_delay { constant: "2ms" } }
        client_network { loss: "100%" }
        server_disk { server: 4 quality { on_crash: IN_ORDER } }
        disk { write { constant: "3ms" } on_crash: LOSE_ALL bytes_per_second: 2000 }
        clock { server: 5 offset: "-1.5s" drift_ppm: -7 })");
    EXPECT_EQ(setup.network.latency, Latency{.base = milliseconds(1)});
    EXPECT_EQ(setup.network.duplicate, Ratio::of(1, 4));
    EXPECT_EQ(setup.network.reorder, Ratio::of(1, 1000));
    EXPECT_EQ(setup.network.reorder_delay, Latency{.base = milliseconds(2)});
    EXPECT_EQ(setup.client_network.loss, Ratio::always());
    EXPECT_EQ(setup.client_network.latency, LinkQuality().latency);
    ASSERT_EQ(setup.links.size(), 2u);
    LinkQuality lossy = setup.network;
    lossy.loss = Ratio::of(1, 2);
    EXPECT_EQ(setup.links[0].from, ServerId(1));
    EXPECT_EQ(setup.links[0].to, ServerId());
    EXPECT_EQ(setup.links[0].quality, lossy);
    EXPECT_EQ(setup.links[1].to, ServerId(3));
    EXPECT_EQ(setup.links[1].quality.bytes_per_second, 1000u);
    EXPECT_EQ(setup.links[1].quality.queue_bytes_max, 5u);
    ASSERT_EQ(setup.disks.size(), 1u);
    EXPECT_EQ(setup.disks[0].quality.write, Latency{.base = milliseconds(3)});
    EXPECT_EQ(setup.disks[0].quality.on_crash, CrashRule::InOrder);
    EXPECT_EQ(setup.disks[0].quality.bytes_per_second, 2000u);
    EXPECT_EQ(setup.disk.on_crash, CrashRule::LoseAll);
    ASSERT_EQ(setup.clocks.size(), 1u);
    EXPECT_EQ(setup.clocks[0].quality, (ClockQuality{milliseconds(-1500), -7, std::nullopt}));
}

TEST(Parse, ClocksBuildOnTheOneForAll) {
    const auto setup = setup_of(R"(
        clock { server: 4 drift_ppm: 5 }
        clock { offset: "1ms" error_bound: "10ms" }
        clock { server: 2 error_bound: "20ms" })");
    std::vector<std::pair<uint32_t, ClockQuality>> read;
    for (const ClockSetup& clock : setup.clocks) {
        read.emplace_back(clock.server.value(), clock.quality);
    }
    const ClockQuality usual{milliseconds(1), 0, milliseconds(10)};
    EXPECT_EQ(read, (std::vector<std::pair<uint32_t, ClockQuality>>{
                        {4, {milliseconds(1), 5, milliseconds(10)}},
                        {2, {milliseconds(1), 0, milliseconds(20)}},
                        {1, usual},
                        {3, usual},
                        {5, usual}}));
    EXPECT_FALSE(setup_of("clock { server: 1 offset: \"1ms\" }").clocks[0].quality.error_bound);
}

TEST(Parse, Members) {
    const auto ids = [](std::vector<uint32_t> numbers) {
        std::vector<ServerId> servers;
        for (const uint32_t number : numbers) servers.push_back(ServerId(number));
        return servers;
    };
    EXPECT_FALSE(setup_of("").members.has_value());
    // Witnesses are voters, in the setup also by name.
    const auto setup = setup_of("members { voters: [5, 1] learners: [3] witnesses: [2] }");
    EXPECT_EQ(setup.members, (Configuration::Members{ids({1, 2, 5}), {}, ids({3}), ids({2})}));
    const auto change =
        action_of<ChangeMembership>("change_members { set { voters: [2, 3, 4] witnesses: 1 } }");
    EXPECT_EQ(change.set, (Configuration::Members{ids({1, 2, 3, 4}), {}, {}, ids({1})}));
    EXPECT_FALSE(names_somebody(change.add));
    EXPECT_FALSE(names_somebody(change.remove));
}

TEST(Parse, PrioritiesSessionsAndTheRest) {
    const auto setup = setup_of(R"(
        server_priority { server: 3 priority: 0 } server_priority { server: 1 priority: 2 }
        sessions { sessions_max: 4 replies_max: 5 expire_after: "6s" }
        encoded_links: true network { corrupt: "25%" }
        matrix { leave_out: "loss" leave_out: "reads" })");
    ASSERT_EQ(setup.priorities.size(), 2u);
    EXPECT_EQ(setup.priorities[0].server, ServerId(3));
    EXPECT_EQ(setup.priorities[0].priority, 0u);
    EXPECT_EQ(setup.priorities[1].server, ServerId(1));
    EXPECT_EQ(setup.priorities[1].priority, 2u);
    EXPECT_EQ(setup.sessions, (SessionLimits{4, 5, seconds(6)}));
    EXPECT_TRUE(setup.encoded_links);
    EXPECT_EQ(setup.network.corrupt, Ratio::of(1, 4));
    EXPECT_EQ(setup.matrix_leave_out, (std::vector<std::string>{"loss", "reads"}));
}

TEST(Parse, Clients) {
    const WorkloadSetup clients = setup_of(R"(clients {
        count: 7 operations_max: 8 think { constant: "1ms" } mix { get: 1 cas: 2 } keys: 9
        values: SMALL small_values: 10 value_bytes: 11 appends_in_a_row_max: 12
        request_timeout: "13ms" operation_timeout: "14ms" backoff { constant: "15ms" }
        lanes: 16 readers: 17 keep_alive: "18ms" })")
                                      .workload;
    EXPECT_EQ(clients.clients, 7u);
    EXPECT_EQ(clients.operations_max, 8u);
    EXPECT_EQ(clients.think, Latency{.base = milliseconds(1)});
    EXPECT_EQ(clients.get, 1u);
    EXPECT_EQ(clients.put, 0u);
    EXPECT_EQ(clients.append, 0u);
    EXPECT_EQ(clients.cas, 2u);
    EXPECT_EQ(clients.erase, 0u);
    EXPECT_EQ(clients.keys, 9u);
    EXPECT_EQ(clients.values, ValueDomain::Small);
    EXPECT_EQ(clients.small_values, 10u);
    EXPECT_EQ(clients.value_bytes, 11u);
    EXPECT_EQ(clients.appends_in_a_row_max, 12u);
    EXPECT_EQ(clients.request_timeout, milliseconds(13));
    EXPECT_EQ(clients.operation_timeout, milliseconds(14));
    EXPECT_EQ(clients.backoff, Latency{.base = milliseconds(15)});
    EXPECT_EQ(clients.lanes, 16u);
    EXPECT_EQ(clients.readers, 17u);
    EXPECT_EQ(clients.keep_alive, milliseconds(18));
}

TEST(Parse, Targets) {
    const Target some = target_of("servers: [1, 3]");
    EXPECT_EQ(some.kind, TargetKind::Servers);
    EXPECT_EQ(some.servers, (std::vector<ServerId>{ServerId(1), ServerId(3)}));
    EXPECT_EQ(target_of("leader: true").kind, TargetKind::Leader);
    EXPECT_EQ(target_of("followers: true").kind, TargetKind::Followers);
    EXPECT_EQ(target_of("random: 2").kind, TargetKind::Random);
    EXPECT_EQ(target_of("random: 2").count, 2u);
    EXPECT_EQ(target_of("random_followers: 3").kind, TargetKind::RandomFollowers);
    EXPECT_EQ(target_of("random_followers: 3").count, 3u);
    EXPECT_EQ(target_of("minority: true").kind, TargetKind::Minority);
    EXPECT_EQ(target_of("minority_with_leader: true").kind, TargetKind::MinorityWithLeader);
    EXPECT_EQ(target_of("all: true").kind, TargetKind::All);
}

TEST(Parse, ProcessFaults) {
    const auto crash = action_of<Crash>(
        "crash { target { leader: true } moment: AT_EVENT restart_after: \"0s\" }");
    EXPECT_EQ(crash.target.kind, TargetKind::Leader);
    EXPECT_EQ(crash.moment, CrashMoment::AtEvent);
    EXPECT_EQ(crash.restart_after, Duration());
    EXPECT_FALSE(action_of<Crash>("crash { target { all: true } }").restart_after.has_value());
    EXPECT_EQ(action_of<Restart>("restart { target { all: true } }").target.kind, TargetKind::All);
    const auto pause = action_of<Pause>("pause { target { random: 1 } resume_after: \"2s\" }");
    EXPECT_EQ(pause.resume_after, seconds(2));
    EXPECT_EQ(action_of<Resume>("resume { target { all: true } }").target.kind, TargetKind::All);
    const auto clock =
        action_of<ChangeClock>("change_clock { target { all: true } step: \"-1s\" drift_ppm: -5 }");
    EXPECT_EQ(clock.step, seconds(-1));
    EXPECT_EQ(clock.drift_ppm, -5);
}

TEST(Parse, ClockFaults) {
    const auto freeze =
        action_of<ChangeClock>("change_clock { target { random: 1 } freeze_for: \"2s\" }");
    EXPECT_EQ(freeze.freeze_for, seconds(2));
    EXPECT_EQ(freeze.step, Duration());
    EXPECT_FALSE(freeze.strobe.has_value());
    const auto strobe = action_of<ChangeClock>(
        "change_clock { target { leader: true } strobe { by: \"-5ms\" every: \"1ms\" lasts: "
        "\"3s\" } }");
    ASSERT_TRUE(strobe.strobe.has_value());
    EXPECT_EQ(strobe.strobe->by, milliseconds(-5));
    EXPECT_EQ(strobe.strobe->every, milliseconds(1));
    EXPECT_EQ(strobe.strobe->lasts, seconds(3));
}

TEST(Parse, AdministratorsActions) {
    const auto change = action_of<ChangeMembership>(
        "change_members { add { servers: [4, 5] } as: LEARNER remove { leader: true } }");
    EXPECT_FALSE(change.set.has_value());
    EXPECT_EQ(change.add.servers, (std::vector<ServerId>{ServerId(4), ServerId(5)}));
    EXPECT_EQ(change.add_as, MemberKind::Learner);
    EXPECT_EQ(change.remove.kind, TargetKind::Leader);
    EXPECT_EQ(action_of<ChangeMembership>("change_members { add { random: 1 } }").add_as,
              MemberKind::Voter);
    EXPECT_EQ(
        action_of<ChangeMembership>("change_members { add { random: 1 } as: WITNESS }").add_as,
        MemberKind::Witness);
    const auto to = action_of<TransferLeadership>("transfer { to { random_followers: 1 } }").to;
    EXPECT_EQ(to.kind, TargetKind::RandomFollowers);
    EXPECT_FALSE(names_somebody(action_of<TransferLeadership>("transfer {}").to));
    EXPECT_EQ(action_of<TakeSnapshot>("take_snapshot { target { leader: true } }").target.kind,
              TargetKind::Leader);
    EXPECT_EQ(action_of<WipeDisk>("wipe_disk { target { servers: 3 } }").target.servers,
              std::vector<ServerId>{ServerId(3)});
}

TEST(Parse, DiskFaults) {
    const auto stall =
        action_of<StallDisk>("stall_disk { target { leader: true } release_after: \"2s\" }");
    EXPECT_EQ(stall.target.kind, TargetKind::Leader);
    EXPECT_EQ(stall.release_after, seconds(2));
    EXPECT_FALSE(action_of<StallDisk>("stall_disk { target { all: true } }").release_after);
    EXPECT_EQ(action_of<ReleaseDisk>("release_disk { target { all: true } }").target.kind,
              TargetKind::All);
}

// One step of a scenario whose servers have SQLite.
ChangeDisk change_of(const std::string& action) {
    const auto setup = setup_of("disk { storage: SQLITE } step { " + action + " }");
    return std::get<ChangeDisk>(setup.timeline.at(0).action.value());
}

TEST(Parse, DamagedDisks) {
    const ChangeDisk fail =
        change_of("fail_disk { target { leader: true } read: true sync: true mend_after: \"2s\" }");
    EXPECT_EQ(fail.change.kind, DiskChangeKind::Fail);
    EXPECT_TRUE(fail.change.errors.read && fail.change.errors.sync && !fail.change.errors.write);
    EXPECT_EQ(fail.mend_after, seconds(2));
    EXPECT_EQ(fail.target.kind, TargetKind::Leader);
    EXPECT_FALSE(change_of("fill_disk { target { all: true } }").mend_after);
    const ChangeDisk slow =
        change_of("slow_disk { target { all: true } write { constant: \"5ms\" } }");
    EXPECT_EQ(slow.change.kind, DiskChangeKind::Slow);
    EXPECT_EQ(slow.change.write, Latency{.base = milliseconds(5)});
    EXPECT_EQ(slow.change.bytes_per_second, 0u);
    const ChangeDisk narrow = change_of("slow_disk { target { all: true } bytes_per_second: 7 }");
    EXPECT_EQ(narrow.change.bytes_per_second, 7u);
    EXPECT_FALSE(narrow.change.write);
    EXPECT_EQ(change_of("rot_disk { target { all: true } }").change.bits, 1u);
    EXPECT_EQ(change_of("rot_disk { target { all: true } bits: 9 }").change.bits, 9u);
    const RotPlace in_file =
        change_of("rot_disk { target { all: true } file: WAL offset: 0 }").change.place;
    EXPECT_EQ(in_file.file, RotPlace::File::Wal);
    EXPECT_EQ(in_file.offset, 0u);
    EXPECT_EQ(change_of("rot_disk { target { all: true } entry: 7 }").change.place.entry,
              LogIndex(7));
    EXPECT_EQ(change_of("misplace_write { target { all: true } }").change.where,
              SimDisk::Misplaced::Nowhere);
    EXPECT_EQ(change_of("misplace_write { target { all: true } where: ELSEWHERE }").change.where,
              SimDisk::Misplaced::Elsewhere);
    EXPECT_EQ(change_of("clone_disk { target { servers: 1 } from { servers: 2 } }").from.servers,
              std::vector<ServerId>{ServerId(2)});
    const struct {
        const char* name;
        DiskChangeKind kind;
    } plain[] = {
        {"mend_disk", DiskChangeKind::Mend},
        {"save_disk", DiskChangeKind::Save},
        {"roll_back_disk", DiskChangeKind::RollBack},
        {"lose_disk", DiskChangeKind::Lose},
    };
    for (const auto& each : plain) {
        const ChangeDisk change = change_of(std::string(each.name) + " { target { all: true } }");
        EXPECT_EQ(change.change.kind, each.kind) << each.name;
        EXPECT_EQ(change.target.kind, TargetKind::All) << each.name;
    }
    EXPECT_EQ(action_of<ReplaceServer>("replace_server { target { servers: 2 } }").target.servers,
              std::vector<ServerId>{ServerId(2)});
    EXPECT_EQ(action_of<ChangeDisk>("lose_disk { target { servers: 2 } }").change.kind,
              DiskChangeKind::Lose)
        << "any storage can be lost";
    EXPECT_TRUE(setup_of("beyond_limit: true").beyond_limit);
    EXPECT_FALSE(setup_of("").beyond_limit);
}

TEST(Parse, NetworkFaults) {
    const struct {
        const char* text;
        PartitionShape shape;
    } shapes[] = {
        {"ISOLATE target { leader: true }", PartitionShape::Isolate},
        {"SPLIT target { leader: true }", PartitionShape::Split},
        {"HALVES", PartitionShape::Halves},
        {"MUTE target { leader: true }", PartitionShape::Mute},
        {"DEAF target { leader: true }", PartitionShape::Deaf},
        {"BRIDGE", PartitionShape::Bridge},
        {"BRIDGE target { leader: true }", PartitionShape::Bridge},
        {"RING", PartitionShape::Ring},
        {"RANDOM", PartitionShape::Random},
    };
    for (const auto& [text, shape] : shapes) {
        const auto action = action_of<Partition>("partition { shape: " + std::string(text) + " }");
        EXPECT_EQ(action.shape, shape);
        EXPECT_FALSE(action.cut_clients);
    }
    EXPECT_TRUE(
        action_of<Partition>("partition { shape: MUTE target { all: true } cut_clients: true }")
            .cut_clients);
    const struct {
        const char* name;
        LinkChange change;
    } changes[] = {{"cut", LinkChange::Cut},
                   {"restore", LinkChange::Restore},
                   {"clog", LinkChange::Clog},
                   {"release", LinkChange::Release}};
    for (const auto& [name, change] : changes) {
        const auto links = action_of<ChangeLinks>(std::string(name) +
                                                  " { from { leader: true } to { servers: 2 } }");
        EXPECT_EQ(links.change, change);
        EXPECT_EQ(links.from.kind, TargetKind::Leader);
        EXPECT_EQ(links.to.servers, std::vector<ServerId>{ServerId(2)});
    }
    const auto set = action_of<ChangeLinks>(
        "set_quality { from { all: true } to { all: true } quality { loss: \"50%\" } }");
    EXPECT_EQ(set.change, LinkChange::Quality);
    EXPECT_EQ(set.quality.loss, Ratio::of(1, 2));
    action_of<HealNetwork>("heal_network {}");
}

TEST(Parse, ClientActions) {
    const auto usual = action_of<Invoke>("invoke {}");
    EXPECT_EQ(usual.count, 1u);
    EXPECT_TRUE(usual.concurrent);
    EXPECT_FALSE(usual.stick);
    EXPECT_EQ(usual.server.kind, TargetKind::Leader);
    const auto invoke = action_of<Invoke>(
        "invoke { count: 9 concurrent: false stick: true target { random_followers: 1 } }");
    EXPECT_EQ(invoke.count, 9u);
    EXPECT_FALSE(invoke.concurrent);
    EXPECT_TRUE(invoke.stick);
    EXPECT_EQ(invoke.server.kind, TargetKind::RandomFollowers);
    EXPECT_FALSE(action_of<RunClients>("stop_clients {}").run);
    EXPECT_TRUE(action_of<RunClients>("start_clients {}").run);
    action_of<Mark>("mark {}");
}

TEST(Parse, Conditions) {
    const struct {
        const char* text;
        Expect expect;
    } conditions[] = {
        {"leader_exists: true", {Metric::Leader, false, 1, UINT64_MAX}},
        {"no_leader: true", {Metric::Leader, false, 0, 0}},
        {"one_leader: true", {Metric::Leaders, false, 1, 1}},
        {"leader_is: 2", {Metric::Leader, false, 2, 2}},
        {"committed: 10", {Metric::Commit, false, 10, UINT64_MAX}},
        {"operations_ok: 20 since_mark: true", {Metric::OperationsOk, true, 20, UINT64_MAX}},
        {"all_answered: true", {Metric::OperationsOpen, false, 0, 0}},
        {"caught_up: true", {Metric::Behind, false, 0, 0}},
        {"metric: TERM max: 3 since_mark: true", {Metric::HighestTerm, true, 0, 3}},
        {"metric: MESSAGES min: 4", {Metric::Messages, false, 4, UINT64_MAX}},
        {"metric: BYTES min: 4 max: 5", {Metric::Bytes, false, 4, 5}},
        {"metric: LEADERS max: 2", {Metric::Leaders, false, 0, 2}},
        {"voters: 3", {Metric::Voters, false, 3, 3}},
        {"learners: 0", {Metric::Learners, false, 0, 0}},
        {"joint: true", {Metric::Joint, false, 1, UINT64_MAX}},
        {"joint: false", {Metric::Joint, false, 0, 0}},
        {"changes_done: 2", {Metric::ChangesDone, false, 2, UINT64_MAX}},
        {"transfers_done: 2 since_mark: true", {Metric::TransfersDone, true, 2, UINT64_MAX}},
        {"snapshots_taken: 2", {Metric::SnapshotsTaken, false, 2, UINT64_MAX}},
        {"snapshots_installed: 2", {Metric::SnapshotsInstalled, false, 2, UINT64_MAX}},
        {"lease_reads: 2", {Metric::LeaseReads, false, 2, UINT64_MAX}},
        {"sessions_expired: 2", {Metric::SessionsExpired, false, 2, UINT64_MAX}},
        {"log_entries_max: 9", {Metric::LogEntries, false, 0, 9}},
        {"metric: CHANGES_DONE max: 0 since_mark: true", {Metric::ChangesDone, true, 0, 0}},
    };
    for (const auto& [text, expect] : conditions) {
        const Expect read = expect_of(text);
        EXPECT_EQ(read.metric, expect.metric) << text;
        EXPECT_EQ(read.since_mark, expect.since_mark) << text;
        EXPECT_EQ(read.min, expect.min) << text;
        EXPECT_EQ(read.max, expect.max) << text;
    }
}

TEST(Parse, Steps) {
    const auto setup = setup_of(
        "step { at: \"1s\" after: \"2s\" when { no_leader: true } within: \"3s\" mark {} }\n"
        "step { wait {} label: \"pause for breath\" after: \"1ms\" }\n"
        "step { when { leader_exists: true } }\n");
    ASSERT_EQ(setup.timeline.size(), 3u);
    const Step& first = setup.timeline[0];
    EXPECT_EQ(first.at, seconds(1));
    EXPECT_EQ(first.after, seconds(2));
    EXPECT_EQ(first.when.value().metric, Metric::Leader);
    EXPECT_EQ(first.within, seconds(3));
    EXPECT_TRUE(std::holds_alternative<Mark>(first.action.value()));
    EXPECT_EQ(first.label, "line 2");
    EXPECT_FALSE(setup.timeline[1].action.has_value());
    EXPECT_EQ(setup.timeline[1].label, "pause for breath");
    EXPECT_FALSE(setup.timeline[2].action.has_value());
    EXPECT_EQ(setup.timeline[2].within, seconds(60));
}

TEST(Parse, RepetitionsAreWrittenOut) {
    const auto setup = setup_of(
        "step { at: \"1s\" repeat { times: 2\n"
        "step { mark {} }\n"
        "step { repeat { times: 2 step { invoke {} } } } } }\n"
        "step { stop_clients {} }\n");
    std::vector<std::string> labels;
    for (const Step& step : setup.timeline) labels.push_back(step.label);
    EXPECT_EQ(labels, (std::vector<std::string>{
                          "line 2", "line 3, round 1", "line 4, round 1, round 1",
                          "line 4, round 2, round 1", "line 3, round 2", "line 4, round 1, round 2",
                          "line 4, round 2, round 2", "line 5"}));
    EXPECT_EQ(setup.timeline[0].at, seconds(1));
    EXPECT_FALSE(setup.timeline[0].action.has_value());
    EXPECT_FALSE(setup.timeline[1].at.has_value());
}

TEST(Parse, RepetitionsUpToTheBound) {
    EXPECT_EQ(setup_of("step { repeat { times: 100000 step { mark {} } } }").timeline.size(),
              100'000u);
    EXPECT_FALSE(parse_scenario("story: \"s\" step { repeat { times: 100000 step { mark {} } } }"
                                "step { mark {} }",
                                "f")
                     .ok());
}

TEST(Parse, Nemesis) {
    const auto nemesis = setup_of(R"(disk { storage: SQLITE } nemesis {
        interval { constant: "1s" } duration { constant: "2s" } crash: 1 crash_leader: 2
        crash_several: 3 crash_loop: 4 pause: 5 partition: 6 isolate_leader: 7 one_way: 8
        half_dead_link: 9 clog: 10 slow_link: 11 lossy_network: 12 clock_step: 13 clock_drift: 14
        slow { loss: "50%" } lossy { loss: "25%" } clock_step_max: "3s" drift_ppm_max: 15
        keep_majority_running: true active_max: 16 clock_freeze: 17 clock_strobe: 18
        stall_disk: 19 change_members: 20 transfer: 21 snapshot: 22 corrupt_network: 23
        corrupt: "50%" voters_min: 2 witnesses_max: 3 fail_disk: 24 fill_disk: 25 slow_disk: 26
        rot_disk: 27 misplace_write: 28 roll_back_disk: 29 clone_disk: 30 lose_disk: 31
        slow_write { constant: "4ms" } })")
                             .nemesis.value();
    const NemesisSetup usual;
    EXPECT_EQ(nemesis.interval, Latency{.base = seconds(1)});
    EXPECT_EQ(nemesis.duration, Latency{.base = seconds(2)});
    EXPECT_EQ(nemesis.crash, 1u);
    EXPECT_EQ(nemesis.crash_leader, 2u);
    EXPECT_EQ(nemesis.crash_several, 3u);
    EXPECT_EQ(nemesis.crash_loop, 4u);
    EXPECT_EQ(nemesis.pause, 5u);
    EXPECT_EQ(nemesis.partition, 6u);
    EXPECT_EQ(nemesis.isolate_leader, 7u);
    EXPECT_EQ(nemesis.one_way, 8u);
    EXPECT_EQ(nemesis.half_dead_link, 9u);
    EXPECT_EQ(nemesis.clog, 10u);
    EXPECT_EQ(nemesis.slow_link, 11u);
    EXPECT_EQ(nemesis.lossy_network, 12u);
    EXPECT_EQ(nemesis.clock_step, 13u);
    EXPECT_EQ(nemesis.clock_drift, 14u);
    EXPECT_EQ(nemesis.slow.loss, Ratio::of(1, 2));
    EXPECT_EQ(nemesis.slow.latency, usual.slow.latency);
    EXPECT_EQ(nemesis.lossy.loss, Ratio::of(1, 4));
    EXPECT_EQ(nemesis.lossy.duplicate, usual.lossy.duplicate);
    EXPECT_EQ(nemesis.clock_step_max, seconds(3));
    EXPECT_EQ(nemesis.drift_ppm_max, 15);
    EXPECT_EQ(nemesis.clock_freeze, 17u);
    EXPECT_EQ(nemesis.clock_strobe, 18u);
    EXPECT_EQ(nemesis.stall_disk, 19u);
    EXPECT_EQ(nemesis.change_members, 20u);
    EXPECT_EQ(nemesis.transfer, 21u);
    EXPECT_EQ(nemesis.snapshot, 22u);
    EXPECT_EQ(nemesis.corrupt_network, 23u);
    EXPECT_EQ(nemesis.fail_disk, 24u);
    EXPECT_EQ(nemesis.fill_disk, 25u);
    EXPECT_EQ(nemesis.slow_disk, 26u);
    EXPECT_EQ(nemesis.rot_disk, 27u);
    EXPECT_EQ(nemesis.misplace_write, 28u);
    EXPECT_EQ(nemesis.roll_back_disk, 29u);
    EXPECT_EQ(nemesis.clone_disk, 30u);
    EXPECT_EQ(nemesis.lose_disk, 31u);
    EXPECT_EQ(nemesis.slow_write, Latency{.base = milliseconds(4)});
    EXPECT_EQ(nemesis.corrupt, Ratio::of(1, 2));
    EXPECT_EQ(nemesis.voters_min, 2u);
    EXPECT_EQ(nemesis.witnesses_max, 3u);
    EXPECT_TRUE(nemesis.keep_majority_running);
    EXPECT_EQ(nemesis.active_max, 16u);
}

}  // namespace
}  // namespace wavetank
