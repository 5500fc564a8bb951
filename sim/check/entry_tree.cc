// Finding, adding and comparing entries. The nodes of one index form a short list, newest first: it
// is longer than one only where logs have diverged, so finding an entry is one comparison, and so
// is asking whether a log contains it.
#include "sim/check/entry_tree.h"

#include <fmt/format.h>

#include "core/base/check.h"

namespace wavetank {

EntryTree::EntryTree(const Configuration& initial) {
    nodes_.emplace_back();
    first_at_index_.emplace_back();
    configurations_.push_back(Placed{initial, {}, {}});
}

EntryTree::Added EntryTree::find_or_add_rare(EntryId before, const Entry& entry, uint64_t content) {
    const Node& previous = nodes_[before.value()];
    const LogIndex index = previous.index.next();
    if (index.value() == first_at_index_.size()) first_at_index_.emplace_back();
    EntryId& first = first_at_index_[index.value()];
    for (EntryId id = first; id; id = nodes_[id.value()].next_at_index) {
        const Node& other = nodes_[id.value()];
        if (other.before == before && other.content == content) return {id, false};
    }
    CHECK(nodes_.size() < UINT32_MAX);
    const EntryId id(static_cast<uint32_t>(nodes_.size()));
    Node node{.term = entry.term,
              .index = index,
              .content = content,
              .chain = chain_entry(previous.chain, entry),
              .bytes = previous.bytes + entry.payload.size(),
              .payload = entry.payload.digest(),
              .before = before,
              .next_at_index = first,
              .origin = {},
              .configuration = previous.configuration,
              .kind = entry.kind};
    if (entry.kind == EntryKind::Configuration) {
        // One that cannot be read leaves the one before it in force; who appends it is to blame.
        if (auto configuration = decode_configuration(entry.payload.bytes())) {
            configurations_.push_back(
                Placed{std::move(*configuration), id, previous.configuration});
            node.configuration = ConfigurationId(static_cast<uint32_t>(configurations_.size() - 1));
        }
    }
    nodes_.push_back(node);
    first = id;
    return {id, true};
}

EntryId EntryTree::rival_of(EntryId id) const {
    const Node& node = nodes_[id.value()];
    for (EntryId other = first_at_index_[node.index.value()]; other;
         other = nodes_[other.value()].next_at_index) {
        if (other != id && nodes_[other.value()].term == node.term) return other;
    }
    return EntryId();
}

bool EntryTree::contains(EntryId log, EntryId prefix) const {
    const LogIndex index = nodes_[prefix.value()].index;
    if (nodes_[log.value()].index < index) return false;
    // Where only one entry was ever seen, every log goes through it.
    const EntryId first = first_at_index_[index.value()];
    if (first == prefix && !nodes_[first.value()].next_at_index) return true;
    while (nodes_[log.value()].index > index) log = nodes_[log.value()].before;
    return log == prefix;
}

EntryId EntryTree::before_term(EntryId log, Term term) const {
    while (log && nodes_[log.value()].term >= term) log = nodes_[log.value()].before;
    return log;
}

bool EntryTree::is_base(EntryId id, const LogBase& base) const {
    const Node& node = nodes_[id.value()];
    if (base.index != node.index || base.term != node.term || base.chain != node.chain) {
        return false;
    }
    return !id || content_of(base.term, node.kind, base.clock, node.payload) == node.content;
}

std::string EntryTree::describe(EntryId id) const {
    if (!id) return "the empty log";
    const Node& node = nodes_[id.value()];
    return fmt::format("index {} of term {} (content {:016x})", node.index.value(),
                       node.term.value(), node.content);
}

}  // namespace wavetank
