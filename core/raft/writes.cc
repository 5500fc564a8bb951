// Issuing writes and finding what covers what.
#include "core/raft/writes.h"

#include <algorithm>

namespace wavetank {
namespace {

constexpr LogIndex kNoIndex{UINT64_MAX};

}  // namespace

void WriteLedger::truncated(LogIndex from) {
    if (from >= unissued_from_) return;  // storage has never heard of what was removed
    unissued_from_ = from;
    truncation_unissued_ = truncation_unissued_ ? std::min(truncation_unissued_, from) : from;
}

void WriteLedger::issue(const Source& source, uint32_t in_flight_max, Write& write) {
    const LogIndex last = source.log.last_index();
    const bool entries = unissued_from_ <= last;
    if (!anything_unissued(last)) return;
    if (in_flight_.size() >= in_flight_max) return;

    issued_ = issued_.next();
    write.id = issued_;
    InFlight record{issued_, hard_state_unissued_, kNoIndex};
    if (hard_state_unissued_) write.hard_state = source.hard_state;
    if (truncation_unissued_) {
        write.truncate_from = truncation_unissued_;
        record.first = truncation_unissued_;
    }
    if (entries) {
        record.first = std::min(record.first, unissued_from_);
        for (LogIndex next = unissued_from_; next <= last;) {
            write.append.push_back(source.log.range(next, {UINT32_MAX, UINT64_MAX}));
            next = write.append.back().last_index().next();
        }
    }
    in_flight_.push_back(record);
    hard_state_unissued_ = false;
    truncation_unissued_ = LogIndex();
    unissued_from_ = last.next();
}

bool WriteLedger::written(WriteId upto) {
    if (upto > issued_) return false;
    if (upto <= done_) return true;
    done_ = upto;
    const auto still_open = std::find_if(in_flight_.begin(), in_flight_.end(),
                                         [&](const InFlight& w) { return w.id > upto; });
    in_flight_.erase(in_flight_.begin(), still_open);
    return true;
}

LogIndex WriteLedger::durable_index() const {
    LogIndex first_open = unissued_from_;
    for (const InFlight& write : in_flight_) first_open = std::min(first_open, write.first);
    return first_open.previous();
}

WriteId WriteLedger::covering(LogIndex upto) const {
    if (hard_state_unissued_ || upto >= unissued_from_) return issued_.next();
    for (auto write = in_flight_.rbegin(); write != in_flight_.rend(); ++write) {
        if (write->hard_state || write->first <= upto) return write->id;
    }
    return WriteId();
}

void WriteLedger::add_to(Digest& digest) const {
    digest.add(issued_.value()).add(done_.value()).add(unissued_from_.value());
    digest.add(truncation_unissued_.value()).add(hard_state_unissued_ ? 1 : 0);
    digest.add(in_flight_.size());
    for (const InFlight& write : in_flight_) {
        digest.add(write.id.value()).add(write.hard_state ? 1 : 0).add(write.first.value());
    }
}

}  // namespace wavetank
