// Stepping three cores by a ring of messages.
#include "bench/core_trio.h"

#include <algorithm>
#include <utility>

#include "core/base/check.h"

namespace wavetank::bench {

CoreTrio::CoreTrio(const Setup& setup) {
    for (uint32_t i = 1; i <= 3; ++i) {
        Options options;
        options.id = ServerId(i);
        options.window.messages_max = setup.window;
        options.entries_per_message_max = LogChunk::kEntries;
        options.snapshot_entries = setup.snapshot_entries;
        Recovered recovered;
        recovered.configuration = Configuration::of_voters({ServerId(1), ServerId(2), ServerId(3)});
        cores_.push_back(Raft::start(options, recovered, 1, Instant{}));
    }
    ring_.resize(1024);
    now_ = Instant{} + seconds(1);
    step(0, Wake{});
    deliver_all();
    CHECK(leader().role() == Role::Leader);
}

void CoreTrio::propose(const std::vector<Payload>& commands) {
    step(0, Propose{++tickets_, commands});
}

bool CoreTrio::deliver_one() {
    if (count_ == 0) return false;
    Flight& flight = ring_[first_];
    first_ = (first_ + 1) & (ring_.size() - 1);
    --count_;
    // The place may be written again only after the step: there is always a free one between.
    cores_[flight.to].step(now_, flight.input);
    // What it carried is not needed any more; its entries would keep a chunk from being used again.
    if (auto* recv = std::get_if<Recv>(&flight.input)) {
        if (auto* append = std::get_if<AppendEntries>(&recv->message)) append->entries = {};
    }
    drain(flight.to);
    return true;
}

CoreTrio::Flight& CoreTrio::next_free() {
    if (count_ + 1 >= ring_.size()) {
        std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(first_),
                    ring_.end());
        first_ = 0;
        ring_.resize(ring_.size() * 2);
    }
    return ring_[(first_ + count_++) & (ring_.size() - 1)];
}

void CoreTrio::step(uint32_t position, const Input& input) {
    cores_[position].step(now_, input);
    drain(position);
}

void CoreTrio::drain(uint32_t position) {
    Output& output = outputs_[position];
    bool snapshot = false;
    do {
        cores_[position].drain(output);
        snapshot = snapshot || output.snapshot_wanted;
        if (output.write.id) {
            Flight& flight = next_free();
            flight.to = position;
            flight.input = Written{output.write.id};
        }
        for (Send& send : output.sends) {
            Flight& flight = next_free();
            flight.to = send.to.value() - 1;
            if (auto* recv = std::get_if<Recv>(&flight.input)) {
                recv->from = cores_[position].id();
                recv->message = std::move(send.message);
            } else {
                flight.input = Recv{cores_[position].id(), std::move(send.message)};
            }
        }
    } while (output.more_to_apply);
    if (!snapshot) return;
    ++snapshots_;
    step(position, SnapshotTaken{cores_[position].last_applied(), snapshot_});
}

}  // namespace wavetank::bench
