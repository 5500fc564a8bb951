// EntryTree: every entry that was ever seen in any log, as a tree. An entry is the child of the
// entry before it, so a node stands for a whole log prefix: two logs are equal up to an index if
// and only if they have the same node there. A log is an array of node ids, four bytes an entry,
// and comparing prefixes, disks and leaders is comparing two integers. Log Matching (paper 5.3)
// says that the tree never has two nodes with the same index and term.
//
// Identity is (node before, term, kind, clock, payload digest), computed here from the entries
// themselves. What depends on the whole prefix is kept in the node and inherited by those after it:
// the configuration in force (paper section 6: the newest in the log, committed or not), the sum of
// the payloads' sizes, and the digest that the core's logs and snapshots must show.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/strong.h"
#include "core/quorum/configuration.h"
#include "core/raft/entry.h"
#include "core/raft/snapshot.h"

namespace wavetank {

// A node; zero is the root, the empty log.
using EntryId = Strong<struct EntryIdTag, uint32_t>;

// A configuration at its place in a log; zero is the one the cluster began with.
using ConfigurationId = Strong<struct ConfigurationIdTag, uint32_t>;

class EntryTree {
 public:
    struct Node {
        Term term;
        LogIndex index;
        uint64_t content = 0;  // digest of term, kind, clock and payload
        uint64_t chain = 0;    // see chain_entry
        uint64_t bytes = 0;    // of the payloads up to here
        uint64_t payload = 0;  // digest of the payload
        EntryId before;
        EntryId next_at_index;  // another node with the same index
        ServerId origin;        // whose memory had it first; zero: only seen in a write so far
        ConfigurationId configuration;  // in force in a log that ends here
        EntryKind kind = EntryKind::Empty;
    };
    struct Placed {
        Configuration configuration;
        EntryId entry;           // that holds it; zero: the cluster began with it
        ConfigurationId before;  // that it follows in the log
    };

    explicit EntryTree(const Configuration& initial = Configuration());

    struct Added {
        EntryId id;
        bool is_new;
    };
    // The node of `entry` after `before`, added if it was never seen.
    Added find_or_add(EntryId before, const Entry& entry) {
        const LogIndex index = nodes_[before.value()].index.next();
        const uint64_t content = content_of(entry);
        // Nearly always only one entry was ever seen at an index.
        if (index.value() < first_at_index_.size()) {
            const EntryId first = first_at_index_[index.value()];
            const Node& node = nodes_[first.value()];
            const bool found = first && node.before == before && node.content == content;
            if (found) return {first, false};
        }
        return find_or_add_rare(before, entry, content);
    }

    const Node& operator[](EntryId id) const { return nodes_[id.value()]; }
    void set_origin(EntryId id, ServerId origin) { nodes_[id.value()].origin = origin; }

    const Placed& operator[](ConfigurationId id) const { return configurations_[id.value()]; }
    // Of its entry; zero: the cluster began with it.
    LogIndex index_of(ConfigurationId id) const {
        return nodes_[configurations_[id.value()].entry.value()].index;
    }

    // Another node with the index and term of `id`; zero if there is none, as it should be.
    EntryId rival_of(EntryId id) const;
    // True if `prefix` is `log` or stands before it. Constant time unless logs have diverged at the
    // index of `prefix`.
    bool contains(EntryId log, EntryId prefix) const;
    // The last node on the way to `log` with a term below `term`; zero if there is none.
    EntryId before_term(EntryId log, Term term) const;
    // True if `base` says of the node what must be remembered of it when it is gone.
    bool is_base(EntryId id, const LogBase& base) const;

    static uint64_t content_of(const Entry& entry) {
        return content_of(entry.term, entry.kind, entry.clock(), entry.payload.digest());
    }

    // "index 7 of term 3 (content 01ab...)", "the empty log".
    std::string describe(EntryId id) const;

 private:
    static uint64_t content_of(Term term, EntryKind kind, const ClockReading& clock,
                               uint64_t payload) {
        const uint64_t place = term.value() << 8 | static_cast<uint64_t>(kind);
        const uint64_t time = static_cast<uint64_t>(clock.local.nanos) * 0x9e3779b97f4a7c15ULL;
        const uint64_t error = static_cast<uint64_t>(clock.error.nanos) * 0xc2b2ae3d27d4eb4fULL;
        return mix(place + time, payload + error);
    }
    Added find_or_add_rare(EntryId before, const Entry& entry, uint64_t content);

    std::vector<Node> nodes_;
    std::vector<EntryId> first_at_index_;
    std::vector<Placed> configurations_;
};

}  // namespace wavetank
