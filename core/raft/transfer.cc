// Leadership transfer (thesis 3.10): the leader stops taking proposals, brings the target up to
// date, and asks it to campaign at once. It promises nothing but to try for an election timeout;
// then it goes on as before.
#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {

void Raft::on(const Transfer& transfer) {
    const TransferStatus status = begin_transfer(transfer);
    if (status != TransferStatus::Done) transfers_done_.push_back({transfer.ticket, status});
}

// Done: it has begun, and its end will be told.
TransferStatus Raft::begin_transfer(const Transfer& transfer) {
    if (role_ != Role::Leader) return TransferStatus::NotLeader;
    if (transfer_) return TransferStatus::Busy;
    const ServerId target = transfer.target ? transfer.target : best_heir();
    if (!may_inherit(target)) return TransferStatus::Invalid;
    transfer_ = Handover{transfer.ticket, target, now_ + options_.election_timeout_max, false};
    continue_transfer();
    return TransferStatus::Done;
}

bool Raft::may_inherit(ServerId id) const {
    const auto& voters = configuration().voters();
    return id != options_.id && std::binary_search(voters.begin(), voters.end(), id) &&
           !configuration().is_witness(id);
}

// The voter that has most of our log; zero if there is none.
ServerId Raft::best_heir() const {
    ServerId best;
    LogIndex most;
    for (const ServerId id : configuration().voters()) {
        if (!may_inherit(id)) continue;
        const LogIndex match = progress(id)->match_index;
        if (best && match <= most) continue;
        best = id;
        most = match;
    }
    return best;
}

// Called when something was acknowledged, and with every heartbeat: TimeoutNow may have been lost.
void Raft::continue_transfer() {
    if (!transfer_) return;
    if (now_ >= transfer_->give_up || !may_inherit(transfer_->target)) {
        SOMETIMES("a leadership transfer is given up");
        end_transfer(TransferStatus::TimedOut);
        return;
    }
    // By what it has acknowledged as durable, not by what was sent (zoo T01).
    if (progress(transfer_->target)->match_index < log_.last_index()) return;
    if (transfer_->asked && !heartbeat_due_) return;
    transfer_->asked = true;
    send(transfer_->target, TimeoutNow{current_term()});
}

void Raft::end_transfer(TransferStatus status) {
    if (!transfer_) return;
    transfers_done_.push_back({transfer_->ticket, status});
    transfer_.reset();
}

// Only from the leader of the present term: an old one has nothing to hand over (zoo T02). Our vote
// goes the usual way, so what the campaign boasts of is durable before anybody hears it (zoo E17).
void Raft::on_message(ServerId from, const TimeoutNow& request) {
    if (request.term != current_term() || role_ != Role::Follower || leader_ != from) return;
    if (!may_campaign()) return;
    SOMETIMES("a server campaigns because its leader asks for it");
    start_campaign(true);
}

}  // namespace wavetank
