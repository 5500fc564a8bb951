// From replies to places in the log, and back.
#include "sim/check/acknowledged_writes.h"

#include <fmt/format.h>

#include "core/server/sessions.h"

namespace wavetank {

LogIndex& AcknowledgedWrites::place_of(ClientId client, uint64_t sequence) {
    if (client.value() >= applied_.size()) applied_.resize(client.value() + 1);
    std::vector<LogIndex>& places = applied_[client.value()];
    if (sequence >= places.size()) places.resize(sequence + 1);
    return places[sequence];
}

void AcknowledgedWrites::on_apply(LogIndex index, ClientId client, uint64_t sequence) {
    newest_ = std::max(newest_, index);
    LogIndex& place = place_of(client, sequence);
    if (!place) place = index;  // a second copy is not carried out
}

void AcknowledgedWrites::on_acknowledged(const Operation& operation) {
    if (operation.command.function == KvFunction::Get) return;
    const LogIndex place = place_of(operation.client, operation.sequence);
    if (!place) {
        findings_.report(
            "acknowledged writes",
            fmt::format("client {} heard ok for its {} of {} (request {}), but no server "
                        "has applied that command",
                        operation.client.value(), name_of(operation.command.function),
                        operation.command.key, operation.sequence));
        return;
    }
    acknowledged_.push_back({operation.client, operation.sequence, place});
}

void AcknowledgedWrites::check_log(ServerId server, const Log& log, LogIndex applied) {
    for (const Acknowledged& write : acknowledged_) {
        if (write.index > applied) continue;  // this server has not got that far
        const auto command = decode_session_command(log.entry_at(write.index).payload.bytes());
        const bool there =
            command && command->client == write.client && command->sequence == write.sequence;
        if (there) continue;
        findings_.report(
            "acknowledged writes",
            fmt::format("request {} of client {} was acknowledged and applied at index "
                        "{}, but server {} has another entry there",
                        write.sequence, write.client.value(), write.index.value(), server.value()));
        return;
    }
}

}  // namespace wavetank
