// The text a person reads, whole, and the order of the lines that machines look for.
#include "reports/summary.h"

#include <gtest/gtest.h>

#include "reports/test/session_builder.h"

namespace wavetank {
namespace {

TEST(Summary, SessionTellsAllThatMatters) {
    Session session = example_session();
    session.runs[3].record.longest_unavailability = microseconds(481'700);
    const std::string expected =
        "election   1 passed, 1 unknown, 1200 events\n"
        "partition  2 failed, 1600 events, longest unavailability 481 ms (seed 9)\n"
        "1 of 2 SOMETIMES marks were reached by no run:\n"
        "  a mark nobody saw\n"
        "UNKNOWN election seed 2\n"
        "  linearizability at 1.234567 s (event 553): budget ran out\n"
        "  reproduce: wavetank run scenarios/election.textproto --seed 2\n"
        "FAILED partition seed 7\n"
        "  budget at 1.234567 s (event 553): ran out\n"
        "  election safety at 1.234567 s (event 553): two leaders <1> & \"2\" in term 3 ]]>\n"
        "    \xEF\xBF\xBD[31m and \xEF\xBF\xBD bytes\n"
        "  reproduce: wavetank run scenarios/partition.textproto --seed 7\n"
        "FAILED partition seed 9\n"
        "  hang at 1.234567 s (event 553): no answer\n"
        "  reproduce: wavetank run scenarios/partition.textproto --seed 9 --timeout 120\n"
        "4 runs in 2.0 s (2.0 per second): 1 passed, 2 failed, 1 unknown\n"
        "2 of 6 runs were not made: stopped after a failure\n"
        "verdict fail\n"
        "digest ";
    EXPECT_EQ(session_summary(session).substr(0, expected.size()), expected);
}

// The rows of a matrix are scenarios of one file, and the swarm's have none.
TEST(Summary, ScenariosAreToldApartByNameAndFile) {
    Session session;
    for (const char* name : {"storm[2]", "storm[1]", "swarm"}) {
        RunEntry entry = run_entry(name, 1, Verdict::Fail);
        const bool drawn = entry.record.scenario == "swarm";
        entry.file = drawn ? "" : "storm.textproto";
        entry.selection = drawn ? "--swarm" : "storm.textproto --matrix --row 2";
        add_run(session, std::move(entry));
    }
    complete(session, {});
    const std::string text = session_summary(session);
    EXPECT_TRUE(
        text.starts_with("storm[1]  1 failed, 100 events\n"
                         "storm[2]  1 failed, 100 events\n"
                         "swarm     1 failed, 100 events\n"))
        << text;
    EXPECT_EQ(reproduction_command(session, session.runs[1]),
              "wavetank run storm.textproto --matrix --row 2 --seed 1");
    EXPECT_EQ(reproduction_command(session, session.runs[2]), "wavetank run --swarm --seed 1");
}

TEST(Summary, OneRunEndsWithVerdictAndDigest) {
    const Session session = example_session();
    const std::string text = run_summary(session, session.runs[2]);
    EXPECT_TRUE(text.ends_with("verdict fail\ndigest 000000000000abc7\n")) << text;
    const std::string death = run_summary(session, session.runs[3]);
    EXPECT_TRUE(death.ends_with("verdict fail\ndigest none\n")) << death;
}

TEST(Summary, RarerFiguresAreToldWhereThereAreAny) {
    Session session = example_session();
    EXPECT_EQ(run_summary(session, session.runs[1]).find("transfers"), std::string::npos);
    EXPECT_EQ(run_summary(session, session.runs[1]).find("closest lease"), std::string::npos);
    RunRecord& record = session.runs[1].record;
    record.changes_done = 2;
    record.transfers_done = 3;
    record.snapshots_taken = 4;
    record.snapshots_installed = 5;
    record.lease_reads = 6;
    record.lease_margin = milliseconds(12);
    record.lease_drift_ppm = 40'000;
    const std::string text = run_summary(session, session.runs[1]);
    EXPECT_NE(text.find("2 membership changes, 3 transfers, 4 snapshots taken and 5 installed, 6 "
                        "lease reads\n"),
              std::string::npos)
        << text;
    EXPECT_NE(
        text.find("closest lease: 12ms from breaking, or clocks drifting apart by 40000 ppm\n"),
        std::string::npos)
        << text;
}

TEST(Summary, DigestDoesNotDependOnTheOrderOfCompletion) {
    Session forth;
    Session back;
    for (uint64_t seed = 1; seed <= 5; ++seed) {
        add_run(forth, run_entry("a", seed, Verdict::Pass));
        add_run(back, run_entry("a", 6 - seed, Verdict::Pass));
    }
    complete(forth, {});
    complete(back, {});
    EXPECT_EQ(digest_of(forth), digest_of(back));
    EXPECT_EQ(digest_list(forth), digest_list(back));
    EXPECT_TRUE(digest_list(forth).starts_with("a 1 000000000000abc1\na 2 ")) << digest_list(forth);
}

TEST(Summary, VerdictOfManyRuns) {
    EXPECT_EQ(verdict_of({.passed = 3}), Verdict::Pass);
    EXPECT_EQ(verdict_of({.passed = 3, .unknown = 1}), Verdict::Unknown);
    EXPECT_EQ(verdict_of({.passed = 3, .failed = 1, .unknown = 1}), Verdict::Fail);
}

TEST(Reproduction, GuideLeadsToTheFirstFinding) {
    const Session session = example_session();
    const std::string guide = reproduction_guide(session, session.runs[2]);
    for (const char* line :
         {"\nwavetank run scenarios/partition.textproto --seed 7\n",
          "\nwavetank replay 7 scenarios/partition.textproto --digest 000000000000abc7\n",
          "\nwavetank replay 7 scenarios/partition.textproto --narrate 513..553\n",
          "\nwavetank replay 7 scenarios/partition.textproto --until 553 --server 1\n"}) {
        EXPECT_NE(guide.find(line), std::string::npos) << line << guide;
    }
}

}  // namespace
}  // namespace wavetank
