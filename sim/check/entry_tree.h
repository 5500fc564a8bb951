// EntryTree: every entry that was ever seen in any log, as a tree. An entry is the child of the
// entry before it, so a node stands for a whole log prefix: two logs are equal up to an index if
// and only if they have the same node there. A log is an array of node ids, four bytes an entry,
// and comparing prefixes, disks and leaders is comparing two integers. Log Matching (paper 5.3)
// says that the tree never has two nodes with the same index and term.
//
// Identity is (node before, term, kind, payload digest), computed here from the entries themselves.
// The core's own chain digest is kept beside it for one purpose: to see cheaply that nothing
// changed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/strong.h"
#include "core/raft/entry.h"

namespace wavetank {

// A node; zero is the root, the empty log.
using EntryId = Strong<struct EntryIdTag, uint32_t>;

class EntryTree {
 public:
    struct Node {
        Term term;
        LogIndex index;
        uint64_t content = 0;     // digest of term, kind and payload
        uint64_t core_chain = 0;  // what the core's Log says of this prefix; zero: not yet known
        EntryId before;
        EntryId next_at_index;  // another node with the same index
        ServerId origin;        // whose memory had it first; zero: only seen in a write so far
    };

    EntryTree();

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
        return find_or_add_rare(before, Node{entry.term, index, content, 0, before, {}, {}});
    }

    const Node& operator[](EntryId id) const { return nodes_[id.value()]; }
    void set_core_chain(EntryId id, uint64_t chain) { nodes_[id.value()].core_chain = chain; }
    void set_origin(EntryId id, ServerId origin) { nodes_[id.value()].origin = origin; }

    // Another node with the index and term of `id`; zero if there is none, as it should be.
    EntryId rival_of(EntryId id) const;
    // True if `prefix` is `log` or stands before it. Constant time unless logs have diverged at the
    // index of `prefix`.
    bool contains(EntryId log, EntryId prefix) const;
    // The last node on the way to `log` with a term below `term`; zero if there is none.
    EntryId before_term(EntryId log, Term term) const;

    static uint64_t content_of(const Entry& entry) {
        const uint64_t place = entry.term.value() << 8 | static_cast<uint64_t>(entry.kind);
        return mix(place, entry.payload.digest());
    }

    // "index 7 of term 3 (content 01ab...)", "the empty log".
    std::string describe(EntryId id) const;

 private:
    // `node` lacks what links it.
    Added find_or_add_rare(EntryId before, Node node);

    std::vector<Node> nodes_;
    std::vector<EntryId> first_at_index_;
};

}  // namespace wavetank
