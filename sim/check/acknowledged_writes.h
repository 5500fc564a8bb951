// No acknowledged write is lost (paper section 8, thesis 6.3): when a client hears that its command
// was carried out, the command has been applied somewhere, and from then on every server that gets
// that far has it at the same place. Evidence: the commands as applied, the replies as heard by
// clients, and the servers' logs at the end.
#pragma once

#include <cstdint>
#include <vector>

#include "core/raft/log.h"
#include "sim/check/findings.h"
#include "sim/record/history.h"

namespace wavetank {

class AcknowledgedWrites {
 public:
    explicit AcknowledgedWrites(Findings& findings) : findings_(findings) {}

    // A server has applied a command of this client.
    void on_apply(LogIndex index, ClientId client, uint64_t sequence);
    // The newest index that on_apply has heard of: older ones need not be told again.
    LogIndex newest() const { return newest_; }
    // A client heard `ok`.
    void on_acknowledged(const Operation& operation);
    // At the end: `log` of a server that has applied everything up to `applied`.
    void check_log(ServerId server, const Log& log, LogIndex applied);

 private:
    struct Acknowledged {
        ClientId client;
        uint64_t sequence;
        LogIndex index;
    };
    LogIndex& place_of(ClientId client, uint64_t sequence);

    Findings& findings_;
    LogIndex newest_;
    std::vector<std::vector<LogIndex>> applied_;  // by client, then sequence: where; zero: nowhere
    std::vector<Acknowledged> acknowledged_;
};

}  // namespace wavetank
