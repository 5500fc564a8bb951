// Entries go to the sessions, and through them to the machine.
#include "core/server/replicated_state.h"

#include "core/base/check.h"

namespace wavetank {

bool ReplicatedState::apply(LogIndex index, const Entry& entry) {
    sessions_.advance({index, entry.time});
    if (entry.kind != EntryKind::Command) return false;
    // The bytes are those that the entry was created with, or we would carry out something else
    // than the others.
    CHECK(!entry.payload.is_stub());
    CHECK(entry.payload.verify());
    const auto command = decode_session_command(entry.payload.bytes());
    if (!command) return false;  // not from this code; the same nothing on every server
    return sessions_.carry_out(*command,
                               [this](std::string_view body) { return machine_->apply(body); });
}

void ReplicatedState::freeze() {
    sessions_.freeze();
    machine_->freeze();
    sessions_saved_ = false;
}

bool ReplicatedState::save_some(std::string& out, std::size_t bytes_max) {
    if (!sessions_saved_) {
        const std::size_t size_before = out.size();
        sessions_saved_ = sessions_.save_some(out, bytes_max);
        const std::size_t written = out.size() - size_before;
        if (!sessions_saved_ || written >= bytes_max) return false;
        bytes_max -= written;
    }
    return machine_->save_some(out, bytes_max);
}

void ReplicatedState::thaw() {
    sessions_.thaw();
    machine_->thaw();
}

bool ReplicatedState::load(std::string_view data) {
    Decoder decoder(data);
    SessionTable sessions(limits_);
    if (!sessions.load(decoder) || !machine_->load(decoder.rest())) return false;
    sessions_ = std::move(sessions);
    return true;
}

}  // namespace wavetank
