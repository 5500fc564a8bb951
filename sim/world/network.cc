// Drawing what becomes of a message.
#include "sim/world/network.h"

#include <algorithm>

#include "core/base/check.h"
#include "sim/world/bandwidth.h"

namespace wavetank {

Network::Network(Size size, const LinkQuality& quality, const Chance& chance)
    : servers_(size.servers),
      endpoints_(size.servers + size.clients),
      chance_(chance),
      links_(std::size_t{endpoints_} * servers_ + std::size_t{servers_} * size.clients) {
    CHECK(endpoints_ <= UINT16_MAX);
    const LinkProfile* profile = profile_of(quality);
    for (Link& link : links_) link.standing = link.profile = profile;
}

const LinkProfile* Network::profile_of(const LinkQuality& quality) {
    for (const auto& profile : profiles_) {
        if (profile->quality == quality) return profile.get();
    }
    profiles_.push_back(std::make_unique<LinkProfile>(quality));
    return profiles_.back().get();
}

void Network::set_standing(Direction direction, const LinkQuality& quality) {
    link_of(direction).standing = profile_of(quality);
    reset_quality(direction);
}

void Network::override_quality(Direction direction, const LinkQuality& quality) {
    link_of(direction).profile = profile_of(quality);
}

void Network::reset_quality(Direction direction) {
    link_of(direction).profile = link_of(direction).standing;
}

void Network::restore(Direction direction) {
    Link& link = link_of(direction);
    CHECK(link.cuts > 0);
    --link.cuts;
    --cuts_;
    ++version_;
}

std::vector<EventQueue::What> Network::release(Direction direction) {
    Link& link = link_of(direction);
    if (link.clogged) --clogs_;
    link.clogged = false;
    ++version_;
    return std::exchange(link.held, {});
}

// A limited link sends one message after the other; what does not fit into its queue is lost.
bool Network::pass_bottleneck(Link& link, Instant now, uint64_t bytes, Instant& leaves) {
    __extension__ using Wide = unsigned __int128;
    const LinkQuality& quality = link.profile->quality;
    const Instant start = std::max(now, link.busy_until);
    const Wide waiting =
        static_cast<Wide>((start - now).nanos) * quality.bytes_per_second / 1'000'000'000;
    if (waiting + bytes > quality.queue_bytes_max) return false;
    leaves = start + transfer_time(bytes, quality.bytes_per_second);
    link.busy_until = leaves;
    return true;
}

Network::Arrivals Network::draw(Link& link, uint32_t place, Instant now, uint64_t bytes) {
    const LinkProfile& profile = *link.profile;
    const LinkQuality& quality = profile.quality;
    const uint64_t ordinal = link.ordinal++;
    const auto happens = [&](Ratio ratio, ChanceKind kind) {
        return !ratio.never() && ratio.happens(chance_.draw(kind, place, ordinal));
    };
    if (happens(quality.loss, ChanceKind::LinkLoss)) return {};
    Instant leaves = now;
    if (bytes > 0 && !pass_bottleneck(link, now, bytes, leaves)) return {};

    Arrivals arrivals;
    arrivals.count = happens(quality.duplicate, ChanceKind::LinkDuplicate) ? 2 : 1;
    for (uint32_t copy = 0; copy < arrivals.count; ++copy) {
        const uint64_t name = ordinal * 2 + copy;
        const auto happens_to_copy = [&](Ratio ratio, ChanceKind kind) {
            return !ratio.never() && ratio.happens(chance_.draw(kind, place, name));
        };
        if (happens_to_copy(quality.corrupt, ChanceKind::LinkCorrupt)) {
            arrivals.corrupt_bits[copy] =
                chance_.draw(ChanceKind::LinkCorruptByte, place, name) | 1;
        }
        if (happens_to_copy(quality.reorder, ChanceKind::LinkReorder)) {
            arrivals.at[copy] =
                leaves +
                profile.latency.sample(chance_.draw(ChanceKind::LinkLatency, place, name)) +
                profile.reorder_delay.sample(
                    chance_.draw(ChanceKind::LinkReorderDelay, place, name));
        } else {
            arrivals.at[copy] = arrival_in_order(link, place, name, leaves);
        }
    }
    return arrivals;
}

}  // namespace wavetank
