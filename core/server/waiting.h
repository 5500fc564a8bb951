// Clients' requests of one kind that are not answered yet. First each waits under the ticket it was
// given to the core with, until the core says what becomes of it; then for the application of the
// entry that the answer depends on.
#pragma once

#include <map>
#include <optional>
#include <utility>

#include "core/base/check.h"
#include "core/base/ids.h"

namespace wavetank {

template <class Request>
class Waiting {
 public:
    // Requires a ticket higher than all before.
    void begin(uint64_t ticket, Request request) {
        CHECK(by_ticket_.empty() || by_ticket_.rbegin()->first < ticket);
        by_ticket_.emplace_hint(by_ticket_.end(), ticket, std::move(request));
    }
    // The request with this ticket, which does not wait any more; nothing if there is none.
    std::optional<Request> take(uint64_t ticket) {
        const auto found = by_ticket_.find(ticket);
        if (found == by_ticket_.end()) return std::nullopt;
        std::optional<Request> request = std::move(found->second);
        by_ticket_.erase(found);
        return request;
    }
    void wait_for(LogIndex index, Request request) { by_index_.emplace(index, std::move(request)); }
    // One that waited for `applied` or something before it, the lowest first.
    struct Due {
        LogIndex index;
        Request request;
    };
    std::optional<Due> take_due(LogIndex applied) {
        const auto first = by_index_.begin();
        if (first == by_index_.end() || first->first > applied) return std::nullopt;
        Due due{first->first, std::move(first->second)};
        by_index_.erase(first);
        return due;
    }
    std::size_t size() const { return by_ticket_.size() + by_index_.size(); }

 private:
    std::map<uint64_t, Request> by_ticket_;
    std::multimap<LogIndex, Request> by_index_;
};

}  // namespace wavetank
