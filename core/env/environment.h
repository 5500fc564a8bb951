// Environment: everything a server touches of the world (DESIGN D8). The simulator implements it in
// virtual time, a real process over sockets, a storage thread and the system clock; the server's
// code is the same. Calls return at once; what they start is reported through Replica::handle.
#pragma once

#include "core/base/time.h"
#include "core/env/client_messages.h"
#include "core/raft/durable.h"
#include "core/raft/input.h"
#include "core/raft/output.h"
#include "core/raft/raft.h"

namespace wavetank {

class Environment {
 public:
    virtual ~Environment() = default;

    // Clock: this server's own. It may drift and jump; the core copes.
    virtual Instant now() = 0;
    // Timer: one deadline on that clock; a later call replaces it. Then: handle(Wake{}).
    virtual void set_deadline(Instant deadline) = 0;

    // Network: may lose, delay, repeat and reorder. `send` is taken from.
    virtual void send(Send& send) = 0;
    virtual void reply(ClientReply reply) = 0;

    // Storage worker: makes `write` durable after all writes before it. Then: handle(Written{id}),
    // or handle(WriteFailed{id}). `write` is taken from.
    virtual void write(Write& write) = 0;

    // Tracer: sees each step's outcome before it is carried out, and each entry that was applied.
    virtual void stepped(const Raft& raft, const Input& input, const Output& output) = 0;
    virtual void applied(LogIndex index, const Entry& entry, uint64_t machine_digest) = 0;
};

}  // namespace wavetank
