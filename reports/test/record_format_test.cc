// What goes out comes back: records through bytes and JSON, event digests through their file.
#include "reports/record_format.h"

#include <gtest/gtest.h>

#include <fstream>

#include "reports/event_digests.h"
#include "reports/failure_folder.h"
#include "reports/narration.h"
#include "reports/test/session_builder.h"
#include "reports/text.h"
#include "reports/trace_file.h"

namespace wavetank {
namespace {

RunRecord full_record() {
    RunRecord record = example_session().runs[2].record;
    record.findings.pop_back();  // its text is changed on the way
    record.digest = UINT64_MAX;
    record.ended = Instant{5};
    record.messages_sent = 1;
    record.deliveries = 2;
    record.operations_ok = 3;
    record.operations_fail = 4;
    record.operations_info = 5;
    record.elections_won = 6;
    record.crashes = 7;
    record.highest_term = 8;
    record.highest_commit = 9;
    record.longest_unavailability = milliseconds(10);
    record.changes_done = 11;
    record.transfers_done = 12;
    record.snapshots_taken = 13;
    record.snapshots_installed = 14;
    record.lease_reads = 15;
    record.lease_margin = microseconds(16);
    record.lease_drift_ppm = 17;
    record.sometimes_reached = {"x", "y"};
    return record;
}

void expect_same(const RunRecord& a, const RunRecord& b) {
    EXPECT_EQ(encode_record(a), encode_record(b));
    EXPECT_EQ(a.digest, b.digest);
    EXPECT_EQ(a.verdict, b.verdict);
    EXPECT_EQ(a.highest_commit, b.highest_commit);
    EXPECT_EQ(a.longest_unavailability, b.longest_unavailability);
    EXPECT_EQ(a.changes_done, b.changes_done);
    EXPECT_EQ(a.transfers_done, b.transfers_done);
    EXPECT_EQ(a.snapshots_taken, b.snapshots_taken);
    EXPECT_EQ(a.snapshots_installed, b.snapshots_installed);
    EXPECT_EQ(a.lease_reads, b.lease_reads);
    EXPECT_EQ(a.lease_margin, b.lease_margin);
    EXPECT_EQ(a.lease_drift_ppm, b.lease_drift_ppm);
    EXPECT_EQ(a.sometimes_reached, b.sometimes_reached);
    ASSERT_EQ(a.findings.size(), b.findings.size());
    EXPECT_EQ(a.findings[0].message, b.findings[0].message);
    EXPECT_EQ(a.findings[0].verdict, b.findings[0].verdict);
}

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST(RecordFormat, ComesBackFromBytesAndJson) {
    const RunRecord record = full_record();
    const Result<RunRecord> from_bytes = decode_record(encode_record(record));
    ASSERT_TRUE(from_bytes.ok());
    expect_same(record, from_bytes.value());
    const Result<RunRecord> from_json = record_from_json(record_to_json(record));
    ASSERT_TRUE(from_json.ok());
    expect_same(record, from_json.value());
}

TEST(RecordFormat, NonsenseIsAnError) {
    EXPECT_FALSE(decode_record("\xff\xff").ok());
    EXPECT_FALSE(record_from_json("{").ok());
    EXPECT_FALSE(record_from_json("{\"digest\": \"none\"}").ok());
}

TEST(RecordFormat, SessionBecomesJson) {
    const std::string json = session_to_json(example_session());
    for (const char* part :
         {"\"verdict\": \"fail\"", "\"failed\": \"2\"", "\"a mark nobody saw\"",
          "\"reproduce\": \"wavetank run scenarios/partition.textproto --seed 7\""}) {
        EXPECT_NE(json.find(part), std::string::npos) << part << "\n" << json;
    }
}

TEST(EventDigests, ComeBackFromTheFileAndNameTheFirstDifference) {
    const std::string path = testing::TempDir() + "/events.digests";
    const EventDigests run{.seed = 7, .digests = {1, 2, UINT64_MAX}};
    ASSERT_FALSE(write_event_digests(path, run));
    const Result<EventDigests> back = read_event_digests(path);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back.value().seed, 7u);
    EXPECT_EQ(back.value().digests, run.digests);

    const std::string bytes = content_of(path);
    for (const std::size_t size : {0u, 7u, 8u, 20u, 24u, 40u, 47u}) {
        ASSERT_FALSE(write_file(path, std::string_view(bytes).substr(0, size)));
        EXPECT_FALSE(read_event_digests(path).ok()) << size;
    }
    EXPECT_FALSE(read_event_digests("/nowhere/at/all").ok());

    using Digests = std::vector<uint64_t>;
    EXPECT_EQ(first_different_event(run.digests, run.digests), std::nullopt);
    EXPECT_EQ(first_different_event(run.digests, Digests{1, 3, 3}), 2u);
    EXPECT_EQ(first_different_event(run.digests, Digests{1, 2}), 3u);
}

TEST(Trace, LinesAreNarratedAndWrittenAsJson) {
    const TraceEvent event{.number = 12,
                           .at = Instant{1'500'000'000},
                           .kind = TraceKind::Deliver,
                           .server = ServerId(2),
                           .peer = ServerId(1),
                           .words = "say \"hello\"\nagain"};
    EXPECT_EQ(narration_line(event), "     12    1.500000 deliver 2<-1  say \"hello\"; again");
    EXPECT_EQ(narration_line({.number = 1, .kind = TraceKind::Fault, .words = "heal"}),
              "      1    0.000000 fault   -     heal");
    const std::string path = testing::TempDir() + "/trace.ndjson";
    {
        Result<std::unique_ptr<TraceFile>> file = TraceFile::create(path);
        ASSERT_TRUE(file.ok());
        file.value()->on_event(event);
        EXPECT_TRUE(file.value()->ok());
    }
    EXPECT_EQ(content_of(path),
              "{\"number\":\"12\",\"at_nanos\":\"1500000000\",\"kind\":\"deliver\",\"server\":2,"
              "\"peer\":1,\"words\":\"say \\\"hello\\\"\\nagain\"}\n");
    EXPECT_FALSE(TraceFile::create("/nowhere/at/all").ok());
}

TEST(FailureFolder, HoldsWhatIsNeededToReproduce) {
    const Session session = example_session();
    const std::string folder =
        failure_folder(testing::TempDir() + "/out", {.scenario = "a b/c", .seed = 7});
    EXPECT_TRUE(folder.ends_with("/out/a-b-c-seed-7")) << folder;
    ASSERT_FALSE(write_failure(folder, session, session.runs[2], "name: 'x'\n"));
    EXPECT_EQ(content_of(folder + "/scenario.textproto"), "name: 'x'\n");
    EXPECT_TRUE(record_from_json(content_of(folder + "/record.json")).ok());
    EXPECT_TRUE(
        content_of(folder + "/reproduce.txt").starts_with("# The same run again:\nwavetank run "));
    EXPECT_TRUE(make_folder("/proc/no/such"));
}

}  // namespace
}  // namespace wavetank
