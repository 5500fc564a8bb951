// Exactly once (thesis 6.3): a client that hears no answer sends its command again, perhaps to
// another leader, and the command must still be carried out once. The table of sessions is part of
// the replicated state. Of each session it keeps the replies to commands that the client has not
// acknowledged; a command whose reply is there was carried out and is not again, and one that lies
// below what is acknowledged is stale: nobody waits for it. So a client may have several commands
// in flight, in any order.
//
// Sessions end by the client's wish, by replicated time (Entry::time) when nobody uses them, and
// when there are too many. All of it follows from the log alone, so it is the same on every server;
// limits must be the same on all.
//
// Saved state (core/base/bytes.h), sessions by id, rising:
//   u64 time in nanoseconds, u32 sessions, then of each session:
//     u64 id, u64 index and u64 time of the last use, u64 unacknowledged, u32 replies, then of each
//     reply, by sequence, rising: u64 sequence, bytes body
// It is written down while the table goes on changing, like that of a machine (core/machines/kv.h).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/server/session_command.h"
#include "core/server/session_limits.h"

namespace wavetank {

class SessionTable {
 public:
    // Requires limits above zero.
    explicit SessionTable(const SessionLimits& limits);

    struct Lookup {
        enum class Verdict : uint8_t {
            New,        // not carried out so far
            Repeated,   // carried out; `reply` is what was answered
            Stale,      // the client has acknowledged it, or given it up
            NoSession,  // there is no such session
        };
        Verdict verdict = Verdict::NoSession;
        const std::string* reply = nullptr;  // Repeated: valid until the table changes
    };
    Lookup find(SessionId session, uint64_t sequence) const;
    bool contains(SessionId session) const { return slot_of(session) != kNone; }
    std::size_t size() const { return by_id_.size(); }
    // The highest time of an entry so far.
    Instant time() const { return time_; }

    // The next entry is being applied; of any kind, because time moves with it. Closes what was not
    // used for too long. Requires indexes that rise.
    struct Place {
        LogIndex index;
        Instant time;
    };
    void advance(Place place);
    // Carries out what stands in that entry; a command for the machine by `apply(body) -> reply`,
    // if it is new, its session there, and its number not too high (SessionLimits::replies_max).
    // True if `apply` was called.
    template <class Apply>
    bool carry_out(const SessionCommand& command, Apply apply) {
        Session* session = prepare(command);
        if (session == nullptr) return false;
        remember(*session, command.sequence, apply(command.body));
        return true;
    }

    // As Machine's: the state is marked, written down in slices, or forgotten.
    void freeze();
    bool save_some(std::string& out, std::size_t bytes_max);
    void thaw() { frozen_.reset(); }
    // Reads a saved state and leaves what follows it. False, and nothing changed, if there is none.
    [[nodiscard]] bool load(Decoder& from);

    // Of the whole state; kept incrementally.
    uint64_t digest() const { return mix(digest_, static_cast<uint64_t>(time_.nanos)); }

 private:
    static constexpr uint32_t kNone = UINT32_MAX;
    struct Reply {
        uint64_t sequence = 0;
        uint64_t digest = 0;
        std::string body;
    };
    struct Session {
        SessionId id;
        // The last use: sessions are used one at a time, so these differ.
        LogIndex used_at;
        Instant used_time;
        uint64_t unacknowledged = 1;  // rises
        // By sequence, rising; from `unacknowledged` on, and below it plus replies_max.
        std::vector<Reply> replies;
        uint64_t digest = 0;  // of all but the replies
        // Neighbours in the order of use, by slot.
        uint32_t older = kNone;
        uint32_t newer = kNone;
    };
    struct ById {
        SessionId id;
        uint32_t slot;
    };
    // See KvMachine::Frozen: what is not written down yet are the sessions after `written` up to
    // `last`, as they are in `aside` (coded), or else in the table. Newer ones have higher ids.
    struct Frozen {
        Instant time;
        uint32_t sessions = 0;
        SessionId last;
        SessionId written;
        bool begun = false;
        std::map<SessionId, std::string> aside;
    };

    uint32_t slot_of(SessionId session) const;
    std::size_t position_of(SessionId session) const;
    static uint64_t digest_of(const Session& session);
    static uint64_t reply_digest(SessionId session, uint64_t sequence, std::string_view body);
    static std::string encode(const Session& session);

    // What comes before the machine's part: the session to keep the reply in, if there is one.
    Session* prepare(const SessionCommand& command);
    void remember(Session& session, uint64_t sequence, std::string reply);
    void open(SessionId id);
    void close(uint32_t slot);
    // The client was heard: the session is used by the present entry.
    void use(uint32_t slot, uint64_t unacknowledged);
    void forget_replies(Session& session, uint64_t unacknowledged);
    void keep_aside(const Session& session);

    void link_as_newest(uint32_t slot);
    void unlink(uint32_t slot);
    uint32_t place(Session session);
    std::optional<Session> decode_session(Decoder& from) const;

    SessionLimits limits_;
    LogIndex index_;  // of the entry being applied, or applied last
    Instant time_;
    std::vector<Session> slots_;
    std::vector<uint32_t> free_;
    std::vector<ById> by_id_;  // rising
    uint32_t oldest_ = kNone;  // by use
    uint32_t newest_ = kNone;
    uint64_t digest_ = 0;  // sum over sessions and replies
    std::optional<Frozen> frozen_;
    // Where in by_id_ a session was last found, by the low bits of its id: a first guess.
    mutable std::array<uint32_t, 256> guesses_{};
};

}  // namespace wavetank
