// The hand-over and the loop.
#include "core/tcp/storage_worker.h"

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

StorageWorker::Counts StorageWorker::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

void StorageWorker::run() {
    std::vector<Write> writes;
    while (true) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return ending_ || !queued_.empty(); });
            if (queued_.empty()) return;
            std::swap(writes, queued_);
        }
        if (!commit(writes)) return;
        writes.clear();
    }
}

bool StorageWorker::commit(std::vector<Write>& writes) {
    const WriteId first = writes.front().id;
    const std::size_t count = writes.size();
    const Result<WriteId> upto = store_.commit(writes);
    if (!upto.ok()) {
        events_.failed(first, upto.error());
        return false;
    }
    {
        const std::lock_guard lock(mutex_);
        ++counts_.commits;
        counts_.writes += count;
    }
    events_.written(upto.value());
    store_.after_commit();
    return true;
}

}  // namespace wavetank
