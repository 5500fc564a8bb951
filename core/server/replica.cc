// From inputs to the core, and from its output to the world.
#include "core/server/replica.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/sometimes.h"

namespace wavetank {

Replica::Replica(Environment& environment, Setup setup, std::unique_ptr<Machine> machine)
    : environment_(environment),
      snapshot_slice_bytes_(setup.snapshot_slice_bytes),
      raft_(Raft::start(setup.options, std::move(setup.recovered), setup.seed, environment.now())),
      state_(std::move(machine), setup.sessions) {
    CHECK(snapshot_slice_bytes_ > 0);
}

void Replica::start() {
    handle(Wake{});
}

void Replica::handle(const Input& input) {
    if (stuck_) return;
    if (snapshot_ && !held_) continue_snapshot();
    if (std::holds_alternative<Written>(input)) ++commits_;
    step(input);
}

void Replica::hold() {
    CHECK(!held_);
    held_ = true;
    undrained_ = false;
}

void Replica::release() {
    CHECK(held_);
    held_ = false;
    if (!undrained_ || stuck_) return;
    if (snapshot_) continue_snapshot();
    settle(Wake{});
}

void Replica::step(const Input& input) {
    const auto* propose = std::get_if<Propose>(&input);
    if (propose != nullptr && propose->ticket < kTicketsOfOthers) ++proposing_;
    raft_.step(environment_.now(), input);
    if (held_) {
        undrained_ = true;
    } else {
        settle(input);
    }
}

void Replica::settle(const Input& input) {
    drain(input);
    // The next pages; nothing new has happened.
    while (output_.more_to_apply && !stuck_) drain(Wake{});
    if (stuck_) return;
    if (snapshot_due_) begin_snapshot();
    // A snapshot that is being taken goes on at once, but lets others in between.
    Instant deadline = output_.deadline;
    if (snapshot_) deadline = std::min(deadline, environment_.now().local);
    environment_.set_deadline(deadline);
    CHECK(proposing_ == 0);
}

// The order matters to speed only, as far as the world is concerned: the core guarantees that
// messages may leave at any time, so they leave before our own application. What became of
// proposals is taken before their entries are applied, and answered then.
void Replica::drain(const Input& input) {
    raft_.drain(output_);
    environment_.stepped(raft_, input, output_);
    if (output_.write.id) environment_.write(output_.write);
    for (Send& each : output_.sends) send(each);
    if (output_.restore) restore(*output_.restore);
    if (stuck_) return;
    if (!output_.proposed.empty()) take_proposed();
    if (!output_.outcomes.empty()) take_outcomes();
    if (output_.apply_from <= output_.apply_upto) apply_committed();
    if (!output_.reads.empty()) take_reads();
    if (!output_.changes.empty() || !output_.transfers.empty()) take_wishes();
    if (output_.snapshot_wanted) snapshot_due_ = true;
}

// What the core does not hold comes from storage. What is not there any more is not sent: the
// network may lose messages, too.
void Replica::send(Send& send) {
    if (send.entries_to_fetch > 0 && !fetch_entries(send)) return;
    if (send.bytes_to_fetch > 0 && !fetch_piece(send)) return;
    environment_.send(send);
}

bool Replica::fetch_entries(Send& send) {
    auto& message = std::get<AppendEntries>(send.message);
    const LogIndex first = message.prev_log_index.next();
    std::optional<EntryRange> entries = environment_.read_entries(first, send.entries_to_fetch);
    if (!entries || entries->size() != send.entries_to_fetch) return false;
    const EntryRange carried = entries->within(raft_.options().bytes_per_message_max);
    message.entries = send.stubs_only ? carried.stubs() : carried;
    send.entries_to_fetch = 0;
    return true;
}

bool Replica::fetch_piece(Send& send) {
    auto& message = std::get<InstallSnapshot>(send.message);
    std::optional<Payload> data =
        environment_.read_snapshot(message.meta.index(), {message.offset, send.bytes_to_fetch});
    if (!data || data->size() != send.bytes_to_fetch) return false;
    message.data = *std::move(data);
    send.bytes_to_fetch = 0;
    return true;
}

// The snapshot is durable and was verified when it came, so what does not fit now is our own doing,
// and a server with a wrong state must not go on. A disk that cannot be read is not our doing.
void Replica::restore(const SnapshotMeta& meta) {
    give_up_snapshot();
    CHECK(meta.index() > applied_);
    if (has_state()) {
        const std::optional<std::string> data = read_snapshot(meta);
        if (!data) {
            SOMETIMES("a snapshot cannot be read back");
            stuck_ = true;
            return;
        }
        CHECK(state_.load(*data));
        environment_.restored(meta, state_.digest());
    }
    applied_ = meta.index();
    // Later entries may have changed what these have done.
    answer_due_writes(false);
    answer_due_reads();
}

std::optional<std::string> Replica::read_snapshot(const SnapshotMeta& meta) {
    std::string data;
    data.reserve(meta.bytes);
    while (data.size() < meta.bytes) {
        const uint64_t size = std::min<uint64_t>(snapshot_slice_bytes_, meta.bytes - data.size());
        const std::optional<Payload> piece =
            environment_.read_snapshot(meta.index(), {data.size(), size});
        if (!piece) return std::nullopt;
        CHECK(piece->size() == size);
        data.append(piece->bytes());
    }
    CHECK(hash_bytes(data) == meta.digest);
    return data;
}

void Replica::apply_committed() {
    CHECK(output_.apply_from == applied_.next());
    for (LogIndex i = output_.apply_from; i <= output_.apply_upto; i = i.next()) {
        const Entry& entry = raft_.log().entry_at(i);
        if (has_state()) {
            CHECK(!entry.payload.is_stub());
            const bool executed = state_.apply(i, entry);
            environment_.applied({i, entry, executed, state_.digest()});
        }
        applied_ = i;
        answer_due_writes(true);
    }
    answer_due_reads();
}

}  // namespace wavetank
