// Environment: everything a server touches of the world (DESIGN D8). The simulator implements it in
// virtual time, a real process over sockets, a storage thread and the system clock; the server's
// code is the same. Calls return at once; what they start is reported through Replica::handle.
#pragma once

#include <optional>

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

    // Clock: this server's own. It may drift and jump; the core copes. Leases need its error bound.
    virtual ClockReading now() = 0;
    // Timer: one deadline on that clock; a later call replaces it. Then: handle(Wake{}).
    virtual void set_deadline(Instant deadline) = 0;

    // Network: may lose, delay, repeat and reorder. `send` is taken from.
    virtual void send(Send& send) = 0;
    virtual void reply(ClientReply reply) = 0;

    // Storage worker: makes `write` durable after all writes before it. Then: handle(Written{id}),
    // or handle(WriteFailed{id}). `write` is taken from.
    virtual void write(Write& write) = 0;

    // What is durable: `count` entries from `first` on, at most a chunk of them; bytes of the
    // snapshot at `index`. Nothing if storage does not have (all of) it, or cannot read it; in the
    // latter case the host stops the server.
    virtual std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) = 0;
    struct Piece {
        uint64_t offset;
        uint64_t size;
    };
    virtual std::optional<Payload> read_snapshot(LogIndex index, Piece piece) = 0;
    // How often storage has synced a file since the server was started. Zero: nobody counts.
    virtual uint64_t syncs() { return 0; }

    // Tracer: sees each step's outcome before it is carried out, each entry that was applied, and
    // each snapshot that took the place of the machine's state.
    virtual void stepped(const Raft& raft, const Input& input, const Output& output) = 0;
    struct Applied {
        LogIndex index;
        const Entry& entry;
        bool executed;            // a command that the machine carried out, not a repetition
        uint64_t machine_digest;  // of machine and sessions, after it
    };
    virtual void applied(const Applied& what) = 0;
    virtual void restored(const SnapshotMeta& snapshot, uint64_t machine_digest) = 0;
};

}  // namespace wavetank
