// DiskHealth: whose disks can still be relied on, and so which faults the cluster must survive.
//
// The limit: in every configuration that may decide, those voters that may lead and whose disks are
// sound are a majority. A server whose disk is damaged, lost or older than it was stays down until
// the operator has replaced it, so it votes for nobody; then every majority that can elect somebody
// is one of sound disks, shares a server with every majority that ever acknowledged anything, and
// one of those that have it may lead. So nothing that was acknowledged is lost, and somebody can be
// elected. Witnesses, and voters of priority 0, do not count: if what is committed were left with
// them alone, nobody could win.
//
// A disk that was tampered with counts as unsound until its server has started from it, or from an
// empty one, because starting verifies all that is there. What starting cannot see is a disk that
// was replaced by an older one, and damage to a transaction that was not sealed when power was
// lost: the world knows of both, and the server stays down.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/ids.h"
#include "core/quorum/configuration.h"
#include "sim/world/world.h"

namespace wavetank {

class DiskHealth {
 public:
    // `world` outlives this.
    explicit DiskHealth(const World& world) : world_(world), tampered_(world.servers()) {}

    // Something was done to this disk that may have damaged it.
    void tampered(uint32_t position) { tampered_[position] = world_.node(position).starts(); }
    // This leader has accepted to make these the members: they may decide soon, as long as it
    // leads.
    void asked_for(uint32_t leader, const Configuration& members);
    // False also while it is not known.
    bool sound(uint32_t position) const;
    bool all_sound() const;
    // Nothing was tampered with so far, in the whole run.
    bool untouched() const;

    // True if the limit holds for this configuration.
    bool bears(const Configuration& members) const { return bears(members, std::nullopt); }
    bool within_limit() const { return within_limit_without(std::nullopt); }
    // True if the limit would hold if this disk were lost, too.
    bool may_lose(uint32_t position) const;

 private:
    struct Asked {
        uint32_t leader;
        Term term;
        Configuration members;
    };
    bool bears(const Configuration& members, std::optional<uint32_t> without) const;
    bool within_limit_without(std::optional<uint32_t> without) const;
    bool still_leads(const Asked& asked) const;

    const World& world_;
    std::vector<Asked> asked_;                       // of leaders that may still lead
    std::vector<std::optional<uint32_t>> tampered_;  // how often the server had started by then
};

}  // namespace wavetank
