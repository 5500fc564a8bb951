// What a message says, in a line.
#include <fmt/format.h>

#include "core/raft/test/story/words.h"

namespace wavetank::story {
namespace {

struct MessageWords {
    const Style& style;

    std::string session(uint64_t number) const {
        return style.sessions ? fmt::format(" session {}", number) : std::string();
    }
    static std::string round(uint64_t number) {
        return number > 0 ? fmt::format(" round {}", number) : std::string();
    }

    std::string operator()(const PreVote& m) const {
        return fmt::format("PreVote for term {} log {}", m.term.value(),
                           position(m.last_log_index, m.last_log_term));
    }
    std::string operator()(const PreVoteReply& m) const {
        return fmt::format("PreVoteReply term {} for term {} {}", m.term.value(),
                           m.campaign_term.value(), m.granted ? "granted" : "refused");
    }
    std::string operator()(const RequestVote& m) const {
        return fmt::format("RequestVote term {} log {}{}", m.term.value(),
                           position(m.last_log_index, m.last_log_term),
                           m.transfer ? " as the leader wishes" : "");
    }
    std::string operator()(const RequestVoteReply& m) const {
        return fmt::format("RequestVoteReply term {} {}", m.term.value(),
                           m.granted ? "granted" : "refused");
    }
    std::string operator()(const AppendEntries& m) const {
        return fmt::format("AppendEntries term {} prev {}{} commit {}{}{}", m.term.value(),
                           position(m.prev_log_index, m.prev_log_term),
                           m.entries.empty() ? "" : " " + words_of(m.entries, style),
                           m.leader_commit.value(), round(m.round), session(m.session));
    }
    std::string operator()(const AppendEntriesReply& m) const {
        if (m.success) {
            return fmt::format("AppendEntriesReply term {} match {}{}{}{}", m.term.value(),
                               m.match_index.value(), round(m.round), session(m.session),
                               m.joined ? "" : " not joined");
        }
        return fmt::format("AppendEntriesReply term {} rejects {} hint {}{}{}", m.term.value(),
                           m.rejected_index.value(), position(m.hint_index, m.hint_term),
                           round(m.round), session(m.session));
    }
    std::string operator()(const InstallSnapshot& m) const {
        const std::string what =
            m.data.size() == 0 ? std::string("how much is there?")
                               : fmt::format("bytes {}..{}", m.offset, m.offset + m.data.size());
        return fmt::format("InstallSnapshot term {} {}: {}{}", m.term.value(), words_of(m.meta),
                           what, session(m.session));
    }
    std::string operator()(const InstallSnapshotReply& m) const {
        return fmt::format("InstallSnapshotReply term {} snapshot {} next byte {}{}",
                           m.term.value(), m.index.value(), m.next_offset, session(m.session));
    }
    std::string operator()(const TimeoutNow& m) const {
        return fmt::format("TimeoutNow term {}", m.term.value());
    }
    std::string operator()(const ReadIndex& m) const {
        return fmt::format("ReadIndex term {}", m.term.value());
    }
    std::string operator()(const ReadIndexReply& m) const {
        return fmt::format(
            "ReadIndexReply term {} {}", m.term.value(),
            m.ok ? fmt::format("ok at {}{}", m.index.value(), m.by_lease ? " by the lease" : "")
                 : "refused");
    }
    std::string operator()(const ForwardProposal& m) const {
        std::string texts;
        for (uint32_t i = 0; i < m.entries.size(); ++i) texts += " " + content_of(m.entries[i]);
        return fmt::format("ForwardProposal term {}{}", m.term.value(), texts);
    }
    std::string operator()(const ForwardProposalReply& m) const {
        return fmt::format("ForwardProposalReply term {} {}", m.term.value(),
                           m.accepted ? fmt::format("accepted at {}", m.index.value()) : "refused");
    }
};

}  // namespace

std::string words_of(const Message& message, const Style& style) {
    return std::visit(MessageWords{style}, message);
}

}  // namespace wavetank::story
