// The world of one server as a test wants it: a clock, a disk that is done when told, a network
// that keeps what it is given.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/env/environment.h"
#include "core/machines/kv.h"
#include "core/raft/raft.h"

namespace wavetank {

// What is on the disk, and what writes make of it.
struct FakeDisk {
    void apply(const Write& write) {
        if (write.hard_state) recovered.hard_state = *write.hard_state;
        if (write.piece) {
            if (write.piece->offset == 0) partial_bytes.clear();
            partial_bytes.append(write.piece->data.bytes());
            recovered.partial = Recovered::Partial{write.piece->meta, partial_bytes.size()};
        }
        if (write.snapshot) {
            recovered.snapshot = write.snapshot->meta;
            snapshot_bytes = write.snapshot->collected ? partial_bytes
                                                       : std::string(write.snapshot->data.bytes());
            if (write.snapshot->collected) recovered.partial.reset();
        }
        if (write.compaction) {
            const auto gone = std::min<std::size_t>(
                recovered.entries.size(),
                write.compaction->base.index.value() - recovered.base.index.value());
            if (write.compaction->whole_log) {
                recovered.entries.clear();
            } else {
                recovered.entries.erase(
                    recovered.entries.begin(),
                    recovered.entries.begin() + static_cast<std::ptrdiff_t>(gone));
            }
            recovered.base = write.compaction->base;
        }
        if (write.truncate_from) {
            recovered.entries.resize(write.truncate_from->value() - recovered.base.index.value() -
                                     1);
        }
        for (const EntryRange& range : write.append) {
            for (uint32_t i = 0; i < range.size(); ++i) recovered.entries.push_back(range[i]);
        }
    }
    std::optional<EntryRange> entries(LogIndex first, uint32_t count) const {
        const uint64_t base = recovered.base.index.value();
        if (first.value() <= base) return std::nullopt;
        const std::size_t from = first.value() - base - 1;
        if (from + count > recovered.entries.size()) return std::nullopt;
        count = std::min(count, LogChunk::kEntries - static_cast<uint32_t>((first.value() - 1) %
                                                                           LogChunk::kEntries));
        const auto begin = recovered.entries.begin() + static_cast<std::ptrdiff_t>(from);
        return EntryRange::of(first, std::vector<Entry>(begin, begin + count));
    }
    std::optional<Payload> piece(LogIndex index, Environment::Piece piece) const {
        if (!recovered.snapshot || recovered.snapshot->index() != index) return std::nullopt;
        if (piece.offset + piece.size > snapshot_bytes.size()) return std::nullopt;
        return Payload::copy_of(snapshot_bytes.substr(piece.offset, piece.size));
    }

    Recovered recovered;
    std::string snapshot_bytes;
    std::string partial_bytes;
};

class FakeEnvironment final : public Environment {
 public:
    ClockReading now() override { return clock; }
    void set_deadline(Instant when) override { deadline = when; }
    void send(Send& send) override { sends.push_back(std::move(send)); }
    void reply(ClientReply reply) override { replies.push_back(std::move(reply)); }
    void write(Write& write) override { writes.push_back(std::exchange(write, Write{})); }
    std::optional<EntryRange> read_entries(LogIndex first, uint32_t count) override {
        ++entry_reads;
        return reads_fail ? std::nullopt : disk.entries(first, count);
    }
    std::optional<Payload> read_snapshot(LogIndex index, Piece piece) override {
        largest_piece = std::max(largest_piece, piece.size);
        return reads_fail ? std::nullopt : disk.piece(index, piece);
    }
    void stepped(const Raft&, const Input&, const Output& output) override {
        ++steps;
        pages += output.more_to_apply ? 1 : 0;
    }
    void applied(const Applied& what) override {
        applications.push_back({what.index.value(), what.executed, what.machine_digest});
    }
    void restored(const SnapshotMeta& snapshot, uint64_t digest) override {
        restorations.emplace_back(snapshot.index().value(), digest);
    }

    // Everything that was given to the disk is on it now; the id of the last write, or none.
    WriteId sync() {
        WriteId last;
        for (const Write& write : writes) {
            disk.apply(write);
            last = write.id;
        }
        writes.clear();
        return last;
    }

    struct Application {
        uint64_t index;
        bool executed;
        uint64_t digest;
    };

    Instant clock = Instant{} + seconds(1);
    Instant deadline;
    FakeDisk disk;
    bool reads_fail = false;
    uint64_t entry_reads = 0;
    uint64_t largest_piece = 0;
    std::vector<Send> sends;
    std::vector<ClientReply> replies;
    std::vector<Write> writes;
    std::vector<Application> applications;
    std::vector<std::pair<uint64_t, uint64_t>> restorations;  // index, digest
    uint64_t steps = 0;
    uint64_t pages = 0;  // that were not the last
};

inline Payload kv_body(KvFunction function, const std::string& key, const std::string& value = "") {
    KvCommand command;
    command.function = function;
    command.key = key;
    command.value = value;
    return Payload::copy_of(encode(command));
}
inline Payload put(const std::string& key, const std::string& value) {
    return kv_body(KvFunction::Put, key, value);
}
inline Payload append(const std::string& key, const std::string& value) {
    return kv_body(KvFunction::Append, key, value);
}
inline Payload get(const std::string& key) {
    return kv_body(KvFunction::Get, key);
}

// What a get has found, or "nothing".
inline std::string value_in(const ClientReply& reply) {
    const auto result = decode_kv_result(reply.body);
    return result && result->ok ? result->value : "nothing";
}

}  // namespace wavetank
