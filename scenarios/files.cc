// Walking folders in a fixed order: directory order differs between machines, sorted paths do not.
#include "scenarios/files.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "scenarios/parse.h"

namespace wavetank {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".textproto";
// A scenario is written by a person or a shrinker; what is larger is another file.
constexpr std::uintmax_t kFileBytesMax = 64 << 20;

Result<std::vector<std::string>> scenarios_below(const std::string& folder) {
    std::vector<std::string> found;
    std::error_code failed;
    fs::recursive_directory_iterator walk(folder, failed);
    while (!failed && walk != fs::recursive_directory_iterator()) {
        std::error_code unreadable;
        if (walk->path().extension() == kEnding && walk->is_regular_file(unreadable)) {
            found.push_back(walk->path().string());
        }
        walk.increment(failed);
    }
    if (failed) {
        return Error{fmt::format("cannot list the folder {}: {}", folder, failed.message())};
    }
    if (found.empty()) {
        return Error{fmt::format("the folder {} holds no scenario; a scenario file ends in {}",
                                 folder, kEnding)};
    }
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

Result<std::vector<std::string>> find_scenarios(const std::vector<std::string>& paths) {
    std::vector<std::string> files;
    std::set<std::string> seen;
    const auto add = [&](const std::string& file) {
        if (seen.insert(fs::path(file).lexically_normal().string()).second) files.push_back(file);
    };
    for (const std::string& path : paths) {
        std::error_code failed;
        const fs::file_status status = fs::status(path, failed);
        if (!fs::exists(status)) {
            return Error{
                fmt::format("there is no file or folder {}; name a scenario file or a folder "
                            "that holds some",
                            path)};
        }
        if (!fs::is_directory(status)) {
            add(path);
            continue;
        }
        const auto below = scenarios_below(path);
        if (!below.ok()) return below.error();
        for (const std::string& file : below.value()) add(file);
    }
    return files;
}

Result<Setup> load_scenario(const std::string& path) {
    std::error_code failed;
    if (fs::is_directory(path, failed)) {
        return Error{fmt::format("{} is a folder; name a file in it", path)};
    }
    const std::uintmax_t bytes = fs::file_size(path, failed);
    if (failed) return Error{fmt::format("cannot read {}: {}", path, failed.message())};
    if (bytes > kFileBytesMax) {
        return Error{
            fmt::format("{} has {} bytes; a scenario has at most {}", path, bytes, kFileBytesMax)};
    }
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    if (!file) return Error{fmt::format("cannot read {}: is it readable for you?", path)};
    return parse_scenario(text, path);
}

}  // namespace wavetank
