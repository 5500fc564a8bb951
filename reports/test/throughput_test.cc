// Rows, comparisons and renderings of a session whose figures are made up and easy to check by
// hand.
#include "reports/throughput.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pugixml.hpp>

#include "reports/throughput_comparison.h"
#include "reports/throughput_plot.h"
#include "reports/throughput_table.h"

namespace wavetank {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

ThroughputSample sample_of(const std::string& system, uint64_t payload_bytes, Duration elapsed) {
    ThroughputSample sample{.system = system};
    sample.cell = {.table = "Payload size",
                   .servers = 3,
                   .messages = 1'000,
                   .payload_bytes = payload_bytes,
                   .concurrency = 64};
    sample.messages = 1'000;
    sample.elapsed = elapsed;
    sample.p50 = microseconds(800);
    sample.p99 = microseconds(1'500);
    sample.p999 = milliseconds(12);
    sample.max = milliseconds(13);
    return sample;
}

ThroughputSession one_system() {
    ThroughputSession session{.started = "2026-01-02T03:04:05Z"};
    session.conditions = {{"build", "wavetank 1.0"}, {"disk", "fdatasync 120 us"}};
    session.samples = {
        sample_of("wavetank", 4, milliseconds(100)), sample_of("wavetank", 200, milliseconds(500)),
        sample_of("wavetank", 4, milliseconds(50)), sample_of("wavetank", 4, milliseconds(125))};
    for (uint32_t i = 2; i < 4; ++i) session.samples[i].repeat = i;
    session.samples[0].syncs = 30;
    session.samples[0].commits = 10;
    session.samples[0].server_cpu = milliseconds(25);
    session.samples[0].memory_peak_bytes = 52'000'000;
    return session;
}

ThroughputSession two_systems() {
    ThroughputSession session = one_system();
    session.samples.push_back(sample_of("other", 4, milliseconds(800)));
    session.samples.push_back(sample_of("other", 200, milliseconds(1'000)));
    for (ThroughputSample& sample : session.samples) {
        if (sample.system == "other") sample.p99 = milliseconds(2);
    }
    return session;
}

TEST(Throughput, RowIsTheMedianOfItsRepeats) {
    const std::vector<ThroughputRow> rows = rows_of(one_system());
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].cell.payload_bytes, 4u);
    EXPECT_EQ(rows[0].measured, 3u);
    EXPECT_DOUBLE_EQ(rows[0].messages_per_second, 10'000);
    EXPECT_DOUBLE_EQ(rows[0].slowest, 8'000);
    EXPECT_DOUBLE_EQ(rows[0].fastest, 20'000);
    EXPECT_DOUBLE_EQ(rows[0].megabytes_per_second, 0.04);
    EXPECT_DOUBLE_EQ(rows[1].messages_per_second, 2'000);
}

TEST(Throughput, CostsCountOnlyRepeatsThatTellThem) {
    const std::vector<ThroughputRow> rows = rows_of(one_system());
    EXPECT_DOUBLE_EQ(rows[0].syncs_per_message.value(), 0.03);
    EXPECT_DOUBLE_EQ(rows[0].messages_per_commit.value(), 100);
    EXPECT_EQ(rows[0].cpu_per_message.value(), microseconds(25));
    EXPECT_FALSE(rows[1].syncs_per_message.has_value());
}

TEST(Throughput, LowerMiddleOfAnEvenNumberOfRepeats) {
    ThroughputSession session = one_system();
    session.samples.pop_back();
    EXPECT_DOUBLE_EQ(rows_of(session)[0].messages_per_second, 10'000);
}

TEST(Throughput, RemarksSayWhatWentWrong) {
    ThroughputSession session = one_system();
    session.samples[1].problem = "server 2 ended with signal 9";
    session.samples[2].problem = "no leader after 10s";
    session.samples[3].messages = 400;
    const std::vector<ThroughputRow> rows = rows_of(session);
    EXPECT_EQ(rows[0].remark, "no leader after 10s; time limit after 400 messages; 2 of 3 repeats");
    EXPECT_EQ(rows[1].remark, "server 2 ended with signal 9");
    EXPECT_EQ(rows[1].measured, 0u);
    session.samples[3].failed = 600;
    EXPECT_EQ(rows_of(session)[0].remark,
              "no leader after 10s; 600 messages failed; 2 of 3 repeats");
}

TEST(Throughput, ComparisonIsCellByCellAndAgainstTheBar) {
    ThroughputSession session = two_systems();
    session.bars = {{.against = "other", .concurrency = 64, .percent_min = 500}};
    const std::vector<ThroughputComparison> comparisons = comparisons_of(session);
    ASSERT_EQ(comparisons.size(), 2u);
    EXPECT_DOUBLE_EQ(comparisons[0].ratio, 8);
    EXPECT_TRUE(comparisons[0].met);
    EXPECT_DOUBLE_EQ(comparisons[1].ratio, 2);
    EXPECT_FALSE(comparisons[1].met);
    EXPECT_FALSE(all_bars_met(session));
    session.bars[0].percent_min = 200;
    EXPECT_TRUE(all_bars_met(session));
}

TEST(Throughput, BarIsMissedByAHigherTailOrByNoFigure) {
    ThroughputSession session = two_systems();
    session.bars = {{.against = "other", .concurrency = 64, .percent_min = 100}};
    session.samples[1].p99 = milliseconds(3);
    EXPECT_FALSE(all_bars_met(session));
    session.samples[1].p99 = milliseconds(1);
    EXPECT_TRUE(all_bars_met(session));
    session.samples[1].problem = "crashed";
    EXPECT_FALSE(all_bars_met(session));
    session.bars[0].concurrency = 256;  // nothing was measured with it
    EXPECT_FALSE(all_bars_met(session));
}

TEST(ThroughputTable, TextStatesConditionsAndCaption) {
    const std::string expected =
        "measured 2026-01-02T03:04:05Z\n"
        "build: wavetank 1.0\n"
        "disk: fdatasync 120 us\n"
        "\n"
        "Payload size\n"
        "3 servers, 1,000 messages, concurrency 64, wavetank\n"
        "  payload B  messages/s          repeats  MB/s     p50      p99  p99.9  fsyncs/message"
        "  messages/commit  CPU/message  memory\n"
        "          4      10,000  8,000 to 20,000  0.04  800 us  1.50 ms  12 ms            0.03"
        "              100        25 us   52 MB\n"
        "        200       2,000                   0.40  800 us  1.50 ms  12 ms\n";
    const ThroughputSession session = one_system();
    EXPECT_EQ(throughput_text(session), expected);
}

TEST(ThroughputTable, MarkdownHasReferencesBesideTheFigures) {
    ThroughputSession session = one_system();
    session.references = {{.table = "Payload size",
                           .system = "job queue",
                           .messages = 1'000,
                           .payload_bytes = 200,
                           .figure = "crash | near 475"}};
    const std::string markdown = throughput_markdown(session);
    EXPECT_THAT(markdown, HasSubstr("### Payload size\n\n3 servers, 1,000 messages"));
    EXPECT_THAT(markdown, HasSubstr("| memory | job queue |\n|---:|---:|"));
    EXPECT_THAT(markdown, HasSubstr("| crash \\| near 475 |\n"));
    EXPECT_THAT(markdown, HasSubstr("- disk: fdatasync 120 us\n"));
}

TEST(ThroughputTable, SystemsAreComparedBelow) {
    ThroughputSession session = two_systems();
    session.bars = {{.against = "other", .concurrency = 64, .percent_min = 800}};
    const std::string text = throughput_text(session);
    EXPECT_THAT(text, HasSubstr("wavetank beside the others\n"));
    EXPECT_THAT(text, HasSubstr("8 x  1.50 ms       2 ms  8 x and p99 below  met\n"));
    EXPECT_THAT(text, HasSubstr("2 x  1.50 ms       2 ms  8 x and p99 below  missed\n"));
    EXPECT_THAT(throughput_text(one_system()), Not(HasSubstr("beside the others")));
}

TEST(ThroughputTable, CsvHoldsEverySample) {
    ThroughputSession session = one_system();
    session.samples[1].problem = "said \"no\", and ended";
    const std::string csv = throughput_csv(session);
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
    EXPECT_THAT(csv, HasSubstr("Payload size,wavetank,3,1000,4,64,1,1000,0,100000000,800000,"
                               "1500000,12000000,13000000,30,10,25000000,0,52000000,\n"));
    EXPECT_THAT(csv, HasSubstr(",,,,0,,\"said \"\"no\"\", and ended\"\n"));
}

TEST(ThroughputTable, FiguresKeepThreeDigits) {
    EXPECT_EQ(figure_text(1'234'567), "1,234,567");
    EXPECT_EQ(figure_text(100), "100");
    EXPECT_EQ(figure_text(99.97), "100");
    EXPECT_EQ(figure_text(12.34), "12.3");
    EXPECT_EQ(figure_text(9.996), "10.0");
    EXPECT_EQ(figure_text(0.066), "0.07");
    EXPECT_EQ(figure_text(3), "3");
    EXPECT_EQ(span_text(microseconds(85)), "85 us");
    EXPECT_EQ(span_text(nanoseconds(1'234'000)), "1.23 ms");
    EXPECT_EQ(span_text(milliseconds(12'300)), "12.3 s");
}

// Every figure is a dot whose title names it; a line has a legend.
TEST(ThroughputPlot, DrawsWhatWasMeasured) {
    ThroughputSession session = two_systems();
    session.samples.back().problem = "crashed";
    pugi::xml_document document;
    ASSERT_TRUE(document.load_string(throughput_svg(session).c_str()));
    std::vector<std::string> dots;
    for (const pugi::xpath_node node : document.select_nodes("//circle/title")) {
        dots.emplace_back(node.node().text().get());
    }
    EXPECT_THAT(dots, ElementsAre("1,250 messages/s", "10,000 messages/s", "2,000 messages/s"));
    const std::string svg = throughput_svg(session);
    EXPECT_THAT(svg, HasSubstr("wavetank, concurrency 64"));
    EXPECT_THAT(svg, HasSubstr("Payload size, 3 servers, 1,000 messages"));
}

TEST(ThroughputPlot, SaysThatNothingWasMeasured) {
    EXPECT_THAT(throughput_svg({}), HasSubstr("nothing was measured"));
}

}  // namespace
}  // namespace wavetank
