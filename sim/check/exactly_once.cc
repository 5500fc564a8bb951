// A list of what each session has had carried out. Sequences come nearly in order, so an entry is
// one comparison with the newest.
#include "sim/check/exactly_once.h"

#include <algorithm>

namespace wavetank {
namespace {

constexpr std::string_view kExactlyOnce = "exactly once";

}  // namespace

ExactlyOnce::Session* ExactlyOnce::find(SessionId id) {
    if (last_found_ < sessions_.size() && sessions_[last_found_].id == id) {
        return &sessions_[last_found_];
    }
    const auto place = std::lower_bound(
        sessions_.begin(), sessions_.end(), id,
        [](const Session& session, SessionId wanted) { return session.id < wanted; });
    if (place == sessions_.end() || place->id != id) return nullptr;
    last_found_ = static_cast<std::size_t>(place - sessions_.begin());
    return &*place;
}

std::vector<ExactlyOnce::Executed>::const_iterator ExactlyOnce::place_in(const Session& session,
                                                                         uint64_t sequence) {
    return std::lower_bound(
        session.commands.begin(), session.commands.end(), sequence,
        [](const Executed& command, uint64_t wanted) { return command.sequence < wanted; });
}

LogIndex ExactlyOnce::place_of(SessionId session, uint64_t sequence) const {
    const Session* known = const_cast<ExactlyOnce*>(this)->find(session);
    if (known == nullptr) return LogIndex();
    const auto place = place_in(*known, sequence);
    if (place == known->commands.end() || place->sequence != sequence) return LogIndex();
    return place->index;
}

void ExactlyOnce::on_apply(const Application& application) {
    const LogIndex index = application.index;
    const bool has_command = application.entry.kind == EntryKind::Command;
    const auto command =
        has_command ? decode_session_command(application.entry.payload.bytes()) : std::nullopt;
    const bool for_machine = command && command->kind == SessionCommandKind::Command;
    if (application.executed && !for_machine) {
        findings_.report(kExactlyOnce,
                         "the machine carried out the entry at index {}, which is no command",
                         index);
        return;
    }
    if (!command) return;
    switch (command->kind) {
        case SessionCommandKind::Command:
            if (application.executed) executed(*command, index);
            return;
        case SessionCommandKind::Open:
            sessions_.push_back(Session{SessionId(index.value()), {}, {}});
            return;
        case SessionCommandKind::KeepAlive:
            return;
        case SessionCommandKind::Close:
            if (Session* session = find(command->session)) {
                if (!session->closed) session->closed = index;
            }
            return;
    }
}

void ExactlyOnce::executed(const SessionCommand& command, LogIndex index) {
    Session* session = find(command.session);
    if (session == nullptr) {
        findings_.report(kExactlyOnce,
                         "command {} at index {} was carried out in session {}, which nobody has "
                         "opened",
                         command.sequence, index, command.session);
        return;
    }
    if (session->closed) {
        findings_.report(kExactlyOnce,
                         "command {} of session {} was carried out at index {}, but its client had "
                         "closed the session at index {}",
                         command.sequence, command.session, index, session->closed);
    }
    const auto place = place_in(*session, command.sequence);
    if (place != session->commands.end() && place->sequence == command.sequence) {
        findings_.report(kExactlyOnce,
                         "command {} of session {} was carried out twice: at index {} and at index "
                         "{}",
                         command.sequence, command.session, place->index, index);
        return;
    }
    session->commands.insert(place, Executed{command.sequence, index});
}

}  // namespace wavetank
