// What the log is about: the machine and the client sessions, together. The same entries make the
// same state on every server.
//
// Snapshot data: the sessions as in sessions.h, then the machine as it saves itself (machine.h).
#pragma once

#include <memory>
#include <string>

#include "core/machines/machine.h"
#include "core/raft/entry.h"
#include "core/server/sessions.h"

namespace wavetank {

class ReplicatedState {
 public:
    ReplicatedState(std::unique_ptr<Machine> machine, const SessionLimits& limits)
        : limits_(limits), machine_(std::move(machine)), sessions_(limits) {}

    // Carries out one entry. Requires the one after the last, with its bytes. True if the machine
    // carried out a command, which it does not for a repetition.
    bool apply(LogIndex index, const Entry& entry);
    std::string query(std::string_view question) const { return machine_->query(question); }
    const SessionTable& sessions() const { return sessions_; }
    // Of both; kept incrementally.
    uint64_t digest() const { return mix(machine_->digest(), sessions_.digest()); }

    // As Machine's: the state is marked, written down in slices, or forgotten.
    void freeze();
    bool save_some(std::string& out, std::size_t bytes_max);
    void thaw();
    // False, and nothing changed, if the data are no snapshot.
    [[nodiscard]] bool load(std::string_view data);

 private:
    const SessionLimits limits_;
    std::unique_ptr<Machine> machine_;
    SessionTable sessions_;
    bool sessions_saved_ = false;  // of the frozen state the machine is left
};

}  // namespace wavetank
