// Finding the payloads of a message, and changing a copy of one.
#include "sim/world/payloads.h"

#include <vector>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace wavetank {
namespace {

const EntryRange* entries_of(const Message& message) {
    if (const auto* append = std::get_if<AppendEntries>(&message)) return &append->entries;
    if (const auto* proposal = std::get_if<ForwardProposal>(&message)) return &proposal->entries;
    return nullptr;
}

// Another number below `bound` for each `which`.
uint64_t drawn(uint64_t bits, uint64_t which, uint64_t bound) {
    return below(mix(mix(bits, which), bits), bound);
}

Payload with_a_wrong_byte(const Payload& original, uint64_t bits) {
    Payload copy = Payload::copy_of(original.bytes());
    const std::size_t place = drawn(bits, 1, copy.size());
    const auto difference = static_cast<char>(1 + drawn(bits, 2, 255));
    // A copy that nobody else has seen: the one place where bytes of a payload change.
    const_cast<char&>(copy.bytes()[place]) ^= difference;
    CHECK(!copy.verify());
    return copy;
}

EntryRange with_a_wrong_byte(const EntryRange& original, uint64_t bits) {
    // By the byte, so that large payloads are hit as often as they would be.
    uint64_t before = drawn(bits, 3, original.payload_bytes());
    std::vector<Entry> entries;
    for (uint32_t i = 0; i < original.size(); ++i) {
        Entry& entry = entries.emplace_back(original[i]);
        const uint64_t size = entry.payload.size();
        const bool hit = before < size;
        if (hit) entry.payload = with_a_wrong_byte(entry.payload, bits);
        before = hit ? UINT64_MAX : before - size;
    }
    return EntryRange::of(original.first_index(), entries);
}

}  // namespace

uint64_t payload_bytes(const Message& message) {
    if (const EntryRange* entries = entries_of(message)) return entries->payload_bytes();
    const auto* install = std::get_if<InstallSnapshot>(&message);
    return install == nullptr ? 0 : install->data.size();
}

bool corrupt_one_byte(Message& message, uint64_t bits) {
    if (payload_bytes(message) == 0) return false;
    if (auto* install = std::get_if<InstallSnapshot>(&message)) {
        install->data = with_a_wrong_byte(install->data, bits);
    } else if (auto* append = std::get_if<AppendEntries>(&message)) {
        append->entries = with_a_wrong_byte(append->entries, bits);
    } else if (auto* proposal = std::get_if<ForwardProposal>(&message)) {
        proposal->entries = with_a_wrong_byte(proposal->entries, bits);
    }
    return true;
}

}  // namespace wavetank
