// From inputs to the core, and from its output to the world.
#include "core/server/replica.h"

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/sometimes.h"

namespace wavetank {

Replica::Replica(Environment& environment, Setup setup, std::unique_ptr<Machine> machine)
    : environment_(environment),
      raft_(Raft::start(setup.options, std::move(setup.recovered), setup.seed, environment.now())),
      machine_(std::move(machine)) {}

void Replica::start() {
    handle(Wake{});
}

void Replica::handle(const Input& input) {
    raft_.step(environment_.now(), input);
    raft_.drain(output_);
    environment_.stepped(raft_, input, output_);
    carry_out();
}

uint64_t Replica::machine_digest() const {
    return mix(machine_->digest(), sessions_.digest());
}

// The order matters to speed only: the core guarantees that messages may leave at any time, so they
// leave before our own commit and application.
void Replica::carry_out() {
    if (output_.write.id) environment_.write(output_.write);
    for (Send& send : output_.sends) environment_.send(send);
    if (!output_.proposed.empty()) take_proposed();
    if (output_.apply_from <= output_.apply_upto) apply_committed();
    if (!output_.reads.empty()) take_reads();
    if (!waiting_writes_.empty() && raft_.role() != Role::Leader) give_up_writes();
    environment_.set_deadline(output_.deadline);
}

void Replica::request(const ClientRequest& request) {
    if (request.sequence == 0) return;  // no client of ours numbers from 0
    if (request.read_only) {
        const uint64_t ticket = next_ticket_++;
        waiting_reads_.emplace(
            ticket, WaitingRead{request.client, request.sequence, LogIndex(), request.body});
        handle(Read{ticket});
        return;
    }
    // Answer a repetition of what is already carried out without a new entry. For an older request
    // nobody waits any more.
    const auto known = sessions_.find(request.client, request.sequence);
    if (known.verdict == SessionTable::Verdict::Stale) return;
    if (known.verdict == SessionTable::Verdict::Repeated) {
        SOMETIMES("a repeated request is answered from the session table");
        reply(request.client, request.sequence, ReplyStatus::Ok, *known.reply);
        return;
    }
    const Payload command =
        encode_session_command({request.client, request.sequence, request.body.bytes()});
    proposing_ = WaitingWrite{LogIndex(), request.client, request.sequence};
    handle(Propose{next_ticket_++, {&command, 1}});
    CHECK(!proposing_);
}

void Replica::take_proposed() {
    for (const ProposeDone& done : output_.proposed) {
        CHECK(proposing_.has_value());
        WaitingWrite write = *proposing_;
        proposing_.reset();
        switch (done.status) {
            case ProposeStatus::Accepted:
                write.index = done.index;
                waiting_writes_.push_back(write);
                break;
            case ProposeStatus::NotLeader:
                reply(write.client, write.sequence, ReplyStatus::NotLeader);
                break;
            case ProposeStatus::Busy:
                reply(write.client, write.sequence, ReplyStatus::Busy);
                break;
        }
    }
}

void Replica::apply_committed() {
    for (LogIndex i = output_.apply_from; i <= output_.apply_upto; i = i.next()) {
        const Entry& entry = raft_.log().entry_at(i);
        const std::string& reply = apply(entry);
        environment_.applied(i, entry, machine_digest());
        answer_write(i, reply);
    }
    answer_ready_reads();
}

// Carries out one entry, once (see sessions.h).
const std::string& Replica::apply(const Entry& entry) {
    static const std::string kNothing;
    if (entry.kind != EntryKind::Command) return kNothing;
    const auto command = decode_session_command(entry.payload.bytes());
    if (!command) return kNothing;  // not from this code; the same nothing on every server
    return sessions_.once(*command,
                          [this](std::string_view body) { return machine_->apply(body); });
}

void Replica::answer_write(LogIndex index, const std::string& body) {
    if (waiting_writes_.empty() || waiting_writes_.front().index != index) return;
    const WaitingWrite write = waiting_writes_.front();
    waiting_writes_.pop_front();
    // We proposed it in the leadership that still lasts, so the entry at its index is ours.
    reply(write.client, write.sequence, ReplyStatus::Ok, body);
}

void Replica::take_reads() {
    for (const ReadDone& done : output_.reads) {
        const auto found = waiting_reads_.find(done.ticket);
        CHECK(found != waiting_reads_.end());
        WaitingRead read = std::move(found->second);
        waiting_reads_.erase(found);
        if (!done.ok) {
            // A leader that refuses a read has too many of them waiting.
            const bool busy = raft_.role() == Role::Leader;
            reply(read.client, read.sequence, busy ? ReplyStatus::Busy : ReplyStatus::NotLeader);
        } else if (raft_.last_applied() >= done.index) {
            reply(read.client, read.sequence, ReplyStatus::Ok,
                  machine_->query(read.question.bytes()));
        } else {
            SOMETIMES("a confirmed read waits for its index to be applied");
            read.index = done.index;
            ready_reads_.push_back(std::move(read));
        }
    }
}

void Replica::answer_ready_reads() {
    while (!ready_reads_.empty() && ready_reads_.front().index <= raft_.last_applied()) {
        const WaitingRead& read = ready_reads_.front();
        reply(read.client, read.sequence, ReplyStatus::Ok, machine_->query(read.question.bytes()));
        ready_reads_.pop_front();
    }
}

// We no longer lead: whether these commit is up to the next leader. A confirmed read stays good.
void Replica::give_up_writes() {
    for (const WaitingWrite& write : waiting_writes_) {
        SOMETIMES("a leader steps down with writes waiting");
        reply(write.client, write.sequence, ReplyStatus::Unknown);
    }
    waiting_writes_.clear();
}

void Replica::reply(ClientId client, uint64_t sequence, ReplyStatus status, std::string body) {
    environment_.reply(ClientReply{client, sequence, status,
                                   raft_.role() == Role::Leader ? raft_.id() : raft_.leader(),
                                   std::move(body)});
}

}  // namespace wavetank
