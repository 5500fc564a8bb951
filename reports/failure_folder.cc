// Existing files are replaced: the same failure again leaves the same folder.
#include "reports/failure_folder.h"

#include <fmt/format.h>

#include <filesystem>

#include "reports/record_format.h"
#include "reports/reproduction.h"
#include "reports/summary.h"
#include "reports/text.h"

namespace wavetank {

std::string failure_folder(const std::string& out_directory, const RunName& run) {
    std::string name = run.scenario;
    for (char& c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '_';
        if (!plain) c = '-';
    }
    return fmt::format("{}/{}-seed-{}", out_directory, name, run.seed);
}

std::optional<std::string> make_folder(const std::string& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return fmt::format("cannot create the folder '{}': {}", path, error.message());
    return std::nullopt;
}

std::optional<std::string> write_failure(const std::string& folder, const Session& session,
                                         const RunEntry& entry, const std::string& scenario_text) {
    const std::string guide = fmt::format(
        "{}\n# What was found, by {}:\n{}\n# The scenario as it was read: {}\n# The verdict and "
        "the "
        "figures: {}\n",
        reproduction_guide(session, entry), to_string(session.build),
        indented(problem_text(session, entry), "# "), kScenarioFile, kRecordFile);
    auto problem = make_folder(folder);
    if (!problem) problem = write_file(folder + "/" + kRecordFile, record_to_json(entry.record));
    if (!problem) problem = write_file(folder + "/" + kScenarioFile, scenario_text);
    if (!problem) problem = write_file(folder + "/" + kReproduceFile, guide);
    return problem;
}

}  // namespace wavetank
