// UTF-8 by the table of well-formed byte sequences (Unicode standard, table 3-7).
#include "reports/text.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace wavetank {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct ByteRange {
    unsigned char first;
    unsigned char last;
};
// What the second byte may be after `lead`; later bytes are always 80..BF.
ByteRange second_byte(unsigned char lead) {
    switch (lead) {
        case 0xE0:
            return {0xA0, 0xBF};
        case 0xED:
            return {0x80, 0x9F};  // no surrogates
        case 0xF0:
            return {0x90, 0xBF};
        case 0xF4:
            return {0x80, 0x8F};
        default:
            return {0x80, 0xBF};
    }
}

// The length of the well-formed character at the start of `text`, or 0.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (text.size() < length) return 0;
    const ByteRange range = second_byte(lead);
    if (byte(1) < range.first || byte(1) > range.last) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
    }
    return length;
}

bool is_allowed(std::string_view character) {
    if (character == "\t" || character == "\n") return true;
    // U+FFFE and U+FFFF are no XML characters; U+0080 to U+009F are control characters.
    if (character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF") return false;
    if (character.size() == 2 && character[0] == '\xC2') {
        return static_cast<unsigned char>(character[1]) >= 0xA0;
    }
    return character.size() > 1 || (character[0] >= 0x20 && character[0] != 0x7F);
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        const std::size_t taken = length == 0 ? 1 : length;
        const std::string_view character = text.substr(0, taken);
        out += length != 0 && is_allowed(character) ? character : kReplacement;
        text.remove_prefix(taken);
    }
    return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::string indented(std::string_view text, std::string_view indent) {
    std::string out;
    for (const std::string_view line : lines_of(text)) out += fmt::format("{}{}\n", indent, line);
    return out;
}

std::string digest_text(uint64_t digest) {
    return fmt::format("{:016x}", digest);
}

std::optional<uint64_t> parse_digest(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    if (text.empty() || text.size() > 16) return std::nullopt;
    uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value, 16);
    if (error != std::errc() || rest != end) return std::nullopt;
    return value;
}

std::string shell_quoted(std::string_view word) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_-./=:,+@%").find(c) != std::string_view::npos;
    };
    bool plain = !word.empty();
    for (const char c : word) plain = plain && is_plain(c);
    if (plain) return std::string(word);
    std::string out = "'";
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out += '\'';
    return out;
}

std::optional<std::string> write_file(const std::string& path, std::string_view content) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return fmt::format("cannot write '{}': {}", path, std::strerror(errno));
    const bool written = std::fwrite(content.data(), 1, content.size(), file) == content.size();
    const int write_error = errno;
    if (std::fclose(file) != 0 || !written) {
        return fmt::format("cannot write '{}': {}", path,
                           std::strerror(written ? errno : write_error));
    }
    return std::nullopt;
}

}  // namespace wavetank
