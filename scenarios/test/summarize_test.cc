// The line of a swarm's seed and the table of a matrix.
#include "scenarios/summarize.h"

#include <gtest/gtest.h>

#include "scenarios/parse.h"

namespace wavetank {
namespace {

std::string summary_of(const std::string& text) {
    const auto setup = parse_scenario("story: \"s\"\n" + text, "f");
    return setup.ok() ? summarize(setup.value()) : setup.error().message;
}

TEST(Summarize, SaysWhatIsNotUsual) {
    EXPECT_EQ(summary_of(""),
              "3 servers; elections 150ms to 300ms; 3 clients, 5 keys for 10s; no faults");
    EXPECT_EQ(
        summary_of(
            "servers: 7 members { voters: [1, 2] witnesses: [3] learners: [4] }\n"
            "options { lease_duration: \"50ms\" forward_proposals: true follower_reads: true\n"
            "  window_messages_max: 4 writes_in_flight_max: 1 snapshot_entries: 9\n"
            "  snapshot_bytes: 80 snapshot_trailing_entries: 2 log_memory_entries: 5 }\n"
            "server_priority { server: 1 priority: 2 }\n"
            "sessions { sessions_max: 6 expire_after: \"2s\" }\n"
            "network { loss: \"1%\" duplicate: \"2%\" reorder: \"3%\" corrupt: \"4%\"\n"
            "  bytes_per_second: 1000 }\n"
            "client_network { loss: \"5%\" } encoded_links: true\n"
            "server_disk { server: 1 quality { on_crash: TORN } }\n"
            "clock { server: 1 error_bound: \"1ms\" }\n"
            "clients { count: 1 lanes: 2 readers: 1 keys: 1 } duration: \"3s\"\n"
            "nemesis { crash: 2 clog: 1 interval { constant: \"300ms\" } }"),
        "7 servers, 1 learner, 1 witness, 3 waiting; elections 150ms to 300ms, lease 50ms, "
        "forwarding, follower reads, window 4 x 256, 1 write, snapshots at 9 keep 2, snapshots at "
        "80 bytes, 5 in memory, priorities, 6 sessions, sessions expire after 2s; loss 1%, "
        "duplicates 2%, reordering 3%, corruption 4%, 1000 bytes/s, clients' loss 5%, encoded, a "
        "slow disk, 1 of 7 clocks bounded; 1 client, 2 lanes, 1 reader, 1 key for 3s; crash 2, "
        "clog 1 every 300ms");
    EXPECT_EQ(summary_of("clock { offset: \"1s\" }"),
              "3 servers; elections 150ms to 300ms; clocks astray; 3 clients, 5 keys for 10s; no "
              "faults");
}

TEST(Summarize, TableOfAMatrix) {
    const std::vector<MatrixRow> rows = {
        {.number = 1, .choices = {{"reads", "read_index"}, {"loss", "0%"}}, .setup = {}},
        {.number = 12, .choices = {{"reads", "lease"}, {"loss", "10%"}}, .setup = {}},
    };
    EXPECT_EQ(table_of(rows),
              " row  reads       loss\n"
              "   1  read_index  0%\n"
              "  12  lease       10%\n");
    EXPECT_EQ(table_of({}), "");
}

}  // namespace
}  // namespace wavetank
