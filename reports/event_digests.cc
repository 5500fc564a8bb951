// Reading and writing in one piece: eight bytes an event.
#include "reports/event_digests.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "core/base/bytes.h"
#include "reports/text.h"

namespace wavetank {
namespace {

constexpr std::string_view kMagic = "WTDIGEST";

}  // namespace

std::optional<std::string> write_event_digests(const std::string& path, const EventDigests& run) {
    Encoder encoder;
    encoder.rest(kMagic).u64(run.seed).u64(run.digests.size());
    for (const uint64_t digest : run.digests) encoder.u64(digest);
    return write_file(path, encoder.view());
}

Result<EventDigests> read_event_digests(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{fmt::format("cannot read the event digests '{}'", path)};
    std::ostringstream content;
    content << file.rdbuf();
    const std::string bytes = content.str();
    if (!bytes.starts_with(kMagic)) {
        return Error{fmt::format("'{}' is no file of event digests: it does not begin with {}",
                                 path, kMagic)};
    }
    Decoder decoder(std::string_view(bytes).substr(kMagic.size()));
    EventDigests run;
    run.seed = decoder.u64();
    const uint64_t count = decoder.u64();
    if (!decoder.ok() || count != (bytes.size() - 24) / 8 || bytes.size() % 8 != 0) {
        return Error{fmt::format("'{}' is cut off: {} bytes, but it announces {} events", path,
                                 bytes.size(), count)};
    }
    run.digests.reserve(count);
    for (uint64_t i = 0; i < count; ++i) run.digests.push_back(decoder.u64());
    return run;
}

std::optional<uint64_t> first_different_event(std::span<const uint64_t> a,
                                              std::span<const uint64_t> b) {
    const std::size_t common = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (a[i] != b[i]) return i + 1;
    }
    if (a.size() != b.size()) return common + 1;
    return std::nullopt;
}

}  // namespace wavetank
