// From replies to places in the log, and back.
#include "sim/check/acknowledged_writes.h"

#include "core/server/session_command.h"

namespace wavetank {
namespace {

constexpr std::string_view kAcknowledgedWrites = "acknowledged writes";

// A witness has a stub, with the same digest, and only that can be compared there.
bool is_command(const Entry& entry, SessionId session, uint64_t sequence) {
    if (entry.payload.is_stub()) return entry.kind == EntryKind::Command;
    const auto command = decode_session_command(entry.payload.bytes());
    return entry.kind == EntryKind::Command && command && command->session == session &&
           command->sequence == sequence;
}

}  // namespace

void AcknowledgedWrites::on_acknowledged(const Operation& operation) {
    if (operation.command.function == KvFunction::Get) return;
    const LogIndex place = executed_.place_of(operation.session, operation.sequence);
    if (!place) {
        findings_.report(kAcknowledgedWrites,
                         "client {} heard ok for its {} of {} (command {} of session {}), but no "
                         "server has carried out that command",
                         operation.client, name_of(operation.command.function),
                         operation.command.key, operation.sequence, operation.session);
        return;
    }
    acknowledged_.push_back({operation.session, operation.sequence, place});
}

void AcknowledgedWrites::check_log(ServerId server, const Log& log, LogIndex applied) {
    for (const Acknowledged& write : acknowledged_) {
        // It has not got that far, or no more holds what it applied.
        if (write.index > applied || !log.in_memory(write.index)) continue;
        if (is_command(log.entry_at(write.index), write.session, write.sequence)) continue;
        findings_.report(kAcknowledgedWrites,
                         "command {} of session {} was acknowledged and carried out at index {}, "
                         "but server {} has another entry there",
                         write.sequence, write.session, write.index, server);
        return;
    }
}

}  // namespace wavetank
