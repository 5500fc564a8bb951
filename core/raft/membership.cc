// Membership changes by joint consensus (paper section 6; thesis 4.3). Any set of members may
// follow any other: a configuration entry is in force as soon as it is in a log; a change first
// appends the joint configuration of the old and the new voters, and when that is committed, the
// new one alone. New voters catch up as learners before (thesis 4.2.1). Whoever leads finishes what
// an earlier leader began: leaving a joint configuration needs no knowledge but the log.
#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/raft/raft.h"

namespace wavetank {
namespace {

using Members = Configuration::Members;

bool holds(const std::vector<ServerId>& ids, ServerId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// Voters-to-be that must catch up first, witnesses too: one with an empty disk has no vote before.
std::vector<ServerId> newcomers(const Members& target, const Configuration& now) {
    std::vector<ServerId> found;
    for (const ServerId id : target.voters) {
        if (!now.is_voter(id)) found.push_back(id);
    }
    return found;
}

// A member keeps its kind: what a witness has is not enough for anything else.
bool keeps_kinds(const Configuration& target, const Configuration& now) {
    return std::all_of(target.all().begin(), target.all().end(), [&](ServerId id) {
        return !now.contains(id) || now.is_witness(id) == target.is_witness(id);
    });
}

// The present members, with the newcomers as learners.
Configuration with_learners(const Configuration& now, const std::vector<ServerId>& ids,
                            const Members& target) {
    Members members = now.members();
    for (const ServerId id : ids) {
        members.learners.push_back(id);
        if (holds(target.witnesses, id)) members.witnesses.push_back(id);
    }
    return Configuration(std::move(members));
}

// The next configuration on the way from `now` to `target`.
Configuration towards(const Members& target, const Configuration& now) {
    if (Configuration(target).voters() == now.voters()) return Configuration(target);
    Members joint = target;
    joint.outgoing = now.voters();
    joint.witnesses.insert(joint.witnesses.end(), now.witnesses().begin(), now.witnesses().end());
    return Configuration(std::move(joint));
}

Configuration without_outgoing(const Configuration& joint) {
    Members members = joint.members();
    members.outgoing.clear();
    std::erase_if(members.witnesses, [&](ServerId id) {
        return !holds(members.voters, id) && !holds(members.learners, id);
    });
    return Configuration(std::move(members));
}

}  // namespace

void Raft::on(const ChangeMembers& change) {
    const ChangeStatus status = begin_change(change);
    if (status != ChangeStatus::Unknown) changes_done_.push_back({change.ticket, status});
}

// Unknown: it has begun, and its end will be told.
ChangeStatus Raft::begin_change(const ChangeMembers& change) {
    if (role_ != Role::Leader) return ChangeStatus::NotLeader;
    // One change at a time, and none before an entry of our own term is committed: else two leaders
    // can each commit a change that the other has not seen (zoo M01, M02).
    const bool pending = configuration_index() > commit_index_ || configuration().joint();
    const bool settled = log_.term_at(commit_index_) == current_term();
    if (change_ || transfer_ || pending || !settled) return ChangeStatus::Busy;
    const Configuration target(change.members);
    const char* why = "";
    if (target.joint() || !target.valid(&why) || !keeps_kinds(target, configuration())) {
        return ChangeStatus::Invalid;
    }
    if (target == configuration()) return ChangeStatus::Done;
    change_ = Change{change.ticket, target.members(), false, 0, LogIndex(), now_};
    const std::vector<ServerId> fresh = newcomers(change_->target, configuration());
    change_->catching_up = !fresh.empty();
    const Configuration catching_up = with_learners(configuration(), fresh, change_->target);
    if (catching_up != configuration()) propose_configuration(catching_up);
    continue_change();
    return ChangeStatus::Unknown;
}

void Raft::propose_configuration(const Configuration& next) {
    CHECK(role_ == Role::Leader);
    CHECK(configuration_index() <= commit_index_);
    CHECK(next.may_follow(configuration()));
    append_own(EntryKind::Configuration, Payload::copy_of(encode(next)));
    configuration_appended(log_.last_index(), next);
}

// An entry with a configuration was appended to our log, by ourselves or by our leader.
void Raft::configuration_appended(LogIndex index, const Configuration& next) {
    const Configuration before = configuration();
    configurations_.append({index, next});
    if (role_ == Role::Leader) rebuild_progress(before);
    configuration_changed();
}

void Raft::configuration_changed() {
    events_.push_back(ConfigurationChanged{configuration_index()});
}

// What is known of the peers moves to the slots of the new configuration. A server that comes, or
// comes back, begins from nothing, under a session of its own (zoo R14).
void Raft::rebuild_progress(const Configuration& before) {
    std::vector<Progress> next;
    for (const ServerId id : configuration().all()) {
        if (const auto slot = before.slot_of(id)) {
            next.push_back(progress_[*slot]);
            continue;
        }
        Progress& progress = next.emplace_back(options_.window);
        progress.next_index = log_.last_index();
        if (!progress.next_index) progress.next_index = LogIndex(1);
        progress.last_contact = now_;
        progress.session = ++sessions_;
    }
    // Who goes is told so: it hears of the entry that removes it, and of its commit (zoo M20).
    std::vector<ServerId> departing;
    const auto keep = [&](ServerId id, const Progress& progress) {
        if (id == options_.id || configuration().contains(id)) return;
        departing.push_back(id);
        next.push_back(progress);
    };
    for (std::size_t i = 0; i < departing_.size(); ++i) {
        keep(departing_[i], progress_[before.all().size() + i]);
    }
    for (std::size_t slot = 0; slot < before.all().size(); ++slot) {
        keep(before.all()[slot], progress_[slot]);
    }
    if (departing != departing_) departing_until_ = now_ + options_.election_timeout_max;
    departing_ = std::move(departing);
    progress_ = std::move(next);
    moved_slot_.reset();
    entries_to_send_ = true;
}

void Raft::drop_departed() {
    if (departing_.empty() || now_ < departing_until_) return;
    progress_.erase(progress_.begin() + static_cast<std::ptrdiff_t>(configuration().all().size()),
                    progress_.end());
    departing_.clear();
    moved_slot_.reset();
    entries_to_send_ = true;
}

// Called when the commit index has moved, and a configuration was committed with it or is joint.
void Raft::configuration_committed() {
    if (configuration_index() > commit_index_) return;
    heartbeat_due_ = true;  // departing servers hear of it
    if (configuration().joint()) {
        SOMETIMES("a joint configuration is committed, and left");
        propose_configuration(without_outgoing(configuration()));
        return;
    }
    continue_change();
}

// The next step of the change that somebody waits for, if it is time.
void Raft::continue_change() {
    if (!change_ || configuration_index() > commit_index_ || configuration().joint()) return;
    if (configuration() == Configuration(change_->target)) {
        end_change(ChangeStatus::Done);
        return;
    }
    if (change_->catching_up && !catch_up()) return;
    propose_configuration(towards(change_->target, configuration()));
}

// True if the newcomers have caught up (thesis 4.2.1): the last round, what the leader had when it
// began, took them less than an election timeout, so they will not hold up the cluster for longer.
// And each has a vote: a quorum that needs one without could elect nobody any more.
bool Raft::catch_up() {
    Change& change = *change_;
    const std::vector<ServerId> fresh = newcomers(change.target, configuration());
    if (change.round == 0) {
        change.round = 1;
        change.round_end = log_.last_index();
        change.round_began = now_;
    }
    const bool round_over = std::all_of(fresh.begin(), fresh.end(), [&](ServerId id) {
        const Progress* progress = progress_of(id);
        return progress != nullptr && progress->joined && progress->match_index >= change.round_end;
    });
    const Duration took = now_ - change.round_began;
    if (!round_over) {
        if (took < options_.election_timeout_max * int64_t{options_.catch_up_rounds_max})
            return false;
        SOMETIMES("a new voter does not catch up");
        end_change(ChangeStatus::CatchUpFailed);
        return false;
    }
    if (took < options_.election_timeout_min) {
        change.catching_up = false;
        return true;
    }
    if (change.round >= options_.catch_up_rounds_max) {
        SOMETIMES("a new voter does not catch up");
        end_change(ChangeStatus::CatchUpFailed);
        return false;
    }
    ++change.round;
    change.round_end = log_.last_index();
    change.round_began = now_;
    return false;
}

void Raft::end_change(ChangeStatus status) {
    if (!change_) return;
    changes_done_.push_back({change_->ticket, status});
    change_.reset();
}

// Thesis 4.2.2: a leader that removes itself leads until that is committed, without counting
// itself.
bool Raft::leader_is_removed() const {
    return role_ == Role::Leader && configuration_index() <= commit_index_ && !is_voter();
}

// The others have been told of the commit by the messages just made; the best of them need not wait
// for its election timeout.
void Raft::leave_cluster() {
    SOMETIMES("a leader that is no member any more steps down");
    const ServerId heir = best_heir();
    if (heir) send(heir, TimeoutNow{current_term()});
    step_down(StepDownReason::Removed, current_term());
    give_up_open_proposals();
}

}  // namespace wavetank
