// Names of trace events.
#include "sim/record/trace.h"

namespace wavetank {

const char* name_of(TraceKind kind) {
    switch (kind) {
        case TraceKind::Deliver:
            return "deliver";
        case TraceKind::Lost:
            return "lost";
        case TraceKind::Wake:
            return "wake";
        case TraceKind::Durable:
            return "durable";
        case TraceKind::Client:
            return "client";
        case TraceKind::Fault:
            return "fault";
        case TraceKind::Check:
            return "check";
    }
    return "?";
}

}  // namespace wavetank
