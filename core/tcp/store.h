// Store: the durable state as a process needs it. One thread commits while another one reads.
#pragma once

#include <optional>
#include <span>

#include "core/base/result.h"
#include "core/env/environment.h"

namespace wavetank {

class Store {
 public:
    virtual ~Store() = default;

    // Makes these writes durable, in their order and after all earlier ones, and returns the id of
    // the last. After an error nothing is committed any more, whatever is asked. Requires at least
    // one write. Called by the storage worker's thread only.
    virtual Result<WriteId> commit(std::span<const Write> writes) = 0;
    // Called after the news of a commit was passed on: what can be done later is done now.
    virtual void after_commit() {}

    // After so much time without a commit `seal` should be called; nothing: there is no need. Both
    // are called by the storage worker's thread only.
    virtual std::optional<Duration> seal_due_after() const { return std::nullopt; }
    // Makes damage that comes later to what is durable now recognizable as such. An error is final,
    // as one of `commit`.
    virtual std::optional<Error> seal() { return std::nullopt; }

    // As Environment's. Called by another thread, also while a commit is going on.
    virtual std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) = 0;
    virtual std::optional<Payload> read_snapshot(LogIndex index, Environment::Piece piece) = 0;
    // The first damage that reading has met; a server whose disk has any must not go on.
    virtual std::optional<Error> damage() const { return std::nullopt; }
    // How often a file was synced. For any thread.
    virtual uint64_t syncs() const { return 0; }
};

}  // namespace wavetank
