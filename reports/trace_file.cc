// One write(2) a line: the kernel holds what was written even if this process dies the next moment.
#include "reports/trace_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "reports/record_format.h"

namespace wavetank {

Result<std::unique_ptr<TraceFile>> TraceFile::create(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        return Error{fmt::format("cannot write the trace '{}': {}", path, std::strerror(errno))};
    }
    return std::unique_ptr<TraceFile>(new TraceFile(descriptor));
}

TraceFile::~TraceFile() {
    ::close(descriptor_);
}

void TraceFile::on_event(const TraceEvent& event) {
    const std::string line = trace_event_to_json(event) + "\n";
    std::string_view rest = line;
    while (ok_ && !rest.empty()) {
        const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
        if (written > 0)
            rest.remove_prefix(static_cast<std::size_t>(written));
        else if (errno != EINTR)
            ok_ = false;
    }
}

}  // namespace wavetank
