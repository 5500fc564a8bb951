// A session's results as a SQLite file, written sample by sample: a sitting that is interrupted
// leaves a file that can be read. Form 1, recognised by `application_id` 0x57544254 ("WTBT") and
// `user_version` 1:
//   session(started)                                    one row
//   condition(place, name, text)                        in the order of printing
//   reference(table_title, system, messages, payload_bytes, figure)
//   bar(against, concurrency, percent_min)
//   sample(...)                                         the fields of ThroughputSample, in order
// Times are in nanoseconds. What a system does not tell is NULL.
#pragma once

#include <string>

#include "bench/throughput/database.h"
#include "core/base/result.h"
#include "reports/throughput.h"

namespace wavetank::bench {

class ResultFile {
 public:
    // Makes the file, with everything of `session` in it. Refuses to write over one that exists.
    static Result<ResultFile> create(const std::string& path, const ThroughputSession& session);

    // Durable when it returns.
    std::optional<Error> add(const ThroughputSample& sample);

 private:
    ResultFile(Database database, Statement insert)
        : database_(std::move(database)), insert_(std::move(insert)) {}

    Database database_;
    Statement insert_;
};

// Refuses what is no result file, of a newer form, or damaged.
Result<ThroughputSession> read_result_file(const std::string& path);

}  // namespace wavetank::bench
