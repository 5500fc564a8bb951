// What operators ask of a server: how it is, other members, another leader.
#include "core/base/check.h"
#include "core/env/administration.h"
#include "core/server/replica.h"

namespace wavetank {
namespace {

// What became of a wish, for whoever has it. Nothing to say: it was done, or `status` says it all.
struct Answer {
    ReplyStatus status;
    const char* why = "";
};

Answer answer_to(ChangeStatus status) {
    switch (status) {
        case ChangeStatus::Done:
            return {ReplyStatus::Ok};
        case ChangeStatus::NotLeader:
            return {ReplyStatus::NotLeader};
        case ChangeStatus::Busy:
            return {ReplyStatus::Busy};
        case ChangeStatus::Invalid:
            return {ReplyStatus::Refused,
                    "these members are not possible, or would change what one "
                    "of them is"};
        case ChangeStatus::CatchUpFailed:
            return {ReplyStatus::Refused,
                    "a new voter did not catch up in time; it stays a learner"};
        case ChangeStatus::Unknown:
            return {ReplyStatus::Unknown};
    }
    CHECK(false);
    return {ReplyStatus::Unknown};
}

Answer answer_to(TransferStatus status) {
    switch (status) {
        case TransferStatus::Done:
            return {ReplyStatus::Ok};
        case TransferStatus::NotLeader:
            return {ReplyStatus::NotLeader};
        case TransferStatus::Busy:
            return {ReplyStatus::Busy};
        case TransferStatus::Invalid:
            return {ReplyStatus::Refused,
                    "the target is the leader already, or no voter that may lead"};
        case TransferStatus::TimedOut:
            return {ReplyStatus::Refused, "the target did not take over in time"};
        case TransferStatus::Unknown:
            return {ReplyStatus::Unknown};
    }
    CHECK(false);
    return {ReplyStatus::Unknown};
}

}  // namespace

ServerStatus Replica::status() const {
    ServerStatus status;
    status.server = raft_.id();
    status.role = raft_.role();
    status.term = raft_.current_term();
    status.leader = raft_.leader();
    status.base = raft_.log().base().index;
    status.last = raft_.log().last_index();
    status.durable = raft_.durable_index();
    status.commit = raft_.commit_index();
    status.applied = applied_;
    if (raft_.snapshot()) status.snapshot = raft_.snapshot()->index();
    status.configured_at = raft_.configuration_index();
    status.commits = commits_;
    status.syncs = environment_.syncs();
    status.sessions = sessions().size();
    status.digest = machine_digest();
    status.configuration = raft_.configuration();
    for (const ServerId id : raft_.configuration().all()) {
        const Progress* progress = id == raft_.id() ? nullptr : raft_.progress(id);
        if (progress != nullptr) {
            status.peers.push_back({id, progress->match_index, progress->state});
        }
    }
    return status;
}

void Replica::change_members(const ClientRequest& request) {
    const std::optional<MembersWish> wish = decode_members_wish(request.body.bytes());
    if (!wish) {
        reply(request, ReplyStatus::Refused, "these members are not possible");
        return;
    }
    if (raft_.role() == Role::Leader && wish->expected != raft_.configuration_index()) {
        reply(request, ReplyStatus::Refused, "the members have changed since they were looked at");
        return;
    }
    const uint64_t ticket = next_ticket_++;
    wishes_.begin(ticket, {request.client, request.request});
    handle(ChangeMembers{ticket, wish->members});
}

void Replica::transfer(const ClientRequest& request) {
    const std::optional<TransferWish> wish = decode_transfer_wish(request.body.bytes());
    if (!wish) {
        reply(request, ReplyStatus::Refused, "the request names no target");
        return;
    }
    const uint64_t ticket = next_ticket_++;
    wishes_.begin(ticket, {request.client, request.request});
    handle(Transfer{ticket, wish->target});
}

void Replica::take_wishes() {
    for (const ChangeDone& done : output_.changes) {
        const auto wish = wishes_.take(done.ticket);
        const Answer answer = answer_to(done.status);
        if (wish) reply(*wish, answer.status, answer.why);
    }
    for (const TransferDone& done : output_.transfers) {
        const auto wish = wishes_.take(done.ticket);
        const Answer answer = answer_to(done.status);
        if (wish) reply(*wish, answer.status, answer.why);
    }
}

}  // namespace wavetank
