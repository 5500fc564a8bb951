// Keeping the shadow's tables.
#include "sim/check/shadow.h"

#include "core/base/check.h"

namespace wavetank {

UnsyncedWrite& DiskShadow::add_unsynced() {
    if (unsynced_count == unsynced.size()) unsynced.emplace_back();
    UnsyncedWrite& write = unsynced[unsynced_count++];
    write.entries.clear();
    return write;
}

void DiskShadow::drop_first_unsynced() {
    CHECK(unsynced_count > 0);
    --unsynced_count;
    for (std::size_t i = 0; i < unsynced_count; ++i) std::swap(unsynced[i], unsynced[i + 1]);
}

LogIndex DiskShadow::issued_last() const {
    for (std::size_t i = unsynced_count; i-- > 0;) {
        const UnsyncedWrite& write = unsynced[i];
        if (!write.entries.empty()) return write.first.plus(write.entries.size()).previous();
        if (write.truncate_from) return write.truncate_from.previous();
    }
    return log.last_index();
}

EntryId DiskShadow::issued_at(LogIndex index) const {
    for (std::size_t i = unsynced_count; i-- > 0;) {
        const UnsyncedWrite& write = unsynced[i];
        if (!write.entries.empty() && index >= write.first) {
            return write.entries[index.value() - write.first.value()];
        }
    }
    return log.at(index);
}

Shadow::Shadow(const Configuration& configuration)
    : applied(1), configuration_(configuration), servers_(configuration.all().size()) {
    for (std::size_t slot = 0; slot < servers_.size(); ++slot) {
        servers_[slot].id = configuration.all()[slot];
        servers_[slot].sent.resize(servers_.size());
    }
}

ServerShadow* Shadow::find_by_slot(ServerId id) {
    const auto slot = configuration_.slot_of(id);
    return slot ? &servers_[*slot] : nullptr;
}

bool Shadow::leader_has(Term term, EntryId id) const {
    const Leadership* leadership = leaderships.find(term);
    return leadership != nullptr && tree.contains(leadership->last, id);
}

LogIndex Shadow::chosen_in(const LogShadow& log) const {
    // Both are paths in the tree: they agree up to some index and nowhere after it.
    uint64_t low = 0;
    uint64_t high = std::min(log.last_index(), chosen.last_index()).value();
    while (low < high) {
        const uint64_t middle = low + (high - low + 1) / 2;
        if (log.at(LogIndex(middle)) == chosen.at(LogIndex(middle))) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return LogIndex(low);
}

void Shadow::choose(const ServerShadow& leader, Term term, LogIndex upto) {
    if (upto <= chosen.last_index()) return;
    CHECK(leader.log.has(chosen.last_index(), chosen.last()));
    for (LogIndex i = chosen.last_index().next(); i <= upto; i = i.next()) {
        chosen.push(leader.log.at(i));
    }
    chosen_by_term_.of(term) = upto;
}

LogIndex Shadow::chosen_before(Term term) const {
    LogIndex highest;
    for (const auto& [by, upto] : chosen_by_term_.items()) {
        if (by < term) highest = std::max(highest, upto);
    }
    return highest;
}

}  // namespace wavetank
