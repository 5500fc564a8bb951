// The clients' lives, and how they wait.
#include "sim/workload/clients.h"

#include <algorithm>

#include "core/base/check.h"

namespace wavetank {
namespace {

ClientSession::Options session_options(const World& world, const WorkloadSetup& setup,
                                       uint32_t position, bool stick) {
    ClientSession::Options options;
    options.client = ClientId(position + 1);
    for (uint32_t i = 0; i < world.servers(); ++i) {
        // Clients begin with different servers.
        options.servers.push_back(world.node((position + i) % world.servers()).id());
    }
    options.request_timeout = setup.request_timeout;
    options.operation_timeout = setup.operation_timeout;
    options.stick = stick;
    return options;
}

}  // namespace

Client::Client(Clients& owner, uint32_t position, bool draws)
    : owner_(owner),
      position_(position),
      draws_(draws),
      generator_(owner.setup_, owner.world_.chance(), position),
      session_(*this, session_options(owner.world_, owner.setup_, position, false)),
      fiber_(owner.stacks_, [this] { live(); }) {}

Instant Client::now() {
    return owner_.world_.now();
}

void Client::send(ServerId to, const ClientRequest& request) {
    owner_.world_.request(position_, to, request);
}

Duration Client::backoff(uint64_t) {
    return owner_.backoff_.sample(
        owner_.world_.chance().draw(ChanceKind::ClientBackoff, position_, backoff_ordinal_++));
}

// A stopped client keeps at most one event in the queue; it moves to the deadline when it comes up
// too early, and is left alone when it would come too late by nothing.
void Client::wait(Instant deadline, bool replies) {
    deadline_ = deadline;
    wants_reply_ = replies;
    if (deadline < armed_at_) {
        armed_at_ = deadline;
        owner_.world_.push(deadline, {EventKind::ClientTimer, position_, ++armed_token_});
    }
    Fiber::suspend();
    wants_reply_ = false;
}

std::optional<ClientReply> Client::receive(Instant deadline) {
    while (inbox_.empty()) {
        if (now() >= deadline) return std::nullopt;
        wait(deadline, true);
    }
    ClientReply reply = std::move(inbox_.front());
    inbox_.pop_front();
    return reply;
}

void Client::sleep_until(Instant when) {
    while (now() < when) wait(when, false);
    inbox_.clear();  // replies to operations that are over
}

void Client::wake() {
    if (idle_) fiber_.resume();
}

void Client::on_reply(ClientReply reply) {
    if (!open_) return;  // late
    inbox_.push_back(std::move(reply));
    if (wants_reply_) fiber_.resume();
}

void Client::on_timer(uint32_t token) {
    if (token != armed_token_) return;
    armed_at_ = Instant::never();
    if (idle_ || deadline_ == Instant::never()) return;
    if (now() >= deadline_) {
        fiber_.resume();
    } else {
        armed_at_ = deadline_;
        owner_.world_.push(deadline_, {EventKind::ClientTimer, position_, ++armed_token_});
    }
}

void Client::ask(Errand errand) {
    errands_.push_back(std::move(errand));
    wake();
}

void Client::live() {
    const WorkloadSetup& setup = owner_.setup_;
    while (true) {
        const bool more = setup.operations_max == 0 || operations_ < setup.operations_max;
        if (!errands_.empty()) {
            const Errand errand = errands_.front();
            errands_.pop_front();
            if (errand.first) session_.prefer(errand.first);
            session_.stick(errand.stick);
            carry_out(errand.command);
        } else if (draws_ && owner_.running_ && more) {
            const Duration pause = owner_.think_.sample(
                owner_.world_.chance().draw(ChanceKind::ClientThink, position_, think_ordinal_++));
            sleep_until(now() + pause);
            if (!owner_.running_) continue;
            ++operations_;
            carry_out(generator_.next());
        } else {
            idle_ = true;
            deadline_ = Instant::never();
            Fiber::suspend();
            idle_ = false;
        }
    }
}

void Client::carry_out(const KvCommand& command) {
    const uint64_t sequence = session_.next_sequence();
    const bool read_only = command.function == KvFunction::Get;
    open_ = true;
    ++owner_.counts_.open;
    std::size_t number = 0;
    const auto& operations = owner_.history_.operations();
    if (owner_.observer_ != nullptr) {
        number = owner_.history_.invoke(ClientId(position_ + 1), sequence, command, now());
        owner_.observer_->on_invoke(operations[number]);
    }

    const std::optional<std::string> reply = session_.call(read_only, encode(command));
    std::optional<KvResult> result;
    if (reply) result = decode_kv_result(*reply);

    open_ = false;
    inbox_.clear();
    --owner_.counts_.open;
    const bool ok = result.has_value();
    ++(ok ? owner_.counts_.ok : owner_.counts_.info);
    if (owner_.observer_ != nullptr) {
        owner_.history_.complete(number, ok ? OperationOutcome::Ok : OperationOutcome::Info,
                                 result.value_or(KvResult{}), now());
        owner_.observer_->on_complete(operations[number]);
    }
    if (ok && position_ + 1 == owner_.clients_.size()) owner_.probe_answered_ = true;
}

Clients::Clients(World& world, const WorkloadSetup& setup, uint32_t hands, ClientObserver* observer)
    : world_(world),
      setup_(setup),
      think_(setup.think),
      backoff_(setup.backoff),
      observer_(observer) {
    const uint32_t count = positions(setup, hands);
    for (uint32_t position = 0; position < count; ++position) {
        clients_.push_back(std::make_unique<Client>(*this, position, position < setup.clients));
    }
    world_.set_client_port(this);
}

void Clients::start() {
    for (const auto& client : clients_) client->begin();
}

void Clients::run(bool running) {
    running_ = running;
    if (!running) return;
    for (const auto& client : clients_) client->wake();
}

void Clients::ask_hand(Client::Errand errand) {
    const auto first = clients_.begin() + setup_.clients;
    const auto last = clients_.end() - 1;
    CHECK(first != last);
    const auto least = std::min_element(
        first, last, [](const auto& a, const auto& b) { return a->load() < b->load(); });
    (*least)->ask(std::move(errand));
}

void Clients::ask_first_hand(Client::Errand errand) {
    CHECK(clients_.size() > setup_.clients + 1);
    clients_[setup_.clients]->ask(std::move(errand));
}

void Clients::start_probe() {
    if (clients_.back()->load() > 0) return;
    KvCommand command;
    command.function = KvFunction::Put;
    command.key = "probe";
    command.value = "healed";
    clients_.back()->ask({command, ServerId(), false});
}

void Clients::on_reply(uint32_t client, ClientReply reply) {
    clients_[client]->on_reply(std::move(reply));
}

void Clients::on_timer(uint32_t client, uint32_t token) {
    clients_[client]->on_timer(token);
}

}  // namespace wavetank
