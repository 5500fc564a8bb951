// Promises that wait for their write (DESIGN D4), and making them when it is done. Nothing that a
// peer may build on leaves this server anywhere else.
#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {

void Raft::oblige(Obligation obligation) {
    if (writes_.done(obligation.covered)) {
        meet(obligation);
        return;
    }
    // The same promise again, waiting for the same write, is one promise; of acknowledgements the
    // furthest. So there are at most a few for each write in flight, whatever the network repeats.
    const auto same = [&](const Obligation& other) {
        return other.kind == obligation.kind && other.term == obligation.term &&
               other.to == obligation.to && other.covered == obligation.covered &&
               other.session == obligation.session &&
               (other.kind != Obligation::Kind::AckPiece || other.match == obligation.match);
    };
    const auto known = std::find_if(obligations_.rbegin(), obligations_.rend(), same);
    if (known == obligations_.rend()) {
        obligations_.push_back(obligation);
        return;
    }
    known->match = std::max(known->match, obligation.match);
    known->round = std::max(known->round, obligation.round);
}

void Raft::meet_obligations() {
    if (obligations_.empty()) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < obligations_.size(); ++i) {
        const Obligation obligation = obligations_[i];
        if (obligation.term != current_term()) continue;  // nobody waits for it any more
        if (writes_.done(obligation.covered)) {
            meet(obligation);
        } else {
            obligations_[kept++] = obligation;
        }
    }
    obligations_.resize(kept);
}

// Says what was promised, now that it is durable. Nothing else may say it.
void Raft::meet(const Obligation& obligation) {
    CHECK(obligation.term == current_term());
    switch (obligation.kind) {
        case Obligation::Kind::OwnVote:
            if (role_ != Role::Candidate) return;
            // The others hear of us only now: a slow disk must not eat the time for their answers.
            reset_election_deadline();
            broadcast_to_voters(RequestVote{current_term(), log_.last_index(), log_.last_term(),
                                            campaign_by_transfer_});
            count_own_vote();
            return;
        case Obligation::Kind::GrantVote:
            CHECK(voted_for() == obligation.to);
            send(obligation.to, RequestVoteReply{current_term(), true});
            return;
        case Obligation::Kind::AckEntries: {
            CHECK(obligation.match <= durable_index());
            AppendEntriesReply reply;
            reply.term = current_term();
            reply.success = true;
            reply.match_index = obligation.match;
            reply.round = obligation.round;
            reply.session = obligation.session;
            reply.joined = hard_state_.joined && writes_.done(writes_.covering(LogIndex()));
            send(obligation.to, reply);
            return;
        }
        case Obligation::Kind::AckPiece:
            send(obligation.to, InstallSnapshotReply{current_term(), obligation.match,
                                                     obligation.round, obligation.session});
            return;
    }
}

}  // namespace wavetank
