// How the table is written down while it goes on changing, and read back. The format stands in
// sessions.h.
#include <algorithm>

#include "core/base/check.h"
#include "core/server/sessions.h"

namespace wavetank {

void SessionTable::freeze() {
    CHECK(!frozen_.has_value());
    Frozen frozen;
    frozen.time = time_;
    frozen.sessions = static_cast<uint32_t>(by_id_.size());
    if (!by_id_.empty()) frozen.last = by_id_.back().id;
    frozen_ = std::move(frozen);
}

void SessionTable::keep_aside(const Session& session) {
    if (!frozen_ || session.id <= frozen_->written || session.id > frozen_->last) return;
    const auto there = frozen_->aside.lower_bound(session.id);
    if (there != frozen_->aside.end() && there->first == session.id) return;
    frozen_->aside.emplace_hint(there, session.id, encode(session));
}

bool SessionTable::save_some(std::string& out, std::size_t bytes_max) {
    CHECK(frozen_.has_value());
    Frozen& frozen = *frozen_;
    const std::size_t size_before = out.size();
    if (!frozen.begun) {
        Encoder head;
        head.u64(static_cast<uint64_t>(frozen.time.nanos)).u32(frozen.sessions);
        out.append(head.view());
        frozen.begun = true;
    }
    std::size_t position = position_of(SessionId(frozen.written.value() + 1));
    bool any = false;
    while (frozen.sessions > 0 && (!any || out.size() - size_before < bytes_max)) {
        const auto aside = frozen.aside.begin();
        const bool live = position < by_id_.size() && by_id_[position].id <= frozen.last;
        CHECK(live || aside != frozen.aside.end());
        const bool changed =
            aside != frozen.aside.end() && (!live || aside->first <= by_id_[position].id);
        const SessionId id = changed ? aside->first : by_id_[position].id;
        out.append(changed ? aside->second : encode(slots_[by_id_[position].slot]));
        if (live && by_id_[position].id == id) ++position;
        if (changed) frozen.aside.erase(aside);
        frozen.written = id;
        --frozen.sessions;
        any = true;
    }
    if (frozen.sessions > 0) return false;
    CHECK(frozen.aside.empty());
    frozen_.reset();
    return true;
}

std::string SessionTable::encode(const Session& session) {
    Encoder encoder;
    encoder.u64(session.id.value())
        .u64(session.used_at.value())
        .u64(static_cast<uint64_t>(session.used_time.nanos))
        .u64(session.unacknowledged)
        .u32(static_cast<uint32_t>(session.replies.size()));
    for (const Reply& reply : session.replies) encoder.u64(reply.sequence).bytes(reply.body);
    return encoder.take();
}

std::optional<SessionTable::Session> SessionTable::decode_session(Decoder& from) const {
    Session session;
    session.id = SessionId(from.u64());
    session.used_at = LogIndex(from.u64());
    session.used_time = Instant{static_cast<int64_t>(from.u64())};
    session.unacknowledged = from.u64();
    const uint32_t replies = from.u32();
    if (!from.ok() || !session.id || session.id.value() > session.used_at.value()) {
        return std::nullopt;
    }
    if (session.unacknowledged == 0 || replies > limits_.replies_max) return std::nullopt;
    for (uint32_t i = 0; i < replies; ++i) {
        Reply reply;
        reply.sequence = from.u64();
        reply.body = from.bytes();
        const bool rises = i == 0 || reply.sequence > session.replies.back().sequence;
        if (!from.ok() || !rises || reply.sequence < session.unacknowledged) return std::nullopt;
        if (reply.sequence - session.unacknowledged >= limits_.replies_max) return std::nullopt;
        reply.digest = reply_digest(session.id, reply.sequence, reply.body);
        session.replies.push_back(std::move(reply));
    }
    return session;
}

bool SessionTable::load(Decoder& from) {
    SessionTable loaded(limits_);
    loaded.time_ = Instant{static_cast<int64_t>(from.u64())};
    const uint32_t sessions = from.u32();
    if (!from.ok() || sessions > limits_.sessions_max) return false;
    for (uint32_t i = 0; i < sessions; ++i) {
        auto session = decode_session(from);
        if (!session || session->used_time > loaded.time_) return false;
        if (i > 0 && session->id <= loaded.by_id_.back().id) return false;
        loaded.place(std::move(*session));
    }
    // By their last use; each was used by an entry of its own, and time never falls.
    std::vector<uint32_t> slots(sessions);
    for (uint32_t i = 0; i < sessions; ++i) slots[i] = i;
    std::sort(slots.begin(), slots.end(), [&](uint32_t a, uint32_t b) {
        return loaded.slots_[a].used_at < loaded.slots_[b].used_at;
    });
    for (uint32_t i = 0; i < sessions; ++i) {
        const Session& session = loaded.slots_[slots[i]];
        if (i > 0) {
            const Session& before = loaded.slots_[slots[i - 1]];
            if (before.used_at == session.used_at) return false;
            if (before.used_time > session.used_time) return false;
        }
        loaded.link_as_newest(slots[i]);
    }
    *this = std::move(loaded);
    return true;
}

}  // namespace wavetank
