// Taking snapshots while the server goes on.
#include "core/base/check.h"
#include "core/base/sometimes.h"
#include "core/server/replica.h"

namespace wavetank {

bool Replica::take_snapshot() {
    const LogIndex last = raft_.snapshot() ? raft_.snapshot()->index() : LogIndex(0);
    if (stuck_ || snapshot_ || applied_ <= last) return false;
    begin_snapshot();
    if (snapshot_) environment_.set_deadline(environment_.now().local);
    return true;
}

void Replica::begin_snapshot() {
    snapshot_due_ = false;
    if (snapshot_) return;  // an operator was faster
    if (is_witness()) {
        step(SnapshotTaken{applied_, Payload()});
        return;
    }
    state_.freeze();
    snapshot_ = Snapshot{applied_, {}};
}

void Replica::continue_snapshot() {
    const bool done = state_.save_some(snapshot_->data, snapshot_slice_bytes_);
    // A payload holds so much and no more; and a disk that has failed takes no snapshot.
    if (snapshot_->data.size() > UINT32_MAX || raft_.write_failed()) {
        give_up_snapshot();
        return;
    }
    if (!done) {
        SOMETIMES("a snapshot is written down in several slices");
        return;
    }
    SnapshotTaken taken{snapshot_->index, Payload::copy_of(snapshot_->data)};
    snapshot_.reset();
    step(taken);
}

void Replica::give_up_snapshot() {
    if (!snapshot_) return;
    SOMETIMES("a snapshot that is being taken is given up");
    snapshot_.reset();
    state_.thaw();
}

}  // namespace wavetank
