// Proposals: taken by a leader, or sent on to it, and what became of them. The outcome is the truth
// as far as it can be known: a proposal is lost only when something else is *committed* in its
// place. That it was truncated here proves nothing: a later leader may still have it (zoo X07).
#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {

// What a leader says to so many more bytes.
ProposeStatus Raft::admit(uint64_t bytes) const {
    if (role_ != Role::Leader) return ProposeStatus::NotLeader;
    // What is appended now would have to reach the new leader before it may campaign (zoo T01).
    if (transfer_) return ProposeStatus::Busy;
    // One proposal larger than the whole bound is accepted when nothing else is waiting.
    if (uncommitted_bytes_ > 0 && uncommitted_bytes_ + bytes > options_.uncommitted_bytes_max) {
        SOMETIMES("a leader refuses a proposal because too much is uncommitted");
        return ProposeStatus::Busy;
    }
    return ProposeStatus::Accepted;
}

void Raft::on(const Propose& propose) {
    const bool full =
        open_proposals_.size() + asked_proposals_.size() >= options_.open_proposals_max;
    if (full) {
        proposed_.push_back({propose.ticket, ProposeStatus::Busy, LogIndex()});
        return;
    }
    uint64_t bytes = 0;
    for (const Payload& command : propose.commands) bytes += command.size();
    ProposeDone done{propose.ticket, admit(bytes), LogIndex()};
    if (done.status == ProposeStatus::Accepted) {
        done.index = log_.last_index().next();
        for (const Payload& command : propose.commands) append_own(EntryKind::Command, command);
        if (!propose.commands.empty()) {
            open_proposal({propose.ticket, done.index, log_.last_index(), current_term(), false});
        }
    } else if (done.status == ProposeStatus::NotLeader && may_forward(propose)) {
        forward(propose);
        done.status = ProposeStatus::Forwarded;
    }
    proposed_.push_back(done);
}

bool Raft::may_forward(const Propose& propose) const {
    return options_.forward_proposals && !write_failed_ && leader_ && !propose.commands.empty() &&
           propose.commands.size() <= LogChunk::kEntries;
}

void Raft::forward(const Propose& propose) {
    SOMETIMES("a follower forwards a proposal");
    std::vector<Entry> entries;
    entries.reserve(propose.commands.size());
    for (const Payload& command : propose.commands) {
        entries.push_back(Entry{current_term(), EntryKind::Command, command});
    }
    const uint64_t context = new_context();
    asked_proposals_.push_back(
        {propose.ticket, context, now_ + options_.election_timeout_max, propose.commands.size()});
    send(leader_, ForwardProposal{current_term(), context, EntryRange::of(LogIndex(1), entries)});
}

void Raft::on_message(ServerId from, const ForwardProposal& request) {
    for (uint32_t i = 0; i < request.entries.size(); ++i) {
        const Entry& entry = request.entries[i];
        const bool whole = entry.payload.verify() && !entry.payload.is_stub();
        if (entry.kind != EntryKind::Command || !whole) {
            refuse(from, RefuseReason::Corrupt);
            return;
        }
    }
    ForwardProposalReply reply{current_term(), request.context, false, LogIndex()};
    if (request.term == current_term() && !request.entries.empty() &&
        admit(request.entries.payload_bytes()) == ProposeStatus::Accepted) {
        reply.accepted = true;
        reply.index = log_.last_index().next();
        for (uint32_t i = 0; i < request.entries.size(); ++i) {
            append_own(EntryKind::Command, request.entries[i].payload);
        }
    }
    send(from, reply);
}

void Raft::on_message(ServerId, const ForwardProposalReply& reply) {
    const auto asked =
        std::find_if(asked_proposals_.begin(), asked_proposals_.end(),
                     [&](const Asked& open) { return open.context == reply.context; });
    if (asked == asked_proposals_.end()) return;  // given up, or a repetition
    const Asked proposal = *asked;
    asked_proposals_.erase(asked);
    if (!reply.accepted) {
        // The network may have repeated the request, and the other copy may be accepted.
        outcomes_.push_back({proposal.ticket, OutcomeKind::Unknown, LogIndex()});
        return;
    }
    const LogIndex last = reply.index.plus(proposal.commands).previous();
    open_proposal({proposal.ticket, reply.index, last, reply.term, true});
    settle_proposals();
}

void Raft::open_proposal(const OpenProposal& proposal) {
    open_proposals_.push_back(proposal);
    // Nearly always it is the last already; one that lost its place to another leader's is not.
    for (std::size_t at = open_proposals_.size() - 1;
         at > 0 && open_proposals_[at].index < open_proposals_[at - 1].index; --at) {
        std::swap(open_proposals_[at], open_proposals_[at - 1]);
    }
}

// To be called when the commit index has moved.
void Raft::settle_proposals() {
    while (!open_proposals_.empty() && open_proposals_.front().index <= commit_index_) {
        const OpenProposal& proposal = open_proposals_.front();
        const std::optional<OutcomeKind> kind = outcome_of(proposal);
        if (!kind) return;
        outcomes_.push_back({proposal.ticket, *kind, proposal.index});
        open_proposals_.pop_front();
    }
}

// Nothing if it is still open: a part of it is committed, and the rest may follow. Requires that
// its first place is committed.
std::optional<OutcomeKind> Raft::outcome_of(const OpenProposal& proposal) const {
    const auto ours = [&](LogIndex index) {
        return index >= log_.base().index && log_.term_at(index) == proposal.term;
    };
    // A leader's entries follow each other: if the last of them is there, all are.
    const LogIndex known = std::min(proposal.last, commit_index_);
    if (ours(known)) {
        if (known < proposal.last) return std::nullopt;
        return OutcomeKind::Committed;
    }
    // What was compacted cannot be asked any more; of a proposal in several messages the first may
    // be committed and the others not; and of one that was forwarded there may be another copy.
    if (proposal.index < log_.base().index || ours(proposal.index) || proposal.forwarded) {
        return OutcomeKind::Unknown;
    }
    SOMETIMES("a proposal is lost to another leader's entry");
    return OutcomeKind::Lost;
}

// Whoever waits for an answer from our leader waits no longer; with `everything` false, only those
// whose time is over.
void Raft::give_up_asked(bool everything) {
    const auto over = [&](const Asked& asked) { return everything || now_ >= asked.give_up; };
    for (const Asked& asked : asked_reads_) {
        if (over(asked)) reads_done_.push_back(ReadDone{asked.ticket, false, LogIndex(), false});
    }
    std::erase_if(asked_reads_, over);
    for (const Asked& asked : asked_proposals_) {
        if (over(asked)) outcomes_.push_back({asked.ticket, OutcomeKind::Unknown, LogIndex()});
    }
    std::erase_if(asked_proposals_, over);
}

// Nobody will tell us any more what becomes of them (zoo F07).
void Raft::give_up_open_proposals() {
    for (; !open_proposals_.empty(); open_proposals_.pop_front()) {
        const OpenProposal& proposal = open_proposals_.front();
        outcomes_.push_back({proposal.ticket, OutcomeKind::Unknown, proposal.index});
    }
}

}  // namespace wavetank
