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
    std::string text = fmt::format("entries {}..{} (t{}..t{})", entries.first_index().value(),
                                   entries.last_index().value(), entries[0].term.value(),
                                   entries[entries.size() - 1].term.value());
    for (uint32_t i = 0; i < entries.size(); ++i) {
        if (entries[i].kind != EntryKind::Configuration) continue;
        const auto members = decode_configuration(entries[i].payload.bytes());
        text += fmt::format(", {} is the configuration {}", entries.first_index().plus(i).value(),
                            members ? members->to_string() : "(unreadable)");
    }
    return text;
}

std::string snapshot_words(const SnapshotMeta& meta) {
    return fmt::format("snapshot {} of {} bytes", position(meta.index(), meta.last.term),
                       meta.bytes);
}

std::string server_words(ServerId server) {
    return server ? fmt::format("{}", server.value()) : "nobody in particular";
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
        return fmt::format("RequestVote term {} log {}{}", m.term.value(),
                           position(m.last_log_index, m.last_log_term),
                           m.transfer ? " asked for by the leader" : "");
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
            return fmt::format("AppendEntriesReply term {} match {} round {}{}", m.term.value(),
                               m.match_index.value(), m.round, m.joined ? "" : " not joined");
        }
        return fmt::format("AppendEntriesReply term {} rejects {} hint {}", m.term.value(),
                           m.rejected_index.value(), position(m.hint_index, m.hint_term));
    }
    std::string operator()(const InstallSnapshot& m) {
        return fmt::format("InstallSnapshot term {} {} bytes {}..{}", m.term.value(),
                           snapshot_words(m.meta), m.offset, m.offset + m.data.size());
    }
    std::string operator()(const InstallSnapshotReply& m) {
        return fmt::format("InstallSnapshotReply term {} snapshot {} is here up to byte {}",
                           m.term.value(), m.index.value(), m.next_offset);
    }
    std::string operator()(const TimeoutNow& m) {
        return fmt::format("TimeoutNow term {}", m.term.value());
    }
    std::string operator()(const ReadIndex& m) {
        return fmt::format("ReadIndex term {} context {:x}", m.term.value(), m.context);
    }
    std::string operator()(const ReadIndexReply& m) {
        if (!m.ok) return fmt::format("ReadIndexReply term {} refused", m.term.value());
        return fmt::format("ReadIndexReply term {} index {}", m.term.value(), m.index.value());
    }
    std::string operator()(const ForwardProposal& m) {
        return fmt::format("ForwardProposal term {} of {} commands", m.term.value(),
                           m.entries.size());
    }
    std::string operator()(const ForwardProposalReply& m) {
        if (!m.accepted) return fmt::format("ForwardProposalReply term {} refused", m.term.value());
        return fmt::format("ForwardProposalReply term {} appended from {}", m.term.value(),
                           m.index.value());
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
        case StepDownReason::DiskStalled:
            return "its disk does not write";
        case StepDownReason::Removed:
            return "it is no voter any more";
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
        case RefuseReason::Corrupt:
            return "a payload does not fit its digest";
        case RefuseReason::BadSnapshot:
            return "its snapshot makes no sense";
        case RefuseReason::WrongKind:
            return "what is not for a server of its kind";
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
        return fmt::format("goes by the configuration of {}", e.index.value());
    }
    std::string operator()(const SnapshotInstalled& e) {
        return fmt::format("installs the snapshot at {}", e.index.value());
    }
    std::string operator()(const Compacted& e) {
        return fmt::format("compacts its log up to {}", e.index.value());
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
    std::string operator()(const ChangeMembers& change) {
        return "asked to make the members " + Configuration(change.members).to_string();
    }
    std::string operator()(const Transfer& transfer) {
        return "asked to hand the leadership to " + server_words(transfer.target);
    }
    std::string operator()(const SnapshotTaken& taken) {
        return fmt::format("a snapshot at {} of {} bytes is written down", taken.index.value(),
                           taken.data.size());
    }
};

const char* words_of(ChangeStatus status) {
    switch (status) {
        case ChangeStatus::Done:
            return "done";
        case ChangeStatus::NotLeader:
            return "not the leader";
        case ChangeStatus::Busy:
            return "busy";
        case ChangeStatus::Invalid:
            return "not possible";
        case ChangeStatus::CatchUpFailed:
            return "the new ones are too slow";
        case ChangeStatus::Unknown:
            return "nobody knows";
    }
    return "?";
}

const char* words_of(TransferStatus status) {
    switch (status) {
        case TransferStatus::Done:
            return "done";
        case TransferStatus::NotLeader:
            return "not the leader";
        case TransferStatus::Busy:
            return "busy";
        case TransferStatus::Invalid:
            return "not possible";
        case TransferStatus::TimedOut:
            return "took too long";
        case TransferStatus::Unknown:
            return "nobody knows";
    }
    return "?";
}

// What a client wants.
std::string wish_words(const ClientRequest& request) {
    switch (request.kind) {
        case RequestKind::OpenSession:
            return "open a session";
        case RequestKind::KeepAlive:
            return fmt::format("keep session {} alive", request.session.value());
        case RequestKind::CloseSession:
            return fmt::format("close session {}", request.session.value());
        case RequestKind::Status:
            return "say how it is";
        case RequestKind::ChangeMembers:
            return "change the members";
        case RequestKind::Transfer:
            return "hand over the leadership";
        case RequestKind::Query:
        case RequestKind::Command:
            break;
    }
    std::string what = fmt::format("{} bytes", request.body.size());
    if (const auto command = decode_kv_command(request.body.bytes())) {
        what = fmt::format("{} {}", name_of(command->function), command->key);
        if (!command->expected.empty()) what += " from " + command->expected;
        if (!command->value.empty()) what += " " + command->value;
    }
    if (request.kind == RequestKind::Query) return what;
    return fmt::format("{} (session {}, {})", what, request.session.value(), request.sequence);
}

std::string words_of(const Write& write) {
    std::string text = fmt::format("writes #{}:", write.id.value());
    if (write.hard_state) {
        text += fmt::format(" term {} vote {}", write.hard_state->current_term.value(),
                            write.hard_state->voted_for.value());
    }
    if (write.piece) {
        text += fmt::format(" bytes {}..{} of the {}", write.piece->offset,
                            write.piece->offset + write.piece->data.size(),
                            snapshot_words(write.piece->meta));
    }
    if (write.snapshot) text += " " + snapshot_words(write.snapshot->meta);
    if (write.compaction) {
        text += fmt::format(" {} up to {}", write.compaction->whole_log ? "new log" : "compaction",
                            position(write.compaction->base.index, write.compaction->base.term));
    }
    if (write.truncate_from) text += fmt::format(" truncate {}..", write.truncate_from->value());
    for (const EntryRange& range : write.append) text += " " + entries_words(range);
    return text;
}

std::string words_of(const Send& send) {
    std::string text = fmt::format("to {}: {}", send.to.value(), wavetank::words_of(send.message));
    const char* stubs = send.stubs_only ? ", as stubs" : "";
    if (send.entries_to_fetch > 0) {
        text += fmt::format(" and {} entries from the disk{}", send.entries_to_fetch, stubs);
    }
    if (send.bytes_to_fetch > 0) text += fmt::format(" and {} from the disk", send.bytes_to_fetch);
    return text;
}

// What is left of a node whatever happens to its server.
std::string disk_words(const Node& node) {
    const MemoryStorage& disk = node.storage();
    std::string text =
        fmt::format("  disk: term {} vote {}, log {}..{}, {} writes not durable yet{}\n",
                    disk.hard_state().current_term.value(), disk.hard_state().voted_for.value(),
                    disk.base().index.next().value(), disk.last_index().value(), disk.pending(),
                    node.disk_stalled() ? ", it hangs" : "");
    if (disk.snapshot()) {
        text += fmt::format("  {} with {}\n", snapshot_words(*disk.snapshot()),
                            disk.snapshot()->configuration.to_string());
    }
    if (const auto partial = disk.partial()) {
        text += fmt::format("  the first {} bytes of {}\n", partial->bytes,
                            snapshot_words(partial->meta));
    }
    return text;
}

std::string entries_in_words(const Log& log) {
    const uint64_t last = log.last_index().value();
    uint64_t first = log.first_index().value();
    if (last > first + 19) first = last - 19;
    std::string text = "  entries:";
    for (uint64_t i = first; i <= last; ++i) {
        text += fmt::format(" {}", position(LogIndex(i), log.term_at(LogIndex(i))));
    }
    return text + "\n";
}

std::string peer_words(ServerId peer, const Progress& progress) {
    std::string text = fmt::format("  peer {}: match {}, next {}, ", peer.value(),
                                   progress.match_index.value(), progress.next_index.value());
    switch (progress.state) {
        case ProgressState::Probe:
            return text + "probing\n";
        case ProgressState::Replicate:
            return text +
                   fmt::format("replicating, {} messages in flight\n", progress.inflight.count());
        case ProgressState::Snapshot:
            if (progress.snapshot_offset == Progress::kOffsetUnknown) {
                return text + fmt::format("asked how much it has of the snapshot at {}\n",
                                          progress.snapshot_index.value());
            }
            return text + fmt::format("gets the snapshot at {}, from byte {} on\n",
                                      progress.snapshot_index.value(), progress.snapshot_offset);
    }
    return text + "?\n";
}

}  // namespace

std::string words_of(const Message& message) {
    return std::visit(MessageWords{}, message);
}
std::string words_of(const Event& event) {
    return std::visit(EventWords{}, event);
}

std::string words_of(const ClientRequest& request) {
    return fmt::format("client {} request {}: {}", request.client.value(), request.request,
                       wish_words(request));
}

std::string words_of(const ClientReply& reply) {
    static constexpr const char* kStatus[] = {"ok",       "not the leader",          "busy",
                                              "unknown",  "the session has expired", "refused",
                                              "forbidden"};
    return fmt::format("reply to client {} request {}: {}", reply.client.value(), reply.request,
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
    if (output.restore) add("loads the " + snapshot_words(*output.restore));
    if (output.apply_from <= output.apply_upto) {
        add(fmt::format("applies {}..{}", output.apply_from.value(), output.apply_upto.value()));
    }
    if (output.snapshot_wanted) add("wants a snapshot");
    for (const ChangeDone& done : output.changes) {
        add(fmt::format("the change of members: {}", words_of(done.status)));
    }
    for (const TransferDone& done : output.transfers) {
        add(fmt::format("the transfer: {}", words_of(done.status)));
    }
    for (const ReadDone& done : output.reads) {
        if (done.by_lease)
            add(fmt::format("read {} by lease at {}", done.ticket, done.index.value()));
    }
    for (const Send& send : output.sends) add(words_of(send));
    return fmt::format("[{} t{}] {}", name_of(raft.role()), raft.current_term().value(), text);
}

std::string words_of_state(const Node& node) {
    std::string text = fmt::format("server {}\n", node.id().value()) + disk_words(node);
    if (!node.running()) return text + "  down\n";
    const Raft& raft = node.replica().raft();
    text +=
        fmt::format("  {}{}{} in term {}, vote {}, leader {}\n", name_of(raft.role()),
                    node.paused() ? " (paused)" : "", raft.transferring() ? " (handing over)" : "",
                    raft.current_term().value(), raft.voted_for().value(), raft.leader().value());
    text += fmt::format("  members: {}, the configuration of {}\n",
                        raft.configuration().to_string(), raft.configuration_index().value());
    text += fmt::format("  log: after {}, last {}, durable {}, commit {}, applied {}\n",
                        position(raft.log().base().index, raft.log().base().term),
                        position(raft.log().last_index(), raft.log().last_term()),
                        raft.durable_index().value(), raft.commit_index().value(),
                        raft.last_applied().value());
    text += entries_in_words(raft.log());
    if (raft.role() != Role::Leader) return text;
    for (const ServerId peer : raft.configuration().all()) {
        const Progress* progress = raft.progress(peer);
        if (peer != raft.id() && progress != nullptr) text += peer_words(peer, *progress);
    }
    return text;
}

}  // namespace wavetank
