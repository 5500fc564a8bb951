// The figures as OpenMetrics text: a strict reader takes all of it, and finds the values.
#include "core/http/metrics.h"

#include <gtest/gtest.h>

#include "core/http/test/open_metrics_reader.h"

namespace wavetank {
namespace {

std::string wrong_with(const std::string& text) {
    return OpenMetricsReader().read(text);
}

ServerFigures figures() {
    ServerStatus status{.server = ServerId(2), .role = Role::Leader, .term = Term(7)};
    status.leader = ServerId(2);
    status.base = LogIndex(10);
    status.last = LogIndex(30);
    status.durable = LogIndex(29);
    status.commit = LogIndex(28);
    status.applied = LogIndex(27);
    status.sessions = 4;
    status.configuration = Configuration::of_voters({ServerId(1), ServerId(2), ServerId(3)});
    status.peers = {{ServerId(1), LogIndex(28), ProgressState::Replicate},
                    {ServerId(3), LogIndex(0), ProgressState::Probe}};
    return {.build = {{"version", "1 \"quoted\" \\ and\nbroken"}, {"commit", "abc"}},
            .status = status,
            .counts = {.turns = 1,
                       .steps = 2,
                       .commits = 3,
                       .writes = UINT64_MAX,
                       .syncs = 17,
                       .traffic = {.received = 11, .sent = 12}},
            .http = {.answers = {{200, 5}, {404, 6}}, .connections = 7, .accepted = 8},
            .process = {.cpu_seconds = 1.5, .resident_bytes = 4096, .open_files = 9}};
}

TEST(MetricsTest, AllOfItIsOpenMetrics) {
    OpenMetricsReader reader;
    ASSERT_EQ(reader.read(metrics_text(figures())), "");
    const std::map<std::string, std::string> expected = {
        {R"(wavetank_build_info{version="1 \"quoted\" \\ and\nbroken",commit="abc"})", "1"},
        {"wavetank_up", "1"},
        {"wavetank_raft_term", "7"},
        {R"(wavetank_raft_role{wavetank_raft_role="leader"})", "1"},
        {R"(wavetank_raft_role{wavetank_raft_role="follower"})", "0"},
        {"wavetank_raft_leader_id", "2"},
        {"wavetank_raft_first_index", "11"},
        {"wavetank_raft_last_index", "30"},
        {"wavetank_raft_durable_index", "29"},
        {"wavetank_raft_commit_index", "28"},
        {"wavetank_raft_applied_index", "27"},
        {"wavetank_raft_snapshot_index", "0"},
        {R"(wavetank_raft_peer_match_index{peer="1"})", "28"},
        {R"(wavetank_raft_peer_match_index{peer="3"})", "0"},
        {"wavetank_raft_members", "3"},
        {"wavetank_sessions", "4"},
        {"wavetank_storage_syncs_total", "17"},
        {"wavetank_loop_turns_total", "1"},
        {"wavetank_loop_steps_total", "2"},
        {"wavetank_storage_commits_total", "3"},
        {"wavetank_storage_writes_total", "18446744073709551615"},
        {"wavetank_network_received_bytes_total", "11"},
        {"wavetank_network_sent_bytes_total", "12"},
        {R"(wavetank_http_answers_total{status="404"})", "6"},
        {"wavetank_http_connections_open", "7"},
        {"process_cpu_seconds_total", "1.500000"},
        {"process_resident_memory_bytes", "4096"},
        {"process_open_fds", "9"},
    };
    for (const auto& [series, value] : expected) {
        const auto found = reader.samples().find(series);
        ASSERT_NE(found, reader.samples().end()) << series;
        EXPECT_EQ(found->second, value) << series;
    }
    EXPECT_EQ(reader.type_of("wavetank_storage_commits"), "counter");
    EXPECT_EQ(reader.type_of("wavetank_raft_role"), "stateset");
}

TEST(MetricsTest, AServerThatDoesNotAnswerIsDown) {
    ServerFigures down = figures();
    down.status.reset();
    OpenMetricsReader reader;
    ASSERT_EQ(reader.read(metrics_text(down)), "");
    EXPECT_EQ(reader.samples().at("wavetank_up"), "0");
    EXPECT_FALSE(reader.samples().contains("wavetank_raft_term"));
    EXPECT_TRUE(reader.samples().contains("wavetank_loop_turns_total"));
    EXPECT_EQ(reader.samples().at("wavetank_storage_syncs_total"), "17");
}

TEST(MetricsTest, TheProcessHasFigures) {
    const ProcessFigures process = process_figures();
    EXPECT_GT(process.resident_bytes, 100'000U);
    EXPECT_GE(process.open_files, 3U);
}

// So that the reader's silence means something.
TEST(MetricsTest, TheReaderFindsMistakes) {
    const std::string head = "# TYPE a counter\n# HELP a Text.\n";
    EXPECT_EQ(wrong_with(head + "a_total 1\n# EOF\n"), "");
    EXPECT_EQ(wrong_with(head + "a_total 1\n"), "# EOF is missing");
    EXPECT_EQ(wrong_with(head + "a_total 1\n# EOF"), "the last line does not end");
    EXPECT_EQ(wrong_with(head + "# EOF\na_total 1\n"), "something follows # EOF");
    EXPECT_NE(wrong_with(head + "a 1\n# EOF\n"), "");
    EXPECT_NE(wrong_with(head + "a_total 1\na_total 2\n# EOF\n"), "");
    EXPECT_NE(wrong_with(head + "a_total{x=\"1\",x=\"2\"} 1\n# EOF\n"), "");
    EXPECT_NE(wrong_with(head + "a_total{x=\"1} 1\n# EOF\n"), "");
    EXPECT_NE(wrong_with(head + head + "# EOF\n"), "");
    EXPECT_NE(wrong_with(head + "# UNIT a bytes\n# EOF\n"), "");
    EXPECT_NE(wrong_with("# TYPE a counter\na_total 1\n# EOF\n"), "");
    EXPECT_NE(wrong_with("# TYPE a_total counter\n# HELP a_total x\n# EOF\n"), "");
    EXPECT_NE(wrong_with(head + "a_total x\n# EOF\n"), "");
}

}  // namespace
}  // namespace wavetank
