// Exactly once (thesis 6.3): in the history that is applied, the command of one (session, sequence)
// is carried out at most once, however often it stands in the log; and only while its session is
// open: after the entry that opened it, and not after the client has closed it. Evidence: the
// entries as applied, and for each whether the machine carried it out. The core's table of sessions
// is not asked, so it may be wrong without being believed (zoo X01, X04, X08).
//
// That all servers carry out the same is state machine safety (commits.h).
#pragma once

#include <cstdint>
#include <vector>

#include "core/raft/entry.h"
#include "core/server/session_command.h"
#include "sim/check/findings.h"
#include "sim/check/observation.h"

namespace wavetank {

class ExactlyOnce {
 public:
    explicit ExactlyOnce(Findings& findings) : findings_(findings) {}

    // The first server to get there has applied an entry. Requires indexes that rise.
    void on_apply(const Application& application);

    // Where the command was carried out; zero: nowhere so far.
    LogIndex place_of(SessionId session, uint64_t sequence) const;

 private:
    struct Executed {
        uint64_t sequence;
        LogIndex index;
    };
    struct Session {
        SessionId id;
        LogIndex closed;                 // by its client; zero: it is open
        std::vector<Executed> commands;  // by sequence, rising
    };
    Session* find(SessionId id);
    void executed(const SessionCommand& command, LogIndex index);
    static std::vector<Executed>::const_iterator place_in(const Session& session,
                                                          uint64_t sequence);

    Findings& findings_;
    std::vector<Session> sessions_;  // by id, rising: they are numbered by the log
    std::size_t last_found_ = 0;     // a session is often asked for several times in a row
};

}  // namespace wavetank
