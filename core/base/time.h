// Time as integers: nanoseconds since an origin that the host chooses. A `Duration` is a span, an
// `Instant` a point; the protocol only ever compares instants of one and the same server. No
// floating point: simulated time must be the same on every compiler.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace wavetank {

struct Duration {
    int64_t nanos = 0;
    friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
    constexpr Duration operator+(Duration other) const { return {nanos + other.nanos}; }
    constexpr Duration operator-(Duration other) const { return {nanos - other.nanos}; }
    constexpr Duration operator*(int64_t factor) const { return {nanos * factor}; }
    constexpr Duration operator/(int64_t divisor) const { return {nanos / divisor}; }
};

struct Instant {
    int64_t nanos = 0;
    friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
    constexpr Instant operator+(Duration span) const { return {nanos + span.nanos}; }
    constexpr Instant operator-(Duration span) const { return {nanos - span.nanos}; }
    constexpr Duration operator-(Instant other) const { return {nanos - other.nanos}; }

    static constexpr Instant never() { return {std::numeric_limits<int64_t>::max()}; }
};

// What a server's clock shows, and how wrong it may be. Everything but leases goes by `local` alone
// and works with any clock. A lease needs the bound: true time, the same for all servers, lies
// within [local - error, local + error] if `error` is known, that is not negative.
struct ClockReading {
    static constexpr Duration kUnknown{-1};
    Instant local;
    Duration error = kUnknown;

    constexpr ClockReading() = default;
    // A clock of which nothing is known.
    constexpr ClockReading(Instant at) : local(at) {}  // NOLINT(google-explicit-constructor)
    constexpr ClockReading(Instant at, Duration bound) : local(at), error(bound) {}
    constexpr bool bounded() const { return error.nanos >= 0; }
    constexpr Instant earliest() const { return local - error; }
    constexpr Instant latest() const { return local + error; }
    friend constexpr bool operator==(const ClockReading&, const ClockReading&) = default;
};

constexpr Duration nanoseconds(int64_t count) {
    return {count};
}
constexpr Duration microseconds(int64_t count) {
    return {count * 1'000};
}
constexpr Duration milliseconds(int64_t count) {
    return {count * 1'000'000};
}
constexpr Duration seconds(int64_t count) {
    return {count * 1'000'000'000};
}

// Reads "250ms", "1.5s", "100us", "20ns", "2m", "1h". Exact: at most nine decimals, no floating
// point. Nothing for anything else, including negative spans and spans over 292 years.
std::optional<Duration> parse_duration(std::string_view text);

// The shortest exact form: "250ms", "1.5s", "0s".
std::string to_string(Duration span);

// Seconds with six decimals, for logs and traces: "12.345678".
std::string to_string(Instant point);

}  // namespace wavetank
