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
        "\n"
        "Weather\n"
        "  Between servers: 200us to 500us, nothing lost and all in order.\n"
        "  Between clients and servers: 200us to 500us, nothing lost and all in order.\n"
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

TEST(Explain, Steps) {
    const struct {
        const char* step;
        const char* words;
    } steps[] = {
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
    };
    for (const auto& [step, words] : steps) {
        EXPECT_THAT(explanation_of(std::string("step { mark {} } step { ") + step + " }"),
                    HasSubstr(std::string("  2. ") + words + "\n"));
    }
}

}  // namespace
}  // namespace wavetank
