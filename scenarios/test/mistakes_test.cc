// Each kind of mistake gives exactly one message, at its place, that says what would be right.
#include <gtest/gtest.h>

#include <string>

#include "scenarios/parse.h"

namespace wavetank {
namespace {

std::string errors_of(std::string_view text) {
    const auto parsed = parse_scenario_fully(text, "f");
    if (std::holds_alternative<Setup>(parsed)) return "no error";
    return to_string(std::get<std::vector<ScenarioError>>(parsed));
}

struct Mistake {
    const char* text;
    const char* message;
};

// Each text follows a first line with a good story.
void expect_messages(const std::vector<Mistake>& mistakes) {
    for (const Mistake& mistake : mistakes) {
        EXPECT_EQ(errors_of(std::string("story: \"s\" servers: 5\n") + mistake.text),
                  mistake.message)
            << mistake.text;
    }
}

TEST(Mistakes, UnknownNames) {
    expect_messages({
        {"clients { cuont: 3 }",
         "f:2:11: error: unknown field \"cuont\" in clients; did you mean \"count\"?"},
        {"options { heartbeat: \"5ms\" }",
         "f:2:11: error: unknown field \"heartbeat\" in options; did you mean "
         "\"heartbeat_interval\"?"},
        {"liveness { within: \"5s\" }",
         "f:2:12: error: unknown field \"within\" in liveness; did you mean \"leader_within\"?"},
        {"liveness { soon: \"5s\" }",
         "f:2:12: error: unknown field \"soon\" in liveness; it has owed, leader_within, "
         "commit_within and caught_up_within"},
        {"step { mark { now: true } }",
         "f:2:15: error: unknown field \"now\" in mark, which has none; write mark {}"},
        {"step { crash { at: \"1s\" target { leader: true } } }",
         "f:2:16: error: unknown field \"at\" in crash; it belongs to step, perhaps a \"}\" stands "
         "at "
         "the wrong place"},
        {"disk { on_crash: TRON }",
         "f:2:18: error: \"on_crash\" cannot be TRON; did you mean TORN?"},
        {"disk { on_crash: KEEP }",
         "f:2:18: error: \"on_crash\" cannot be KEEP; it is LOSE_ALL, IN_ORDER or TORN"},
        {"step { crash { target { leadr: true } } }",
         "f:2:25: error: unknown field \"leadr\" in target; did you mean \"leader\"?"},
    });
}

TEST(Mistakes, DiskFaultsNeedSqlite) {
    expect_messages({
        {"step { rot_disk { target { leader: true } } }",
         "f:2:8: error: rot_disk is for servers with SQLite, and there are none; give disk { "
         "storage: SQLITE }"},
        {"server_disk { server: 1 quality { storage: SQLITE } }\n"
         "step { rot_disk { target { servers: [1, 2] } } }",
         "f:3:19: error: rot_disk is for servers with SQLite, and server 2 has none; give it a "
         "server_disk with storage: SQLITE"},
        {"disk { storage: SQLITE }\nstep { fail_disk { target { leader: true } } }",
         "f:3:8: error: fail_disk fails nothing; give read: true, write: true or sync: true"},
        {"step { slow_disk { target { leader: true } } }",
         "f:2:8: error: slow_disk slows nothing down; give write or bytes_per_second"},
        {"step { slow_disk { target { leader: true } bytes_per_second: 0 } }",
         "f:2:44: error: bytes_per_second is 0; it must be at least 1"},
        {"disk { storage: SQLITE }\nstep { rot_disk { target { all: true } offset: 5 } }",
         "f:3:40: error: offset is a place in a file; give file: DATABASE or file: WAL"},
        {"disk { storage: SQLITE }\n"
         "step { rot_disk { target { all: true } file: DATABASE entry: 5 } }",
         "f:3:55: error: entry and file both say where; keep one of them"},
        {"disk { storage: SQLITE }\nstep { rot_disk { target { all: true } entry: 0 } }",
         "f:3:40: error: entry is 0; it must be at least 1"},
        {"nemesis { rot_disk: 1 }",
         "f:2:11: error: rot_disk is for servers with SQLite, and there are none; give disk { "
         "storage: SQLITE }"},
        {"step { wipe_disk { target { servers: 1 } members_too: true } }",
         "f:2:42: error: members that forget what they have promised are more than a cluster can "
         "survive; say beyond_limit: true, or remove them first"},
        {"beyond_limit: true liveness { owed: true }",
         "f:2:1: error: beyond the limit liveness cannot be owed; remove one of them"},
    });
}

TEST(Mistakes, WrongKindsOfValues) {
    expect_messages({
        {"duration: 10s",
         "f:2:11: error: \"duration\" takes a text in quotes; write duration: \"10s\""},
        {"network { loss: 2.5% }",
         "f:2:17: error: \"loss\" takes a text in quotes; write loss: \"2.5%\""},
        {"clock { server: 1 offset: -5ms }",
         "f:2:27: error: \"offset\" takes a text in quotes; write offset: \"-5ms\""},
        {"clients { count: \"three\" }",
         "f:2:18: error: \"count\" takes a whole number from 0 to 4294967295, found \"three\""},
        {"clients { count: -1 }",
         "f:2:18: error: \"count\" takes a whole number from 0 to 4294967295, found -1"},
        {"clients { count: 1.5 }",
         "f:2:18: error: \"count\" takes a whole number from 0 to 4294967295, found 1.5"},
        {"clients { count: 5000000000 }",
         "f:2:18: error: \"count\" takes a whole number from 0 to 4294967295, found 5000000000"},
        {"clients { count: 010 }",
         "f:2:18: error: \"count\" is 010; write a decimal number without leading zeros"},
        {"oracles: 1", "f:2:10: error: \"oracles\" is true or false, not 1"},
        {"clients: 3", "f:2:1: error: \"clients\" is a block; write clients { ... }"},
        {"duration { seconds: 3 }",
         "f:2:1: error: \"duration\" is not a block; write duration: \"...\""},
        {"duration \"3s\"",
         "f:2:1: error: a colon is missing after \"duration\"; write duration: \"...\""},
        {"duration: [\"3s\"]",
         "f:2:11: error: \"duration\" takes one value, not a list; write duration: \"...\""},
        {"duration: \"3s",
         "f:2:11: error: this text is not closed on its line; add the closing quote"},
        {"= 5", "f:2:1: error: expected the name of a field in the scenario, found ="},
        {"initial { server: 1 log: [1 2] }",
         "f:2:29: error: expected \",\" or \"]\" in the list log, found 2"},
        {"step [ { mark {} }, mark ]",
         "f:2:21: error: expected a block { ... } in the list step, found mark"},
    });
}

TEST(Mistakes, GivenTwice) {
    expect_messages({
        {"duration: \"1s\"\nduration: \"2s\"",
         "f:3:1: error: \"duration\" is given twice in the scenario, first at line 2; remove one"},
        {"step { mark {}\nstop_clients {} }",
         "f:3:1: error: \"stop_clients\" and \"mark\" (line 2) exclude each other in step; keep "
         "one "
         "of them"},
        {"step { crash { target { servers: 1 leader: true } } }",
         "f:2:36: error: target has both servers and leader; keep one of them"},
        {"clock { server: 1 drift_ppm: 1 }\nclock { server: 1 drift_ppm: 2 }",
         "f:3:9: error: server 1 has a clock already; put both into one block"},
        {"step { crash { target { servers: [2, 2] } } }",
         "f:2:25: error: server 2 is listed twice; once is enough"},
    });
}

TEST(Mistakes, Brackets) {
    expect_messages({
        {"step {\n    crash {\n        target { leader: true }\n}\nstep { mark {} }\n",
         "f:3:5: error: \"crash {\" is opened at line 3 and never closed; add \"}\""},
        {"step { crash { target { leader: true } }\nstep { mark {} }",
         "f:2:1: error: \"step {\" is opened at line 2 and never closed; add \"}\""},
        {"step { crash { target { servers: [1, 2 } } }",
         "f:2:25: error: \"servers [\" is opened at line 2 and never closed; add \"]\""},
        {"step { mark {} } }",
         "f:2:18: error: this \"}\" closes nothing; remove it, or look for a block above that was "
         "closed too early"},
    });
}

TEST(Mistakes, NumbersThatMakeNoSense) {
    expect_messages({
        {"options { election_timeout_max: \"150ms\" }",
         "f:2:11: error: election_timeout_max is 150ms, not longer than election_timeout_min 150ms "
         "(the default); make it longer"},
        {"options { heartbeat_interval: \"1s\" }",
         "f:2:11: error: election_timeout_min is 150ms (the default), not longer than "
         "heartbeat_interval 1s; make it longer"},
        {"options { heartbeat_interval: \"5 sec\" }",
         "f:2:11: error: heartbeat_interval is \"5 sec\", which is no duration; write it as "
         "\"20ns\", \"100us\", \"250ms\", \"1.5s\", \"2m\" or \"1h\""},
        {"duration: \"-1s\"", "f:2:1: error: duration is \"-1s\"; it must not be negative"},
        {"duration: \"2000h\"",
         "f:2:1: error: duration is \"2000h\"; it must be at most \"1000h\""},
        {"options { heartbeat_interval: \"0s\" }",
         "f:2:11: error: heartbeat_interval is \"0s\"; it must be longer than that"},
        {"network { loss: \"1.5\" }",
         "f:2:11: error: loss is \"1.5\", which is no probability; write it as \"0%\", \"2.5%\" or "
         "\"100%\""},
        {"options { window_messages_max: 0 }",
         "f:2:11: error: window_messages_max is 0; it must be at least 1"},
        {"clock { server: 1 drift_ppm: -2000000 }",
         "f:2:19: error: drift_ppm is -2000000; it must be from -999999 to 1000000"},
        {"clock { server: 1 }",
         "f:2:1: error: clock changes nothing; give offset, drift_ppm or error_bound"},
        {"clock { error_bound: \"-1s\" }",
         "f:2:9: error: error_bound is \"-1s\"; it must not be negative"},
        {"clock { drift_ppm: 1 } clock { drift_ppm: 2 }",
         "f:2:24: error: there is a clock for all servers already; put both into one block, or say "
         "which server is meant"},
        {"options { priority: 5 }", "f:2:11: error: priority is 5; it must be from 0 to 4"},
        {"options { snapshot_piece_bytes: 0 }",
         "f:2:11: error: snapshot_piece_bytes is 0; it must be at least 1"},
        {"sessions { expire_after: \"0s\" }",
         "f:2:12: error: expire_after is \"0s\"; it must be longer than that"},
        {"nemesis { crash: 1 voters_min: 6 }",
         "f:2:20: error: voters_min is 6; it must be from 1 to 5"},
        {"clients { lanes: 0 }", "f:2:11: error: lanes is 0; it must be from 1 to 100"},
        {"clients { mix { get: 0 } }",
         "f:2:11: error: all weights are 0; give one of get, put, append, cas and erase"},
        {"nemesis { crash: 0 }",
         "f:2:1: error: nemesis has no kind with a weight above 0, so nothing would ever happen; "
         "give "
         "for example crash: 1, or leave nemesis out"},
    });
    EXPECT_EQ(errors_of("story: \"s\" servers: 0"),
              "f:1:12: error: servers is 0; it must be from 1 to 99");
    EXPECT_EQ(errors_of("story: \"s\" servers: 100"),
              "f:1:12: error: servers is 100; it must be from 1 to 99");
}

TEST(Mistakes, Latencies) {
    expect_messages({
        {"network { latency {} }",
         "f:2:11: error: latency is empty; write for example latency { uniform { min: \"1ms\" max: "
         "\"5ms\" } }"},
        {"network { latency { uniform { min: \"5ms\" max: \"1ms\" } } }",
         "f:2:42: error: max is 1ms, below min 5ms; it must be at least that"},
        {"network { latency { uniform { min: \"5ms\" } } }",
         "f:2:21: error: uniform needs \"max\"; add for example max: \"5ms\""},
        {"network { latency { lognormal { median: \"0s\" p84: \"1s\" } } }",
         "f:2:33: error: median is 0s; it must be longer than that"},
        {"network { latency { table { quantile: [\"1ms\"] } } }",
         "f:2:29: error: quantile has 1 values; it must have 2 to 1025"},
        {"network { latency { table { quantile: [\"2ms\", \"1ms\"] } } }",
         "f:2:29: error: quantile falls from 2ms to 1ms; order the values from small to large"},
    });
}

TEST(Mistakes, ServersAndLogs) {
    expect_messages({
        {"step { crash { target { servers: [1, 9] } } }",
         "f:2:25: error: there is no server 9; servers are numbered 1 to 5"},
        {"link { from: 6 quality { loss: \"1%\" } }",
         "f:2:8: error: there is no server 6; servers are numbered 1 to 5"},
        {"link { from: 2 to: 2 quality { loss: \"1%\" } }",
         "f:2:16: error: from and to are both server 2; a link joins two servers"},
        {"step { crash { target { random: 6 } } }",
         "f:2:25: error: random is 6; it must be from 1 to 5"},
        {"initial { log: [1] }",
         "f:2:1: error: initial needs \"server\"; add for example server: 1"},
        {"initial { server: 1 term: 3 log: [1, 3, 2] }",
         "f:2:29: error: the terms of the log fall from 3 to 2 at entry 3; they may only stay or "
         "rise"},
        {"initial { server: 1 term: 2 log: [1, 3] }",
         "f:2:29: error: the log ends with term 3, above the server's term 2; raise term or "
         "shorten "
         "the log"},
        {"initial { server: 1 log: [0] }", "f:2:21: error: entry 1 has term 0; terms begin with 1"},
        {"initial { server: 1 voted_for: 2 }",
         "f:2:21: error: a vote needs a term above 0; give term or leave voted_for out"},
    });
}

TEST(Mistakes, Steps) {
    expect_messages({
        {"step { at: \"1s\" }",
         "f:2:1: error: the step has no action; add one, or wait {} if it shall only wait"},
        {"step { at: \"5s\" mark {} }\nstep { at: \"3s\" mark {} }",
         "f:3:8: error: at goes backwards, from 5s in line 2 to 3s; steps happen in the order "
         "written"},
        {"step { within: \"3s\" mark {} }",
         "f:2:8: error: within needs a when; add one, or use at or after"},
        {"step { crash {} }",
         "f:2:8: error: crash needs \"target\"; add for example target { leader: true }"},
        {"step { crash { target {} } }",
         "f:2:16: error: target is empty; write for example target { leader: true } or target { "
         "servers: [1, 2] }"},
        {"step { crash { target { leader: false } } }",
         "f:2:25: error: leader is false; write leader: true or leave it out"},
        {"step { partition { target { leader: true } } }",
         "f:2:8: error: partition needs \"shape\"; add for example shape: ISOLATE"},
        {"step { partition { shape: ISOLATE } }",
         "f:2:8: error: a partition of shape ISOLATE needs a target; add for example target { "
         "leader: "
         "true }"},
        {"step { partition { shape: RING target { leader: true } } }",
         "f:2:32: error: a partition of shape RING takes no target; remove it"},
        {"step { partition { shape: HALVES cut_clients: true } }",
         "f:2:34: error: cut_clients does nothing with shape HALVES; it is for ISOLATE, SPLIT, "
         "MUTE "
         "and DEAF"},
        {"step { change_clock { target { all: true } } }",
         "f:2:8: error: change_clock changes nothing; give step, drift_ppm, freeze_for or strobe"},
        {"step { change_clock { target { all: true } freeze_for: \"1s\" strobe { by: \"1ms\" "
         "every: \"1ms\" lasts: \"1s\" } } }",
         "f:2:61: error: a clock cannot stand still and strobe; give freeze_for or strobe"},
        {"step { change_clock { target { all: true } strobe { by: \"1ms\" lasts: \"1s\" } } }",
         "f:2:44: error: strobe needs \"every\"; add for example every: \"10ms\""},
        {"step { repeat { step { mark {} } } }",
         "f:2:8: error: repeat needs \"times\"; add for example times: 3"},
        {"step { repeat { times: 2 } }", "f:2:8: error: repeat has no step; add step { ... }"},
        {"step { repeat { times: 2 step { at: \"1s\" mark {} } } }",
         "f:2:33: error: at is not allowed in a repeat, where it would come only once; use after"},
        {"step { repeat { times: 50001 step { mark {} } step { mark {} } } }",
         "f:2:17: error: repeating 50001 times makes a timeline of 100002 steps; at most 100000 "
         "are "
         "allowed"},
    });
}

TEST(Mistakes, Conditions) {
    expect_messages({
        {"step { when {} }",
         "f:2:8: error: when asks nothing; write for example when { leader_exists: true }"},
        {"step { expect { metric: TERM } }",
         "f:2:8: error: metric stands alone; add min or max or both"},
        {"step { expect { metric: TERM min: 3 max: 2 } }",
         "f:2:37: error: max 2 is below min 3; nothing can be in between"},
        {"step { expect { leader_exists: true max: 2 } }",
         "f:2:37: error: max goes only with metric; remove it, or ask by metric"},
        {"step { expect { committed: 5 since_mark: true } }",
         "f:2:30: error: since_mark, but no step before has a mark; add a step { mark {} }"},
        {"step { mark {} }\nstep { expect { leader_exists: true since_mark: true } }",
         "f:3:37: error: since_mark makes no sense for this question; it is for what counts up: "
         "committed, operations_ok, changes_done, transfers_done, snapshots_taken, "
         "snapshots_installed, lease_reads, sessions_expired, their metrics, TERM, MESSAGES and "
         "BYTES"},
        {"step { expect { no_leader: false } }",
         "f:2:17: error: no_leader is false; write no_leader: true or leave it out"},
        {"step { expect { voters: 0 } }", "f:2:17: error: voters is 0; it must be at least 1"},
        {"step { expect { snapshots_taken: 0 } }",
         "f:2:17: error: snapshots_taken is 0; it must be at least 1"},
        {"step { expect { leader_is: 7 } }",
         "f:2:17: error: there is no server 7; servers are numbered 1 to 5"},
    });
}

TEST(Mistakes, Members) {
    expect_messages({
        {"members { learners: [1] }",
         "f:2:1: error: members needs \"voters\"; add for example voters: [1, 2, 3]"},
        {"members { voters: [1, 2, 6] }",
         "f:2:11: error: there is no server 6; servers are numbered 1 to 5"},
        {"members { voters: [1, 2] learners: [2] }",
         "f:2:26: error: server 2 is a voter and a learner; it can only be one of them"},
        {"members { voters: [1, 2] learners: [3] witnesses: [3] }",
         "f:2:40: error: server 3 is a learner and a witness; it can only be one of them"},
        {"members { voters: [1] witnesses: [2, 3] }",
         "f:2:1: error: 2 of 3 voters are witnesses: a majority could consist of witnesses alone; "
         "make fewer of them witnesses"},
        {"server_priority { server: 1 }",
         "f:2:1: error: server_priority needs \"priority\"; add for example priority: 2"},
        {"server_priority { server: 1 priority: 1 }\nserver_priority { server: 1 priority: 2 }",
         "f:3:19: error: server 1 has a server_priority already; put both into one block"},
        {"options { priority: 0 }",
         "f:2:11: error: no voter may ever campaign, so there is never a leader; give one a "
         "priority above 0"},
        {"members { voters: [1, 2] witnesses: [3] }\n"
         "server_priority { server: 1 priority: 0 } server_priority { server: 2 priority: 0 }",
         "f:3:71: error: no voter may ever campaign, so there is never a leader; give one a "
         "priority above 0"},
        {"step { change_members {} }",
         "f:2:8: error: change_members changes nothing; give set, add or remove"},
        {"step { change_members { set { voters: [1] } add { leader: true } } }",
         "f:2:45: error: set says who the members are, so nobody can be added or removed; keep one "
         "of them"},
        {"step { change_members { remove { leader: true } as: LEARNER } }",
         "f:2:49: error: as says what those are who are added; give add, or remove as"},
        {"step { change_members { add { servers: [1, 2] } remove { servers: [2] } } }",
         "f:2:49: error: server 2 is added and removed; use two steps, or one of them"},
        {"step { wipe_disk {} }",
         "f:2:8: error: wipe_disk needs \"target\"; add for example target { leader: true }"},
    });
}

TEST(Mistakes, Matrix) {
    expect_messages({
        {"matrix { leave_out: \"los\" }",
         "f:2:10: error: the matrix has no factor \"los\"; did you mean \"loss\"?"},
        {"matrix { leave_out: [\"loss\", \"everything\"] }",
         "f:2:10: error: the matrix has no factor \"everything\"; it has reads, forwarding, "
         "window, "
         "snapshots, writes, encoded, storage, priorities and loss"},
    });
}

TEST(Mistakes, Story) {
    EXPECT_EQ(
        errors_of(""),
        "f:1:1: error: the scenario has no story; add one line that says what it shows: story: "
        "\"...\"");
    EXPECT_EQ(errors_of("story: \"\""),
              "f:1:1: error: story is empty; say in one line what is shown");
}

// What was unreadable is not said to be missing as well.
TEST(Mistakes, OneMistakeGivesOneMessage) {
    EXPECT_EQ(errors_of("stroy: \"s\""),
              "f:1:1: error: unknown field \"stroy\" in the scenario; did you mean \"story\"?");
    expect_messages({
        {"step { crsh { target { leader: true } } }",
         "f:2:8: error: unknown field \"crsh\" in step; did you mean \"crash\"?"},
        {"step { crash { trget { servers: [9] } } }",
         "f:2:16: error: unknown field \"trget\" in crash; did you mean \"target\"?"},
        {"options { election_timeout_min: 500ms election_timeout_max: \"100ms\" "
         "heartbeat_interval: \"1ms\" }",
         "f:2:33: error: \"election_timeout_min\" takes a text in quotes; write "
         "election_timeout_min: \"500ms\""},
    });
    // An unreadable number of servers does not make all servers unknown.
    EXPECT_EQ(errors_of("story: \"s\" servers: five step { crash { target { servers: 5 } } }"),
              "f:1:21: error: \"servers\" takes a whole number from 0 to 4294967295, found five");
}

TEST(Mistakes, TenInOneFileAreSaidAtOnce) {
    EXPECT_EQ(
        errors_of("# Ten mistakes.\n"
                  "story: \"s\"\n"
                  "servers: 5\n"
                  "duration: 10s\n"
                  "options {\n"
                  "\telection_timeout_min: \"5 sec\"\n"
                  "\twindow_messages_max: 0\n"
                  "}\n"
                  "network { loss: \"1.5\" latncy { constant: \"1ms\" } }\n"
                  "disk { on_crash: TRON }\n"
                  "step { at: \"5s\" crash { target { leader: true } } }\n"
                  "step { at: \"3s\" crash { target { servers: [1, 9] } } }\n"
                  "step { at: \"6s\" partition { shape: ISOLATE } }\n"
                  "servers: 4\n"),
        "f:4:11: error: \"duration\" takes a text in quotes; write duration: \"10s\"\n"
        "f:6:2: error: election_timeout_min is \"5 sec\", which is no duration; write it as "
        "\"20ns\", \"100us\", \"250ms\", \"1.5s\", \"2m\" or \"1h\"\n"
        "f:7:2: error: window_messages_max is 0; it must be at least 1\n"
        "f:9:11: error: loss is \"1.5\", which is no probability; write it as \"0%\", \"2.5%\" "
        "or \"100%\"\n"
        "f:9:23: error: unknown field \"latncy\" in network; did you mean \"latency\"?\n"
        "f:10:18: error: \"on_crash\" cannot be TRON; did you mean TORN?\n"
        "f:12:8: error: at goes backwards, from 5s in line 11 to 3s; steps happen in the order "
        "written\n"
        "f:12:34: error: there is no server 9; servers are numbered 1 to 5\n"
        "f:13:17: error: a partition of shape ISOLATE needs a target; add for example target { "
        "leader: true }\n"
        "f:14:1: error: \"servers\" is given twice in the scenario, first at line 3; remove "
        "one");
}

// Whatever the text, there is an answer. Each prefix of a good file is one, and so is each with a
// letter changed.
TEST(Mistakes, AnyTextIsAnswered) {
    const std::string good =
        "story: \"s\" servers: 5 initial { server: 1 log: [1, 2] }\n"
        "network { latency { table { quantile: [\"1ms\", \"2ms\"] } } } # note\n"
        "step { at: \"1s\" when < metric: TERM min: 2 > crash { target { servers: [1] } } }\n"
        "step [ { repeat { times: 2 step { after: \"1s\" wait {} } } }, { mark {} } ]\n";
    EXPECT_EQ(errors_of(good), "no error");
    for (std::size_t i = 0; i < good.size(); ++i) {
        EXPECT_FALSE(errors_of(good.substr(0, i)).empty());
        for (const char c : std::string("{}[]<>:,\"#-9x\n\0", 15)) {
            std::string bad = good;
            bad[i] = c;
            EXPECT_FALSE(errors_of(bad).empty()) << bad;
        }
    }
}

}  // namespace
}  // namespace wavetank
