// Bounds, and what goes first.
#include "core/tcp/send_queue.h"

#include <algorithm>

#include "core/wire/frame.h"

namespace wavetank {
namespace {

uint64_t payload_bytes_of(const Message& message) {
    if (const auto* append = std::get_if<AppendEntries>(&message)) {
        return append->entries.empty() ? 0 : append->entries.payload_bytes();
    }
    if (const auto* snapshot = std::get_if<InstallSnapshot>(&message)) return snapshot->data.size();
    if (const auto* forward = std::get_if<ForwardProposal>(&message)) {
        return forward->entries.empty() ? 0 : forward->entries.payload_bytes();
    }
    return 0;
}

}  // namespace

bool replaceable(const Message& message) {
    if (const auto* append = std::get_if<AppendEntries>(&message)) return append->entries.empty();
    return !std::holds_alternative<InstallSnapshot>(message) &&
           !std::holds_alternative<ForwardProposal>(message);
}

void SendQueue::push(Message message) {
    const uint64_t bytes = payload_bytes_of(message);
    messages_.push_back({std::move(message), bytes});
    payload_bytes_ += bytes;
    while (over() && messages_.size() > 1) drop_one();
}

// Never the newest.
void SendQueue::drop_one() {
    const auto newest = std::prev(messages_.end());
    auto victim = messages_.begin();
    // Bytes are only saved by dropping some.
    if (payload_bytes_ <= limits_.payload_bytes_max) {
        const auto found = std::find_if(messages_.begin(), newest, [](const Waiting& waiting) {
            return replaceable(waiting.message);
        });
        if (found != newest) victim = found;
    }
    payload_bytes_ -= victim->payload_bytes;
    messages_.erase(victim);
    ++dropped_;
}

void SendQueue::clear() {
    dropped_ += messages_.size();
    messages_.clear();
    payload_bytes_ = 0;
}

void SendQueue::pop_into(std::string& out, std::size_t bytes_wanted) {
    while (!messages_.empty() && out.size() < bytes_wanted) {
        if (!append_frame(messages_.front().message, out).ok()) ++dropped_;
        payload_bytes_ -= messages_.front().payload_bytes;
        messages_.pop_front();
    }
}

}  // namespace wavetank
