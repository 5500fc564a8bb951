// Text that came from elsewhere (the last words of a crashed process, a message of an oracle) made
// safe for XML, JSON and terminals.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wavetank {

// Valid UTF-8 without control characters other than tab and newline: everything else becomes
// U+FFFD, the replacement character. XML 1.0 forbids control characters even as references.
std::string printable(std::string_view text);

// The lines without their ends; a last line without an end counts, an empty text has none.
std::vector<std::string_view> lines_of(std::string_view text);

// Every line with `indent` in front, each ended by a newline.
std::string indented(std::string_view text, std::string_view indent);

// 16 hexadecimal digits, and back. Reads 1 to 16 digits, with or without "0x"; nothing for else.
std::string digest_text(uint64_t digest);
std::optional<uint64_t> parse_digest(std::string_view text);

// For a POSIX shell: as it is if no character is special, else in single quotes.
std::string shell_quoted(std::string_view word);

// The whole file replaced by `content`. Nothing if that worked, else what went wrong and where.
std::optional<std::string> write_file(const std::string& path, std::string_view content);

}  // namespace wavetank
