// Lanes: the gateway as a client of the cluster. A bounded number of fibers wait for jobs; each has
// a session object of its own (core/client), so that redirection, retries and exactly-once are
// those of every other client. There are lanes for each purpose, so that a flood of writes does not
// keep a health check waiting, and a change of members that takes long keeps nobody waiting.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/client/session.h"
#include "core/tcp/client/client_loop.h"

namespace wavetank {

enum class Purpose : uint8_t {
    Data,    // reads and writes of the machine, in one replicated session
    Look,    // how servers are; no operation, but each server is asked for a short time only
    Change,  // of members or the leadership: one try, which may take long
};

class Lanes {
 public:
    struct Setup {
        std::size_t data = 64;  // lanes: the number of requests in progress
        std::size_t look = 8;
        std::size_t change = 2;
        Duration request_timeout = seconds(1);    // for one server, then the next is asked
        Duration operation_timeout = seconds(5);  // for the whole
        Duration change_timeout = seconds(60);
        Duration keep_alive = seconds(600);  // the idle session is kept after so long
    };
    // May suspend. Runs on a small stack.
    using Job = std::function<void(ClientSession& session)>;

    // Adds its lanes to `loop`, which must be run in this thread and destroyed before this.
    Lanes(ClientLoop& loop, Setup setup);
    ~Lanes();

    // Has a free lane do the job, at once as far as it goes without waiting. False if none is free.
    // For the loop's thread.
    bool begin(Purpose purpose, Job job);
    // Those that do something.
    std::size_t busy() const;
    // Each lane ends after its job; the last one of Data closes the session.
    void stop();

 private:
    class Pool;
    std::vector<std::unique_ptr<Pool>> pools_;  // by Purpose
};

}  // namespace wavetank
