// Outcome truth: what a server tells those who asked it for something.
//
// A proposal is accepted only by a leader that has appended it; then, or when its leader has, it is
// `committed` only if it is chosen at the index named, and `lost` only if something else is
// (zoo X07); nobody is told twice. A membership change is `done` only if exactly the members that
// were asked for are committed (zoo M22). A transfer is `done` only when the server leads no more.
// Evidence: what was proposed, the log, and what is
// chosen.
#pragma once

#include <vector>

#include "sim/check/fifo.h"
#include "sim/check/findings.h"
#include "sim/check/observation.h"
#include "sim/check/shadow.h"

namespace wavetank {

class OutcomeOracle {
 public:
    // Both outlive the oracle.
    OutcomeOracle(Shadow& shadow, Findings& findings)
        : shadow_(shadow), findings_(findings), asked_(shadow.servers().size()) {}

    // What the step asks for; called before anything else of it is followed.
    void before_step(const ServerShadow& server, const Observation& now);
    // What the step answers, when the shadow is as after it.
    void after_step(const ServerShadow& server, const Observation& now);
    void on_crash(const ServerShadow& server);

    // Proposals of a server whose outcome is open.
    std::size_t open_proposals(const ServerShadow& server) const {
        return asked_[shadow_.position_of(server)].proposals.size();
    }

 private:
    struct Proposal {
        uint64_t ticket = 0;
        uint64_t payload = 0;   // digest of the first command
        std::size_t count = 0;  // of commands
        EntryId entry;          // the first one's; zero: not appended here
    };
    struct Change {
        uint64_t ticket = 0;
        Configuration members;
    };
    struct Asked {
        Fifo<Proposal> proposals;
        std::vector<Change> changes;
        Proposal proposing;  // in the present step
    };

    void proposed(const ServerShadow& server, Asked& asked, const ProposeDone& done);
    void ended(const ServerShadow& server, Asked& asked, const Outcome& outcome);
    void changed(const ServerShadow& server, Asked& asked, const ChangeDone& done);
    void transferred(const ServerShadow& server, const TransferDone& done);

    Shadow& shadow_;
    Findings& findings_;
    std::vector<Asked> asked_;  // by position
};

}  // namespace wavetank
