// Messages of every kind and size, drawn from a seed: small numbers, the largest ones that fit and
// those around the places where their encoding gets longer; payloads that are empty, small, around
// the size from which they are sliced, and large.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/base/hash.h"
#include "core/env/client_messages.h"
#include "core/raft/messages.h"
#include "core/wire/client_codec.h"
#include "core/wire/limits.h"
#include "core/wire/raft_codec.h"

namespace wavetank {

class Samples {
 public:
    explicit Samples(uint64_t seed) : seed_(seed) {}

    static constexpr std::size_t kKinds = std::variant_size_v<Message>;

    uint64_t draw(uint64_t bound) { return below(mix(seed_, ++number_), bound); }

    // A message of the kind at this place of the variant.
    Message message(std::size_t kind) { return pick<0>(kind); }
    Message message() { return message(draw(kKinds)); }

    ClientRequest request() {
        ClientRequest request;
        request.client = ClientId(number());
        request.request = number();
        request.kind = static_cast<RequestKind>(draw(8));
        request.session = SessionId(number());
        request.sequence = number();
        request.unacknowledged = number();
        request.body = payload();
        return request;
    }
    ClientReply reply() {
        ClientReply reply;
        reply.client = ClientId(number());
        reply.request = number();
        reply.status = static_cast<ReplyStatus>(draw(7));
        reply.leader = ServerId(static_cast<uint32_t>(number()));
        reply.session = SessionId(number());
        reply.body = text();
        return reply;
    }

    Payload payload() { return Payload::copy_of(text()); }

    // 1 to 256 entries that begin at `first`, sometimes in the middle of a chunk.
    EntryRange entries(LogIndex first, uint32_t count_max = LogChunk::kEntries) {
        const bool few = draw(4) != 0;
        const auto count =
            1 + static_cast<uint32_t>(draw(few ? std::min(count_max, 4U) : count_max));
        const auto offset = static_cast<uint32_t>(draw(LogChunk::kEntries - count + 1));
        ChunkRef chunk = ChunkRef::make();
        for (uint32_t i = 0; i < offset; ++i) chunk->append(Entry{}, 0);
        for (uint32_t i = 0; i < count; ++i) chunk->append(entry(), 0);
        return EntryRange(std::move(chunk), offset, count, first);
    }

 private:
    uint64_t number() {
        const uint64_t edges[] = {0, 1, 127, 128, UINT32_MAX, uint64_t{UINT32_MAX} + 1, UINT64_MAX};
        if (draw(3) == 0) return edges[draw(std::size(edges))];
        return draw(2) == 0 ? draw(1000) : draw(UINT64_MAX);
    }
    uint64_t ordinal() { return number() & kOrdinalMax; }
    Term term() { return Term(ordinal()); }
    LogIndex index() { return LogIndex(ordinal()); }
    bool flag() { return draw(2) == 0; }

    ClockReading reading() {
        const Instant at{static_cast<int64_t>(number())};
        return flag() ? ClockReading(at)
                      : ClockReading(at, Duration{static_cast<int64_t>(ordinal())});
    }

    std::string text() {
        const uint64_t bounds[] = {1, 32, 300, kSliceBytesMin + 2, 20'000};
        const uint64_t bound = bounds[draw(8) == 0 ? 2 + draw(3) : draw(2)];
        std::string text(bound > 1000 ? bound - 1 - draw(4) : draw(bound), '\0');
        for (char& c : text) c = static_cast<char>(draw(256));
        return text;
    }

    Entry entry() {
        Entry entry;
        entry.term = term();
        entry.kind = static_cast<EntryKind>(draw(3));
        entry.payload = payload();
        if (draw(8) == 0) entry.payload = Payload::stub_of(entry.payload);
        entry.time = reading().local;
        entry.error = reading().error;
        return entry;
    }

    std::vector<ServerId> servers(uint32_t first, uint64_t count) {
        std::vector<ServerId> ids;
        for (uint64_t i = 0; i < count; ++i) {
            ids.push_back(ServerId(first));
            first += 1 + static_cast<uint32_t>(draw(draw(4) == 0 ? 1 << 20 : 2));
        }
        return ids;
    }
    Configuration configuration() {
        Configuration::Members members;
        members.voters = servers(1 + static_cast<uint32_t>(draw(300)), 1 + draw(7));
        if (flag()) members.outgoing = servers(1 + static_cast<uint32_t>(draw(300)), 1 + draw(7));
        if (flag()) members.learners = servers(1 << 30, draw(4));
        if (draw(3) == 0) members.learners.push_back(ServerId(UINT32_MAX));
        const std::vector<ServerId>& voters = members.voters;
        if (flag() && members.outgoing.empty() && voters.size() >= 3) {
            members.witnesses.assign(voters.begin(), voters.begin() + 1);
        }
        return Configuration(std::move(members));
    }

    void fill(PreVote& m) { m = {term(), index(), term()}; }
    void fill(PreVoteReply& m) { m = {term(), term(), flag()}; }
    void fill(RequestVote& m) { m = {term(), index(), term(), flag()}; }
    void fill(RequestVoteReply& m) { m = {term(), flag()}; }
    void fill(AppendEntries& m) {
        m.term = term();
        m.prev_log_index = LogIndex(std::min(ordinal(), kOrdinalMax - LogChunk::kEntries));
        m.prev_log_term = term();
        m.leader_commit = index();
        m.round = number();
        m.session = number();
        if (draw(4) != 0) m.entries = entries(m.prev_log_index.next());
    }
    void fill(AppendEntriesReply& m) {
        m = {term(), flag(), index(), index(), index(), term(), number(), number(), flag()};
    }
    void fill(InstallSnapshot& m) {
        m.term = term();
        m.meta.last = {index(), term(), number(), reading()};
        m.meta.configuration = configuration();
        m.data = payload();
        m.offset = std::min(number(), UINT64_MAX - m.data.size());
        m.meta.bytes = m.offset + m.data.size() + draw(UINT64_MAX - m.offset - m.data.size() + 1);
        m.meta.digest = number();
        m.session = number();
    }
    void fill(InstallSnapshotReply& m) { m = {term(), index(), number(), number()}; }
    void fill(TimeoutNow& m) { m = {term()}; }
    void fill(ReadIndex& m) { m = {term(), number()}; }
    void fill(ReadIndexReply& m) { m = {term(), number(), flag(), index(), flag()}; }
    void fill(ForwardProposal& m) {
        m = {term(), number(), {}};
        if (draw(4) != 0) m.entries = entries(LogIndex(draw(1000)));
    }
    void fill(ForwardProposalReply& m) { m = {term(), number(), flag(), index()}; }

    template <std::size_t Kind>
    Message pick(std::size_t kind) {
        if constexpr (Kind + 1 < kKinds) {
            if (kind != Kind) return pick<Kind + 1>(kind);
        }
        std::variant_alternative_t<Kind, Message> message;
        fill(message);
        return message;
    }

    uint64_t seed_;
    uint64_t number_ = 0;
};

// What `encode` makes of a message that must fit.
template <class Encodable>
std::string bytes_of(const Encodable& message) {
    std::string bytes;
    const Result<std::size_t> size = encode(message, bytes);
    CHECK(size.ok());
    CHECK(size.value() == bytes.size());
    return bytes;
}

}  // namespace wavetank
