// Writes carried out on what a server will find when it starts.
#include "core/raft/test/story/disk.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/hash.h"

namespace wavetank::story {

void Disk::complain(std::string what) {
    if (!complaint_) complaint_ = std::move(what);
}

void Disk::write(const Write& write) {
    if (failed_) complain("a write after one has failed");
    if (!pending_.empty() && write.id <= pending_.back().id) complain("the ids of writes fall");
    pending_.push_back(write);
}

WriteId Disk::sync(std::size_t count) {
    CHECK(count > 0 && count <= pending_.size() && !failed_);
    WriteId last;
    for (std::size_t i = 0; i < count; ++i) {
        carry_out(pending_.front());
        last = pending_.front().id;
        pending_.pop_front();
    }
    return last;
}

WriteId Disk::fail() {
    CHECK(!pending_.empty());
    const WriteId oldest = pending_.front().id;
    pending_.clear();
    failed_ = true;
    return oldest;
}

void Disk::crash(std::size_t survivors) {
    if (survivors > 0) sync(survivors);
    pending_.clear();
    failed_ = false;
}

void Disk::set(HardState hard_state, std::vector<Entry> entries) {
    CHECK(pending_.empty());
    recovered_.hard_state = hard_state;
    recovered_.entries = std::move(entries);
}

const Entry* Disk::entry(LogIndex index) const {
    if (index <= recovered_.base.index || index > last_index()) return nullptr;
    return &recovered_.entries[index.value() - recovered_.base.index.value() - 1];
}

void Disk::carry_out(const Write& write) {
    if (write.hard_state) {
        const HardState& before = recovered_.hard_state;
        if (write.hard_state->current_term < before.current_term) complain("the term falls");
        if (write.hard_state->current_term == before.current_term && before.voted_for &&
            write.hard_state->voted_for != before.voted_for) {
            complain("the vote of a term changes");
        }
        recovered_.hard_state = *write.hard_state;
    }
    if (write.piece) collect(*write.piece);
    if (write.snapshot) take_snapshot(*write.snapshot);
    if (write.compaction) compact(*write.compaction);
    if (write.truncate_from) truncate(*write.truncate_from);
    for (const EntryRange& range : write.append) append(range);
}

void Disk::collect(const SnapshotPiece& piece) {
    const bool goes_on = recovered_.partial && recovered_.partial->meta == piece.meta;
    if (!goes_on || piece.offset == 0) {
        recovered_.partial = Recovered::Partial{piece.meta, 0};
        collected_.clear();
    }
    if (piece.offset != collected_.size()) {
        complain(fmt::format("a piece at byte {} after {} bytes", piece.offset, collected_.size()));
        return;
    }
    collected_ += piece.data.bytes();
    recovered_.partial->bytes = collected_.size();
}

void Disk::take_snapshot(const SnapshotWrite& snapshot) {
    if (recovered_.snapshot && snapshot.meta.index() < recovered_.snapshot->index()) {
        complain("an older snapshot takes the place of a newer one");
    }
    if (snapshot.collected) {
        if (!recovered_.partial || recovered_.partial->meta != snapshot.meta ||
            collected_.size() != snapshot.meta.bytes) {
            complain("the pieces do not make the snapshot");
        }
        snapshot_data_ = Payload::copy_of(collected_);
        recovered_.partial.reset();
        collected_.clear();
    } else {
        snapshot_data_ = snapshot.data;
    }
    if (snapshot_data_.digest() != snapshot.meta.digest) complain("the snapshot's digest is wrong");
    recovered_.snapshot = snapshot.meta;
}

void Disk::compact(const Compaction& compaction) {
    LogBase& base = recovered_.base;
    std::vector<Entry>& entries = recovered_.entries;
    const uint64_t gone = compaction.base.index.value() - base.index.value();
    if (compaction.base.index < base.index) complain("a compaction goes back");
    if (!recovered_.snapshot || recovered_.snapshot->index() < compaction.base.index) {
        complain("entries are compacted that no snapshot holds");
    }
    if (compaction.whole_log) {
        entries.clear();
    } else if (gone > entries.size()) {
        complain("a compaction goes beyond the log");
        entries.clear();
    } else {
        entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(gone));
    }
    base = compaction.base;
}

void Disk::truncate(LogIndex from) {
    if (from <= recovered_.base.index || from > last_index().next()) {
        complain(fmt::format("truncated from {}, which is not in the log", from.value()));
        return;
    }
    recovered_.entries.resize(from.value() - recovered_.base.index.value() - 1);
}

void Disk::append(const EntryRange& range) {
    if (range.first_index() != last_index().next()) {
        complain(fmt::format("entry {} does not follow entry {}", range.first_index().value(),
                             last_index().value()));
        return;
    }
    for (uint32_t i = 0; i < range.size(); ++i) recovered_.entries.push_back(range[i]);
}

bool Disk::fetch(Send& send) const {
    if (send.entries_to_fetch > 0) {
        auto& message = std::get<AppendEntries>(send.message);
        std::vector<Entry> entries;
        for (uint32_t i = 1; i <= send.entries_to_fetch; ++i) {
            const Entry* found = entry(message.prev_log_index.plus(i));
            if (found == nullptr) return false;
            entries.push_back(*found);
            if (send.stubs_only && found->kind == EntryKind::Command) {
                entries.back().payload = Payload::stub_of(found->payload);
            }
        }
        message.entries = EntryRange::of(message.prev_log_index.next(), entries);
    }
    if (send.bytes_to_fetch > 0) {
        auto& message = std::get<InstallSnapshot>(send.message);
        if (recovered_.snapshot != message.meta) return false;
        const std::string_view bytes = snapshot_data_.bytes();
        if (message.offset + send.bytes_to_fetch > bytes.size()) return false;
        message.data = Payload::copy_of(bytes.substr(message.offset, send.bytes_to_fetch));
    }
    return true;
}

}  // namespace wavetank::story
