// Recording in order.
#include "sim/record/history.h"

#include "core/base/check.h"

namespace wavetank {

std::size_t History::invoke(ClientId client, uint64_t sequence, KvCommand command, Instant at) {
    Operation& operation = operations_.emplace_back();
    operation.client = client;
    operation.sequence = sequence;
    operation.command = std::move(command);
    operation.invoked = order_++;
    operation.invoked_at = at;
    return operations_.size() - 1;
}

void History::complete(std::size_t number, OperationOutcome outcome, KvResult result, Instant at) {
    CHECK(number < operations_.size());
    Operation& operation = operations_[number];
    CHECK(operation.completed == UINT64_MAX);
    operation.outcome = outcome;
    operation.result = std::move(result);
    operation.completed_at = at;
    if (outcome != OperationOutcome::Info) operation.completed = order_++;
}

}  // namespace wavetank
