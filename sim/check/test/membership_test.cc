// Configuration safety, active configuration, and that only members count.
#include "sim/check/membership.h"

#include "sim/check/test/story.h"

namespace wavetank {
namespace {

Configuration of(Configuration::Members members) {
    return Configuration(std::move(members));
}
Configuration voters(const std::vector<uint32_t>& ids) {
    return Configuration::of_voters(Story::ids(ids));
}
Configuration joint(const std::vector<uint32_t>& next, const std::vector<uint32_t>& outgoing) {
    return of({.voters = Story::ids(next),
               .outgoing = Story::ids(outgoing),
               .learners = {},
               .witnesses = {}});
}

// Five servers, {1,2,3} are members; server 1 leads term 1, and all three have index 1. The others
// may get a vote.
struct Change : Story {
    explicit Change(bool joined = true) : Story(5, voters({1, 2, 3})) {
        begin(*this);
        for (const uint32_t newcomer : {4U, 5U}) {
            server(newcomer).joined = joined;
            write(newcomer, hard_state(newcomer));
            sync(newcomer);
        }
    }
    void change(uint32_t leader, const Configuration& next) {
        append(leader, entry(server(leader).term.value(), next));
    }
};

TEST(ConfigurationSafety, AChangeByAJointConfigurationIsAccepted) {
    Change story;
    story.change(1, joint({1, 4, 5}, {1, 2, 3}));
    story.replicate(1, 2, 2, 2);
    story.take(1, 4, 1, 2);
    story.sync(4);
    story.acknowledge(4, 1, 2);
    story.believe(1, 4, 2);
    story.commit(1, 2);  // on {1,2} of {1,2,3} and {1,4} of {1,4,5}
    story.change(1, voters({1, 4, 5}));
    story.take(1, 4, 3, 3);
    story.sync(4);
    story.commit(1, 3);  // servers 2 and 3 have no say any more
    story.oracles.finish();
    story.expect_clean();
}

TEST(ConfigurationSafety, ALeaderMayCommitAndLeaveInOneStep) {
    Change story;
    story.change(1, joint({1, 4, 5}, {1, 2, 3}));
    story.append(1, Story::entry(1, "x"));
    story.replicate(1, 2, 2, 2);
    story.take(1, 4, 1, 3);
    story.sync(4);
    story.acknowledge(4, 1, 3);
    story.expect_clean();
    // Index 2 is committed by the joint configuration, index 3 by the new one alone.
    story.server(1).log.append(Story::entry(1, voters({1, 4, 5})));
    story.server(1).commit = LogIndex(3);
    story.write(1, story.entries(1, 4));
    story.step(1, {Committed{Term(1), LogIndex(3)}});
    story.expect_clean();
}

TEST(ConfigurationSafety, EachHalfOfAJointConfigurationCounts) {  // zoo C08
    Change story;
    story.change(1, joint({1, 4, 5}, {1, 2, 3}));
    story.replicate(1, 2, 2, 2);
    story.replicate(1, 3, 2, 2);
    story.commit(1, 2);
    story.expect("durable quorum",
                 "only the disks of {1,2,3} of {1,4,5}&&{1,2,3} hold its log up to there");
}

TEST(ConfigurationSafety, StrangersDoNotCount) {  // zoo E11
    Change story;
    story.append(1, Story::entry(1, "x"));
    story.take(1, 4, 1, 2);
    story.sync(4);
    story.commit(1, 2);
    story.expect("durable quorum", "only the disks of {1,4} of {1,2,3} hold its log up to there");
}

TEST(ConfigurationSafety, StrangersElectNobody) {  // zoo E11
    Change story;
    story.campaign(2, 2);
    story.grant(4, 2, 2);
    story.grant(5, 2, 2);
    story.win(2);
    story.expect("election safety",
                 "server 2 leads term 2, but its durable votes are only those of {2,4,5} of "
                 "{1,2,3}");
}

TEST(ConfigurationSafety, LearnersDoNotCount) {
    Change story;
    story.change(1, of({.voters = Story::ids({1, 2, 3}),
                        .outgoing = {},
                        .learners = Story::ids({4, 5}),
                        .witnesses = {}}));
    story.take(1, 4, 1, 2);
    story.sync(4);
    story.take(1, 5, 1, 2);
    story.sync(5);
    story.expect_clean();
    story.commit(1, 2);
    story.expect("durable quorum",
                 "only the disks of {1,4,5} of {1,2,3} learners {4,5} hold its log");
}

TEST(ConfigurationSafety, NoChangeBeforeAnEntryOfTheOwnTerm) {  // zoo M01
    Change story;
    story.elect(2, 2, {3});
    story.change(2, joint({1, 2, 3, 4}, {1, 2, 3}));
    story.expect("configuration safety",
                 "server 2 (leader of term 2) appended {1,2,3,4}&&{1,2,3} at index 3 before any "
                 "entry of its own term was committed");
}

TEST(ConfigurationSafety, OneUnfinishedChange) {  // zoo M02, M03
    Change story;
    const auto learner = [](uint32_t id) {
        return of({.voters = Story::ids({1, 2, 3}),
                   .outgoing = {},
                   .learners = Story::ids({id}),
                   .witnesses = {}});
    };
    story.change(1, learner(4));
    story.expect_clean();
    story.change(1, learner(5));
    story.expect("configuration safety",
                 "appended {1,2,3} learners {5} at index 3, but configuration {1,2,3} learners {4} "
                 "at index 2 is not committed yet: its commit index is 1");
}

TEST(ConfigurationSafety, AJointConfigurationIsLeftWhenItIsCommitted) {  // zoo M10
    Change story;
    story.change(1, joint({1, 4, 5}, {1, 2, 3}));
    story.change(1, voters({1, 4, 5}));
    story.expect("configuration safety",
                 "but the joint configuration {1,4,5}&&{1,2,3} at index 2 is not committed yet");
}

TEST(ConfigurationSafety, OtherVotersNeedAJointConfiguration) {
    Change story;
    story.change(1, voters({1, 4, 5}));
    story.expect("configuration safety",
                 "appended {1,4,5} at index 2 after {1,2,3}: each can have a quorum without the "
                 "other");
    Change second;
    second.change(1, voters({1, 2, 3, 4}));  // safe by itself, but not the way of this protocol
    second.expect("configuration safety",
                  "appended {1,2,3,4} at index 2 after {1,2,3}: other voters need a joint");
}

TEST(ConfigurationSafety, TheOutgoingHalfIsWhatWasThere) {
    Change story;
    story.change(1, joint({1, 4, 5}, {1, 2, 4}));
    story.expect("configuration safety", "appended {1,4,5}&&{1,2,4} at index 2 after {1,2,3}");
}

TEST(ConfigurationSafety, AWitnessStaysOne) {
    Change story;
    story.change(1, of({.voters = Story::ids({1, 2, 3}),
                        .outgoing = {},
                        .learners = {},
                        .witnesses = Story::ids({3})}));
    story.expect("configuration safety", "server 3 is a witness in one of them only");
}

TEST(ConfigurationSafety, WhoGetsAVoteHasCaughtUp) {  // zoo M14
    const auto vote_for_4 = [](uint64_t caught_up_to) {
        Change story;
        const Configuration learner = of({.voters = Story::ids({1, 2, 3}),
                                          .outgoing = {},
                                          .learners = Story::ids({4}),
                                          .witnesses = {}});
        story.change(1, learner);
        story.replicate(1, 2, 2, 2);
        story.commit(1, 2);
        story.take(1, 4, 1, caught_up_to);
        story.sync(4);
        story.expect_clean();
        story.change(1, joint({1, 2, 3, 4}, {1, 2, 3}));
        return story.words();
    };
    EXPECT_EQ(vote_for_4(2), "");
    EXPECT_NE(vote_for_4(1).find("gives server 4 a vote in {1,2,3,4}&&{1,2,3}, but that has not "
                                 "caught up: its disk holds index 1 of term 1"),
              std::string::npos);
}

TEST(ConfigurationSafety, WhoGetsAVoteHasJoined) {
    Change story(false);
    const Configuration learner = of({.voters = Story::ids({1, 2, 3}),
                                      .outgoing = {},
                                      .learners = Story::ids({4}),
                                      .witnesses = {}});
    story.change(1, learner);
    story.replicate(1, 2, 2, 2);
    story.commit(1, 2);
    story.take(1, 4, 1, 2);
    story.sync(4);
    story.expect_clean();
    story.change(1, joint({1, 2, 3, 4}, {1, 2, 3}));
    story.expect("configuration safety",
                 "gives server 4 a vote in {1,2,3,4}&&{1,2,3}, but that has not joined");
}

TEST(ConfigurationSafety, AnEntryHoldsAConfiguration) {
    Change story;
    story.append(1, Entry{Term(1), EntryKind::Configuration, Payload::copy_of("nothing")});
    story.expect("configuration safety", "as a configuration, but it holds no valid one");
}

TEST(QuorumsOverlap, IsCountedExactly) {
    using oracles::quorums_overlap;
    EXPECT_TRUE(quorums_overlap(voters({1, 2, 3}), voters({1, 2, 3})));
    EXPECT_TRUE(quorums_overlap(voters({1, 2, 3}), voters({1, 2, 3, 4})));  // thesis 4.1
    EXPECT_FALSE(quorums_overlap(voters({1, 2, 3}), voters({1, 2, 3, 4, 5})));
    EXPECT_FALSE(quorums_overlap(voters({1, 2}), voters({3})));
    EXPECT_TRUE(quorums_overlap(voters({1, 2, 3}), joint({4, 5, 6}, {1, 2, 3})));
    EXPECT_TRUE(quorums_overlap(joint({4, 5, 6}, {1, 2, 3}), voters({4, 5, 6})));
    EXPECT_FALSE(quorums_overlap(joint({4, 5, 6}, {1, 2, 3}), voters({1, 4, 7})));
}

TEST(QuorumsOverlap, LargeOnesGoByTheHalves) {
    using oracles::quorums_overlap;
    std::vector<uint32_t> many;
    for (uint32_t id = 1; id <= 20; ++id) many.push_back(id);
    std::vector<uint32_t> one_more = many;
    one_more.push_back(21);
    std::vector<uint32_t> three_more = one_more;
    three_more.push_back(22);
    three_more.push_back(23);
    EXPECT_TRUE(quorums_overlap(voters(many), voters(many)));
    EXPECT_TRUE(quorums_overlap(voters(many), voters(one_more)));
    EXPECT_FALSE(quorums_overlap(voters(many), voters(three_more)));
    EXPECT_TRUE(quorums_overlap(voters(many), joint(three_more, many)));
}

TEST(ActiveConfiguration, IsTheNewestInTheLogAtOnce) {  // zoo M04, M11
    Change story;
    story.change(1, joint({1, 4, 5}, {1, 2, 3}));
    story.server(2).goes_by = voters({1, 2, 3});
    story.take(1, 2, 2, 2);
    story.expect("active configuration",
                 "server 2 (follower, term 1) goes by {1,2,3}; the newest configuration in its "
                 "log, at index 2, is {1,4,5}&&{1,2,3}");
}

TEST(ActiveConfiguration, ComesBackWhenItsEntryIsRemoved) {  // zoo M05
    Change story;
    story.change(1, joint({1, 4, 5}, {1, 2, 3}));
    story.elect(2, 2, {3});
    story.expect_clean();
    story.server(1).goes_by = joint({1, 4, 5}, {1, 2, 3});
    story.take(2, 1, 2, 2);
    story.expect("active configuration",
                 "server 1 (follower, term 2) goes by {1,4,5}&&{1,2,3}; the newest configuration "
                 "in its log, at index 0, is {1,2,3}");
}

TEST(ActiveConfiguration, SurvivesAStart) {  // zoo M08
    Change story;
    story.change(1, joint({1, 4, 5}, {1, 2, 3}));
    story.crash(1);
    story.start(1, story.image(1));
    story.server(1).goes_by = voters({1, 4, 5});
    story.step(1);
    story.expect("active configuration", "server 1 (follower, term 1) goes by {1,4,5}; the newest");
}

TEST(ActiveConfiguration, ServersThatWaitToBeAddedHaveNone) {
    Change story;
    story.take(1, 4, 1, 1);
    story.expect_clean();
    story.server(4).goes_by = voters({1, 2, 3});
    story.server(4).term = Term(2);
    story.step(4);
    story.expect("active configuration", "server 4 (follower, term 2) goes by {1,2,3}; the newest");
}

}  // namespace
}  // namespace wavetank
