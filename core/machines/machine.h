// A replicated state machine: deterministic, fed with the committed commands in log order (paper
// section 2). The server knows nothing of what the bytes mean.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace wavetank {

class Machine {
 public:
    virtual ~Machine() = default;

    // Carries out one committed command and returns the reply. Same sequence of commands, same
    // replies and same digest on every server. A command that cannot be decoded changes nothing and
    // gets a reply that says so.
    virtual std::string apply(std::string_view command) = 0;

    // Answers a question without changing anything.
    virtual std::string query(std::string_view question) const = 0;

    // --- Snapshots, taken without stopping: `freeze` marks the state as of now, cheaply; the
    // machine goes on applying, and save_some writes down the frozen state piece by piece. ---

    // Requires that no state is frozen.
    virtual void freeze() = 0;
    // Appends about `bytes_max` more bytes of the frozen state to `out`. True when that was all;
    // then nothing is frozen any more.
    virtual bool save_some(std::string& out, std::size_t bytes_max) = 0;
    // Forgets the frozen state.
    virtual void thaw() = 0;
    // Replaces the whole state by a saved one, and forgets the frozen state. False, and nothing
    // changed, if the bytes are none.
    [[nodiscard]] virtual bool load(std::string_view saved) = 0;

    // Of the whole state; kept incrementally, so it costs nothing to ask after each command.
    virtual uint64_t digest() const = 0;
};

}  // namespace wavetank
