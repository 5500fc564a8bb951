// Interning, ranges of the sorted values, and the table of appends.
#include "sim/check/linearizability/values.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace wavetank::linearizability {
namespace {

constexpr std::size_t kTableMin = 16;
constexpr std::size_t kShownMax = 60;

}  // namespace

ValueTable::ValueTable() : entries_(2), by_bytes_(kTableMin, kNoValue) {}

ValueId ValueTable::intern(std::string_view bytes) {
    if (entries_.size() * 2 > by_bytes_.size()) {
        by_bytes_.assign(by_bytes_.size() * 2, kNoValue);
        for (ValueId id = kOther + 1; id < entries_.size(); ++id) {
            std::size_t at = entries_[id].hash & (by_bytes_.size() - 1);
            while (by_bytes_[at] != kNoValue) at = (at + 1) & (by_bytes_.size() - 1);
            by_bytes_[at] = id;
        }
    }
    const uint64_t hash = hash_bytes(bytes);
    std::size_t at = hash & (by_bytes_.size() - 1);
    while (by_bytes_[at] != kNoValue) {
        const Entry& entry = entries_[by_bytes_[at]];
        if (entry.hash == hash && entry.bytes == bytes) return by_bytes_[at];
        at = (at + 1) & (by_bytes_.size() - 1);
    }
    const ValueId id = static_cast<ValueId>(entries_.size());
    by_bytes_[at] = id;
    Entry entry;
    entry.bytes = bytes;
    entry.hash = hash;
    entries_.push_back(entry);
    return id;
}

void ValueTable::prepare_appends(std::vector<ValueId> asked) {
    asked_ = std::move(asked);
    std::sort(asked_.begin(), asked_.end());
    asked_.erase(std::unique(asked_.begin(), asked_.end()), asked_.end());
    std::erase_if(asked_, [](ValueId value) { return value <= kOther; });
    std::sort(asked_.begin(), asked_.end(), [this](ValueId left, ValueId right) {
        return entries_[left].bytes < entries_[right].bytes;
    });
    appended_.assign(kTableMin, Appended{});
    appended_count_ = 0;
}

// The part of `range` whose values go on with `suffix` at `offset`. Up to there they are the same.
ValueTable::Range ValueTable::narrowed(Range range, std::size_t offset,
                                       std::string_view suffix) const {
    const auto begin = asked_.begin() + range.first;
    const auto end = asked_.begin() + range.last;
    const auto part = [&](ValueId value) {
        return entries_[value].bytes.substr(offset, suffix.size());
    };
    const auto first =
        std::partition_point(begin, end, [&](ValueId value) { return part(value) < suffix; });
    const auto last =
        std::partition_point(first, end, [&](ValueId value) { return part(value) == suffix; });
    return {static_cast<uint32_t>(first - asked_.begin()),
            static_cast<uint32_t>(last - asked_.begin())};
}

const ValueTable::Entry& ValueTable::ranged(ValueId value) {
    Entry& entry = entries_[value];
    if (entry.has_range) return entry;
    const Range range = narrowed({0, static_cast<uint32_t>(asked_.size())}, 0, entry.bytes);
    entry.has_range = true;
    entry.first = range.first;
    entry.last = range.last;
    return entry;
}

ValueId ValueTable::of_interest(ValueId value) {
    if (value <= kOther) return value;
    const Entry& entry = ranged(value);
    return entry.first == entry.last ? kOther : value;
}

void ValueTable::grow_appended() {
    std::vector<Appended> old(appended_.size() * 2);
    old.swap(appended_);
    for (const Appended& entry : old) {
        if (entry.value == kNoValue) continue;
        std::size_t at = mix(entry.value, entry.suffix) & (appended_.size() - 1);
        while (appended_[at].value != kNoValue) at = (at + 1) & (appended_.size() - 1);
        appended_[at] = entry;
    }
}

ValueId ValueTable::append(ValueId value, ValueId suffix) {
    CHECK(!appended_.empty());
    if (value == kAbsent) return of_interest(suffix);
    if (value == kOther) return kOther;
    if ((appended_count_ + 1) * 2 > appended_.size()) grow_appended();
    std::size_t at = mix(value, suffix) & (appended_.size() - 1);
    while (appended_[at].value != kNoValue) {
        if (appended_[at].value == value && appended_[at].suffix == suffix) {
            return appended_[at].result;
        }
        at = (at + 1) & (appended_.size() - 1);
    }
    const ValueId result = append_anew(value, suffix);
    appended_[at] = Appended{value, suffix, result};
    ++appended_count_;
    return result;
}

ValueId ValueTable::append_anew(ValueId value, ValueId suffix) {
    const Entry& before = ranged(value);
    const std::string_view tail = entries_[suffix].bytes;
    const std::size_t length = before.bytes.size();
    const Range range = narrowed({before.first, before.last}, length, tail);
    if (range.first == range.last) return kOther;
    const std::string_view whole = entries_[asked_[range.first]].bytes;
    const ValueId result = intern(whole.substr(0, length + tail.size()));
    entries_[result].has_range = true;
    entries_[result].first = range.first;
    entries_[result].last = range.last;
    return result;
}

bool ValueTable::is_prefix(ValueId value, ValueId whole) {
    if (value == whole || value == kAbsent) return true;
    if (whole == kAbsent || value == kOther) return false;
    return bytes(whole).size() >= bytes(value).size() &&
           ranged(whole).first >= ranged(value).first && ranged(whole).first < ranged(value).last;
}

bool ValueTable::continues(ValueId value, ValueId suffix, ValueId whole) const {
    if (whole == kAbsent) return false;
    return bytes(whole).substr(bytes(value).size()).starts_with(bytes(suffix));
}

std::string ValueTable::describe(ValueId value) const {
    if (value == kAbsent) return "absent";
    if (value == kOther) return "a value that nobody observes";
    const std::string_view all = bytes(value);
    if (all.size() <= kShownMax) return '"' + std::string(all) + '"';
    return '"' + std::string(all.substr(0, kShownMax / 2)) + "..." +
           std::string(all.substr(all.size() - kShownMax / 2)) + "\" (" +
           std::to_string(all.size()) + " bytes)";
}

std::size_t ValueTable::memory_bytes() const {
    return entries_.capacity() * sizeof(Entry) + by_bytes_.capacity() * sizeof(ValueId) +
           asked_.capacity() * sizeof(ValueId) + appended_.capacity() * sizeof(Appended);
}

}  // namespace wavetank::linearizability
