// Resource bounds.
#include "sim/check/bounds.h"

#include "sim/check/test/story.h"

namespace wavetank {
namespace {

// Three servers with small options; server 1 leads term 1 and has committed index 1.
struct Bounds : Story {
    Bounds() : Story(3) {
        for (const uint32_t id : {1U, 2U, 3U}) {
            Options& small = options(id);
            small.entries_per_message_max = 2;
            small.bytes_per_message_max = 10;
            small.window = {.messages_max = 2, .bytes_max = 8};
            small.uncommitted_bytes_max = 40;
            small.open_proposals_max = 2;
            small.pending_reads_max = 2;
            small.snapshot_entries = 10;
            small.snapshot_trailing_entries = 0;
            crash(id);
            start(id, empty_image(id));
        }
        begin(*this);
    }
    // Entries of these sizes at the leader.
    void fill(const std::vector<std::size_t>& sizes) {
        for (const std::size_t size : sizes) append(1, entry(1, std::string(size, 'x')));
    }
    void send_entries(uint64_t from, uint64_t upto) {
        const Server& l = server(1);
        const LogIndex prev = LogIndex(from).previous();
        send(1, 2,
             AppendEntries{l.term, prev, l.log.term_at(prev), l.commit, 0,
                           l.log.range(LogIndex(from),
                                       {static_cast<uint32_t>(upto - from + 1), UINT64_MAX})});
    }
};

TEST(ResourceBounds, OneMessageHoldsSoMuch) {
    Bounds story;
    story.fill({3, 3, 3});
    story.send_entries(2, 3);
    story.expect_clean();
    story.send_entries(2, 4);
    story.expect("resource bounds", "sends server 2 3 entries with 9 bytes after index 1 in one");
    Bounds second;
    second.fill({15, 6, 6});
    second.send_entries(2, 2);  // a larger one travels alone
    second.expect_clean();
    second.send_entries(3, 4);
    second.expect("resource bounds", "sends server 2 2 entries with 12 bytes after index 2 in one");
}

TEST(ResourceBounds, TheWindowHoldsSoManyMessages) {
    Bounds story;
    story.fill({1, 1, 1});
    story.send_entries(2, 2);
    story.send_entries(3, 3);
    story.expect_clean();
    story.send_entries(4, 4);
    story.expect("resource bounds", "although 2 with 2 bytes are not answered; its window is 2");
}

TEST(ResourceBounds, TheWindowHoldsSoManyBytes) {
    Bounds story;
    story.fill({9, 1});
    story.send_entries(2, 2);
    story.expect_clean();
    story.send_entries(3, 3);
    story.expect("resource bounds", "although 1 with 9 bytes are not answered");
}

TEST(ResourceBounds, AnAnswerOpensTheWindow) {  // zoo F01
    Bounds story;
    story.fill({1, 1, 1, 1});
    story.take(1, 2, 2, 2);
    story.take(1, 2, 3, 3);
    story.sync(2);
    story.acknowledge(2, 1, 2);
    story.believe(1, 2, 2);
    story.send_entries(4, 4);
    story.expect_clean();
    // So does a refusal: then the leader sends one again.
    AppendEntriesReply refusal;
    refusal.term = Term(1);
    story.step(1, {}, Recv{ServerId(2), refusal});
    story.send_entries(5, 5);
    story.expect_clean();
}

TEST(ResourceBounds, UncommittedBytes) {
    Bounds story;
    story.fill({45});  // alone, it may be larger
    story.expect_clean();
    story.fill({1});
    story.expect("resource bounds",
                 "had 45 bytes that were not committed and took 1 more; it may have 40");
}

TEST(ResourceBounds, UncommittedBytesAreCounted) {  // zoo F02
    Bounds story;
    story.fill({3});
    story.expect_clean();
    story.server(1).uncommitted_bytes = 3;
    story.fill({4});
    story.expect("resource bounds",
                 "counts 3 bytes that are not committed; in its log from index 2 to 3 are 7");
}

TEST(ResourceBounds, TheLogIsCompacted) {
    Bounds story;
    for (uint64_t index = 2; index <= 20'000; ++index) {
        story.server(1).log.append(Entry{Term(1), EntryKind::Empty, Payload()});
    }
    story.write(1, story.entries(1, 2));
    story.step(1);
    story.server(1).commit = LogIndex(20'000);
    story.server(1).applied = LogIndex(20'000);
    story.step(1, {Committed{Term(1), LogIndex(20'000)}});
    story.expect("resource bounds",
                 "server 1 has applied up to index 20000, but its log begins after 0: a snapshot "
                 "is due every 10 entries");
}

TEST(ResourceBounds, OpenProposalsAndReads) {
    Bounds story;
    const Payload command = Payload::copy_of("x");
    for (uint64_t ticket = 1; ticket <= 3; ++ticket) {
        Output output;
        output.proposed.push_back({ticket, ProposeStatus::Forwarded, LogIndex()});
        story.answer(2, output, Propose{ticket, std::span(&command, 1)});
        story.step(1, {}, Read{ticket});
        if (ticket == 2) story.expect_clean();
    }
    story.expect("resource bounds", "server 2 has 3 open proposals; it may have 2");
    story.expect("resource bounds", "at server 1 3 reads wait; it may have 2");
}

}  // namespace
}  // namespace wavetank
