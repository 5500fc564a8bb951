// Recording in order.
#include "sim/record/history.h"

#include "core/base/check.h"

namespace wavetank {

std::size_t History::invoke(ClientId client, uint64_t number, KvCommand command, Instant at) {
    Operation& operation = operations_.emplace_back();
    operation.client = client;
    operation.number = number;
    operation.command = std::move(command);
    operation.invoked = order_++;
    operation.invoked_at = at;
    return operations_.size() - 1;
}

void History::name(std::size_t place, SessionId session, uint64_t sequence) {
    CHECK(place < operations_.size());
    operations_[place].session = session;
    operations_[place].sequence = sequence;
}

void History::complete(std::size_t place, OperationOutcome outcome, KvResult result, Instant at) {
    CHECK(place < operations_.size());
    Operation& operation = operations_[place];
    CHECK(operation.completed == UINT64_MAX);
    operation.outcome = outcome;
    operation.result = std::move(result);
    operation.completed_at = at;
    if (outcome != OperationOutcome::Info) operation.completed = order_++;
}

}  // namespace wavetank
