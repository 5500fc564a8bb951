// The clients of a run, each a fiber that blocks in virtual time: the workload's own, which draw
// operation after operation, some of them only reads; some hands for operations that a timeline
// asks for; and one that probes the healed cluster. What they invoke and hear is the history.
//
// The lanes of a workload's client share a session, and so do the hands, whose session is opened as
// soon as possible: a command that a timeline sends to a certain server is then the next thing this
// server hears.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "core/client/session.h"
#include "core/fiber/fiber.h"
#include "sim/record/history.h"
#include "sim/workload/generator.h"
#include "sim/world/world.h"

namespace wavetank {

// Is told of every invocation and answer, in their order.
class ClientObserver {
 public:
    virtual ~ClientObserver() = default;
    virtual void on_invoke(const Operation& operation) = 0;
    virtual void on_complete(const Operation& operation) = 0;
};

class Clients;

// One client, or one lane of a client: a fiber, a session, and the mailbox between them and the
// world.
class Client final : public ClientTransport {
 public:
    struct Kind {
        bool draws = false;  // operations of the workload; anybody does what he is asked for
        bool reads_only = false;
        bool opens_early = false;  // a session, before there is anything to do
    };
    Client(Clients& owner, uint32_t position, SharedSession& shared, Kind kind);

    struct Errand {
        KvCommand command;
        ServerId first;  // whom to ask first; zero: whoever it knows
        bool stick = false;
    };
    void ask(Errand errand);
    void begin() { fiber_.resume(); }
    void wake();
    void on_reply(ClientReply reply);
    void on_timer(uint32_t token);
    // Operations under way and asked for.
    std::size_t load() const { return errands_.size() + (open_ ? 1 : 0); }
    uint64_t sessions_expired() const { return session_.expired(); }

    // ClientTransport
    Instant now() override;
    void send(ServerId to, const ClientRequest& request) override;
    std::optional<ClientReply> receive(Instant deadline) override;
    Duration backoff(uint64_t attempt) override;

 private:
    void live();
    bool may_draw() const;
    void carry_out(const KvCommand& command);
    void rest_until(Instant when);
    void rest_until_woken();
    // Talks to the cluster by `talk`: until it is done, replies are heard.
    template <class Talk>
    auto talking(Talk talk);
    // When to keep the session; never, if it is not to be kept.
    Instant keep_alive_due() const;
    // Stops until a reply comes (if `replies`) or `deadline` has passed.
    void wait(Instant deadline, bool replies);

    Clients& owner_;
    const uint32_t position_;
    const Kind kind_;
    KvGenerator generator_;
    ClientSession session_;
    std::deque<ClientReply> inbox_;
    std::deque<Errand> errands_;
    bool open_ = false;   // an operation is under way
    bool hears_ = false;  // talks to the cluster, for an operation or for its session
    bool idle_ = false;   // stopped until somebody wakes it
    bool wants_reply_ = false;
    Instant deadline_ = Instant::never();
    Instant armed_at_ = Instant::never();
    uint32_t armed_token_ = 0;
    uint64_t think_ordinal_ = 0;
    uint64_t backoff_ordinal_ = 0;
    uint64_t operations_ = 0;  // drawn
    uint64_t invoked_ = 0;     // drawn and asked for
    Fiber fiber_;              // last: its destruction unwinds code that uses all of the above
};

class Clients final : public ClientPort {
 public:
    struct Counts {
        uint64_t ok = 0;
        uint64_t info = 0;
        uint64_t open = 0;
    };

    // How many clients a world needs for a workload with `hands` extra ones.
    static uint32_t positions(const WorkloadSetup& setup, uint32_t hands) {
        return first_hand(setup) + hands + 1;
    }
    // `observer` may be null; then no history is kept.
    Clients(World& world, const WorkloadSetup& setup, uint32_t hands, ClientObserver* observer);
    // Lets every client begin.
    void start();

    // The workload's clients finish what they have begun and rest, or go on.
    void run(bool running);
    // One extra operation by the first hand that is free, or the least busy one.
    void ask_hand(Client::Errand errand);
    // One extra operation by the first hand, after all that it was asked for before.
    void ask_first_hand(Client::Errand errand);
    // The probe's operation, a put, unless one is under way.
    void start_probe();
    bool probe_answered() const { return probe_answered_; }
    // No operation is open.
    bool quiet() const { return counts_.open == 0; }

    const History& history() const { return history_; }
    const Counts& counts() const { return counts_; }
    // How often a client was told that its session is gone.
    uint64_t sessions_expired() const;

    // ClientPort
    void on_reply(uint32_t client, ClientReply reply) override;
    void on_timer(uint32_t client, uint32_t token) override;

 private:
    friend class Client;
    // Positions: the lanes of the first client, of the second, ...; readers; hands; the probe.
    static uint32_t first_reader(const WorkloadSetup& setup) { return setup.clients * setup.lanes; }
    static uint32_t first_hand(const WorkloadSetup& setup) {
        return first_reader(setup) + setup.readers;
    }
    void add(Client::Kind kind, SharedSession& shared);

    World& world_;
    const WorkloadSetup setup_;
    LatencySampler think_;
    LatencySampler backoff_;
    ClientObserver* observer_;
    History history_;
    Counts counts_;
    bool running_ = true;
    bool probe_answered_ = false;
    StackPool stacks_;
    std::deque<SharedSession> sessions_;
    std::vector<std::unique_ptr<Client>> clients_;  // workload, hands, probe
};

}  // namespace wavetank
