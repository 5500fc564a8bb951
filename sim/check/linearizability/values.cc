// Interning, rolling hashes, and the table of appends.
#include "sim/check/linearizability/values.h"

#include "core/base/check.h"
#include "core/base/hash.h"

namespace wavetank::linearizability {
namespace {

constexpr uint64_t kModulus = (uint64_t{1} << 61) - 1;
constexpr std::array<uint64_t, 2> kBases{0x0b6f1d9a3c527e41ULL, 0x12c8e57f90a4d36bULL};
constexpr std::size_t kCheckpointBytes = 16;
constexpr std::size_t kTableMin = 16;
constexpr std::size_t kShownMax = 60;

uint64_t multiply(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    const uint64_t sum =
        (static_cast<uint64_t>(product) & kModulus) + static_cast<uint64_t>(product >> 61);
    return sum >= kModulus ? sum - kModulus : sum;
}

uint64_t add(uint64_t a, uint64_t b) {
    const uint64_t sum = a + b;
    return sum >= kModulus ? sum - kModulus : sum;
}

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
    entry.length = bytes.size();
    entry.hash = hash;
    entries_.push_back(entry);
    return id;
}

ValueTable::Rolling ValueTable::extended(Rolling rolling, char byte) {
    // Bytes count from 1, so that no string hashes like a shorter one by leading zeros.
    const uint64_t digit = uint64_t{static_cast<unsigned char>(byte)} + 1;
    for (std::size_t i = 0; i < 2; ++i) {
        rolling.hash[i] = add(multiply(rolling.hash[i], kBases[i]), digit);
    }
    return rolling;
}

void ValueTable::prepare_appends() {
    by_rolling_.assign(kTableMin, kNoValue);
    for (ValueId id = kOther + 1; id < entries_.size(); ++id) {
        Entry& entry = entries_[id];
        entry.rolling = Rolling{};
        entry.power.hash = {1, 1};
        for (const char byte : entry.bytes) {
            entry.rolling = extended(entry.rolling, byte);
            for (std::size_t i = 0; i < 2; ++i) {
                entry.power.hash[i] = multiply(entry.power.hash[i], kBases[i]);
            }
        }
        index_rolling(id);
    }
    appended_.assign(kTableMin, Appended{});
    appended_count_ = 0;
}

// Enters an interned value, or one just made by an append. The table is kept at most half full.
void ValueTable::index_rolling(ValueId value) {
    if (entries_.size() * 2 > by_rolling_.size()) {
        std::size_t size = kTableMin;
        while (size < entries_.size() * 4) size *= 2;
        by_rolling_.assign(size, kNoValue);
        for (ValueId id = kOther + 1; id < value; ++id) index_rolling(id);
    }
    std::size_t at = entries_[value].rolling.hash[0] & (by_rolling_.size() - 1);
    while (by_rolling_[at] != kNoValue) at = (at + 1) & (by_rolling_.size() - 1);
    by_rolling_[at] = value;
}

ValueId ValueTable::find_or_add(Rolling rolling, std::size_t length) {
    std::size_t at = rolling.hash[0] & (by_rolling_.size() - 1);
    while (by_rolling_[at] != kNoValue) {
        const Entry& entry = entries_[by_rolling_[at]];
        if (entry.length == length && entry.rolling == rolling) return by_rolling_[at];
        at = (at + 1) & (by_rolling_.size() - 1);
    }
    Entry entry;
    entry.length = length;
    entry.rolling = rolling;
    entries_.push_back(entry);
    const ValueId id = static_cast<ValueId>(entries_.size() - 1);
    index_rolling(id);
    return id;
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
    if (value == kAbsent) return suffix;
    if ((appended_count_ + 1) * 2 > appended_.size()) grow_appended();
    std::size_t at = mix(value, suffix) & (appended_.size() - 1);
    while (appended_[at].value != kNoValue) {
        if (appended_[at].value == value && appended_[at].suffix == suffix) {
            return appended_[at].result;
        }
        at = (at + 1) & (appended_.size() - 1);
    }
    const Entry& tail = entries_[suffix];
    Rolling rolling = entries_[value].rolling;
    for (std::size_t i = 0; i < 2; ++i) {
        rolling.hash[i] = add(multiply(rolling.hash[i], tail.power.hash[i]), tail.rolling.hash[i]);
    }
    const ValueId result = find_or_add(rolling, entries_[value].length + tail.length);
    appended_[at] = Appended{value, suffix, result};
    ++appended_count_;
    return result;
}

ValueTable::Rolling ValueTable::prefix_hash(ValueId whole, std::size_t length) {
    Entry& entry = entries_[whole];
    if (entry.checkpoints == UINT32_MAX) {
        entry.checkpoints = static_cast<uint32_t>(checkpoints_.size());
        Rolling rolling;
        for (std::size_t i = 0; i < entry.bytes.size(); ++i) {
            if (i % kCheckpointBytes == 0) checkpoints_.push_back(rolling);
            rolling = extended(rolling, entry.bytes[i]);
        }
        if (entry.bytes.size() % kCheckpointBytes == 0) checkpoints_.push_back(rolling);
    }
    Rolling rolling = checkpoints_[entry.checkpoints + length / kCheckpointBytes];
    for (std::size_t i = length - length % kCheckpointBytes; i < length; ++i) {
        rolling = extended(rolling, entry.bytes[i]);
    }
    return rolling;
}

bool ValueTable::is_prefix(ValueId value, ValueId whole) {
    if (value == whole || value == kAbsent) return true;
    if (whole == kAbsent || value == kOther) return false;
    const std::size_t length = entries_[value].length;
    if (length > entries_[whole].length) return false;
    return prefix_hash(whole, length) == entries_[value].rolling;
}

bool ValueTable::continues(ValueId value, ValueId suffix, ValueId whole) const {
    if (whole == kAbsent) return false;
    const std::string_view rest = entries_[whole].bytes.substr(entries_[value].length);
    return rest.starts_with(entries_[suffix].bytes);
}

std::string ValueTable::describe(ValueId value) const {
    if (value == kAbsent) return "absent";
    if (value == kOther) return "a value that nobody observes";
    const Entry& entry = entries_[value];
    if (entry.bytes.empty() && entry.length > 0) {
        return "an appended value of " + std::to_string(entry.length) + " bytes";
    }
    if (entry.bytes.size() <= kShownMax) return '"' + std::string(entry.bytes) + '"';
    return '"' + std::string(entry.bytes.substr(0, kShownMax / 2)) + "..." +
           std::string(entry.bytes.substr(entry.bytes.size() - kShownMax / 2)) + "\" (" +
           std::to_string(entry.length) + " bytes)";
}

std::size_t ValueTable::memory_bytes() const {
    return entries_.capacity() * sizeof(Entry) + by_bytes_.capacity() * sizeof(ValueId) +
           by_rolling_.capacity() * sizeof(ValueId) + appended_.capacity() * sizeof(Appended) +
           checkpoints_.capacity() * sizeof(Rolling);
}

}  // namespace wavetank::linearizability
