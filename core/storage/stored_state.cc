// Both directions of the records.
#include "core/storage/stored_state.h"

#include "core/base/bytes.h"
#include "core/base/hash.h"

namespace wavetank {
namespace {

void put(Encoder& out, const Configuration& configuration) {
    out.bytes(configuration.all().empty() ? std::string() : encode(configuration));
}

void put(Encoder& out, const LogBase& base) {
    out.u64(base.index.value()).u64(base.term.value()).u64(base.chain);
    out.u64(static_cast<uint64_t>(base.clock.local.nanos));
    out.u64(static_cast<uint64_t>(base.clock.error.nanos));
}

void put(Encoder& out, const std::optional<StoredSnapshot>& snapshot) {
    out.u8(snapshot ? 1 : 0);
    if (!snapshot) return;
    put(out, snapshot->meta.last);
    put(out, snapshot->meta.configuration);
    out.u64(snapshot->meta.bytes).u64(snapshot->meta.digest);
    out.u32(snapshot->slot).u64(snapshot->bytes);
}

// Gives up as a whole: what was not read well leaves `ok` false.
class Reader {
 public:
    explicit Reader(std::string_view bytes) : in_(bytes) {}

    Decoder& raw() { return in_; }
    Configuration configuration() {
        const std::string_view bytes = in_.bytes();
        if (bytes.empty()) return Configuration();
        std::optional<Configuration> found = decode_configuration(bytes);
        if (!found) ok_ = false;
        return found ? *std::move(found) : Configuration();
    }
    LogBase base() {
        LogBase base;
        base.index = LogIndex(in_.u64());
        base.term = Term(in_.u64());
        base.chain = in_.u64();
        base.clock.local.nanos = static_cast<int64_t>(in_.u64());
        base.clock.error.nanos = static_cast<int64_t>(in_.u64());
        return base;
    }
    std::optional<StoredSnapshot> snapshot() {
        const uint8_t there = in_.u8();
        if (there > 1) ok_ = false;
        if (there != 1) return std::nullopt;
        StoredSnapshot snapshot;
        snapshot.meta.last = base();
        snapshot.meta.configuration = configuration();
        snapshot.meta.bytes = in_.u64();
        snapshot.meta.digest = in_.u64();
        snapshot.slot = in_.u32();
        snapshot.bytes = in_.u64();
        if (snapshot.slot > 1 || snapshot.bytes > snapshot.meta.bytes) ok_ = false;
        return snapshot;
    }
    bool finished() const { return ok_ && in_.finished(); }

 private:
    Decoder in_;
    bool ok_ = true;
};

std::string with_digest(const Encoder& out) {
    return Encoder().u64(hash_bytes(out.view())).rest(out.view()).take();
}

// The bytes after a digest that fits them.
std::optional<std::string_view> verified(std::string_view record) {
    Decoder in(record);
    const uint64_t digest = in.u64();
    const std::string_view rest = in.rest();
    if (!in.ok() || hash_bytes(rest) != digest) return std::nullopt;
    return rest;
}

}  // namespace

std::string encode(const StoredIdentity& identity) {
    Encoder out;
    out.u64(identity.cluster).u32(identity.server.value());
    put(out, identity.configuration);
    return with_digest(out);
}

std::optional<StoredIdentity> decode_identity(std::string_view bytes) {
    const auto rest = verified(bytes);
    if (!rest) return std::nullopt;
    Reader in(*rest);
    StoredIdentity identity;
    identity.cluster = in.raw().u64();
    identity.server = ServerId(in.raw().u32());
    identity.configuration = in.configuration();
    if (!in.finished()) return std::nullopt;
    return identity;
}

std::string encode(const StoredState& state) {
    Encoder out;
    out.u64(state.seal);
    out.u64(state.hard_state.current_term.value()).u32(state.hard_state.voted_for.value());
    out.u8(state.hard_state.joined ? 1 : 0);
    put(out, state.base);
    out.u64(state.log_end.value()).u64(state.chain_end);
    put(out, state.snapshot);
    put(out, state.collecting);
    return with_digest(out);
}

std::optional<StoredState> decode_state(std::string_view bytes) {
    const auto rest = verified(bytes);
    if (!rest) return std::nullopt;
    Reader in(*rest);
    StoredState state;
    state.seal = in.raw().u64();
    state.hard_state.current_term = Term(in.raw().u64());
    state.hard_state.voted_for = ServerId(in.raw().u32());
    state.hard_state.joined = in.raw().u8() != 0;
    state.base = in.base();
    state.log_end = LogIndex(in.raw().u64());
    state.chain_end = in.raw().u64();
    state.snapshot = in.snapshot();
    state.collecting = in.snapshot();
    if (!in.finished()) return std::nullopt;
    return state;
}

}  // namespace wavetank
