// Run records as bytes (between a worker process and the command line) and sessions, records and
// trace events as JSON (for people's programs). The messages stand in run_record.proto; only the
// .cc file sees the generated code.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "reports/session.h"
#include "sim/record/run_record.h"
#include "sim/record/trace.h"

namespace wavetank {

// Text that is not valid UTF-8 is made printable on the way.
std::string encode_record(const RunRecord& record);
Result<RunRecord> decode_record(std::string_view bytes);

// Indented, fields in snake_case, fields with zero included; ends with a newline.
std::string session_to_json(const Session& session);
std::string record_to_json(const RunRecord& record);
// Unknown fields are ignored: a newer program may have written them.
Result<RunRecord> record_from_json(std::string_view json);

// One line, without its end.
std::string trace_event_to_json(const TraceEvent& event);

}  // namespace wavetank
