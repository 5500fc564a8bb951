// Outcome truth.
#include "sim/check/outcomes.h"

#include "sim/check/test/story.h"

namespace wavetank {
namespace {

// Three servers; server 1 leads term 1 and has committed index 1.
struct Outcomes : Story {
    Outcomes() : Story(3) { begin(*this); }
    // Somebody proposes `command`; the server answers so, and if it says that it was appended it
    // was, unless `lie`.
    void propose(uint32_t id, uint64_t ticket, ProposeStatus status, bool lie = false) {
        const Payload command = Payload::copy_of("command");
        Output output;
        output.proposed.push_back({ticket, status, server(id).log.last_index().next()});
        if (status == ProposeStatus::Accepted && !lie) {
            server(id).log.append(entry(server(id).term.value(), "command"));
            write(id, entries(id, server(id).log.last_index().value()));
        }
        answer(id, output, Propose{ticket, std::span(&command, 1)});
        sync(id);
    }
    void ended(uint32_t id, uint64_t ticket, OutcomeKind kind, uint64_t index) {
        Output output;
        output.outcomes.push_back({ticket, kind, LogIndex(index)});
        answer(id, output);
    }
    void commit_2() {
        replicate(1, 2, 2, 2);
        commit(1, 2);
    }
};

TEST(OutcomeTruth, CommittedIsAccepted) {
    Outcomes story;
    story.propose(1, 7, ProposeStatus::Accepted);
    story.commit_2();
    story.ended(1, 7, OutcomeKind::Committed, 2);
    story.expect_clean();
}

TEST(OutcomeTruth, AcceptedMeansAppended) {
    Outcomes story;
    story.propose(1, 7, ProposeStatus::Accepted, true);
    story.expect("outcome truth",
                 "server 1 (leader, term 1) says it has appended proposal 7 from index 2 on, but "
                 "its log has the empty log there");
}

TEST(OutcomeTruth, CommittedMeansChosen) {  // zoo C13
    Outcomes story;
    story.propose(1, 7, ProposeStatus::Accepted);
    story.ended(1, 7, OutcomeKind::Committed, 2);
    story.expect("outcome truth",
                 "says that proposal 7 is committed at index 2; chosen there: nothing yet");
}

TEST(OutcomeTruth, CommittedIsThisVeryProposal) {  // zoo X05
    Outcomes story;
    story.propose(1, 7, ProposeStatus::Accepted);
    story.elect(2, 2, {3});
    story.replicate(2, 3, 2, 2);
    story.commit(2, 2);
    story.ended(1, 7, OutcomeKind::Committed, 2);
    story.expect("outcome truth", "is committed at index 2; chosen there: index 2 of term 2");
}

TEST(OutcomeTruth, LostMeansReplaced) {  // zoo X07
    Outcomes story;
    story.propose(1, 7, ProposeStatus::Accepted);
    story.ended(1, 7, OutcomeKind::Lost, 2);
    story.expect("outcome truth", "is lost to another entry at index 2; chosen there: nothing yet");

    Outcomes second;
    second.propose(1, 7, ProposeStatus::Accepted);
    second.commit_2();
    second.ended(1, 7, OutcomeKind::Lost, 2);
    second.expect("outcome truth", "chosen there: this very proposal");

    Outcomes third;
    third.propose(1, 7, ProposeStatus::Accepted);
    third.elect(2, 2, {3});
    third.replicate(2, 3, 2, 2);
    third.commit(2, 2);
    third.ended(1, 7, OutcomeKind::Lost, 2);
    third.expect_clean();
}

TEST(OutcomeTruth, ForwardedIsJudgedByTheCommand) {
    Outcomes story;
    story.propose(3, 7, ProposeStatus::Forwarded);
    story.append(1, Story::entry(1, "command"));
    story.commit_2();
    story.ended(3, 7, OutcomeKind::Committed, 2);
    story.expect_clean();
    story.propose(3, 8, ProposeStatus::Forwarded);
    story.ended(3, 8, OutcomeKind::Committed, 1);
    story.expect("outcome truth", "server 3 says that proposal 8 is committed at index 1; chosen");
}

TEST(OutcomeTruth, ToldOnce) {
    Outcomes story;
    story.propose(1, 7, ProposeStatus::Accepted);
    story.ended(1, 7, OutcomeKind::Unknown, 0);
    story.expect_clean();
    story.ended(1, 7, OutcomeKind::Unknown, 0);
    story.expect("outcome truth", "server 1 tells what became of proposal 7, which is not open");
}

TEST(OutcomeTruth, AChangeIsDoneWhenItsMembersAreCommitted) {  // zoo M22
    Outcomes story;
    const Configuration learner(Configuration::Members{.voters = Story::ids({1, 2, 3}),
                                                       .outgoing = {},
                                                       .learners = Story::ids({4}),
                                                       .witnesses = {}});
    story.step(1, {}, ChangeMembers{7, learner.members()});
    story.append(1, Story::entry(1, learner));
    story.replicate(1, 2, 2, 2);
    story.expect_clean();
    Output output;
    output.changes.push_back({7, ChangeStatus::Done});
    story.answer(1, output);
    story.expect("outcome truth",
                 "server 1 says that membership change 7 to {1,2,3} learners {4} is done; "
                 "committed is {1,2,3}");

    Outcomes second;
    second.step(1, {}, ChangeMembers{7, learner.members()});
    second.append(1, Story::entry(1, learner));
    second.commit_2();
    second.answer(1, output);
    second.expect_clean();
    second.answer(1, output);
    second.expect("outcome truth", "what became of membership change 7, which is not open");
}

TEST(OutcomeTruth, ATransferIsDoneWhenTheLeaderLeadsNoMore) {
    Outcomes story;
    Output output;
    output.transfers.push_back({7, TransferStatus::TimedOut});
    story.answer(1, output);
    story.expect_clean();
    output.transfers = {{8, TransferStatus::Done}};
    story.answer(1, output);
    story.expect("outcome truth",
                 "server 1 says of transfer 8 that it leads no more, but it leads");
}

}  // namespace
}  // namespace wavetank
