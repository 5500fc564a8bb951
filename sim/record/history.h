// What the clients saw: for each operation who invoked what and when, and how it ended. This is all
// a client of the cluster can know, and all that the linearizability checker may look at. The words
// are Jepsen's: an operation is invoked, and then ends `ok` (it took effect and this is the
// result), `fail` (it definitely had no effect) or `info` (nobody knows: it may take effect at any
// later time).
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/machines/kv.h"

namespace wavetank {

enum class OperationOutcome : uint8_t {
    Info,  // unknown; also every operation that is still open when the run ends
    Ok,
    Fail,
};

struct Operation {
    ClientId client;
    uint64_t number = 0;  // the client's own, from 1
    // The name of its command in the log; both zero for a question, and for a command that was
    // never sent, because no session could be opened.
    SessionId session;
    uint64_t sequence = 0;
    KvCommand command;
    KvResult result;  // meaningful if Ok
    OperationOutcome outcome = OperationOutcome::Info;

    // Positions in the one total order of all invocations and completions of the run, from 0. An
    // operation with outcome Info stays open for ever: `completed` is then UINT64_MAX.
    uint64_t invoked = 0;
    uint64_t completed = UINT64_MAX;
    Instant invoked_at;
    Instant completed_at;
};

class History {
 public:
    // Returns the operation's place, to name and complete it with.
    std::size_t invoke(ClientId client, uint64_t number, KvCommand command, Instant at);
    void name(std::size_t operation, SessionId session, uint64_t sequence);
    void complete(std::size_t operation, OperationOutcome outcome, KvResult result, Instant at);

    const std::vector<Operation>& operations() const { return operations_; }

 private:
    std::vector<Operation> operations_;
    uint64_t order_ = 0;
};

}  // namespace wavetank
