// Findings: where oracles put what they have to say. It knows the event that is being handled, so
// an oracle only names itself and says what is wrong. One violation often drags many others behind
// it, so everything is counted but little is kept: the first ones, and of each oracle only a few,
// so that a noisy one cannot hide the others.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/strong.h"
#include "core/base/time.h"
#include "sim/record/run_record.h"

namespace wavetank {

// Identifiers appear in messages as their numbers.
template <class Tag, class Rep>
Rep in_words(const Strong<Tag, Rep>& id) {
    return id.value();
}
inline const char* in_words(const char* text) {
    return text;
}
inline const std::string& in_words(const std::string& text) {
    return text;
}
inline uint64_t in_words(uint64_t number) {
    return number;
}

class Findings {
 public:
    static constexpr std::size_t kKeptMax = 10;
    static constexpr std::size_t kKeptPerOracleMax = 3;

    // The event that is being handled from now on, and its true time.
    void now(uint64_t event, Instant at) {
        event_ = event;
        at_ = at;
    }

    // A violation. `message`: what, which servers, terms and indexes, both values.
    void report(std::string_view oracle, std::string message);

    // The same; the words are put together only if they will be kept.
    template <class First, class... Rest>
    [[gnu::cold]] [[gnu::noinline]] void report(
        std::string_view oracle,
        fmt::format_string<decltype(in_words(std::declval<const First&>())),
                           decltype(in_words(std::declval<const Rest&>()))...>
            format,
        const First& first, const Rest&... rest) {
        if (!keeps(oracle)) {
            ++count_;
            return;
        }
        report(oracle,
               fmt::vformat(format, fmt::make_format_args(in_words(first), in_words(rest)...)));
    }

    // An honest limit: something could not be judged. `message` says what and why.
    void unknown(std::string_view oracle, std::string message);

    // Fail if there was a violation, else Unknown if something could not be judged, else Pass.
    Verdict verdict() const;

    // In the order in which they were found.
    const std::vector<Finding>& kept() const { return kept_; }
    // Of all, kept or not.
    uint64_t count() const { return count_; }
    bool empty() const { return count_ == 0; }

 private:
    bool keeps(std::string_view oracle) const;

    std::vector<Finding> kept_;
    uint64_t count_ = 0;
    uint64_t unknown_count_ = 0;
    uint64_t event_ = 0;
    Instant at_;
};

}  // namespace wavetank
