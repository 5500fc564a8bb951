// Exactly once, and no acknowledged write lost.
#include "sim/check/exactly_once.h"

#include <gtest/gtest.h>

#include "sim/check/acknowledged_writes.h"

namespace wavetank {
namespace {

Entry entry_of(const SessionCommand& command) {
    return Entry{Term(1), EntryKind::Command, encode_session_command(command)};
}
Entry open() {
    return entry_of({.kind = SessionCommandKind::Open});
}
Entry command(uint64_t session, uint64_t sequence) {
    return entry_of({.session = SessionId(session), .sequence = sequence, .body = "x"});
}

// A log as it is applied.
struct Applications {
    Applications& apply(const Entry& entry, bool executed) {
        once.on_apply({LogIndex(++last), entry, executed, 0});
        log.append(entry);
        return *this;
    }
    std::string words() const { return findings.empty() ? "" : findings.kept().front().message; }
    Findings findings;
    ExactlyOnce once{findings};
    Log log;
    uint64_t last = 0;
};

TEST(ExactlyOnce, AnyOrderAndRepetitionsAreAccepted) {
    Applications history;
    history.apply(open(), false).apply(open(), false);
    history.apply(command(1, 2), true).apply(command(1, 1), true).apply(command(2, 1), true);
    history.apply(command(1, 2), false).apply(command(9, 1), false);
    EXPECT_EQ(history.words(), "");
    EXPECT_EQ(history.once.place_of(SessionId(1), 2), LogIndex(3));
    EXPECT_EQ(history.once.place_of(SessionId(1), 1), LogIndex(4));
    EXPECT_EQ(history.once.place_of(SessionId(1), 3), LogIndex());
    EXPECT_EQ(history.once.place_of(SessionId(9), 1), LogIndex());
}

TEST(ExactlyOnce, NotTwice) {  // zoo X04, X08
    Applications history;
    history.apply(open(), false).apply(command(1, 1), true).apply(command(1, 2), true);
    history.apply(command(1, 1), true);
    EXPECT_EQ(history.words(),
              "command 1 of session 1 was carried out twice: at index 2 and at index 4");
}

TEST(ExactlyOnce, NotWithoutASession) {
    Applications history;
    history.apply(command(1, 1), true);
    EXPECT_EQ(history.words(),
              "command 1 at index 1 was carried out in session 1, which nobody has opened");
}

TEST(ExactlyOnce, NotAfterTheSessionWasClosed) {
    Applications history;
    history.apply(open(), false);
    history.apply(entry_of({.kind = SessionCommandKind::Close, .session = SessionId(1)}), false);
    history.apply(command(1, 1), true);
    EXPECT_EQ(history.words(),
              "command 1 of session 1 was carried out at index 3, but its client had closed the "
              "session at index 2");
}

TEST(ExactlyOnce, NothingElseIsCarriedOut) {
    Applications history;
    history.apply(open(), true);
    EXPECT_EQ(history.words(), "the machine carried out the entry at index 1, which is no command");
}

Operation put(uint64_t session, uint64_t sequence) {
    Operation operation;
    operation.client = ClientId(4);
    operation.session = SessionId(session);
    operation.sequence = sequence;
    operation.command.function = KvFunction::Put;
    operation.command.key = "k";
    return operation;
}

TEST(AcknowledgedWrites, AreWhereTheyWereCarriedOut) {
    Applications history;
    history.apply(open(), false).apply(command(1, 1), true);
    AcknowledgedWrites writes(history.once, history.findings);
    writes.on_acknowledged(put(1, 1));
    writes.check_log(ServerId(2), history.log, LogIndex(2));
    EXPECT_EQ(history.words(), "");
    writes.on_acknowledged(put(1, 2));
    EXPECT_EQ(history.words(),
              "client 4 heard ok for its put of k (command 2 of session 1), but no server has "
              "carried out that command");
}

TEST(AcknowledgedWrites, AreNotLost) {
    Applications history;
    history.apply(open(), false).apply(command(1, 1), true);
    AcknowledgedWrites writes(history.once, history.findings);
    writes.on_acknowledged(put(1, 1));
    Log other;
    other.append(open());
    other.append(command(1, 2));
    writes.check_log(ServerId(2), other, LogIndex(1));  // it has not got that far
    EXPECT_EQ(history.words(), "");
    writes.check_log(ServerId(2), other, LogIndex(2));
    EXPECT_EQ(
        history.words(),
        "command 1 of session 1 was acknowledged and carried out at index 2, but server 2 has "
        "another entry there");
}

}  // namespace
}  // namespace wavetank
