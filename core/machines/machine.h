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

    // Of the whole state; kept incrementally, so it costs nothing to ask after each command.
    virtual uint64_t digest() const = 0;
};

}  // namespace wavetank
