// The simulated network: one Link per direction between any two endpoints (servers first, then
// clients). A link delays, loses, repeats and reorders by its quality, and can be cut (messages are
// lost, those in flight too) or clogged (they wait until it is released).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/kernel/chance.h"
#include "sim/kernel/event_queue.h"
#include "sim/world/weather.h"

namespace wavetank {

// A LinkQuality made ready for drawing.
struct LinkProfile {
    explicit LinkProfile(const LinkQuality& from)
        : quality(from), latency(from.latency), reorder_delay(from.reorder_delay) {}
    LinkQuality quality;
    LatencySampler latency;
    LatencySampler reorder_delay;
};

class Network {
 public:
    // All links begin with `quality`.
    Network(uint32_t endpoints, const LinkQuality& quality, const Chance& chance);

    struct Direction {
        uint32_t from;
        uint32_t to;
    };
    uint32_t endpoints() const { return endpoints_; }

    // When a message sent now arrives: never, once, or twice.
    struct Arrivals {
        uint32_t count = 0;
        Instant at[2];
    };
    // `bytes` is only called if the link has a limited bandwidth.
    template <class BytesOf>
    Arrivals transit(Direction direction, Instant now, BytesOf bytes_of) {
        Link& link = link_of(direction);
        if (link.cuts > 0) return {};
        const uint64_t bytes = link.profile->quality.bytes_per_second == 0 ? 0 : bytes_of();
        return draw(link, place_of(direction), now, bytes);
    }

    bool is_cut(Direction direction) const { return link_of(direction).cuts > 0; }
    bool is_clogged(Direction direction) const { return link_of(direction).clogged; }

    // Cuts count: a link cut twice must be restored twice.
    void cut(Direction direction) { ++link_of(direction).cuts; }
    void restore(Direction direction);
    void clog(Direction direction) { link_of(direction).clogged = true; }
    // An event that arrived at a clogged link waits here.
    void hold(Direction direction, EventQueue::What what) {
        link_of(direction).held.push_back(what);
    }
    // Unclogs; what was held is returned in its order.
    std::vector<EventQueue::What> release(Direction direction);
    void set_quality(Direction direction, const LinkQuality& quality);
    const LinkQuality& quality_of(Direction direction) const {
        return link_of(direction).profile->quality;
    }

 private:
    struct Link {
        const LinkProfile* profile = nullptr;
        uint64_t ordinal = 0;    // messages sent so far
        Instant last_arrival;    // of the messages that keep their order
        Instant busy_until;      // limited bandwidth: when the queue is empty
        uint32_t cuts = 0;
        bool clogged = false;
        std::vector<EventQueue::What> held;
    };

    uint32_t place_of(Direction d) const { return d.from * endpoints_ + d.to; }
    Link& link_of(Direction d) { return links_[place_of(d)]; }
    const Link& link_of(Direction d) const { return links_[place_of(d)]; }
    Arrivals draw(Link& link, uint32_t place, Instant now, uint64_t bytes);
    bool pass_bottleneck(Link& link, Instant now, uint64_t bytes, Instant& leaves);
    const LinkProfile* profile_of(const LinkQuality& quality);

    uint32_t endpoints_;
    const Chance& chance_;
    std::vector<std::unique_ptr<LinkProfile>> profiles_;  // every quality seen so far
    std::vector<Link> links_;
};

}  // namespace wavetank
