// A session table fed entry by entry, and random steps to feed it with.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/server/sessions.h"

namespace wavetank {

// One step drawn from a seed: sessions come and go, commands are repeated, late and acknowledged.
struct DrawnStep {
    DrawnStep(uint64_t seed, uint64_t step, const std::vector<SessionId>& opened) {
        const auto draw = [&](uint64_t what, uint64_t bound) {
            return below(mix(mix(seed, step), what), bound);
        };
        pause = draw(1, 8) == 0 ? milliseconds(static_cast<int64_t>(draw(2, 20'000))) : Duration{};
        const uint64_t kinds = draw(3, 40);
        if (opened.empty() || kinds < 2) {
            kind = SessionCommandKind::Open;
            return;
        }
        if (kinds == 2) kind = SessionCommandKind::Close;
        if (kinds == 3 || kinds == 4) kind = SessionCommandKind::KeepAlive;
        // Mostly one of the newest; those before are closed, most likely.
        const uint64_t back = draw(4, std::min<uint64_t>(opened.size(), 8));
        session = opened[opened.size() - 1 - back];
        if (kind != SessionCommandKind::Command) return;
        sequence = 1 + step / 10 % 50 + draw(5, 8);
        unacknowledged = sequence - std::min(sequence, draw(6, 8));
        body = std::string(draw(7, 4), 'b') + std::to_string(draw(8, 1000));
    }

    Duration pause;
    SessionCommandKind kind = SessionCommandKind::Command;
    SessionId session;
    uint64_t sequence = 0;
    uint64_t unacknowledged = 0;
    std::string body;
};

class SessionSteps {
 public:
    explicit SessionSteps(const SessionLimits& limits = {}) : table(limits) {}

    void skip(uint64_t entries) {
        for (uint64_t i = 0; i < entries; ++i) advance();
    }
    SessionId open() {
        carry_out({SessionCommandKind::Open, ClientId(1), {}, 0, 0, {}});
        return SessionId(index);
    }
    void close(SessionId session) {
        carry_out({SessionCommandKind::Close, ClientId(1), session, 0, 0, {}});
    }
    void keep_alive(SessionId session, uint64_t unacknowledged = 0) {
        carry_out({SessionCommandKind::KeepAlive, ClientId(1), session, 0, unacknowledged, {}});
    }
    // True if it was carried out.
    bool command(SessionId session, uint64_t sequence, uint64_t unacknowledged,
                 std::string_view body) {
        return carry_out(
            {SessionCommandKind::Command, ClientId(1), session, sequence, unacknowledged, body});
    }
    bool carry_out(const DrawnStep& step) {
        const bool done = carry_out(SessionCommand{step.kind, ClientId(1), step.session,
                                                   step.sequence, step.unacknowledged, step.body});
        if (step.kind == SessionCommandKind::Open) opened.push_back(SessionId(index));
        return done;
    }
    SessionTable::Lookup::Verdict verdict(SessionId session, uint64_t sequence) const {
        return table.find(session, sequence).verdict;
    }

    SessionTable table;
    Instant time;
    uint64_t index = 0;
    std::vector<std::string> carried_out;
    std::vector<SessionId> opened;  // by drawn steps

 private:
    void advance() { table.advance({LogIndex(++index), time}); }
    bool carry_out(const SessionCommand& command) {
        advance();
        return table.carry_out(command, [this](std::string_view body) {
            carried_out.emplace_back(body);
            return std::string(body) + " done";
        });
    }
};

}  // namespace wavetank
