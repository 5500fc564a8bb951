// The simulated network: one Link per direction between any two endpoints (servers first, then
// clients). A link delays, loses, repeats, corrupts and reorders by its quality, and can be cut
// (messages are lost, those in flight too) or clogged (they wait until it is released).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/check.h"
#include "sim/kernel/chance.h"
#include "sim/kernel/event_queue.h"
#include "sim/world/weather.h"

namespace wavetank {

// A LinkQuality made ready for drawing.
struct LinkProfile {
    explicit LinkProfile(const LinkQuality& from)
        : quality(from),
          only_delays(from.loss.never() && from.duplicate.never() && from.reorder.never() &&
                      from.corrupt.never() && from.bytes_per_second == 0),
          latency(from.latency),
          reorder_delay(from.reorder_delay) {}
    LinkQuality quality;
    bool only_delays;  // every message arrives once, in order
    LatencySampler latency;
    LatencySampler reorder_delay;
};

class Network {
 public:
    struct Size {
        uint32_t servers;
        uint32_t clients;
    };
    // All links begin with `quality`.
    Network(Size size, const LinkQuality& quality, const Chance& chance);

    struct Direction {
        uint32_t from;
        uint32_t to;
    };
    uint32_t endpoints() const { return endpoints_; }

    // When a message sent now arrives: never, once, or twice.
    struct Arrivals {
        uint32_t count = 0;
        Instant at[2];
        uint64_t corrupt_bits[2] = {};  // zero: intact; else they say which byte is wrong
    };
    // `bytes` is only called if the link has a limited bandwidth.
    template <class BytesOf>
    Arrivals transit(Direction direction, Instant now, BytesOf bytes_of) {
        Link& link = link_of(direction);
        if (link.cuts > 0) {
            ++link.ordinal;  // it counts: a cut must not rename the decisions after it
            return {};
        }
        if (link.profile->only_delays) {
            const uint64_t name = link.ordinal++ * 2;
            return {1, {arrival_in_order(link, place_of(direction), name, now), {}}, {}};
        }
        const uint64_t bytes = link.profile->quality.bytes_per_second == 0 ? 0 : bytes_of();
        return draw(link, place_of(direction), now, bytes);
    }

    // Nearly always no link at all is cut or clogged, and none needs to be looked at.
    bool is_cut(Direction direction) const { return cuts_ > 0 && link_of(direction).cuts > 0; }
    bool is_clogged(Direction direction) const { return clogs_ > 0 && link_of(direction).clogged; }

    // Cuts count: a link cut twice must be restored twice.
    void cut(Direction direction) {
        ++link_of(direction).cuts;
        ++cuts_;
        ++version_;
    }
    void restore(Direction direction);
    void clog(Direction direction) {
        Link& link = link_of(direction);
        if (!link.clogged) ++clogs_;
        link.clogged = true;
        ++version_;
    }
    // Rises whenever some link is cut, restored, clogged or released.
    uint64_t version() const { return version_; }
    // An event that arrived at a clogged link waits here.
    void hold(Direction direction, EventQueue::What what) {
        link_of(direction).held.push_back(what);
    }
    // Unclogs; what was held is returned in its order.
    std::vector<EventQueue::What> release(Direction direction);

    // The standing quality of a link, and another one for a while. Overrides do not stack: the end
    // of one is the end of all.
    void set_standing(Direction direction, const LinkQuality& quality);
    void override_quality(Direction direction, const LinkQuality& quality);
    void reset_quality(Direction direction);
    const LinkQuality& standing(Direction direction) const {
        return link_of(direction).standing->quality;
    }

 private:
    struct Link {
        const LinkProfile* standing = nullptr;
        const LinkProfile* profile = nullptr;  // in force
        uint64_t ordinal = 0;                  // messages sent so far
        Instant last_arrival;                  // of the messages that keep their order
        Instant busy_until;                    // limited bandwidth: when the queue is empty
        uint32_t cuts = 0;
        bool clogged = false;
        std::vector<EventQueue::What> held;
    };

    // The name of a link in keyed decisions.
    uint32_t place_of(Direction d) const { return d.from << 16 | d.to; }
    // Clients do not talk to each other, so one end is always a server.
    std::size_t position_of(Direction d) const {
        if (d.to < servers_) return std::size_t{d.from} * servers_ + d.to;
        CHECK(d.from < servers_);
        const std::size_t clients = endpoints_ - servers_;
        return std::size_t{endpoints_} * servers_ + d.from * clients + (d.to - servers_);
    }
    Link& link_of(Direction d) { return links_[position_of(d)]; }
    const Link& link_of(Direction d) const { return links_[position_of(d)]; }
    // The decision is called `name`.
    Instant arrival_in_order(Link& link, uint32_t place, uint64_t name, Instant leaves) const {
        const uint64_t bits = chance_.draw(ChanceKind::LinkLatency, place, name);
        const Instant at = leaves + link.profile->latency.sample(bits);
        if (at > link.last_arrival) link.last_arrival = at;
        return link.last_arrival;
    }
    Arrivals draw(Link& link, uint32_t place, Instant now, uint64_t bytes);
    bool pass_bottleneck(Link& link, Instant now, uint64_t bytes, Instant& leaves);
    const LinkProfile* profile_of(const LinkQuality& quality);

    uint32_t servers_;
    uint32_t endpoints_;
    const Chance& chance_;
    std::vector<std::unique_ptr<LinkProfile>> profiles_;  // every quality seen so far
    std::vector<Link> links_;
    uint64_t version_ = 0;
    uint64_t cuts_ = 0;   // of all links
    uint64_t clogs_ = 0;  // links
};

}  // namespace wavetank
