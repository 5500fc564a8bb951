// The hand-over and the loop.
#include "core/tcp/storage_worker.h"

#include <chrono>
#include <iterator>
#include <utility>

namespace wavetank {

StorageWorker::StorageWorker(Store& store, Events events)
    : store_(store), events_(std::move(events)), thread_([this] { run(); }) {}

StorageWorker::~StorageWorker() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void StorageWorker::submit(std::vector<Write>& writes) {
    if (writes.empty()) return;
    {
        const std::lock_guard lock(mutex_);
        if (queued_.empty()) {
            std::swap(queued_, writes);
        } else {
            std::move(writes.begin(), writes.end(), std::back_inserter(queued_));
        }
    }
    writes.clear();
    wake_.notify_one();
}

void StorageWorker::run() {
    std::vector<Write> writes;
    while (wait(writes)) {
        if (!(writes.empty() ? seal() : commit(writes))) return;
        writes.clear();
    }
}

bool StorageWorker::wait(std::vector<Write>& writes) {
    const std::optional<Duration> seal_after = store_.seal_due_after();
    const auto something_to_do = [this] { return ending_ || !queued_.empty(); };
    std::unique_lock lock(mutex_);
    if (seal_after) {
        wake_.wait_for(lock, std::chrono::nanoseconds(seal_after->nanos), something_to_do);
    } else {
        wake_.wait(lock, something_to_do);
    }
    std::swap(writes, queued_);
    return !writes.empty() || seal_after.has_value();
}

bool StorageWorker::commit(std::vector<Write>& writes) {
    const WriteId first = writes.front().id;
    const std::size_t count = writes.size();
    const Result<WriteId> upto = store_.commit(writes);
    if (!upto.ok()) {
        events_.failed(first, upto.error());
        return false;
    }
    durable_ = upto.value();
    durable_writes_.fetch_add(count, std::memory_order_relaxed);
    events_.written(upto.value());
    store_.after_commit();
    return true;
}

bool StorageWorker::seal() {
    if (const std::optional<Error> error = store_.seal()) {
        events_.failed(durable_.next(), *error);
        return false;
    }
    store_.after_commit();
    return true;
}

}  // namespace wavetank
