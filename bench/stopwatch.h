// Wall time and the processor time of this process. On a quiet machine they are the same, because
// nothing here waits or has a second thread; on a busy one only the second means anything.
#pragma once

#include <chrono>
#include <ctime>

namespace wavetank::bench {

struct Spent {
    double wall = 0;  // seconds
    double cpu = 0;
    Spent& operator+=(const Spent& other) {
        wall += other.wall;
        cpu += other.cpu;
        return *this;
    }
};

class Stopwatch {
 public:
    // Since it was made.
    Spent spent() const {
        const std::chrono::duration<double> wall = Clock::now() - begin_;
        return {wall.count(),
                static_cast<double>(std::clock() - cpu_begin_) / double{CLOCKS_PER_SEC}};
    }

 private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point begin_ = Clock::now();
    std::clock_t cpu_begin_ = std::clock();
};

}  // namespace wavetank::bench
