// The values one key can have, as small numbers. Strings are interned by their bytes, which stay in
// the history. Values that no operation asks for cannot be told apart: they are all one, kOther.
//
// With appends that is the whole trick: a value can still be of interest only if it is how some
// value begins that is asked for, and so its bytes need not be built, they stand in the history
// already. The values asked for are kept sorted; those that begin with a given value are a range
// there, and an append narrows the range by binary search. An empty range is kOther, for ever:
// whatever is appended to it. A chain of n appends costs n numbers and not n^2 bytes, and nothing
// depends on hashes alone.
#pragma once

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

    // Makes the functions below possible: `asked` are the values that some operation asks for,
    // interned or absent, in any order, possibly more than once.
    void prepare_appends(std::vector<ValueId> asked);

    // `value`, or kOther if nothing that is asked for begins with it.
    ValueId of_interest(ValueId value);

    // The number of `value` followed by `suffix`; an absent value counts as "".
    ValueId append(ValueId value, ValueId suffix);

    // True if `value` is how `whole` begins; of absent only absent is a prefix, and absent is a
    // prefix of everything. Requires that `whole` is asked for.
    bool is_prefix(ValueId value, ValueId whole);

    // True if `value` followed by `suffix` is how `whole` begins, knowing that `value` is.
    bool continues(ValueId value, ValueId suffix, ValueId whole) const;

    // Nothing for kAbsent and kOther.
    std::string_view bytes(ValueId value) const { return entries_[value].bytes; }
    // For people: quoted and cut, or a description.
    std::string describe(ValueId value) const;

    std::size_t size() const { return entries_.size(); }
    std::size_t memory_bytes() const;

 private:
    struct Entry {
        std::string_view bytes;
        uint64_t hash = 0;  // hash_bytes(bytes)
        // Of asked_: those that begin with this value. Found when first needed.
        bool has_range = false;
        uint32_t first = 0;
        uint32_t last = 0;  // one behind
    };
    struct Appended {
        ValueId value = kNoValue;  // kNoValue: free
        ValueId suffix = 0;
        ValueId result = 0;
    };
    struct Range {
        uint32_t first;
        uint32_t last;
    };

    Range narrowed(Range range, std::size_t offset, std::string_view suffix) const;
    const Entry& ranged(ValueId value);
    ValueId append_anew(ValueId value, ValueId suffix);
    void grow_appended();

    std::vector<Entry> entries_;
    std::vector<ValueId> by_bytes_;   // open addressing; kNoValue: free
    std::vector<ValueId> asked_;      // sorted by bytes
    std::vector<Appended> appended_;  // open addressing: what `append` found before
    std::size_t appended_count_ = 0;
};

}  // namespace wavetank::linearizability
