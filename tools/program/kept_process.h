// KeptProcess: a program that goes on when this one ends, known by a file with its number. Whether
// it is there, and is the one we mean, is looked up in /proc: the file may be left over, and its
// number given to somebody else.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"

namespace wavetank {

// How often the state of other processes is looked at.
inline constexpr std::chrono::milliseconds kLook(10);

class Deadline {
 public:
    explicit Deadline(Duration span)
        : at_(std::chrono::steady_clock::now() + std::chrono::nanoseconds(span.nanos)) {}
    bool passed() const { return std::chrono::steady_clock::now() >= at_; }

 private:
    std::chrono::steady_clock::time_point at_;
};

struct KeptProcess {
    std::string pid_file;
    std::string log;   // what it prints is added there
    std::string mark;  // one of its words, which no other process has

    // The process, if it runs.
    std::optional<pid_t> find() const;
    // Starts `words[0]`, in a session of its own, so that a Ctrl-C that is meant for us does not
    // reach it. Requires that it does not run, and that `mark` is among the words.
    std::optional<Error> start(const std::vector<std::string>& words) const;
    // Sends the signal. False if it does not run.
    bool signal(int signal) const;
    // Waits until it is gone. False if it is not by then.
    bool await_end(Duration patience) const;
    // The last lines of its log.
    std::string last_words() const;
};

}  // namespace wavetank
