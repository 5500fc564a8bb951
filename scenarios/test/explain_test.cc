// The words `wavetank check` prints.
#include "scenarios/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/parse.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

std::string explanation_of(const std::string& text) {
    const auto setup = parse_scenario("story: \"It holds.\"\n" + text, "a/name.textproto");
    return setup.ok() ? explain(setup.value()) : setup.error().message;
}

TEST(Explain, SaysEverySection) {
    EXPECT_EQ(
        explanation_of("step { when { leader_exists: true } crash { target { leader: true } "
                       "restart_after: \"2s\" } }\n"
                       "step { after: \"1s\" label: \"later\" mark {} }\n"
                       "nemesis { crash: 1 pause: 2 }"),
        "name\n"
        "It holds.\n"
        "\n"
        "Cluster\n"
        "  3 servers; 1 can be lost without losing the majority.\n"
        "  Election timeout 150ms to 300ms, a heartbeat every 50ms.\n"
        "  AppendEntries carry up to 256 entries and 1048576 bytes; up to 128 messages and "
        "8388608 bytes are on the way to a follower.\n"
        "  Up to 4 disk writes at once; a leader refuses more than 67108864 bytes not "
        "committed.\n"
        "  Up to 65536 proposals open, 4096 reads waiting, 1024 entries applied at once.\n"
        "  Followers refuse proposals and reads.\n"
        "  A new voter must catch up within 10 rounds.\n"
        "  Reads ask a majority.\n"
        "  A snapshot only when it is asked for; the last 1024 commands before it stay in the log; "
        "it travels in pieces of 262144 bytes to up to 2 followers at once.\n"
        "  The whole log stays in memory.\n"
        "  Up to 4096 sessions with 256 replies kept for each; a session unused for 1h is "
        "closed.\n"
        "\n"
        "Weather\n"
        "  Between servers: 200us to 500us, nothing lost and all in order.\n"
        "  Between clients and servers: 200us to 500us, nothing lost and all in order.\n"
        "  One message in 64 is encoded and decoded again, and compared.\n"
        "  Disks: a write takes 100us to 300us; in a crash the first few writes not synced "
        "survive, and the beginning of the next.\n"
        "  Clocks: all right.\n"
        "\n"
        "Clients\n"
        "  3 clients, until they are stopped; between two operations 20ms on average "
        "(exponential).\n"
        "  Of 12 operations: 4 get, 4 put, 1 append, 2 cas and 1 erase.\n"
        "  5 keys; every write has a value of its own.\n"
        "  Another server is asked after 300ms, with a pause of 0s to 50ms; after 5s the "
        "outcome is unknown.\n"
        "\n"
        "Timeline\n"
        "    1. As soon as there is a leader (within 1m): crash the leader, and restart after "
        "2s.\n"
        "    2. 1s later: set the mark. (later)\n"
        "\n"
        "Random faults\n"
        "  A pause of 1s on average (exponential), then one of these for 1s on average "
        "(exponential); up to 3 at the same time.\n"
        "  1 in 3: a server crashes, at any event.\n"
        "  2 in 3: a server stands still.\n"
        "\n"
        "End\n"
        "  After 10s, and not before the timeline is through, the faults stop, the network "
        "heals and everything restarts.\n"
        "  Then there must be a leader within 5s, an answer within 10s, and the same state "
        "everywhere within 20s.\n"
        "  The linearizability checker may use 2000000 expansions and 536870912 bytes.\n"
        "  A run of more than 200000000 events fails.\n");
}

struct StepInWords {
    const char* step;
    const char* words;
};
// Each as the second step of a scenario in which all is allowed.
void expect_words(std::initializer_list<StepInWords> steps) {
    for (const auto& [step, words] : steps) {
        EXPECT_THAT(
            explanation_of(
                std::string(
                    "beyond_limit: true disk { storage: SQLITE } step { mark {} } step { ") +
                step + " }"),
            HasSubstr(std::string("  2. ") + words + "\n"));
    }
}

TEST(Explain, Steps) {
    expect_words({
        {"at: \"5s\" partition { shape: SPLIT target { minority_with_leader: true } }",
         "At 5s: split the network: a minority with the leader on one side, the rest on the "
         "other."},
        {"partition { shape: BRIDGE }",
         "At once: split the network into halves that only a random server sees both of."},
        {"clog { from { servers: [1, 2] } to { followers: true } }",
         "At once: clog the links from servers 1 and 2 to all followers."},
        {"invoke { count: 3 concurrent: false }",
         "At once: invoke 3 puts one after the other, first sent to the leader."},
        {"change_clock { target { random: 1 } step: \"-1s\" drift_ppm: 5 }",
         "At once: change the clock of a random server: it jumps by -1s and it drifts by 5 ppm."},
        {"expect { metric: TERM max: 0 since_mark: true }",
         "At once: expect that the highest term rose by 0 since the mark."},
        {"expect { metric: MESSAGES min: 2 max: 5 }",
         "At once: expect that the number of messages between servers is 2 to 5."},
        {"when { committed: 10 }", "As soon as index 10 is committed (within 1m): go on."},
        {"change_clock { target { leader: true } freeze_for: \"2s\" drift_ppm: 1 }",
         "At once: change the clock of the leader: it drifts by 1 ppm and it stands still for 2s."},
        {"change_clock { target { leader: true } strobe { by: \"5ms\" every: \"1ms\" lasts: \"3s\" "
         "} "
         "}",
         "At once: change the clock of the leader: it jumps forth and back by 5ms every 1ms for "
         "3s."},
        {"change_members { set { voters: [1, 2] learners: [3] } }",
         "At once: ask for these members: servers 1 and 2 vote and server 3 learns."},
        {"change_members { add { servers: [3] } as: LEARNER }",
         "At once: ask the leader to add server 3 as a learner."},
        {"change_members { add { random: 2 } as: WITNESS remove { leader: true } }",
         "At once: ask the leader to add 2 random servers as witnesses and remove the leader."},
        {"transfer {}", "At once: ask the leader to hand over to whom it thinks best."},
        {"transfer { to { servers: [2] } }", "At once: ask the leader to hand over to server 2."},
        {"take_snapshot { target { all: true } }", "At once: let all servers take a snapshot."},
        {"replace_server { target { servers: [2] } }",
         "At once: let the operator replace server 2."},
        {"expect { need_operator: 2 }", "At once: expect that 2 servers wait to be replaced."},
        {"expect { voters: 1 }", "At once: expect that 1 voter is in the leader's configuration."},
        {"expect { joint: false }",
         "At once: expect that the leader's configuration is not joint."},
        {"expect { changes_done: 2 since_mark: true }",
         "At once: expect that 2 membership changes are done since the mark."},
        {"expect { log_entries_max: 100 }",
         "At once: expect that at most 100 entries are in the log of any server."},
    });
}

TEST(Explain, StepsOfDisks) {
    expect_words({
        {"wipe_disk { target { servers: [3] } }",
         "At once: wipe the disk of what is down and no member of server 3."},
        {"wipe_disk { target { all: true } members_too: true }",
         "At once: wipe the disk of what is down, members too, of all servers."},
        {"stall_disk { target { leader: true } release_after: \"1s\" }",
         "At once: stall the disk of the leader, and release it after 1s."},
        {"release_disk { target { leader: true } }", "At once: release the disk of the leader."},
        {"lose_disk { target { leader: true } }", "At once: lose the disk of the leader."},
        {"slow_disk { target { leader: true } write { constant: \"1s\" } mend_after: \"2s\" }",
         "At once: slow the disk of the leader down to 1s a write, and mend it after 2s."},
        {"slow_disk { target { leader: true } write { constant: \"1s\" } bytes_per_second: 5 }",
         "At once: slow the disk of the leader down to 1s a write and 5 bytes a second."},
        {"rot_disk { target { all: true } bits: 2 }",
         "At once: change 2 bits on the disk of all servers."},
        {"rot_disk { target { all: true } file: WAL }",
         "At once: change a bit of SQLite's log on the disk of all servers."},
        {"rot_disk { target { all: true } bits: 9 file: DATABASE offset: 100 }",
         "At once: change 9 bits, from byte 100 of the database on, on the disk of all servers."},
        {"rot_disk { target { all: true } entry: 5 }",
         "At once: change a bit of entry 5 on the disk of all servers."},
        {"mend_disk { target { all: true } }", "At once: mend the disk of all servers."},
    });
}

TEST(Explain, ClientsWithLanesAndReaders) {
    EXPECT_THAT(explanation_of("clients { count: 2 lanes: 3 readers: 4 operations_max: 5 "
                               "keep_alive: \"1s\" }"),
                testing::AllOf(HasSubstr("  2 clients with 3 operations at once each and 4 that "
                                         "only get, 5 operations each; between two"),
                               HasSubstr("  A session that is idle for 1s is used, so that it "
                                         "lives.\n")));
    EXPECT_THAT(explanation_of("clients { count: 0 }"), HasSubstr("Clients\n  None.\n"));
}

TEST(Explain, Members) {
    EXPECT_THAT(
        explanation_of("servers: 7 members { voters: [1, 2] learners: [4] witnesses: [3] } "
                       "options { priority: 3 } server_priority { server: 1 priority: 0 }"),
        HasSubstr("  7 servers: servers 1 and 2 vote, server 4 learns and server 3 is a "
                  "witness, and servers 5, 6 and 7 wait to be added; 1 can be lost without "
                  "losing the majority.\n"
                  "  The priority to lead is 3, of server 1 0 (4 leads first, 0 never).\n"));
}

TEST(Explain, SnapshotsAndFollowers) {
    EXPECT_THAT(
        explanation_of("options { snapshot_entries: 9 snapshot_bytes: 80 log_memory_entries: 1 "
                       "snapshot_trailing_entries: 1 forward_proposals: true }"),
        testing::AllOf(
            HasSubstr("  Followers pass on proposals and refuse reads.\n"),
            HasSubstr(
                "  A snapshot every 9 applied commands or 80 bytes; the last 1 command before "
                "it stay in the log; "),
            HasSubstr("  Of what is applied, the last 1 command stay in memory.\n")));
}

// Leases rest on clocks: whether a file's clocks bear them is said.
TEST(Explain, WhetherClocksBearTheLease) {
    const std::string lease = "options { lease_duration: \"100ms\" } ";
    EXPECT_THAT(explanation_of(lease),
                HasSubstr("  A lease of 100ms has no effect, as no clock has an error_bound: reads "
                          "ask a majority.\n"));
    const std::string bound = lease + "clock { server: 1 drift_ppm: 1000 error_bound: \"46ms\" } ";
    EXPECT_THAT(explanation_of(bound),
                testing::AllOf(
                    HasSubstr("  Reads are served from a lease of 100ms by servers that know "
                              "their clock's error.\n"),
                    HasSubstr("  Clock of server 1: off by 0s, drifts by 1000 ppm; said to be at "
                              "most 46ms wrong.\n")));
    EXPECT_THAT(explanation_of(bound + "duration: \"1m\""),
                HasSubstr("; said to be at most 46ms wrong, but it may come to 96ms.\n"));
    EXPECT_THAT(explanation_of(bound + "nemesis { clock_step: 1 }"),
                HasSubstr("; said to be at most 46ms wrong, but faults may make it worse than "
                          "that.\n"));
    EXPECT_THAT(explanation_of("clock { server: 2 offset: \"1s\" }"),
                HasSubstr("  Clock of server 2: off by 1s, drifts by 0 ppm; its error is not "
                          "known.\n"));
}

}  // namespace
}  // namespace wavetank
