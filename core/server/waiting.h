// Clients' requests of one kind that are not answered yet. First each waits under the ticket it was
// given to the core with, until the core says what becomes of it; then for the application of the
// entry that the answer depends on. Both mostly end in the order in which they have begun; then
// nothing is searched, moved or allocated.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "core/base/check.h"
#include "core/base/ids.h"
#include "core/base/ring.h"

namespace wavetank {

template <class Request>
class Waiting {
 public:
    // Requires a ticket higher than all before.
    void begin(uint64_t ticket, Request request) {
        CHECK(by_ticket_.empty() || by_ticket_.back().key < ticket);
        by_ticket_.push_back({ticket, std::move(request)});
        ++size_;
    }
    // The request with this ticket, which does not wait any more; nothing if there is none.
    std::optional<Request> take(uint64_t ticket) {
        std::size_t low = 0;
        std::size_t high = by_ticket_.size();
        if (high > 0 && by_ticket_.front().key == ticket) high = 1;
        while (low < high) {
            const std::size_t middle = low + (high - low) / 2;
            if (by_ticket_[middle].key < ticket) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low == by_ticket_.size() || by_ticket_[low].key != ticket) return std::nullopt;
        std::optional<Request> request = std::exchange(by_ticket_[low].request, std::nullopt);
        while (!by_ticket_.empty() && !by_ticket_.front().request) by_ticket_.pop_front();
        if (request) --size_;
        return request;
    }

    // Of those that wait for the same index the first one to come is the first one due.
    void wait_for(LogIndex index, Request request) {
        by_index_.push_back({index, std::move(request)});
        ++size_;
        for (std::size_t at = by_index_.size() - 1;
             at > 0 && by_index_[at].key < by_index_[at - 1].key; --at) {
            std::swap(by_index_[at], by_index_[at - 1]);
        }
    }
    // One that waited for `applied` or something before it, the lowest first.
    struct Due {
        LogIndex index;
        Request request;
    };
    std::optional<Due> take_due(LogIndex applied) {
        if (by_index_.empty() || by_index_.front().key > applied) return std::nullopt;
        Due due{by_index_.front().key, *std::exchange(by_index_[0].request, std::nullopt)};
        by_index_.pop_front();
        --size_;
        return due;
    }
    std::size_t size() const { return size_; }

 private:
    template <class Key>
    struct Place {
        Key key{};
        std::optional<Request> request;  // none: taken
    };
    Ring<Place<uint64_t>> by_ticket_;  // the front is not taken
    Ring<Place<LogIndex>> by_index_;
    std::size_t size_ = 0;
};

}  // namespace wavetank
