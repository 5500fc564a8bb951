// The trace: what happened inside, event by event, in the one total order of the run. It is only
// written when somebody asks for it; the digest of the run covers the same events always.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/ids.h"
#include "core/base/time.h"

namespace wavetank {

enum class TraceKind : uint8_t {
    Deliver,  // a message arrives at `server` from `peer`
    Lost,     // a message from `peer` to `server` is lost (in the network, or the node is down)
    Wake,     // a deadline of `server` is reached
    Durable,  // a write of `server` is durable
    Client,   // a client's fiber goes on: a reply arrived, a timeout, an invocation
    Fault,    // a fault begins or ends: crash, restart, partition, ...
    Check,    // an oracle or a timeline question speaks
};
const char* name_of(TraceKind kind);  // "deliver", "lost", ...

struct TraceEvent {
    uint64_t number = 0;  // of the event in the run, from 1
    Instant at;           // true time since the start of the run
    TraceKind kind = TraceKind::Deliver;
    ServerId server;    // whom it happens to; zero: nobody in particular
    ServerId peer;      // the other side, if it is a server
    std::string words;  // "AppendEntries term 3 prev (5, 2) entries 6..8 commit 5 -> success"
};

class TraceSink {
 public:
    virtual ~TraceSink() = default;
    virtual void on_event(const TraceEvent& event) = 0;
};

}  // namespace wavetank
