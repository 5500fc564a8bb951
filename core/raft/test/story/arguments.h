// The words of a command, read one by one like the bytes of a record (core/base/bytes.h): after the
// first mistake every further read gives nothing, so a command reads all it needs and asks once, by
// `complete()`, whether everything was there, made sense, and was used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/raft/durable.h"

namespace wavetank::story {

// Cuts a command into words.
std::vector<std::string> split_words(std::string_view text);

// Whole decimal numbers only.
std::optional<uint64_t> parse_number(std::string_view text);

class Arguments {
 public:
    explicit Arguments(std::vector<std::string> words) : words_(std::move(words)) {}

    // --- By position ---
    bool empty() const { return words_.empty(); }
    // The next word; a mistake if there is none.
    std::string word(std::string_view what);
    // Takes the next word if it is `text`.
    bool take(std::string_view text);
    ServerId server();
    uint64_t number(std::string_view what);
    Duration duration(std::string_view what);
    // All leading words that are ids: "1 2 3" or "1,2,3". None is no mistake.
    std::vector<ServerId> servers();
    // At least one.
    std::vector<ServerId> some_servers();
    std::vector<std::string> rest();

    // --- By name: KEY=VALUE, anywhere among the words ---
    std::optional<std::string> value(std::string_view key);
    uint64_t number_of(std::string_view key, uint64_t otherwise);
    std::optional<std::vector<ServerId>> servers_of(std::string_view key);
    // Entries as "1,1:x,2": terms, and the text of a command; without one it is an empty entry.
    std::vector<Entry> entries_of(std::string_view key);

    // The first mistake is kept.
    void fail(std::string mistake);
    const std::optional<std::string>& mistake() const { return mistake_; }
    bool ok() const { return !mistake_; }
    // True if all words were used and none was wrong.
    bool complete();

 private:
    uint64_t to_number(std::string_view text, std::string_view what);
    std::vector<ServerId> to_servers(std::string_view text);

    std::vector<std::string> words_;
    std::optional<std::string> mistake_;
};

}  // namespace wavetank::story
