// No acknowledged write is lost (paper section 8, thesis 6.3): when a client hears that its command
// was carried out, the machine has carried it out somewhere, and from then on every server that
// gets that far has it at the same place. Evidence: the commands as applied (exactly_once.h), the
// replies as heard by clients, and the servers' logs at the end, as far as they are not compacted.
#pragma once

#include <cstdint>
#include <vector>

#include "core/raft/log.h"
#include "sim/check/exactly_once.h"
#include "sim/check/findings.h"
#include "sim/record/history.h"

namespace wavetank {

class AcknowledgedWrites {
 public:
    // Both outlive this.
    AcknowledgedWrites(const ExactlyOnce& executed, Findings& findings)
        : executed_(executed), findings_(findings) {}

    // A client heard `ok`.
    void on_acknowledged(const Operation& operation);
    // At the end: `log` of a server that has applied everything up to `applied`.
    void check_log(ServerId server, const Log& log, LogIndex applied);

 private:
    struct Acknowledged {
        SessionId session;
        uint64_t sequence;
        LogIndex index;
    };

    const ExactlyOnce& executed_;
    Findings& findings_;
    std::vector<Acknowledged> acknowledged_;
};

}  // namespace wavetank
