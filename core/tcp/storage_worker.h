// StorageWorker: a thread that makes writes durable. While it commits, more writes are queued; when
// it is done it takes all of them into one commit. So the batches grow with the load and nobody
// waits for a timer.
#pragma once

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
        std::function<void(WriteId id, const Error& why)> failed;  // the last event
    };
    // `store` must outlive the worker.
    StorageWorker(Store& store, Events events);
    StorageWorker(const StorageWorker&) = delete;
    StorageWorker& operator=(const StorageWorker&) = delete;
    // Commits what is queued first.
    ~StorageWorker();

    // Takes the writes and leaves an empty vector. Requires rising ids.
    void submit(std::vector<Write>& writes);

    struct Counts {
        uint64_t commits = 0;
        uint64_t writes = 0;
    };
    Counts counts() const;

 private:
    void run();
    bool commit(std::vector<Write>& writes);

    Store& store_;
    const Events events_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Write> queued_;
    bool ending_ = false;
    Counts counts_;
    std::thread thread_;
};

}  // namespace wavetank
