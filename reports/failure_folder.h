// What `--out DIR` keeps of a run that did not pass: a folder DIR/<scenario>-seed-<seed> with
//   record.json         the run record (run_record.proto)
//   scenario.textproto  the scenario file as it was read
//   events.digests      the digest after every event (event_digests.h); missing if the process died
//   reproduce.txt       the exact command first, then what else helps
#pragma once

#include <optional>
#include <string>

#include "reports/session.h"

namespace wavetank {

inline constexpr const char* kRecordFile = "record.json";
inline constexpr const char* kScenarioFile = "scenario.textproto";
inline constexpr const char* kEventDigestsFile = "events.digests";
inline constexpr const char* kReproduceFile = "reproduce.txt";

struct RunName {
    std::string scenario;
    uint64_t seed = 0;
};
// Characters other than letters, digits, '.', '_' and '-' of the scenario's name become '-'.
std::string failure_folder(const std::string& out_directory, const RunName& run);

// Creates the folder, with its parents. Nothing if that worked, else what went wrong.
std::optional<std::string> make_folder(const std::string& path);

// Writes all but the event digests, which the process that ran the seed has written already.
std::optional<std::string> write_failure(const std::string& folder, const Session& session,
                                         const RunEntry& entry, const std::string& scenario_text);

}  // namespace wavetank
