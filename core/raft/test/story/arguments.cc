// Reading words.
#include "core/raft/test/story/arguments.h"

#include <fmt/format.h>

#include <limits>

namespace wavetank::story {
namespace {

std::vector<std::string> split_at_commas(std::string_view text) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t end = text.find(',');
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

bool starts_with_digit(std::string_view text) {
    return !text.empty() && text.front() >= '0' && text.front() <= '9';
}

}  // namespace

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    bool inside_word = false;
    for (const char letter : text) {
        if (letter == ' ' || letter == '\t') {
            inside_word = false;
            continue;
        }
        if (!inside_word) words.emplace_back();
        inside_word = true;
        words.back() += letter;
    }
    return words;
}

std::optional<uint64_t> parse_number(std::string_view text) {
    if (text.empty()) return std::nullopt;
    uint64_t number = 0;
    for (const char letter : text) {
        if (letter < '0' || letter > '9') return std::nullopt;
        const auto digit = static_cast<uint64_t>(letter - '0');
        if (number > (std::numeric_limits<uint64_t>::max() - digit) / 10) return std::nullopt;
        number = number * 10 + digit;
    }
    return number;
}

void Arguments::fail(std::string mistake) {
    if (!mistake_) mistake_ = std::move(mistake);
}

bool Arguments::complete() {
    if (ok() && !words_.empty()) fail(fmt::format("'{}' is one word too many", words_.front()));
    return ok();
}

std::string Arguments::word(std::string_view what) {
    if (words_.empty()) {
        fail(fmt::format("{} is missing", what));
        return {};
    }
    std::string first = std::move(words_.front());
    words_.erase(words_.begin());
    return first;
}

bool Arguments::take(std::string_view text) {
    if (words_.empty() || words_.front() != text) return false;
    words_.erase(words_.begin());
    return true;
}

uint64_t Arguments::to_number(std::string_view text, std::string_view what) {
    if (!ok()) return 0;
    const std::optional<uint64_t> number = parse_number(text);
    if (!number) fail(fmt::format("'{}' is no number ({})", text, what));
    return number.value_or(0);
}

std::vector<ServerId> Arguments::to_servers(std::string_view text) {
    std::vector<ServerId> ids;
    for (const std::string& part : split_at_commas(text)) {
        const uint64_t id = to_number(part, "the id of a server");
        if (ok() && (id == 0 || id > 1000)) fail(fmt::format("no server can have the id {}", id));
        ids.emplace_back(static_cast<uint32_t>(id));
    }
    return ids;
}

ServerId Arguments::server() {
    const std::vector<ServerId> ids = to_servers(word("the id of a server"));
    if (ids.size() != 1) fail("one server is wanted here");
    return ids.front();
}

uint64_t Arguments::number(std::string_view what) {
    return to_number(word(what), what);
}

Duration Arguments::duration(std::string_view what) {
    const std::string text = word(what);
    const std::optional<Duration> span = parse_duration(text);
    if (ok() && !span) fail(fmt::format("'{}' is no duration ({}), as 150ms is one", text, what));
    return span.value_or(Duration{});
}

std::vector<ServerId> Arguments::servers() {
    std::vector<ServerId> ids;
    while (ok() && !words_.empty() && starts_with_digit(words_.front())) {
        for (const ServerId id : to_servers(word(""))) ids.push_back(id);
    }
    return ids;
}

std::vector<ServerId> Arguments::some_servers() {
    std::vector<ServerId> ids = servers();
    if (ids.empty()) fail("the id of a server is missing");
    return ids;
}

std::vector<std::string> Arguments::rest() {
    return std::exchange(words_, {});
}

std::optional<std::string> Arguments::value(std::string_view key) {
    for (auto at = words_.begin(); at != words_.end(); ++at) {
        if (at->size() <= key.size() || !at->starts_with(key) || (*at)[key.size()] != '=') continue;
        std::string text = at->substr(key.size() + 1);
        words_.erase(at);
        return text;
    }
    return std::nullopt;
}

uint64_t Arguments::number_of(std::string_view key, uint64_t otherwise) {
    const std::optional<std::string> text = value(key);
    return text ? to_number(*text, key) : otherwise;
}

std::optional<std::vector<ServerId>> Arguments::servers_of(std::string_view key) {
    const std::optional<std::string> text = value(key);
    if (!text) return std::nullopt;
    if (text->empty()) return std::vector<ServerId>{};
    return to_servers(*text);
}

std::vector<Entry> Arguments::entries_of(std::string_view key) {
    std::vector<Entry> entries;
    const std::optional<std::string> text = value(key);
    if (!text) return entries;
    for (const std::string& part : split_at_commas(*text)) {
        const std::size_t colon = part.find(':');
        Entry entry;
        entry.term = Term(to_number(part.substr(0, colon), "the term of an entry"));
        if (colon != std::string::npos) {
            entry.kind = EntryKind::Command;
            entry.payload = Payload::copy_of(part.substr(colon + 1));
        }
        entries.push_back(entry);
    }
    if (entries.size() > LogChunk::kEntries) fail("more entries than a message can hold");
    return entries;
}

}  // namespace wavetank::story
