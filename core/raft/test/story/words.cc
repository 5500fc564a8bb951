// Formatting only: entries, writes, events and answers. Messages are in message_words.cc.
#include "core/raft/test/story/words.h"

#include <fmt/format.h>

namespace wavetank::story {
namespace {

const char* words_of(StepDownReason reason) {
    switch (reason) {
        case StepDownReason::HigherTerm:
            return "a higher term";
        case StepDownReason::QuorumLost:
            return "no majority answers";
        case StepDownReason::WriteFailed:
            return "its disk failed";
        case StepDownReason::DiskStalled:
            return "its disk does not move";
        case StepDownReason::Removed:
            return "it was removed";
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
        case RefuseReason::BeyondLog:
            return "it speaks of entries we do not have";
        case RefuseReason::BadTerm:
            return "its term makes no sense";
        case RefuseReason::LeaderRewrites:
            return "a leader rewrites its own entries";
        case RefuseReason::Corrupt:
            return "a payload does not fit its digest";
        case RefuseReason::BadSnapshot:
            return "its snapshot makes no sense";
        case RefuseReason::WrongKind:
            return "not for a server of its kind";
        case RefuseReason::BadConfiguration:
            return "its configuration makes no sense";
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
    std::string operator()(const ConfigurationChanged& e) {
        return fmt::format("the configuration of {} is in force", e.index.value());
    }
    std::string operator()(const SnapshotInstalled& e) {
        return fmt::format("installs the snapshot of {}", e.index.value());
    }
    std::string operator()(const Compacted& e) {
        return fmt::format("its log now begins after {}", e.index.value());
    }
};

const char* words_of(ProposeStatus status) {
    switch (status) {
        case ProposeStatus::Accepted:
            return "accepted";
        case ProposeStatus::NotLeader:
            return "refused, not the leader";
        case ProposeStatus::Busy:
            return "refused, busy";
        case ProposeStatus::Forwarded:
            return "forwarded";
    }
    return "?";
}
const char* words_of(OutcomeKind kind) {
    switch (kind) {
        case OutcomeKind::Committed:
            return "committed";
        case OutcomeKind::Lost:
            return "lost";
        case OutcomeKind::Unknown:
            return "unknown";
    }
    return "?";
}
const char* words_of(ChangeStatus status) {
    switch (status) {
        case ChangeStatus::Done:
            return "the change is done";
        case ChangeStatus::NotLeader:
            return "no change, not the leader";
        case ChangeStatus::Busy:
            return "no change, busy";
        case ChangeStatus::Invalid:
            return "no change, invalid";
        case ChangeStatus::CatchUpFailed:
            return "no change, new voters do not catch up";
        case ChangeStatus::Unknown:
            return "the change is unknown";
    }
    return "?";
}
const char* words_of(TransferStatus status) {
    switch (status) {
        case TransferStatus::Done:
            return "the transfer is done";
        case TransferStatus::NotLeader:
            return "no transfer, not the leader";
        case TransferStatus::Busy:
            return "no transfer, busy";
        case TransferStatus::Invalid:
            return "no transfer, invalid";
        case TransferStatus::TimedOut:
            return "the transfer timed out";
        case TransferStatus::Unknown:
            return "the transfer is unknown";
    }
    return "?";
}

std::string text_of(const Payload& payload) {
    if (payload.is_stub()) return "(stub)";
    if (payload.size() == 0) return "\"\"";
    constexpr std::size_t kShown = 24;
    if (payload.size() <= kShown) return std::string(payload.bytes());
    return fmt::format("{}..({} bytes)", payload.bytes().substr(0, 4), payload.size());
}

std::string time_of(const Entry& entry) {
    if (!entry.clock().bounded()) return fmt::format(" @{}", to_string(entry.time));
    return fmt::format(" @{}+-{}", to_string(entry.time), to_string(entry.error));
}

const char* words_of(ProgressState state) {
    switch (state) {
        case ProgressState::Probe:
            return "probing";
        case ProgressState::Replicate:
            return "replicating";
        case ProgressState::Snapshot:
            return "sending a snapshot";
    }
    return "?";
}

}  // namespace

std::string position(LogIndex index, Term term) {
    return fmt::format("({}, t{})", index.value(), term.value());
}

std::string content_of(const Entry& entry) {
    if (entry.kind == EntryKind::Empty) return "-";
    if (entry.kind == EntryKind::Command) return text_of(entry.payload);
    const auto configuration = decode_configuration(entry.payload.bytes());
    return configuration ? configuration->to_string() : "(no configuration)";
}

std::string words_of(LogIndex index, const Entry& entry, const Style& style) {
    return fmt::format("{} t{} {}{}", index.value(), entry.term.value(), content_of(entry),
                       style.times ? time_of(entry) : "");
}

std::string words_of(const EntryRange& entries, const Style& style) {
    constexpr uint32_t kShown = 4;
    if (entries.size() > kShown) {
        return fmt::format("[{}..{} t{}..t{}]", entries.first_index().value(),
                           entries.last_index().value(), entries[0].term.value(),
                           entries[entries.size() - 1].term.value());
    }
    std::string text = "[";
    for (uint32_t i = 0; i < entries.size(); ++i) {
        if (i > 0) text += ", ";
        text += words_of(entries.first_index().plus(i), entries[i], style);
    }
    return text + "]";
}

std::string words_of(const SnapshotMeta& meta) {
    return fmt::format("snapshot {} {} of {} bytes", position(meta.last.index, meta.last.term),
                       meta.configuration.to_string(), meta.bytes);
}

std::string words_of(const Event& event) {
    return std::visit(EventWords{}, event);
}

std::string words_of(const Write& write, const Style& style) {
    std::string text = fmt::format("writes #{}:", write.id.value());
    if (write.hard_state) {
        text += fmt::format(" term {} vote {};", write.hard_state->current_term.value(),
                            write.hard_state->voted_for.value());
    }
    if (write.piece) {
        text += fmt::format(" snapshot {} bytes {}..{};", write.piece->meta.index().value(),
                            write.piece->offset, write.piece->offset + write.piece->data.size());
    }
    if (write.snapshot) {
        text += fmt::format(" {}{};", words_of(write.snapshot->meta),
                            write.snapshot->collected ? " as collected" : "");
    }
    if (write.compaction) {
        text += fmt::format(" {} up to {} goes;", write.compaction->whole_log ? "the log" : "log",
                            write.compaction->base.index.value());
    }
    if (write.truncate_from) text += fmt::format(" {}.. goes;", write.truncate_from->value());
    for (const EntryRange& range : write.append) text += " " + words_of(range, style) + ";";
    text.pop_back();
    return text;
}

std::vector<std::string> answers_of(const Output& output) {
    std::vector<std::string> lines;
    for (const ProposeDone& done : output.proposed) {
        lines.push_back(fmt::format("ticket {}: {}", done.ticket, words_of(done.status)));
        if (done.status == ProposeStatus::Accepted) {
            lines.back() += fmt::format(" at {}", done.index.value());
        }
    }
    for (const Outcome& outcome : output.outcomes) {
        lines.push_back(fmt::format("ticket {}: {}", outcome.ticket, words_of(outcome.kind)));
        if (outcome.kind == OutcomeKind::Committed) {
            lines.back() += fmt::format(" at {}", outcome.index.value());
        }
    }
    for (const ChangeDone& done : output.changes) {
        lines.push_back(fmt::format("ticket {}: {}", done.ticket, words_of(done.status)));
    }
    for (const TransferDone& done : output.transfers) {
        lines.push_back(fmt::format("ticket {}: {}", done.ticket, words_of(done.status)));
    }
    for (const ReadDone& done : output.reads) {
        if (done.ok) {
            lines.push_back(fmt::format("ticket {}: read at {}{}", done.ticket, done.index.value(),
                                        done.by_lease ? " by the lease" : ""));
        } else {
            lines.push_back(fmt::format("ticket {}: read refused", done.ticket));
        }
    }
    return lines;
}

std::string list_of(const std::vector<std::string>& texts) {
    constexpr std::size_t kShown = 12;
    std::string text;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const bool shown = texts.size() <= kShown || i < 2 || i + 1 == texts.size();
        if (shown) text += (text.empty() ? "" : " ") + texts[i];
        if (!shown && i == 2) text += " ..";
    }
    return text;
}

std::vector<std::string> lines_of(const std::vector<Sent>& sent) {
    std::vector<Sent> groups;
    for (const Sent& one : sent) {
        if (!groups.empty() && groups.back().what == one.what) {
            groups.back().to += " " + one.to;
        } else {
            groups.push_back(one);
        }
    }
    std::vector<std::string> lines;
    lines.reserve(groups.size());
    for (const Sent& group : groups) {
        lines.push_back(fmt::format("-> {}: {}", group.to, group.what));
    }
    return lines;
}

std::string state_of(const Raft& raft) {
    std::string text = fmt::format("{}: {} in term {}", raft.id().value(), name_of(raft.role()),
                                   raft.current_term().value());
    if (raft.voted_for()) text += fmt::format(", vote {}", raft.voted_for().value());
    if (raft.leader()) text += fmt::format(", leader {}", raft.leader().value());
    const Log& log = raft.log();
    text +=
        fmt::format("; log {}..{}, durable {}, commit {}, applied {}", log.first_index().value(),
                    position(log.last_index(), log.last_term()), raft.durable_index().value(),
                    raft.commit_index().value(), raft.last_applied().value());
    return text + "; " + raft.configuration().to_string();
}

std::vector<std::string> progress_of(const Raft& raft, const Style& style) {
    std::vector<std::string> lines;
    for (const ServerId peer : raft.configuration().all()) {
        const Progress* progress = raft.progress(peer);
        if (progress == nullptr || peer == raft.id()) continue;
        std::string text =
            fmt::format("{}: match {}, next {}, {}", peer.value(), progress->match_index.value(),
                        progress->next_index.value(), words_of(progress->state));
        if (progress->state == ProgressState::Probe && progress->probe_sent) text += ", asked";
        if (progress->state == ProgressState::Snapshot) {
            text += fmt::format(" {}{}{}", progress->snapshot_index.value(),
                                progress->snapshot_offset == Progress::kOffsetUnknown
                                    ? std::string()
                                    : fmt::format(" from byte {}", progress->snapshot_offset),
                                progress->piece_sent ? ", asked" : "");
        }
        if (progress->inflight.count() > 0) {
            text += fmt::format(", {} in flight{}", progress->inflight.count(),
                                progress->inflight.full() ? " (full)" : "");
        }
        if (style.sessions) text += fmt::format(", session {}", progress->session);
        lines.push_back(std::move(text));
    }
    return lines;
}

}  // namespace wavetank::story
