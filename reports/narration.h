// The trace in words, for a person: one line an event,
//   number  time  kind  server<-peer  words
// in columns, with the true time in seconds. A server "2" or a side "-" stands where there is none.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/record/trace.h"

namespace wavetank {

// "   553    1.234567 deliver  2<-1  AppendEntries term 3 ...", without a newline.
std::string narration_line(const TraceEvent& event);

struct EventRange {
    uint64_t first = 1;
    uint64_t last = UINT64_MAX;  // included
};

// Passes the lines of the events in a range to `write`, each with its newline.
class Narrator : public TraceSink {
 public:
    Narrator(EventRange range, std::function<void(const std::string&)> write);
    void on_event(const TraceEvent& event) override;

 private:
    EventRange range_;
    std::function<void(const std::string&)> write_;
};

}  // namespace wavetank
