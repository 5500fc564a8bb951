// The clients' lives, and how they wait.
#include "sim/workload/clients.h"

#include <algorithm>

#include "core/base/check.h"

namespace wavetank {
namespace {

ClientSession::Options session_options(const World& world, const WorkloadSetup& setup,
                                       uint32_t position) {
    ClientSession::Options options;
    options.client = ClientId(position + 1);
    for (uint32_t i = 0; i < world.servers(); ++i) {
        // Clients begin with different servers.
        options.servers.push_back(world.node((position + i) % world.servers()).id());
    }
    options.request_timeout = setup.request_timeout;
    options.operation_timeout = setup.operation_timeout;
    options.keep_alive = setup.keep_alive;
    return options;
}

}  // namespace

Client::Client(Clients& owner, uint32_t position, SharedSession& shared, Kind kind)
    : owner_(owner),
      position_(position),
      kind_(kind),
      generator_(owner.setup_, owner.world_.chance(), position, kind.reads_only),
      session_(*this, shared, session_options(owner.world_, owner.setup_, position)),
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

template <class Talk>
auto Client::talking(Talk talk) {
    hears_ = true;
    auto result = talk();
    hears_ = false;
    inbox_.clear();  // replies to what is over
    return result;
}

// At the end of a run the cluster is to come to rest.
Instant Client::keep_alive_due() const {
    return owner_.running_ ? session_.keep_alive_due() : Instant::never();
}

void Client::rest_until(Instant when) {
    while (now() < when) {
        if (keep_alive_due() <= now()) {
            talking([this] { return session_.keep_alive(); });
        } else {
            wait(std::min(when, keep_alive_due()), false);
        }
    }
}

void Client::rest_until_woken() {
    if (keep_alive_due() <= now()) {
        talking([this] { return session_.keep_alive(); });
        return;
    }
    idle_ = true;
    wait(keep_alive_due(), false);
    idle_ = false;
}

void Client::wake() {
    if (idle_) fiber_.resume();
}

void Client::on_reply(ClientReply reply) {
    if (!hears_) return;  // late
    inbox_.push_back(std::move(reply));
    if (wants_reply_) fiber_.resume();
}

void Client::on_timer(uint32_t token) {
    if (token != armed_token_) return;
    armed_at_ = Instant::never();
    if (deadline_ == Instant::never()) return;
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

bool Client::may_draw() const {
    const uint64_t max = owner_.setup_.operations_max;
    return kind_.draws && owner_.running_ && (max == 0 || operations_ < max);
}

void Client::live() {
    if (kind_.opens_early) {
        while (!talking([this] { return session_.open(); }) && errands_.empty()) {
        }
    }
    while (true) {
        if (!errands_.empty()) {
            const Errand errand = errands_.front();
            errands_.pop_front();
            if (errand.first) session_.prefer(errand.first);
            session_.stick(errand.stick);
            carry_out(errand.command);
        } else if (may_draw()) {
            const Duration pause = owner_.think_.sample(
                owner_.world_.chance().draw(ChanceKind::ClientThink, position_, think_ordinal_++));
            rest_until(now() + pause);
            if (!owner_.running_) continue;
            ++operations_;
            carry_out(generator_.next());
        } else {
            rest_until_woken();
        }
    }
}

void Client::carry_out(const KvCommand& command) {
    const bool read_only = command.function == KvFunction::Get;
    open_ = true;
    ++owner_.counts_.open;
    std::size_t place = 0;
    const auto& operations = owner_.history_.operations();
    if (owner_.observer_ != nullptr) {
        place = owner_.history_.invoke(ClientId(position_ + 1), ++invoked_, command, now());
        owner_.observer_->on_invoke(operations[place]);
    }

    const std::optional<std::string> reply =
        talking([&] { return session_.call(read_only, encode(command)); });
    std::optional<KvResult> result;
    if (reply) result = decode_kv_result(*reply);

    open_ = false;
    --owner_.counts_.open;
    const bool ok = result.has_value();
    ++(ok ? owner_.counts_.ok : owner_.counts_.info);
    if (owner_.observer_ != nullptr) {
        const CommandName name = session_.name();
        owner_.history_.name(place, name.session, name.sequence);
        owner_.history_.complete(place, ok ? OperationOutcome::Ok : OperationOutcome::Info,
                                 result.value_or(KvResult{}), now());
        owner_.observer_->on_complete(operations[place]);
    }
    if (ok && position_ + 1 == owner_.clients_.size()) owner_.probe_answered_ = true;
}

Clients::Clients(World& world, const WorkloadSetup& setup, uint32_t hands, ClientObserver* observer)
    : world_(world),
      setup_(setup),
      think_(setup.think),
      backoff_(setup.backoff),
      observer_(observer) {
    for (uint32_t client = 0; client < setup.clients; ++client) {
        SharedSession& shared = sessions_.emplace_back();
        for (uint32_t lane = 0; lane < setup.lanes; ++lane) add({.draws = true}, shared);
    }
    for (uint32_t reader = 0; reader < setup.readers; ++reader) {
        add({.draws = true, .reads_only = true}, sessions_.emplace_back());
    }
    SharedSession& of_hands = sessions_.emplace_back();
    for (uint32_t hand = 0; hand < hands; ++hand) add({.opens_early = hand == 0}, of_hands);
    add({}, sessions_.emplace_back());
    CHECK(clients_.size() == positions(setup, hands));
    world_.set_client_port(this);
}

void Clients::add(Client::Kind kind, SharedSession& shared) {
    const auto position = static_cast<uint32_t>(clients_.size());
    clients_.push_back(std::make_unique<Client>(*this, position, shared, kind));
}

void Clients::start() {
    for (const auto& client : clients_) client->begin();
}

void Clients::run(bool running) {
    running_ = running;
    if (!running) return;
    for (const auto& client : clients_) client->wake();
}

uint64_t Clients::sessions_expired() const {
    uint64_t sum = 0;
    for (const auto& client : clients_) sum += client->sessions_expired();
    return sum;
}

void Clients::ask_hand(Client::Errand errand) {
    const auto first = clients_.begin() + first_hand(setup_);
    const auto last = clients_.end() - 1;
    CHECK(first != last);
    const auto least = std::min_element(
        first, last, [](const auto& a, const auto& b) { return a->load() < b->load(); });
    (*least)->ask(std::move(errand));
}

void Clients::ask_first_hand(Client::Errand errand) {
    CHECK(clients_.size() > first_hand(setup_) + 1);
    clients_[first_hand(setup_)]->ask(std::move(errand));
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
