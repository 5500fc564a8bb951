// The values one key can have, as small numbers. Strings that stand in the history are interned by
// their bytes, which stay where they are. What an append makes is a new number too, but its bytes
// are never built: two rolling hashes modulo 2^61 - 1 (122 bits together) and the length stand for
// them, since those of a concatenation follow from those of its parts. So a chain of n appends
// costs n numbers and not n^2 bytes, and "is a prefix of" is a comparison of hashes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wavetank::linearizability {

using ValueId = uint32_t;
constexpr ValueId kAbsent = 0;            // the key does not exist
constexpr ValueId kOther = 1;             // exists, with some value that no operation ever asks for
constexpr ValueId kNoValue = UINT32_MAX;  // an operation that is not possible here leads to this

class ValueTable {
 public:
    ValueTable();

    // The number of these bytes. They must stay in place as long as the table lives.
    ValueId intern(std::string_view bytes);

    // Makes `append` and `is_prefix` possible. Requires that all strings of the history are
    // interned.
    void prepare_appends();

    // The number of `value` followed by `suffix`; an absent value counts as "".
    // Requires prepare_appends, and that `suffix` came from `intern`.
    ValueId append(ValueId value, ValueId suffix);

    // True if `value` is how `whole` begins; of absent only absent is a prefix, and absent is a
    // prefix of everything. Requires prepare_appends, and that `whole` came from `intern` or is
    // absent.
    bool is_prefix(ValueId value, ValueId whole);

    // True if `value` followed by `suffix` is how `whole` begins, knowing that `value` is.
    bool continues(ValueId value, ValueId suffix, ValueId whole) const;

    // The bytes of an interned value; nothing for all others.
    std::string_view bytes(ValueId value) const { return entries_[value].bytes; }
    std::size_t length(ValueId value) const { return entries_[value].length; }
    // For people: quoted and cut, or a description.
    std::string describe(ValueId value) const;

    std::size_t size() const { return entries_.size(); }
    std::size_t memory_bytes() const;

 private:
    struct Rolling {
        std::array<uint64_t, 2> hash{0, 0};
        friend bool operator==(const Rolling&, const Rolling&) = default;
    };
    struct Entry {
        std::string_view bytes;  // of an interned value
        std::size_t length = 0;
        uint64_t hash = 0;                  // hash_bytes(bytes), of an interned value
        Rolling rolling;                    // from prepare_appends on
        Rolling power;                      // base^length, of an interned value
        uint32_t checkpoints = UINT32_MAX;  // where its prefix hashes begin in checkpoints_
    };
    struct Appended {
        ValueId value = kNoValue;  // kNoValue: free
        ValueId suffix = 0;
        ValueId result = 0;
    };

    static Rolling extended(Rolling rolling, char byte);
    ValueId find_or_add(Rolling rolling, std::size_t length);
    void index_rolling(ValueId value);
    void grow_appended();
    Rolling prefix_hash(ValueId whole, std::size_t length);

    std::vector<Entry> entries_;
    std::vector<ValueId> by_bytes_;    // open addressing; kNoValue: free
    std::vector<ValueId> by_rolling_;  // the same
    std::vector<Appended> appended_;   // open addressing: what `append` found before
    std::size_t appended_count_ = 0;
    std::vector<Rolling> checkpoints_;  // of a string: the hash after every 16th byte
};

}  // namespace wavetank::linearizability
