// What the clients do, as values.
#pragma once

#include <cstdint>

#include "core/base/time.h"
#include "sim/world/latency.h"

namespace wavetank {

// Which values clients write.
enum class ValueDomain : uint8_t {
    Unique,  // every write its own value: most anomalies show at once
    Small,   // one of `small_values`: stronger against ABA
};

struct WorkloadSetup {
    uint32_t clients = 3;
    // Operations in flight per client: so many lanes share its session. To the history every lane
    // is a client of its own.
    uint32_t lanes = 1;
    uint32_t readers = 0;         // clients that only get
    uint64_t operations_max = 0;  // per lane and reader; 0: until the clients are stopped
    Latency think{.kind = LatencyKind::Exponential, .base = {}, .spread = milliseconds(20)};

    // Weights of the functions.
    uint32_t get = 4;
    uint32_t put = 4;
    uint32_t append = 1;
    uint32_t cas = 2;
    uint32_t erase = 1;

    uint32_t keys = 5;
    ValueDomain values = ValueDomain::Unique;
    uint32_t small_values = 4;
    uint32_t value_bytes = 0;  // values are padded to this length
    // An append to a key beyond this many appends since its last put becomes a put: keeps values
    // and the checker's work bounded.
    uint32_t appends_in_a_row_max = 8;

    Duration request_timeout = milliseconds(300);  // then the same request goes to another server
    Duration operation_timeout = seconds(5);       // then the outcome is `info`
    Latency backoff{.kind = LatencyKind::Uniform, .base = {}, .spread = milliseconds(50)};
    Duration keep_alive{};  // an idle session is kept after so long; zero: it may expire
};

}  // namespace wavetank
