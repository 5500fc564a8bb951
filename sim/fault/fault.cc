// Names of what a timeline can ask.
#include "sim/fault/fault.h"

namespace wavetank {

const char* name_of(Metric metric) {
    switch (metric) {
        case Metric::Leader:
            return "leader";
        case Metric::Leaders:
            return "leaders";
        case Metric::HighestTerm:
            return "term";
        case Metric::Commit:
            return "commit";
        case Metric::Behind:
            return "behind";
        case Metric::Messages:
            return "messages";
        case Metric::Bytes:
            return "bytes";
        case Metric::OperationsOk:
            return "operations_ok";
        case Metric::OperationsOpen:
            return "operations_open";
    }
    return "?";
}

}  // namespace wavetank
