// The page that `explain` fills: sections with indented lines.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace wavetank {

class Page {
 public:
    void section(std::string_view title) { text_ += fmt::format("\n{}\n", title); }
    void line(std::string_view words) { text_ += fmt::format("  {}\n", words); }
    void raw(std::string_view words) { text_ += words; }
    const std::string& text() const { return text_; }

 private:
    std::string text_;
};

// "1 server", "3 servers".
inline std::string plural(uint64_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

}  // namespace wavetank
