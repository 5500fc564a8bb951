// A trace file: newline-delimited JSON, one TraceEvent of run_record.proto a line. Each line
// reaches the file when its event happens, so that a run that crashes leaves its last events.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.h"
#include "sim/record/trace.h"

namespace wavetank {

class TraceFile : public TraceSink {
 public:
    // Creates or empties the file.
    static Result<std::unique_ptr<TraceFile>> create(const std::string& path);
    ~TraceFile() override;
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;

    void on_event(const TraceEvent& event) override;
    // False once a line could not be written (the disk is full, say).
    bool ok() const { return ok_; }

 private:
    explicit TraceFile(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
    bool ok_ = true;
};

}  // namespace wavetank
