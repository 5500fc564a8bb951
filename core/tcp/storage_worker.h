// StorageWorker: a thread that makes writes durable. While it commits, more writes are queued; when
// it is done it takes all of them into one commit. So the batches grow with the load and nobody
// waits for a timer. When nothing has come for a while it has the store seal what it holds; then it
// sleeps until something comes.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/tcp/store.h"

namespace wavetank {

class StorageWorker {
 public:
    struct Events {
        // Called by the worker's thread; they hand the news over to another one.
        std::function<void(WriteId upto)> written;
        // The last event. `id` is the first write that is not durable; it may not be submitted yet.
        std::function<void(WriteId id, const Error& why)> failed;
    };
    // `store` must outlive the worker.
    StorageWorker(Store& store, Events events);
    StorageWorker(const StorageWorker&) = delete;
    StorageWorker& operator=(const StorageWorker&) = delete;
    // Commits what is queued first, and seals it.
    ~StorageWorker();

    // Takes the writes and leaves an empty vector. Requires rising ids.
    void submit(std::vector<Write>& writes);

    // So many are durable.
    uint64_t writes() const { return durable_writes_.load(std::memory_order_relaxed); }

 private:
    void run();
    // Waits for what there is to do. True: to commit these writes, or without any, to seal.
    bool wait(std::vector<Write>& writes);
    bool commit(std::vector<Write>& writes);
    bool seal();

    Store& store_;
    const Events events_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Write> queued_;
    bool ending_ = false;
    std::atomic<uint64_t> durable_writes_ = 0;
    WriteId durable_;  // of the worker's thread alone
    std::thread thread_;
};

}  // namespace wavetank
