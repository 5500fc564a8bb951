// The interpreter of stories itself: it says where a mistake is, shows differences, rewrites only
// outcomes, and rejects a story in which something happens that must never happen.
#include "core/raft/test/story/interpreter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/raft/test/one_core.h"
#include "core/raft/test/story/judge.h"

namespace wavetank::story {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The error of a story, or what it differs in, or nothing.
std::string complaint(const std::string& content) {
    const Result<std::vector<Line>> lines = parse_story({"a.txt", content});
    if (!lines.ok()) return lines.error().message;
    const Result<Told> told = tell("a.txt", lines.value());
    return told.ok() ? told.value().differences : told.error().message;
}

TEST(StoryFile, IsRenderedAsItWas) {
    const std::string content =
        "# What it shows.\n\ncampaign 1\n  1 wakes\n    more\n# end\nheal\n";
    const auto lines = parse_story({"a.txt", content});
    ASSERT_TRUE(lines.ok());
    EXPECT_EQ(render_story(lines.value()), content);
    ASSERT_EQ(lines.value().size(), 5U);
    EXPECT_EQ(lines.value()[2].outcome, (std::vector<std::string>{"1 wakes", "  more"}));
    EXPECT_EQ(lines.value()[4].number, 7);
}

TEST(StoryFile, MistakesSayWhere) {
    EXPECT_THAT(complaint("heal\n"), StartsWith("a.txt:1: a story opens with a comment"));
    EXPECT_THAT(complaint("# x\n\n  outcome\n"), StartsWith("a.txt:3: an outcome stands right"));
    EXPECT_THAT(complaint("# x\n heal\n"), StartsWith("a.txt:2: an outcome is indented by two"));
    EXPECT_THAT(complaint(""), StartsWith("a.txt:1: "));
}

TEST(StoryFile, DifferenceKeepsWhatIsCommon) {
    EXPECT_EQ(difference({"a", "b", "c"}, {"a", "x", "c", "d"}), "  a\n- b\n+ x\n  c\n+ d\n");
    EXPECT_EQ(difference({}, {"a"}), "+ a\n");
    EXPECT_EQ(difference({"a"}, {}), "- a\n");
}

struct Mistaken {
    const char* command;
    const char* says;
};
class Mistake : public testing::TestWithParam<Mistaken> {};

TEST_P(Mistake, NamesFileAndLine) {
    const std::string content = std::string("# x\nquietly servers 3\n") + GetParam().command + "\n";
    EXPECT_THAT(complaint(content), StartsWith("a.txt:3: "));
    EXPECT_THAT(complaint(content), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Story, Mistake,
    testing::Values(Mistaken{"fly 1", "fly: there is no such command"},
                    Mistaken{"wake", "wake: the id of a server is missing"},
                    Mistaken{"wake 4", "there is no server 4"},
                    Mistaken{"wake 1 x", "'x' is one word too many"},
                    Mistaken{"wake 0", "no server can have the id 0"},
                    Mistaken{"advance 3", "'3' is no duration"},
                    Mistaken{"servers 3", "there are servers already"},
                    Mistaken{"start 1", "1 runs"}, Mistaken{"given 1 term=1", "it runs"},
                    Mistaken{"sync 1", "1 has 0 writes pending"},
                    Mistaken{"sync 1 first x", "'x' is no number (how many writes)"},
                    Mistaken{"deliver 1->2", "there is no such message on its way"},
                    Mistaken{"deliver 1=>2", "'1=>2' is no link, kind or number"},
                    Mistaken{"deliver 1->b", "'1->b' is no link"},
                    Mistaken{"send 1->2 Gossip", "'Gossip' is no message"},
                    Mistaken{"send 1->2 RequestVoteReply term=1", "'granted' or 'refused'"},
                    Mistaken{"send 1->2 AppendEntries terms=1", "'terms=1' is one word too many"},
                    Mistaken{"options heartbeat_interval=long", "is no duration"},
                    Mistaken{"options election_timeout_min=1s", ""},
                    Mistaken{"options follower_reads=1", "is neither yes nor no"},
                    Mistaken{"propose 1", "the text of a command is missing"},
                    Mistaken{"status 1", "it does not lead"},
                    Mistaken{"show all", "'sessions' or 'times'"},
                    Mistaken{"quietly", "a command is missing"}));

TEST(Story, AnUnexpectedOutcomeIsADifference) {
    EXPECT_EQ(complaint("# x\nquietly servers 3\nmessages\n  none\n"), "");
    EXPECT_EQ(complaint("# x\nquietly servers 3\nmessages\n  some\n"),
              "a.txt:3: messages\n- some\n+ none\n");
    EXPECT_EQ(complaint("# x\nquietly servers 3\nmessages\n"), "a.txt:3: messages\n+ none\n");
}

TEST(Story, MeetsTheLawWhateverItExpects) {
    // A vote that server 2 gave away is asked for and granted in its name to another candidate.
    const std::string story =
        "# x\nquietly servers 3\nquietly campaign 1\nquietly stabilize\n"
        "quietly send 3->2 AppendEntries term=7\nquietly campaign 3\n"
        "quietly send 2->3 PreVoteReply term=1 for=2 granted\n"
        "quietly send 2->3 RequestVoteReply term=2 granted\n"
        "quietly restart 1\nquietly isolate 3\nquietly campaign 1\n"
        "quietly send 2->1 PreVoteReply term=1 for=2 granted\n"
        "quietly send 2->1 RequestVoteReply term=2 granted\n";
    EXPECT_THAT(complaint(story), HasSubstr("3 and 1 both led term 2"));
}

TEST(Judge, NobodyAppliesAnotherEntry) {
    Judge judge;
    const Entry first{Term(1), EntryKind::Command, Payload::copy_of("x")};
    const Entry other{Term(1), EntryKind::Command, Payload::copy_of("y")};
    judge.applied(ServerId(1), LogIndex(4), first);
    judge.applied(ServerId(2), LogIndex(4), first);
    EXPECT_FALSE(judge.violation());
    judge.applied(ServerId(3), LogIndex(4), other);
    ASSERT_TRUE(judge.violation());
    EXPECT_EQ(*judge.violation(), "3 applies 'y' at 4, where 'x' was applied");
}

TEST(Judge, ASnapshotIsWhatWasApplied) {
    Judge judge;
    judge.applied(ServerId(1), LogIndex(1), Entry{Term(1)});
    judge.applied(ServerId(1), LogIndex(2),
                  Entry{Term(1), EntryKind::Command, Payload::copy_of("x")});
    judge.loaded(ServerId(2), LogIndex(2), {"x"});
    EXPECT_FALSE(judge.violation());
    judge.loaded(ServerId(2), LogIndex(1), {"x"});
    EXPECT_TRUE(judge.violation());
}

TEST(Judge, ALeaderBelievesNoDiskToHoldMoreThanItDoes) {
    const std::string story =
        "# x\nquietly servers 3\nquietly elect 1\nquietly propose 1 x\n"
        "quietly send 2->1 AppendEntriesReply term=1 match=2\n";
    EXPECT_THAT(complaint(story), HasSubstr("1 believes that 2 has entry 2, whose disk ends at 1"));
}

TEST(Judge, NoEntryOfAnotherTermIsTakenForTheLeaders) {
    const std::string story =
        "# x\nquietly servers 3 running=\nquietly given 1 term=2 log=1,2\n"
        "quietly given 2 term=2 log=1,1\nquietly given 3 term=2 log=1\nquietly start 1 2 3\n"
        "quietly campaign 1\nquietly deliver 1->*\nquietly deliver *->1\n"
        "quietly deliver 1->*\nquietly deliver *->1\n"
        "quietly send 2->1 AppendEntriesReply term=3 match=2\n";
    EXPECT_THAT(complaint(story), HasSubstr("1 believes that 2 has its entry 2"));
}

TEST(Judge, TheCommitIndexNeverFalls) {
    OneCore core({.servers = 1});
    const Disk disk;
    Judge judge;
    const Raft before = core.raft;
    core.become_pre_candidate();
    ASSERT_EQ(core.commit(), 1U);
    judge.look({core.raft, disk}, {});
    EXPECT_FALSE(judge.violation());
    judge.look({before, disk}, {});
    EXPECT_TRUE(judge.violation());
    Judge other;
    other.look({core.raft, disk}, {});
    other.restarted(ServerId(1));
    other.look({before, disk}, {});
    EXPECT_FALSE(other.violation()) << "a server that restarts does not know";
}

}  // namespace
}  // namespace wavetank::story
