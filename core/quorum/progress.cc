// The window's ring and the two transitions of a peer's progress.
#include "core/quorum/progress.h"

#include <algorithm>

#include "core/base/check.h"

namespace wavetank {

void InflightWindow::grow() {
    std::vector<Sent> larger(std::max<std::size_t>(4, ring_.size() * 2));
    for (uint32_t i = 0; i < count_; ++i) larger[i] = at(i);
    ring_ = std::move(larger);
    start_ = 0;
}

void InflightWindow::add(LogIndex last, uint64_t bytes) {
    CHECK(!full());
    if (count_ == ring_.size()) grow();
    CHECK(count_ == 0 || at(count_ - 1).last < last);
    ring_[(start_ + count_) & (ring_.size() - 1)] = Sent{last, bytes};
    ++count_;
    bytes_ += bytes;
}

void InflightWindow::acknowledged(LogIndex match) {
    while (count_ > 0 && at(0).last <= match) {
        bytes_ -= at(0).bytes;
        start_ = (start_ + 1) & static_cast<uint32_t>(ring_.size() - 1);
        --count_;
    }
    CHECK(count_ > 0 || bytes_ == 0);
}

void InflightWindow::clear() {
    start_ = 0;
    count_ = 0;
    bytes_ = 0;
}

bool operator==(const InflightWindow& a, const InflightWindow& b) {
    if (a.count_ != b.count_ || a.bytes_ != b.bytes_) return false;
    for (uint32_t i = 0; i < a.count_; ++i) {
        if (!(a.at(i) == b.at(i))) return false;
    }
    return true;
}

bool Progress::acknowledge(LogIndex match) {
    inflight.acknowledged(match);
    if (match <= match_index) return false;
    match_index = match;
    next_index = std::max(next_index, match.next());
    return true;
}

void Progress::probe_from(LogIndex next) {
    CHECK(next > match_index);
    state = ProgressState::Probe;
    next_index = next;
    probe_sent = false;
    inflight.clear();
}

void Progress::send_snapshot(LogIndex index) {
    CHECK(index > match_index);
    state = ProgressState::Snapshot;
    next_index = index.next();
    snapshot_index = index;
    snapshot_offset = kOffsetUnknown;
    piece_sent = false;
    inflight.clear();
}

}  // namespace wavetank
