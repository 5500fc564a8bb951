// From the build, /proc/cpuinfo and uname.
#include "bench/conditions.h"

#include <sys/utsname.h>

#include <fstream>

#include "tools/program/build_info.h"

namespace wavetank::bench {
namespace {

std::string processor() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) {
            return line.substr(colon + 2);
        }
    }
    return "unknown";
}

std::string kernel() {
    utsname name{};
    if (uname(&name) != 0) return "unknown";
    return std::string(name.sysname) + " " + name.release;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> conditions() {
    const BuildInfo build = build_info();
    return {{"commit", build.commit},
            {"compiler", build.compiler},
            {"build", build.build_type},
            {"processor", processor()},
            {"kernel", kernel()}};
}

}  // namespace wavetank::bench
