// Load: puts of a given size, from a given number of lanes, each of which waits for its answer
// before it asks again (a closed loop). The lanes share a few threads, and in each of them one
// connection to each server. What is measured is what a client sees, over real sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "bench/load/histogram.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/tcp/address.h"
#include "core/tcp/operator_log.h"
#include "core/tls/credentials.h"
#include "core/wire/handshake.h"

namespace wavetank {

// The cluster to be loaded.
struct LoadTarget {
    ClusterId cluster;
    std::map<ServerId, Address> servers;
    std::shared_ptr<Credentials> credentials;  // null: connections are plain
};

struct LoadPlan {
    uint64_t messages = 10'000;  // measured
    uint64_t warmup = 1'000;     // before these, and not measured
    uint32_t payload_bytes = 4;  // the value of a put
    uint32_t concurrency = 64;   // lanes
    uint32_t threads = 1;        // that share the lanes, each with connections of its own
    uint32_t lanes_per_session = 1;
    uint64_t keys = 1'000;  // messages go round them
    // A message that is not answered for so long is an error, and its lane goes on.
    Duration give_up = seconds(10);
    // No further message is sent when the measurement has taken so long, and the warm-up ends when
    // it has.
    Duration time_limit = seconds(3600);
};

struct LoadResult {
    uint64_t messages = 0;       // answered, of the measured ones
    uint64_t errors = 0;         // not answered in time
    Duration elapsed;            // from the first measured message sent to the last answer
    LatencyHistogram latencies;  // of the measured messages
    Duration cpu;                // of this process, meanwhile, and until all sessions are closed

    // Per second; zero if nothing was measured.
    uint64_t messages_per_second() const;
};

// Is told now and then how many messages, warm-up included, are done; by one of the threads.
using LoadProgress = std::function<void(uint64_t done)>;

// Is told once, by one of the threads, that the first measured message comes next; the clock starts
// when it returns.
using LoadBegin = std::function<void()>;

// Puts the load on the cluster. An error if it cannot begin: the plan makes no sense, or no session
// could be opened in time.
Result<LoadResult> run_load(
    const LoadTarget& target, const LoadPlan& plan, const LoadProgress& progress,
    const OperatorLog& log, const LoadBegin& begin = [] {});

}  // namespace wavetank
