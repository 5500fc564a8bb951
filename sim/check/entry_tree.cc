// Finding, adding and comparing entries.
#include "sim/check/entry_tree.h"

#include <fmt/format.h>

#include "core/base/check.h"

namespace wavetank {

EntryTree::EntryTree() {
    nodes_.emplace_back();
    first_at_index_.emplace_back();
}

EntryTree::Added EntryTree::find_or_add_rare(EntryId before, Node node) {
    if (node.index.value() == first_at_index_.size()) first_at_index_.emplace_back();
    EntryId& first = first_at_index_[node.index.value()];
    for (EntryId id = first; id; id = nodes_[id.value()].next_at_index) {
        const Node& other = nodes_[id.value()];
        if (other.before == before && other.content == node.content) return {id, false};
    }
    CHECK(nodes_.size() < UINT32_MAX);
    const EntryId id(static_cast<uint32_t>(nodes_.size()));
    node.next_at_index = first;
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

std::string EntryTree::describe(EntryId id) const {
    if (!id) return "the empty log";
    const Node& node = nodes_[id.value()];
    return fmt::format("index {} of term {} (content {:016x})", node.index.value(),
                       node.term.value(), node.content);
}

}  // namespace wavetank
