// WallClock: the system's time as it was when the process began, carried on by the steady clock. It
// never jumps while the process runs, and is near that of other machines, which the replicated time
// of sessions needs: a new leader far behind would stop that time, one far ahead end all sessions.
#pragma once

#include <chrono>

#include "core/base/time.h"

namespace wavetank {

class WallClock {
 public:
    // `error` is what somebody knows of the system's clock; negative: nothing.
    explicit WallClock(Duration error) : error_(error) {}

    ClockReading now() const {
        const Instant local{nanos(std::chrono::steady_clock::now()) + ahead_};
        return error_.nanos >= 0 ? ClockReading(local, error_) : ClockReading(local);
    }
    // For timers. A time too far off is the farthest there is.
    std::chrono::steady_clock::time_point steady(Instant when) const {
        const int64_t latest = INT64_MAX - (ahead_ < 0 ? -ahead_ : 0);
        const int64_t at = when.nanos > latest ? INT64_MAX : when.nanos - ahead_;
        return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(at));
    }

 private:
    template <class Point>
    static int64_t nanos(Point point) {
        return std::chrono::duration_cast<std::chrono::nanoseconds>(point.time_since_epoch())
            .count();
    }

    const Duration error_;
    const int64_t ahead_ =
        nanos(std::chrono::system_clock::now()) - nanos(std::chrono::steady_clock::now());
};

}  // namespace wavetank
