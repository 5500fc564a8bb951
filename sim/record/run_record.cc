// Names of verdicts.
#include "sim/record/run_record.h"

namespace wavetank {

const char* name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::Pass:
            return "pass";
        case Verdict::Fail:
            return "fail";
        case Verdict::Unknown:
            return "unknown";
    }
    return "?";
}

}  // namespace wavetank
