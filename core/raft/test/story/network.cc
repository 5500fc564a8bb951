// A list of messages.
#include "core/raft/test/story/network.h"

#include <algorithm>

#include "core/base/check.h"

namespace wavetank::story {
namespace {

bool among(ServerId id, const std::vector<ServerId>& ids) {
    return ids.empty() || std::find(ids.begin(), ids.end(), id) != ids.end();
}

}  // namespace

bool Pattern::fits(const InFlight& message) const {
    if (number && *number != message.number) return false;
    if (!kind.empty() && kind != name_of(message.message)) return false;
    return among(message.from, from) && among(message.to, to);
}

bool Network::is_cut(ServerId from, ServerId to) const {
    return std::find(cut_.begin(), cut_.end(), Link{from, to}) != cut_.end();
}

bool Network::send(ServerId from, ServerId to, Message message) {
    if (is_cut(from, to)) return false;
    InFlight sent{++sent_, from, to, std::move(message)};
    for (const Pattern& pattern : held_) sent.held = sent.held || pattern.fits(sent);
    in_flight_.push_back(std::move(sent));
    return true;
}

std::vector<uint64_t> Network::find(const Pattern& pattern, Held held) const {
    std::vector<uint64_t> numbers;
    for (const InFlight& message : in_flight_) {
        const bool wanted = held == Held::Only ? message.held : !message.held || pattern.number;
        if (wanted && pattern.fits(message)) numbers.push_back(message.number);
    }
    if (numbers.size() > 1 && pattern.choice == Pattern::Choice::First) numbers.resize(1);
    if (numbers.size() > 1 && pattern.choice == Pattern::Choice::Last) {
        numbers.erase(numbers.begin(), numbers.end() - 1);
    }
    return numbers;
}

std::optional<uint64_t> Network::next(const std::vector<ServerId>& servers) const {
    for (const InFlight& message : in_flight_) {
        if (message.held) continue;
        if (among(message.from, servers) && among(message.to, servers)) return message.number;
    }
    return std::nullopt;
}

const InFlight& Network::get(uint64_t number) const {
    const auto found = std::find_if(in_flight_.begin(), in_flight_.end(),
                                    [&](const InFlight& m) { return m.number == number; });
    CHECK(found != in_flight_.end());
    return *found;
}

InFlight Network::take(uint64_t number) {
    const auto found = std::find_if(in_flight_.begin(), in_flight_.end(),
                                    [&](const InFlight& m) { return m.number == number; });
    CHECK(found != in_flight_.end());
    InFlight taken = std::move(*found);
    in_flight_.erase(found);
    return taken;
}

void Network::repeat(uint64_t number) {
    InFlight copy = get(number);
    copy.number = ++sent_;
    in_flight_.push_back(std::move(copy));
}

void Network::reverse(const std::vector<uint64_t>& numbers) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < in_flight_.size(); ++i) {
        const bool named =
            std::find(numbers.begin(), numbers.end(), in_flight_[i].number) != numbers.end();
        if (named) places.push_back(i);
    }
    for (std::size_t i = 0; i < places.size() / 2; ++i) {
        std::swap(in_flight_[places[i]], in_flight_[places[places.size() - 1 - i]]);
    }
}

void Network::hold(const Pattern& pattern) {
    for (const uint64_t number : find(pattern)) {
        for (InFlight& message : in_flight_) {
            if (message.number == number) message.held = true;
        }
    }
    // One message, or the first of some, is no rule for what is sent later.
    if (!pattern.number && pattern.choice == Pattern::Choice::All) held_.push_back(pattern);
}

void Network::release(const Pattern& pattern) {
    held_.erase(std::remove(held_.begin(), held_.end(), pattern), held_.end());
    for (const uint64_t number : find(pattern, Held::Only)) {
        for (InFlight& message : in_flight_) {
            if (message.number == number) message.held = false;
        }
    }
}

void Network::release_all() {
    held_.clear();
    for (InFlight& message : in_flight_) message.held = false;
}

void Network::cut(ServerId from, ServerId to) {
    if (!is_cut(from, to)) cut_.push_back({from, to});
    std::erase_if(in_flight_, [&](const InFlight& message) {
        return message.from == from && message.to == to && !message.held;
    });
}

void Network::forget_to(ServerId to) {
    std::erase_if(in_flight_,
                  [&](const InFlight& message) { return message.to == to && !message.held; });
}

}  // namespace wavetank::story
