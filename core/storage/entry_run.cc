// Both directions of the format, and its checksums.
#include "core/storage/entry_run.h"

namespace wavetank {
namespace {

constexpr uint8_t kKindMask = 3;
constexpr uint8_t kStub = 4;
constexpr uint8_t kAsBefore = 8;

uint64_t word(int64_t value) {
    return static_cast<uint64_t>(value);
}

// What all checksums of a run begin with: damage of its header shows at its first entry.
uint64_t start_of(const RunHeader& header) {
    return mix(mix(header.first.value(), header.seal), header.chain);
}

// Over everything that is read back, by its meaning and not by its bytes, and over the place.
uint64_t checksum(uint64_t start, LogIndex index, const Entry& entry, bool stub) {
    const uint64_t kind = static_cast<uint64_t>(entry.kind) << 1 | (stub ? 1 : 0);
    const uint64_t place = mix(mix(start, index.value()), mix(entry.term.value(), kind));
    const uint64_t clock = mix(word(entry.time.nanos), word(entry.error.nanos));
    return mix(mix(place, clock), entry.payload.digest());
}

}  // namespace

void EntryRunWriter::begin(const RunHeader& header) {
    header_ = header;
    start_ = start_of(header);
    chain_ = header.chain;
    count_ = 0;
    out_.clear();
    out_.u64(header.seal).u64(header.chain);
}

void EntryRunWriter::append(const Entry& entry) {
    CHECK(count_ < LogChunk::kEntries);
    const bool stub = entry.payload.is_stub();
    const bool as_before =
        count_ > 0 && entry.term == term_ && entry.time == time_ && entry.error == error_;
    out_.u8(static_cast<uint8_t>(static_cast<uint8_t>(entry.kind) | (stub ? kStub : 0) |
                                 (as_before ? kAsBefore : 0)));
    if (!as_before) {
        term_ = entry.term;
        time_ = entry.time;
        error_ = entry.error;
        out_.u64(term_.value()).u64(word(time_.nanos)).u64(word(error_.nanos));
    }
    if (stub) {
        out_.u64(entry.payload.digest());
    } else {
        out_.u32(static_cast<uint32_t>(entry.payload.size()));
    }
    out_.u64(checksum(start_, next(), entry, stub)).rest(entry.payload.bytes());
    chain_ = chain_entry(chain_, entry);
    ++count_;
}

EntryRunReader::EntryRunReader(LogIndex first, std::string_view bytes)
    : rest_(bytes), size_(bytes.size()), index_(first) {
    Decoder in(rest_);
    header_.first = first;
    header_.seal = in.u64();
    header_.chain = in.u64();
    rest_ = in.rest();
    damaged_ = rest_.empty();  // a run holds an entry at least
    start_ = start_of(header_);
    chain_ = header_.chain;
}

std::optional<EntryRunReader::Raw> EntryRunReader::read() {
    if (damaged_ || rest_.empty()) return std::nullopt;
    Raw raw;
    Decoder in(rest_);
    raw.flags = in.u8();
    if ((raw.flags & kAsBefore) == 0) {
        before_.term = Term(in.u64());
        before_.time.nanos = static_cast<int64_t>(in.u64());
        before_.error.nanos = static_cast<int64_t>(in.u64());
    }
    raw.entry = before_;
    raw.entry.kind = static_cast<EntryKind>(raw.flags & kKindMask);
    const bool stub = (raw.flags & kStub) != 0;
    if (stub) raw.digest = in.u64();
    const uint32_t size = stub ? 0 : in.u32();
    raw.check = in.u64();
    const std::string_view behind = in.rest();
    damaged_ = !in.ok() || size > behind.size() || (raw.flags & kKindMask) == kKindMask ||
               raw.flags > (kKindMask | kStub | kAsBefore);
    if (damaged_) return std::nullopt;
    raw.bytes = behind.substr(0, size);
    rest_ = behind.substr(size);
    return raw;
}

std::optional<Entry> EntryRunReader::next() {
    std::optional<Raw> raw = read();
    if (!raw) return std::nullopt;
    const bool stub = (raw->flags & kStub) != 0;
    const uint64_t digest = raw->bytes.empty() ? 0 : hash_bytes(raw->bytes);
    raw->entry.payload =
        stub ? Payload::received_stub(raw->digest) : Payload::received(raw->bytes, digest);
    if (checksum(start_, index_, raw->entry, stub) != raw->check) {
        damaged_ = true;
        end_known_ = true;
        return std::nullopt;
    }
    chain_ = chain_entry(chain_, raw->entry);
    index_ = index_.next();
    return std::move(raw->entry);
}

bool EntryRunReader::pass_over() {
    if (!end_known_) return false;
    damaged_ = false;
    end_known_ = false;
    index_ = index_.next();
    return true;
}

bool EntryRunReader::skip() {
    if (!read()) return false;
    index_ = index_.next();
    return true;
}

}  // namespace wavetank
