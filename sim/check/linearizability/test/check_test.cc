// Small histories with a verdict that can be seen with the eye, budgets, and a long easy one.
#include "sim/check/linearizability/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/hash.h"
#include "sim/check/linearizability/test/histories.h"

namespace wavetank {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

LinearizabilityReport check(const HistoryWriter& history) {
    return check_linearizability(history.operations(), {});
}

TEST(Linearizability, EmptyHistory) {
    const LinearizabilityReport report = check_linearizability({}, {});
    EXPECT_EQ(report.verdict, Linearizability::Ok);
    EXPECT_EQ(report.evidence, "");
}

TEST(Linearizability, ConcurrentReadMaySeeEither) {
    for (const char* seen : {"old", "new"}) {
        HistoryWriter h;
        h.ok(h.put(1, "old"));
        const auto write = h.put(1, "new");
        const auto read = h.get(2);
        h.ok(read, seen);
        h.ok(write);
        EXPECT_EQ(check(h).verdict, Linearizability::Ok) << seen;
    }
}

TEST(Linearizability, StaleRead) {
    HistoryWriter h;
    h.ok(h.put(1, "old"));
    h.ok(h.put(1, "new"));
    const auto read = h.get(2);
    h.ok(read, "old");
    h.ok(h.get(1), "new");
    const LinearizabilityReport report = check(h);
    EXPECT_EQ(report.verdict, Linearizability::Illegal);
    EXPECT_EQ(report.key, "k");
    EXPECT_EQ(report.operation, read);
    EXPECT_THAT(report.evidence, HasSubstr("client 2 #3  get"));
    EXPECT_THAT(report.evidence, HasSubstr("could only be \"new\""));
    EXPECT_THAT(report.evidence, Not(HasSubstr("#4")));  // later than the proof
}

// Two reads see two concurrent writes in opposite orders of time: new, then old.
TEST(Linearizability, ReadsGoBackInTime) {
    HistoryWriter h;
    h.ok(h.put(1, "old"));
    const auto write = h.put(1, "new");
    h.ok(h.get(2), "new");
    const auto second = h.get(3);
    h.ok(second, "old");
    h.ok(write);
    const LinearizabilityReport report = check(h);
    EXPECT_EQ(report.verdict, Linearizability::Illegal);
    EXPECT_EQ(report.operation, second);
    EXPECT_THAT(report.evidence, HasSubstr("put \"new\""));
}

TEST(Linearizability, LostUpdate) {
    HistoryWriter h;
    h.ok(h.put(1, "0"));
    const auto one = h.cas(1, "0", "1");
    const auto two = h.cas(2, "0", "2");
    h.ok(one);
    h.ok(two);
    const LinearizabilityReport report = check(h);
    EXPECT_EQ(report.verdict, Linearizability::Illegal);
    EXPECT_EQ(report.operation, two);
    EXPECT_THAT(report.evidence, HasSubstr("cas \"0\" -> \"1\""));
    EXPECT_THAT(report.evidence, HasSubstr("cas \"0\" -> \"2\""));
}

TEST(Linearizability, DoubleAppend) {
    HistoryWriter h;
    h.ok(h.append(1, "x"));
    h.ok(h.append(1, "y"));
    const auto read = h.get(2);
    h.ok(read, "xyy");
    const LinearizabilityReport report = check(h);
    EXPECT_EQ(report.verdict, Linearizability::Illegal);
    EXPECT_EQ(report.operation, read);
}

TEST(Linearizability, AppendOfUnknownOutcomeHappensOnceOrNever) {
    for (const char* seen : {"x", "xy", "xyz", "xz"}) {
        HistoryWriter h;
        h.ok(h.append(1, "x"));
        h.info(h.append(2, "y"));
        const auto append = h.append(1, "z");
        h.ok(h.get(3), seen);
        h.ok(append);
        EXPECT_EQ(check(h).verdict, Linearizability::Ok) << seen;
    }
    HistoryWriter h;
    h.ok(h.append(1, "x"));
    h.info(h.append(2, "y"));
    h.ok(h.get(3), "xyy");
    EXPECT_EQ(check(h).verdict, Linearizability::Illegal);
}

TEST(Linearizability, LostAppend) {
    HistoryWriter h;
    h.ok(h.append(1, "x"));
    h.ok(h.append(2, "y"));
    h.ok(h.append(1, "z"));
    h.ok(h.get(2), "xz");
    EXPECT_EQ(check(h).verdict, Linearizability::Illegal);
}

TEST(Linearizability, CasThatCannotHaveSucceeded) {
    HistoryWriter h;
    h.ok(h.put(1, "a"));
    const auto cas = h.cas(1, "b", "c");
    h.ok(cas);
    const LinearizabilityReport report = check(h);
    EXPECT_EQ(report.verdict, Linearizability::Illegal);
    EXPECT_EQ(report.operation, cas);
}

TEST(Linearizability, CasOnAbsentKeyNeverMatches) {
    HistoryWriter h;
    h.not_ok(h.cas(1, "", "c"));
    EXPECT_EQ(check(h).verdict, Linearizability::Ok);
    h.ok(h.cas(1, "", "c"));
    EXPECT_EQ(check(h).verdict, Linearizability::Illegal);
}

TEST(Linearizability, FailedCasIsAnObservation) {
    HistoryWriter h;
    h.ok(h.put(1, "a"));
    h.not_ok(h.cas(1, "b", "c"));
    EXPECT_EQ(check(h).verdict, Linearizability::Ok);
    const auto cas = h.cas(1, "a", "c");
    h.not_ok(cas);
    const LinearizabilityReport report = check(h);
    EXPECT_EQ(report.verdict, Linearizability::Illegal);
    EXPECT_EQ(report.operation, cas);
    EXPECT_THAT(report.evidence, HasSubstr("did not match"));
}

TEST(Linearizability, DeleteTellsWhetherTheKeyExisted) {
    HistoryWriter h;
    h.not_ok(h.remove(1));
    h.ok(h.put(1, "a"));
    h.ok(h.remove(1));
    h.not_ok(h.get(1));
    h.ok(h.append(1, ""));
    h.ok(h.get(1), "");
    EXPECT_EQ(check(h).verdict, Linearizability::Ok);
    const auto missed = h.remove(1);
    h.not_ok(missed);
    EXPECT_EQ(check(h).operation, missed);
}

TEST(Linearizability, OnlyOneOfTwoDeletesFinds) {
    HistoryWriter h;
    h.ok(h.put(1, "a"));
    const auto one = h.remove(1);
    const auto two = h.remove(2);
    h.ok(one);
    h.ok(two);
    const LinearizabilityReport report = check(h);
    EXPECT_EQ(report.verdict, Linearizability::Illegal);
    EXPECT_EQ(report.operation, two);
}

TEST(Linearizability, ReadOfDeletedKey) {
    HistoryWriter h;
    h.ok(h.put(1, "a"));
    h.ok(h.remove(1));
    h.ok(h.get(2), "a");
    EXPECT_EQ(check(h).verdict, Linearizability::Illegal);
}

TEST(Linearizability, UnknownWriteMayComeLateOrNever) {
    HistoryWriter h;
    h.ok(h.put(1, "a"));
    h.info(h.put(2, "b"));
    h.ok(h.get(1), "a");
    EXPECT_EQ(check(h).verdict, Linearizability::Ok);
    h.ok(h.get(1), "b");
    EXPECT_EQ(check(h).verdict, Linearizability::Ok);
    // But not twice.
    h.ok(h.put(1, "c"));
    h.ok(h.get(1), "b");
    EXPECT_EQ(check(h).verdict, Linearizability::Illegal);
}

TEST(Linearizability, UnknownWriteNotBeforeItsInvocation) {
    HistoryWriter h;
    h.ok(h.get(1), "b");
    h.info(h.put(2, "b"));
    EXPECT_EQ(check(h).verdict, Linearizability::Illegal);
}

TEST(Linearizability, UnknownOperationThatMustHaveHappened) {
    HistoryWriter h;
    h.ok(h.put(1, "a"));
    h.info(h.cas(2, "a", "b"));
    h.ok(h.cas(1, "b", "c"));
    h.info(h.remove(3));
    h.not_ok(h.get(1));
    EXPECT_EQ(check(h).verdict, Linearizability::Ok);
    h.not_ok(h.remove(1));
    EXPECT_EQ(check(h).verdict, Linearizability::Ok);
    h.ok(h.get(1), "c");
    EXPECT_EQ(check(h).verdict, Linearizability::Illegal);
}

// A delete that would change nothing now is still of use: it makes the put before it unseen.
TEST(Linearizability, UnknownDeleteHidesAWrite) {
    HistoryWriter h;
    const auto put = h.put(1, "b");
    h.info(h.remove(3));
    h.ok(h.append(2, "a"));
    h.ok(h.get(2), "a");
    h.ok(put);
    h.ok(h.get(2), "a");
    EXPECT_EQ(check(h).verdict, Linearizability::Ok);
    h.ok(h.get(2), "ba");
    EXPECT_EQ(check(h).verdict, Linearizability::Illegal);
}

TEST(Linearizability, FailedOperationHadNoEffect) {
    HistoryWriter h;
    h.ok(h.put(1, "a"));
    h.fail(h.put(2, "b"));
    h.ok(h.get(1), "b");
    EXPECT_EQ(check(h).verdict, Linearizability::Illegal);
}

TEST(Linearizability, KeysAreIndependentAndTheSmallestIllegalOneIsTold) {
    HistoryWriter h("long");
    for (int i = 0; i < 10; ++i) h.ok(h.put(1, std::to_string(i)));
    h.ok(h.get(1), "0");
    h.key("fine");
    h.ok(h.put(1, "0"));
    h.key("short");
    h.ok(h.put(1, "1"));
    h.ok(h.get(1), "0");
    const LinearizabilityReport report = check(h);
    EXPECT_EQ(report.verdict, Linearizability::Illegal);
    EXPECT_EQ(report.key, "short");
}

// The proof needs three operations; a hundred others run beside them.
TEST(Linearizability, EvidenceIsShrunk) {
    HistoryWriter h;
    std::vector<std::size_t> bystanders;
    for (uint64_t i = 0; i < 20; ++i) bystanders.push_back(h.put(100 + i, "b" + std::to_string(i)));
    h.ok(h.put(1, "old"));
    for (int i = 0; i < 40; ++i) h.ok(h.get(2), "old");
    const auto newer = h.put(1, "new");
    h.ok(newer);
    const auto stale = h.get(2);
    h.ok(stale, "old");
    for (const auto each : bystanders) h.ok(each);
    const LinearizabilityReport report = check(h);
    EXPECT_EQ(report.verdict, Linearizability::Illegal);
    EXPECT_EQ(report.operation, stale);
    EXPECT_LE(std::count(report.evidence.begin(), report.evidence.end(), '\n'), 8)
        << report.evidence;
}

// Concurrent appends that nobody reads can have any order, and the last answer contradicts them
// all.
HistoryWriter hard_history(uint64_t clients, uint64_t rounds) {
    HistoryWriter h("hard");
    for (uint64_t round = 0; round < rounds; ++round) {
        std::vector<std::size_t> open;
        for (uint64_t client = 0; client < clients; ++client) {
            open.push_back(h.append(client, std::string(1, static_cast<char>('a' + client))));
        }
        for (const auto each : open) h.ok(each);
    }
    h.ok(h.cas(1, "nobody wrote this", ""));
    return h;
}

TEST(Linearizability, ExhaustedBudgetIsUnknown) {
    const HistoryWriter h = hard_history(12, 4);
    const LinearizabilityReport report = check_linearizability(h.operations(), {20'000, 1U << 24});
    EXPECT_EQ(report.verdict, Linearizability::Unknown);
    EXPECT_EQ(report.key, "hard");
    EXPECT_THAT(report.evidence, HasSubstr("undecided"));
    EXPECT_GT(report.expansions, 10'000U);
    EXPECT_LT(report.expansions, 21'000U);
    EXPECT_EQ(report.operation, std::nullopt);
}

TEST(Linearizability, ExhaustedMemoryIsUnknown) {
    const HistoryWriter h = hard_history(12, 4);
    const LinearizabilityReport report =
        check_linearizability(h.operations(), {uint64_t{1} << 40, 100'000});
    EXPECT_EQ(report.verdict, Linearizability::Unknown);
    EXPECT_EQ(report.key, "hard");
}

TEST(Linearizability, AnIllegalKeyIsFoundBesideAnUndecidedOne) {
    HistoryWriter h = hard_history(12, 2);
    h.key("easy");
    for (int i = 0; i < 100; ++i) h.ok(h.put(1, std::to_string(i)));
    h.ok(h.get(1), "3");
    const LinearizabilityReport report = check_linearizability(h.operations(), {30'000, 1U << 24});
    EXPECT_EQ(report.verdict, Linearizability::Illegal);
    EXPECT_EQ(report.key, "easy");
}

TEST(Linearizability, SameHistorySameReport) {
    const HistoryWriter h = hard_history(4, 2);
    const LinearizabilityReport one = check(h);
    const LinearizabilityReport two = check(h);
    EXPECT_EQ(one.verdict, two.verdict);
    EXPECT_EQ(one.evidence, two.evidence);
    EXPECT_EQ(one.expansions, two.expansions);
}

// 200,000 operations of 8 clients on 20 keys, as a healthy cluster answers them.
TEST(Linearizability, LongEasyHistory) {
    const std::vector<Operation> operations = easy_history({.operations = 200'000});
    const LinearizabilityReport report = check_linearizability(operations, {});
    EXPECT_EQ(report.verdict, Linearizability::Ok) << report.evidence;
    // A few expansions for each operation: no blow-up.
    EXPECT_LT(report.expansions, 4 * operations.size());
}

TEST(Linearizability, OneWrongAnswerInALongHistory) {
    std::vector<Operation> operations = easy_history({.operations = 50'000});
    std::size_t wrong = 30'000;
    while (operations[wrong].command.function != KvFunction::Get ||
           operations[wrong].outcome != OperationOutcome::Ok) {
        ++wrong;
    }
    operations[wrong].result = {true, "nobody wrote this"};
    const LinearizabilityReport report = check_linearizability(operations, {});
    EXPECT_EQ(report.verdict, Linearizability::Illegal);
    EXPECT_EQ(report.key, operations[wrong].command.key);
    EXPECT_EQ(report.operation, wrong);
    EXPECT_THAT(report.evidence, HasSubstr("nobody wrote this"));
}

}  // namespace
}  // namespace wavetank
