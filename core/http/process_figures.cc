// getrusage, and /proc/self (proc(5)).
#include "core/http/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace wavetank {

ProcessFigures process_figures() {
    ProcessFigures figures;
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0) {
        for (const timeval& part : {usage.ru_utime, usage.ru_stime}) {
            figures.cpu_seconds +=
                static_cast<double>(part.tv_sec) + static_cast<double>(part.tv_usec) * 1e-6;
        }
    }
    uint64_t size_pages = 0;
    uint64_t resident_pages = 0;
    if (std::ifstream("/proc/self/statm") >> size_pages >> resident_pages) {
        figures.resident_bytes = resident_pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
    }
    std::error_code failure;
    for (std::filesystem::directory_iterator each("/proc/self/fd", failure), end;
         !failure && each != end; each.increment(failure)) {
        ++figures.open_files;
    }
    return figures;
}

}  // namespace wavetank
