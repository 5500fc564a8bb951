// The life of sessions. How they are saved stands in sessions_saving.cc.
#include "core/server/sessions.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/sometimes.h"

namespace wavetank {
namespace {

// `later` is not before `earlier`; their distance may be more than a Duration can hold.
bool passed(Instant earlier, Instant later, Duration span) {
    const auto between = static_cast<uint64_t>(later.nanos) - static_cast<uint64_t>(earlier.nanos);
    return between >= static_cast<uint64_t>(span.nanos);
}

}  // namespace

SessionTable::SessionTable(const SessionLimits& limits) : limits_(limits) {
    CHECK(limits_.sessions_max > 0);
    CHECK(limits_.replies_max > 0);
    CHECK(limits_.expire_after.nanos > 0);
}

// Where the session is in by_id_, or would be.
std::size_t SessionTable::position_of(SessionId session) const {
    uint32_t& guess = guesses_[session.value() % guesses_.size()];
    if (guess < by_id_.size() && by_id_[guess].id == session) return guess;
    const auto place =
        std::lower_bound(by_id_.begin(), by_id_.end(), session,
                         [](const ById& known, SessionId wanted) { return known.id < wanted; });
    const auto position = static_cast<std::size_t>(place - by_id_.begin());
    guess = static_cast<uint32_t>(position);
    return position;
}

uint32_t SessionTable::slot_of(SessionId session) const {
    const std::size_t position = position_of(session);
    if (position == by_id_.size() || by_id_[position].id != session) return kNone;
    return by_id_[position].slot;
}

SessionTable::Lookup SessionTable::find(SessionId session, uint64_t sequence) const {
    const uint32_t slot = slot_of(session);
    if (slot == kNone) return {Lookup::Verdict::NoSession, nullptr};
    const Session& found = slots_[slot];
    if (sequence < found.unacknowledged) return {Lookup::Verdict::Stale, nullptr};
    const auto reply =
        std::find_if(found.replies.begin(), found.replies.end(),
                     [sequence](const Reply& kept) { return kept.sequence == sequence; });
    if (reply == found.replies.end()) return {Lookup::Verdict::New, nullptr};
    return {Lookup::Verdict::Repeated, &reply->body};
}

uint64_t SessionTable::reply_digest(SessionId session, uint64_t sequence, std::string_view body) {
    return mix(mix(session.value(), sequence), hash_bytes(body));
}

uint64_t SessionTable::digest_of(const Session& session) {
    return mix(mix(session.id.value(), session.used_at.value()),
               mix(session.unacknowledged, static_cast<uint64_t>(session.used_time.nanos)));
}

void SessionTable::advance(Place place) {
    CHECK(place.index > index_);
    index_ = place.index;
    time_ = std::max(time_, place.time);
    // Who was used last is closed last, so the oldest ones are at the end of their time first.
    while (oldest_ != kNone && passed(slots_[oldest_].used_time, time_, limits_.expire_after)) {
        SOMETIMES("a session expires");
        close(oldest_);
    }
}

SessionTable::Session* SessionTable::prepare(const SessionCommand& command) {
    if (command.kind == SessionCommandKind::Open) {
        open(SessionId(index_.value()));
        return nullptr;
    }
    const uint32_t slot = slot_of(command.session);
    if (slot == kNone) {
        SOMETIMES("a command of a session that does not exist is in the log");
        return nullptr;
    }
    if (command.kind == SessionCommandKind::Close) {
        close(slot);
        return nullptr;
    }
    use(slot, command.unacknowledged);
    if (command.kind == SessionCommandKind::KeepAlive) return nullptr;
    switch (find(command.session, command.sequence).verdict) {
        case Lookup::Verdict::New:
            break;
        case Lookup::Verdict::Repeated:
            SOMETIMES("a command is in the log twice and carried out once");
            return nullptr;
        case Lookup::Verdict::Stale:
            SOMETIMES("a command comes after its client has given it up");
            return nullptr;
        case Lookup::Verdict::NoSession:
            CHECK(false);
    }
    Session& session = slots_[slot];
    // Not by their count: the lowest one must always have a place, or it could neither be carried
    // out nor, because it is not, the others be acknowledged.
    if (command.sequence - session.unacknowledged >= limits_.replies_max) {
        SOMETIMES("a command is refused because too many replies are kept");
        return nullptr;
    }
    CHECK(session.replies.size() < limits_.replies_max);
    return &session;
}

void SessionTable::remember(Session& session, uint64_t sequence, std::string reply) {
    const auto place =
        std::lower_bound(session.replies.begin(), session.replies.end(), sequence,
                         [](const Reply& kept, uint64_t wanted) { return kept.sequence < wanted; });
    const uint64_t digest = reply_digest(session.id, sequence, reply);
    session.replies.insert(place, Reply{sequence, digest, std::move(reply)});
    digest_ += digest;
}

void SessionTable::open(SessionId id) {
    while (by_id_.size() >= limits_.sessions_max) {
        SOMETIMES("a session gives way to a new one");
        close(oldest_);
    }
    Session session;
    session.id = id;
    session.used_at = index_;
    session.used_time = time_;
    link_as_newest(place(std::move(session)));
}

// Gives a session its place, except in the order of use. Requires the highest id so far.
uint32_t SessionTable::place(Session session) {
    CHECK(by_id_.empty() || by_id_.back().id < session.id);
    session.digest = digest_of(session);
    digest_ += session.digest;
    for (const Reply& reply : session.replies) digest_ += reply.digest;
    uint32_t slot = kNone;
    if (free_.empty()) {
        slot = static_cast<uint32_t>(slots_.size());
        slots_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    by_id_.push_back({session.id, slot});
    slots_[slot] = std::move(session);
    return slot;
}

void SessionTable::close(uint32_t slot) {
    Session& session = slots_[slot];
    keep_aside(session);
    digest_ -= session.digest;
    for (const Reply& reply : session.replies) digest_ -= reply.digest;
    const std::size_t position = position_of(session.id);
    CHECK(by_id_[position].slot == slot);
    by_id_.erase(by_id_.begin() + static_cast<std::ptrdiff_t>(position));
    unlink(slot);
    session = Session{};
    free_.push_back(slot);
}

void SessionTable::use(uint32_t slot, uint64_t unacknowledged) {
    Session& session = slots_[slot];
    keep_aside(session);
    forget_replies(session, unacknowledged);
    digest_ -= session.digest;
    session.unacknowledged = std::max(session.unacknowledged, unacknowledged);
    session.used_at = index_;
    session.used_time = time_;
    session.digest = digest_of(session);
    digest_ += session.digest;
    if (newest_ == slot) return;
    unlink(slot);
    link_as_newest(slot);
}

void SessionTable::forget_replies(Session& session, uint64_t unacknowledged) {
    auto& replies = session.replies;
    const auto kept = std::find_if(replies.begin(), replies.end(), [&](const Reply& reply) {
        return reply.sequence >= unacknowledged;
    });
    for (auto reply = replies.begin(); reply != kept; ++reply) digest_ -= reply->digest;
    replies.erase(replies.begin(), kept);
}

void SessionTable::link_as_newest(uint32_t slot) {
    Session& session = slots_[slot];
    session.older = newest_;
    session.newer = kNone;
    (newest_ == kNone ? oldest_ : slots_[newest_].newer) = slot;
    newest_ = slot;
}

void SessionTable::unlink(uint32_t slot) {
    const Session& session = slots_[slot];
    (session.older == kNone ? oldest_ : slots_[session.older].newer) = session.newer;
    (session.newer == kNone ? newest_ : slots_[session.newer].older) = session.older;
}

}  // namespace wavetank
