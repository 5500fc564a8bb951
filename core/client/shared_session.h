// A client's session in the replicated state (thesis 6.3), as the client knows it: which one it is,
// which numbers it has given to commands, and for which of these it still wants the reply. Several
// lanes (fibers of one thread) may share one, each with a command of its own in flight.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "core/base/check.h"
#include "core/base/ids.h"
#include "core/base/time.h"

namespace wavetank {

// What a command is called for ever: repeating it under this name is safe.
struct CommandName {
    SessionId session;
    uint64_t sequence = 0;  // zero: there is none
    friend bool operator==(const CommandName&, const CommandName&) = default;
};

class SharedSession {
 public:
    // Zero: none is open.
    SessionId id() const { return id_; }
    // When the cluster was last asked to keep it, or answered in it.
    Instant used() const { return used_; }
    void use(Instant now) { used_ = std::max(used_, now); }

    // Requires that none is open.
    void opened(SessionId id, Instant now) {
        CHECK(!id_);
        id_ = id;
        used_ = now;
        next_ = 1;
        open_.clear();
    }
    // The cluster does not know this session any more. Nothing happens if it is not the present
    // one.
    void lost(SessionId id) {
        if (id == id_) id_ = SessionId();
    }

    // Names one more command, whose reply is wanted until `finish`. Requires id().
    CommandName begin() {
        CHECK(id_);
        open_.push_back(next_);
        return {id_, next_++};
    }
    // Its reply has come, or nobody waits for it any more.
    void finish(CommandName name) {
        if (name.session == id_) std::erase(open_, name.sequence);
    }
    // Of the session that is open: no reply to a smaller sequence is wanted.
    uint64_t unacknowledged() const { return open_.empty() ? next_ : open_.front(); }

 private:
    SessionId id_;
    Instant used_;
    uint64_t next_ = 1;
    std::vector<uint64_t> open_;  // rising; one for each lane at most
};

}  // namespace wavetank
