// Formatting only.
#include "sim/world/words.h"

#include <fmt/format.h>

#include "core/machines/kv.h"
#include "sim/world/node.h"

namespace wavetank {
namespace {

std::string position(LogIndex index, Term term) {
    return fmt::format("({}, t{})", index.value(), term.value());
}

std::string entries_words(const EntryRange& entries) {
    if (entries.empty()) return "no entries";
    return fmt::format("entries {}..{} (t{}..t{})", entries.first_index().value(),
                       entries.last_index().value(), entries[0].term.value(),
                       entries[entries.size() - 1].term.value());
}

struct MessageWords {
    std::string operator()(const PreVote& m) {
        return fmt::format("PreVote for term {} log {}", m.term.value(),
                           position(m.last_log_index, m.last_log_term));
    }
    std::string operator()(const PreVoteReply& m) {
        return fmt::format("PreVoteReply term {} for term {} {}", m.term.value(),
                           m.campaign_term.value(), m.granted ? "granted" : "refused");
    }
    std::string operator()(const RequestVote& m) {
        return fmt::format("RequestVote term {} log {}", m.term.value(),
                           position(m.last_log_index, m.last_log_term));
    }
    std::string operator()(const RequestVoteReply& m) {
        return fmt::format("RequestVoteReply term {} {}", m.term.value(),
                           m.granted ? "granted" : "refused");
    }
    std::string operator()(const AppendEntries& m) {
        return fmt::format("AppendEntries term {} prev {} {} commit {} round {}", m.term.value(),
                           position(m.prev_log_index, m.prev_log_term), entries_words(m.entries),
                           m.leader_commit.value(), m.round);
    }
    std::string operator()(const AppendEntriesReply& m) {
        if (m.success) {
            return fmt::format("AppendEntriesReply term {} match {} round {}", m.term.value(),
                               m.match_index.value(), m.round);
        }
        return fmt::format("AppendEntriesReply term {} rejects {} hint {}", m.term.value(),
                           m.rejected_index.value(), position(m.hint_index, m.hint_term));
    }
};

const char* words_of(StepDownReason reason) {
    switch (reason) {
        case StepDownReason::HigherTerm:
            return "a higher term";
        case StepDownReason::QuorumLost:
            return "no majority answers";
        case StepDownReason::WriteFailed:
            return "its disk failed";
    }
    return "?";
}

const char* words_of(RefuseReason reason) {
    switch (reason) {
        case RefuseReason::NotMember:
            return "the sender is not a member";
        case RefuseReason::TwoLeaders:
            return "two leaders in one term";
        case RefuseReason::CommittedConflict:
            return "it conflicts with committed entries";
        case RefuseReason::BadEntries:
            return "its entries' terms make no sense";
        case RefuseReason::BadTerm:
            return "its term makes no sense";
        case RefuseReason::LeaderRewrites:
            return "a leader rewrites its own entries";
        case RefuseReason::BeyondLog:
            return "it speaks of entries we do not have";
    }
    return "?";
}

struct EventWords {
    std::string operator()(const BecameFollower& e) {
        return e.leader ? fmt::format("follows {} in term {}", e.leader.value(), e.term.value())
                        : fmt::format("is a follower in term {}", e.term.value());
    }
    std::string operator()(const BecamePreCandidate& e) {
        return fmt::format("asks for pre-votes in term {}", e.term.value());
    }
    std::string operator()(const BecameCandidate& e) {
        return fmt::format("is a candidate in term {}", e.term.value());
    }
    std::string operator()(const BecameLeader& e) {
        return fmt::format("LEADS term {}", e.term.value());
    }
    std::string operator()(const SteppedDown& e) {
        return fmt::format("steps down from term {}: {}", e.term.value(), words_of(e.reason));
    }
    std::string operator()(const Committed& e) {
        return fmt::format("commits up to {}", e.index.value());
    }
    std::string operator()(const Refused& e) {
        return fmt::format("REFUSES a message of {}: {}", e.from.value(), words_of(e.reason));
    }
};

struct InputWords {
    std::string operator()(const Recv& recv) { return wavetank::words_of(recv.message); }
    std::string operator()(const Wake&) { return "deadline"; }
    std::string operator()(const Propose& propose) {
        return fmt::format("proposal of {}", propose.commands.size());
    }
    std::string operator()(const Read& read) { return fmt::format("read {}", read.ticket); }
    std::string operator()(const Written& written) {
        return fmt::format("write {} is durable", written.upto.value());
    }
    std::string operator()(const WriteFailed& failed) {
        return fmt::format("write {} FAILED", failed.id.value());
    }
};

std::string words_of(const Write& write) {
    std::string text = fmt::format("writes #{}:", write.id.value());
    if (write.hard_state) {
        text += fmt::format(" term {} vote {}", write.hard_state->current_term.value(),
                            write.hard_state->voted_for.value());
    }
    if (write.truncate_from) text += fmt::format(" truncate {}..", write.truncate_from->value());
    for (const EntryRange& range : write.append) text += " " + entries_words(range);
    return text;
}

}  // namespace

std::string words_of(const Message& message) {
    return std::visit(MessageWords{}, message);
}
std::string words_of(const Event& event) {
    return std::visit(EventWords{}, event);
}

std::string words_of(const ClientRequest& request) {
    std::string what = fmt::format("{} bytes", request.body.size());
    if (const auto command = decode_kv_command(request.body.bytes())) {
        what = fmt::format("{} {}", name_of(command->function), command->key);
        if (!command->expected.empty()) what += " from " + command->expected;
        if (!command->value.empty()) what += " " + command->value;
    }
    return fmt::format("client {} request {}: {}", request.client.value(), request.sequence, what);
}

std::string words_of(const ClientReply& reply) {
    static constexpr const char* kStatus[] = {"ok", "not the leader", "busy", "unknown"};
    return fmt::format("reply to client {} request {}: {}", reply.client.value(), reply.sequence,
                       kStatus[static_cast<std::size_t>(reply.status)]);
}

std::string words_of_step(const Raft& raft, const Input& input, const Output& output) {
    std::string text = std::visit(InputWords{}, input);
    std::string separator = " -> ";
    const auto add = [&](const std::string& words) {
        text += separator + words;
        separator = "; ";
    };
    for (const Event& event : output.events) add(words_of(event));
    if (output.write.id) add(words_of(output.write));
    if (output.apply_from <= output.apply_upto) {
        add(fmt::format("applies {}..{}", output.apply_from.value(), output.apply_upto.value()));
    }
    for (const Send& send : output.sends) {
        add(fmt::format("to {}: {}", send.to.value(), words_of(send.message)));
    }
    return fmt::format("[{} t{}] {}", name_of(raft.role()), raft.current_term().value(), text);
}

std::string words_of_state(const Node& node) {
    const MemoryStorage& disk = node.storage();
    std::string text =
        fmt::format("server {}\n  disk: term {} vote {}, log up to {}, {} writes not durable yet\n",
                    node.id().value(), disk.hard_state().current_term.value(),
                    disk.hard_state().voted_for.value(), disk.last_index().value(), disk.pending());
    if (!node.running()) return text + "  down\n";
    const Raft& raft = node.replica().raft();
    text += fmt::format("  {}{} in term {}, vote {}, leader {}\n", name_of(raft.role()),
                        node.paused() ? " (paused)" : "", raft.current_term().value(),
                        raft.voted_for().value(), raft.leader().value());
    text += fmt::format("  log: last {}, durable {}, commit {}, applied {}\n",
                        position(raft.log().last_index(), raft.log().last_term()),
                        raft.durable_index().value(), raft.commit_index().value(),
                        raft.last_applied().value());
    const uint64_t last = raft.log().last_index().value();
    text += "  entries:";
    for (uint64_t i = last > 20 ? last - 19 : 1; i <= last; ++i) {
        text += fmt::format(" {}", position(LogIndex(i), raft.log().term_at(LogIndex(i))));
    }
    text += "\n";
    if (raft.role() != Role::Leader) return text;
    for (const ServerId peer : raft.configuration().all()) {
        if (peer == raft.id()) continue;
        const Progress& progress = raft.progress(peer);
        text += fmt::format("  peer {}: match {}, next {}, {}, {} messages in flight\n",
                            peer.value(), progress.match_index.value(), progress.next_index.value(),
                            progress.state == ProgressState::Probe ? "probing" : "replicating",
                            progress.inflight.count());
    }
    return text;
}

}  // namespace wavetank
