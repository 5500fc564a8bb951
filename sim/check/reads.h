// Oracles of linearizable reads.
//
// --- Read index (paper section 8; thesis 6.4) ---
//
// A read is served at an index not below what was chosen when it was asked for, anywhere in the
// cluster (zoo L02, L04, L14); whoever answers for itself as a leader has committed an entry of its
// term (zoo L01), and, unless it holds a lease, a majority of each half has answered a round that
// began after the read had arrived (zoo L03). Evidence: what is chosen, and the rounds in the
// messages that were sent.
//
// --- Lease exclusivity ---
//
// When a leader answers a read from its lease, the newest entry of its own term that it has
// committed is certainly younger than the lease by its clock (zoo L04: not the last answer of a
// majority), and no leader of a later term has chosen anything yet, in true time; and when a leader
// chooses its first entry, nobody who thinks to lead an earlier term could still answer one: the
// newest entry of its own term that it has committed is older than the lease by its clock. The
// smallest time between the last lease read of a leader and the first choice of a later one is kept
// as a figure: how far from breaking the lease was. If a clock was further from true time than it
// was said to be, a finding says so: then the scenario has broken what leases rest on, and not the
// core.
#pragma once

#include <optional>
#include <vector>

#include "sim/check/fifo.h"
#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank {

// How close leases came to breaking.
struct LeaseFigures {
    uint64_t reads = 0;  // served from a lease
    // Between the last lease read of a leader and the first entry that a later one has chosen.
    std::optional<Duration> margin;
    // By so many parts per million the clocks would have had to drift apart during one lease for
    // the margin to be gone.
    std::optional<int64_t> drift_ppm;
};

class ReadOracle {
 public:
    // Both outlive the oracle.
    ReadOracle(Shadow& shadow, Findings& findings)
        : shadow_(shadow), findings_(findings), waiting_(shadow.servers().size()) {}

    // What the step asks; called before anything else of it is followed.
    void before_step(const ServerShadow& server, const Observation& now);
    // What the step answers, when the shadow is as after it.
    void after_step(const ServerShadow& server, const Observation& now);
    void on_crash(const ServerShadow& server);
    // The commit index of a server has moved, and the shadow knows of it.
    void committed(ServerShadow& server, const Observation& now);

    // Reads that wait at this server, its own and those it was asked for.
    std::size_t waiting(const ServerShadow& server) const {
        return waiting_[shadow_.position_of(server)].size();
    }
    const LeaseFigures& figures() const { return figures_; }

 private:
    // A read that waits for its index: of this server (`ticket`), or of a follower that has asked
    // it (`from`, and the context as the ticket).
    // Copies of one question, which the network may make, are answered in any order; so all are
    // held to what the first of them needs.
    struct Waiting {
        uint64_t ticket = 0;
        ServerId from;
        uint64_t copies = 1;
        LogIndex chosen;     // when it was asked for
        Term term;           // in which the server led then; zero: it did not
        uint64_t round = 0;  // the first one that began after that
    };
    struct Answer {
        uint64_t ticket = 0;
        ServerId to;  // zero: it was the server's own
        bool ok = false;
        LogIndex index;
        bool by_lease = false;
    };

    void answered(const ServerShadow& server, const Answer& answer);
    void judge_leader(const ServerShadow& leader, const Waiting& read, const Answer& answer);
    void judge_lease(const ServerShadow& leader, const Answer& answer);
    void judge_round(const ServerShadow& leader, const Waiting& read);
    void judge_first_choice(Term term);

    Shadow& shadow_;
    Findings& findings_;
    std::vector<Fifo<Waiting>> waiting_;  // by position
    LeaseFigures figures_;
    // The last lease read, and how long the lease of its leader is.
    struct {
        Term term;
        Instant at;
        Duration lease;
    } last_lease_read_;
};

}  // namespace wavetank
