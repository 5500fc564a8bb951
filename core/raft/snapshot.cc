// Snapshots (paper section 7): our own, which shorten the log, and a leader's, for a follower that
// needs what is gone. A transfer begins with the question how much of this very snapshot is already
// there; what was collected survives a restart of either side, as long as the snapshot is the same.
// A leader's snapshot replaces log and machine in one durable step.
#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {

// --- Our own ---

// True if the host shall take one. Not while another one is on its way to disk or to a follower:
// the transfer would have to begin again, and never end. Unless the log gets far too long.
bool Raft::want_snapshot() {
    const auto over = [](uint64_t count, uint64_t limit, uint64_t factor) {
        return limit > 0 && count / factor >= limit;
    };
    const uint64_t patience = snapshot_transfers() > 0 ? 4 : 1;
    const bool wanted = over(entries_since_snapshot_, options_.snapshot_entries, patience) ||
                        over(bytes_since_snapshot_, options_.snapshot_bytes, patience);
    // A server that was added does not know who the members were before.
    if (configuration().all().empty()) return false;
    if (!wanted || snapshot_asked_ || !writes_.done(snapshot_write_)) return false;
    snapshot_asked_ = true;
    return true;
}

void Raft::on(const SnapshotTaken& taken) {
    snapshot_asked_ = false;
    // A newer one may have come from the leader while this one was taken (zoo S10).
    const LogIndex newest = snapshot_ ? snapshot_->index() : LogIndex();
    if (taken.index <= newest || taken.index > last_applied_ || restore_due_) return;
    if (!log_.in_memory(taken.index)) return;
    if (configurations_.at(taken.index).all().empty()) return;
    const SnapshotMeta meta{log_.base_at(taken.index), configurations_.at(taken.index),
                            taken.data.size(), taken.data.digest()};
    entries_since_snapshot_ = last_applied_.value() - taken.index.value();
    bytes_since_snapshot_ = 0;
    snapshot_ = meta;
    snapshot_write_ = writes_.next_id();
    configurations_.compact_to(taken.index);
    const uint64_t kept = std::min(options_.snapshot_trailing_entries, taken.index.value());
    const LogIndex compact_to =
        log_.compactable_to(std::max(LogIndex(taken.index.value() - kept), log_.base().index));
    std::optional<Compaction> compaction;
    if (compact_to > log_.base().index) {
        log_.compact_to(compact_to);
        compaction = Compaction{log_.base(), false};
        events_.push_back(Compacted{compact_to});
    }
    writes_.snapshot_taken(SnapshotWrite{meta, false, taken.data}, compaction);
}

// --- Sending ---

uint32_t Raft::snapshot_transfers() const {
    return static_cast<uint32_t>(
        std::count_if(progress_.begin(), progress_.end(), [this](const Progress& progress) {
            // One that does not answer holds up nobody.
            return progress.state == ProgressState::Snapshot &&
                   now_ - progress.last_contact < options_.election_timeout_min;
        }));
}

void Raft::send_snapshot_to(ServerId peer, Progress& progress) {
    if (!snapshot_ || !writes_.done(snapshot_write_)) return;  // its data cannot be read yet
    if (progress.state != ProgressState::Snapshot) {
        if (snapshot_transfers() >= options_.snapshot_transfers_max) return;
        progress.send_snapshot(snapshot_->index());
    } else if (progress.snapshot_index != snapshot_->index()) {
        SOMETIMES("a snapshot is superseded while it is sent");
        progress.send_snapshot(snapshot_->index());
    }
    if (progress.piece_sent) return;
    progress.piece_sent = true;
    InstallSnapshot message{current_term(), *snapshot_, 0, Payload(), progress.session};
    if (configuration().is_witness(peer)) {
        message.meta.bytes = 0;
        message.meta.digest = 0;
    }
    const bool asks = progress.snapshot_offset == Progress::kOffsetUnknown;
    if (!asks) message.offset = progress.snapshot_offset;
    const uint64_t left = message.meta.bytes - message.offset;
    Send& sent = send(peer, std::move(message));
    if (asks) return;
    sent.bytes_to_fetch =
        static_cast<uint32_t>(std::min(left, uint64_t{options_.snapshot_piece_bytes}));
}

void Raft::on_message(ServerId from, const InstallSnapshotReply& reply) {
    if (adopt_term(reply.term)) return;
    if (role_ != Role::Leader || reply.term != current_term()) return;
    Progress* const progress = progress_of(from);
    if (progress == nullptr || reply.session != progress->session) return;
    progress->last_contact = now_;
    const bool current = progress->state == ProgressState::Snapshot &&
                         progress->snapshot_index == reply.index && snapshot_ &&
                         snapshot_->index() == reply.index;
    if (!current) return;  // of a transfer that is over
    if (reply.next_offset > snapshot_->bytes) {
        refuse(from, RefuseReason::BadSnapshot);
        return;
    }
    // An answer that the network has repeated moves nothing.
    if (progress->snapshot_offset == reply.next_offset) return;
    // All of it is there, but it was not installed: a repetition of the last piece will do it.
    progress->snapshot_offset =
        reply.next_offset < snapshot_->bytes ? reply.next_offset : Progress::kOffsetUnknown;
    progress->piece_sent = false;
    moved(*progress);
}

// --- Receiving ---

void Raft::on_message(ServerId from, const InstallSnapshot& request) {
    if (request.term < current_term()) {
        send(from, InstallSnapshotReply{current_term(), request.meta.index(), 0, request.session});
        return;
    }
    if (!from_rightful_leader(from, request.term) || !acceptable(from, request)) return;
    adopt_term(request.term);
    if (role_ != Role::Follower || leader_ != from) become_follower(current_term(), from);
    heard_leader();
    if (already_covered(from, request)) return;
    collect(from, request);
}

bool Raft::acceptable(ServerId from, const InstallSnapshot& request) {
    const SnapshotMeta& meta = request.meta;
    const char* why = "";
    const bool sound = meta.index() && meta.last.term && meta.last.term <= request.term &&
                       meta.configuration.valid(&why) && request.offset <= meta.bytes &&
                       request.data.size() <= meta.bytes - request.offset;
    if (!sound) {
        refuse(from, RefuseReason::BadSnapshot);
        return false;
    }
    // The empty snapshot is a witness's; to anybody else it would pass for an empty state.
    if ((meta.bytes == 0) != options_.witness) {
        refuse(from, RefuseReason::WrongKind);
        return false;
    }
    if (!request.data.verify()) {
        refuse(from, RefuseReason::Corrupt);
        return false;
    }
    // Where we can compare, it must be the prefix of what is committed here (zoo S22).
    const LogIndex index = meta.index();
    const bool comparable =
        index <= commit_index_ && (index == log_.base().index || log_.in_memory(index));
    if (comparable && log_.base_at(index) != meta.last) {
        refuse(from, RefuseReason::BadSnapshot);
        return false;
    }
    return true;
}

// True if our log has all that the snapshot contains (paper figure 13, step 6), with the same entry
// at its end, not just one of a later term (zoo S02): then nothing is installed.
bool Raft::already_covered(ServerId from, const InstallSnapshot& request) {
    const LogIndex index = request.meta.index();
    if (index > commit_index_) {
        const bool have =
            index <= log_.last_index() && log_.term_at(index) == request.meta.last.term;
        if (!have) return false;
        SOMETIMES("a follower already has what a snapshot contains");
        verified_ = std::max(verified_, index);
        advance_commit(index);
    }
    oblige({Obligation::Kind::AckEntries, current_term(), writes_.covering(index), from, index, 0,
            request.session});
    return true;
}

void Raft::collect(ServerId from, const InstallSnapshot& request) {
    if (!collecting_ || collecting_->meta != request.meta) {
        collecting_ = Recovered::Partial{request.meta, 0};
    } else if (request.data.size() == 0 && collecting_->bytes > 0) {
        SOMETIMES("the transfer of a snapshot goes on where it was");
    }
    Recovered::Partial& partial = *collecting_;
    const bool fits = request.offset == partial.bytes && request.data.size() > 0;
    if (fits) {
        if (writes_.piece_waiting()) return;  // too fast for our disk; it will be sent again
        partial.bytes += request.data.size();
        piece_write_ = writes_.next_id();
        writes_.piece_arrived(SnapshotPiece{request.meta, request.offset, request.data});
    }
    if (partial.bytes == partial.meta.bytes) {
        install(from, request);
        return;
    }
    oblige({Obligation::Kind::AckPiece, current_term(), piece_write_, from, request.meta.index(),
            partial.bytes, request.session});
}

void Raft::install(ServerId from, const InstallSnapshot& request) {
    const SnapshotMeta meta = request.meta;
    CHECK(meta.index() > commit_index_);
    SOMETIMES("a follower installs a snapshot");
    // Up to here our log is the leader's, and so agrees with the snapshot; what differs behind it
    // goes, in memory and on disk (zoo S04).
    const LogIndex agrees_to = std::max(commit_index_, verified_);
    writes_.log_replaced(SnapshotWrite{meta, meta.bytes > 0, Payload()}, agrees_to.next());
    log_ = Log(meta.last);
    configurations_.reset({meta.index(), meta.configuration});
    collecting_.reset();
    snapshot_ = meta;
    snapshot_write_ = writes_.next_id();
    restore_due_ = true;
    verified_ = std::max(verified_, meta.index());
    configuration_changed();
    events_.push_back(SnapshotInstalled{meta.index()});
    advance_commit(meta.index());
    oblige({Obligation::Kind::AckEntries, current_term(), snapshot_write_, from, meta.index(), 0,
            request.session});
}

}  // namespace wavetank
