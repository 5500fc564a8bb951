// Clients' requests: what is proposed and asked for, and when it is answered.
#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/server/replica.h"

namespace wavetank {

void Replica::request(const ClientRequest& request) {
    if (stuck_) return;
    if (request.request == 0) return;  // no client of ours numbers from 0
    if (request.kind == RequestKind::Status) {
        reply(request, ReplyStatus::Ok, encode(status()));
        return;
    }
    if (!has_state()) {
        reply(request, ReplyStatus::NotLeader);
        return;
    }
    switch (request.kind) {
        case RequestKind::Query:
            read(request);
            return;
        case RequestKind::Command:
            write(request);
            return;
        case RequestKind::OpenSession:
            propose(request, SessionCommandKind::Open);
            return;
        case RequestKind::KeepAlive:
            propose(request, SessionCommandKind::KeepAlive);
            return;
        case RequestKind::CloseSession:
            propose(request, SessionCommandKind::Close);
            return;
        case RequestKind::ChangeMembers:
            change_members(request);
            return;
        case RequestKind::Transfer:
            transfer(request);
            return;
        case RequestKind::Status:
            return;  // answered above: a witness answers it as well
    }
}

// Those that wait for the core are bounded there; this bounds those that wait for our disk.
void Replica::read(const ClientRequest& request) {
    if (reads_.size() > raft_.options().pending_reads_max) {
        reply(request, ReplyStatus::Busy);
        return;
    }
    const uint64_t ticket = next_ticket_++;
    reads_.begin(ticket, {request.client, request.request, request.body});
    handle(Read{ticket});
}

// A repetition of what is already carried out is answered without a new entry. For an older command
// nobody waits any more. That a session is not there says nothing: we may be behind.
void Replica::write(const ClientRequest& request) {
    if (request.sequence == 0) return;  // no client of ours numbers from 0
    const auto known = state_.sessions().find(request.session, request.sequence);
    if (known.verdict == SessionTable::Lookup::Verdict::Stale) return;
    if (known.verdict == SessionTable::Lookup::Verdict::Repeated) {
        SOMETIMES("a repeated request is answered from the session table");
        reply(request, ReplyStatus::Ok, *known.reply);
        return;
    }
    propose(request, SessionCommandKind::Command);
}

void Replica::propose(const ClientRequest& request, SessionCommandKind kind) {
    if (kind != SessionCommandKind::Open && !request.session) {
        reply(request, ReplyStatus::SessionExpired);  // no session has this id, ever
        return;
    }
    if (writes_.size() >= raft_.options().open_proposals_max) {
        reply(request, ReplyStatus::Busy);
        return;
    }
    SessionCommand command;
    command.kind = kind;
    command.client = request.client;
    command.unacknowledged = request.unacknowledged;
    if (kind != SessionCommandKind::Open) command.session = request.session;
    if (kind == SessionCommandKind::Command) {
        command.sequence = request.sequence;
        command.body = request.body.bytes();
    }
    const Payload payload = encode_session_command(command);
    const uint64_t ticket = next_ticket_++;
    writes_.begin(ticket,
                  {request.client, request.request, kind, command.session, command.sequence});
    handle(Propose{ticket, {&payload, 1}});
}

void Replica::take_proposed() {
    for (const ProposeDone& done : output_.proposed) {
        if (done.ticket < kTicketsOfOthers) --proposing_;
        if (done.status == ProposeStatus::Accepted || done.status == ProposeStatus::Forwarded) {
            continue;
        }
        const bool busy = done.status == ProposeStatus::Busy;
        const auto write = writes_.take(done.ticket);
        if (write) reply(*write, busy ? ReplyStatus::Busy : ReplyStatus::NotLeader);
    }
}

void Replica::take_outcomes() {
    for (const Outcome& outcome : output_.outcomes) {
        const auto write = writes_.take(outcome.ticket);
        if (!write) continue;  // somebody else's
        switch (outcome.kind) {
            case OutcomeKind::Committed:
                if (outcome.index > applied_) {
                    writes_.wait_for(outcome.index, *write);
                } else {
                    SOMETIMES("a write is known to be committed after it was applied");
                    answer(*write, outcome.index, false);
                }
                break;
            case OutcomeKind::Lost:
                SOMETIMES("a write is lost for certain");
                reply(*write, ReplyStatus::NotLeader);
                break;
            case OutcomeKind::Unknown:
                SOMETIMES("the outcome of a write is unknown");
                reply(*write, ReplyStatus::Unknown);
                break;
        }
    }
}

void Replica::answer_due_writes(bool just_applied) {
    while (const auto due = writes_.take_due(applied_)) {
        answer(due->request, due->index, just_applied);
    }
}

// The entry of this write is applied; `just_applied`: and nothing after it. What it has done shows
// in the sessions.
void Replica::answer(const WaitingWrite& write, LogIndex index, bool just_applied) {
    switch (write.kind) {
        case SessionCommandKind::Open:
            reply(write, ReplyStatus::Ok, {}, SessionId(index.value()));
            return;
        case SessionCommandKind::KeepAlive: {
            const bool there = state_.sessions().contains(write.session);
            reply(write, there ? ReplyStatus::Ok : ReplyStatus::SessionExpired);
            return;
        }
        case SessionCommandKind::Close:
            reply(write, ReplyStatus::Ok);
            return;
        case SessionCommandKind::Command:
            answer_command(write, just_applied);
            return;
    }
}

void Replica::answer_command(const WaitingWrite& write, bool just_applied) {
    const auto known = state_.sessions().find(write.session, write.sequence);
    switch (known.verdict) {
        case SessionTable::Lookup::Verdict::Repeated:
            reply(write, ReplyStatus::Ok, *known.reply);
            return;
        case SessionTable::Lookup::Verdict::New:
            reply(write, ReplyStatus::Busy);  // refused: too many replies are kept
            return;
        case SessionTable::Lookup::Verdict::Stale:
            return;  // nobody waits
        case SessionTable::Lookup::Verdict::NoSession:
            // Or the session was closed since, and the command carried out before.
            reply(write, just_applied ? ReplyStatus::SessionExpired : ReplyStatus::Unknown);
            return;
    }
}

void Replica::take_reads() {
    for (const ReadDone& done : output_.reads) {
        auto read = reads_.take(done.ticket);
        if (!read) continue;  // somebody else's
        if (!done.ok) {
            // A leader that refuses a read has too many of them waiting.
            const bool busy = raft_.role() == Role::Leader;
            reply(*read, busy ? ReplyStatus::Busy : ReplyStatus::NotLeader);
            continue;
        }
        if (done.index > applied_) SOMETIMES("a confirmed read waits for its index to be applied");
        reads_.wait_for(done.index, *std::move(read));
    }
    answer_due_reads();
}

void Replica::answer_due_reads() {
    while (const auto due = reads_.take_due(applied_)) {
        const WaitingRead& read = due->request;
        reply(read, ReplyStatus::Ok, state_.query(read.question.bytes()));
    }
}

}  // namespace wavetank
