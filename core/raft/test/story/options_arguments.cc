// Options of a server from KEY=VALUE words.
#include <fmt/format.h>

#include <limits>

#include "core/raft/test/story/commands.h"

namespace wavetank::story {
namespace {

struct Times {
    std::string_view key;
    Duration Options::*field;
};
constexpr Times kTimes[] = {
    {"election_timeout_min", &Options::election_timeout_min},
    {"election_timeout_max", &Options::election_timeout_max},
    {"heartbeat_interval", &Options::heartbeat_interval},
    {"lease_duration", &Options::lease_duration},
};

struct Numbers {
    std::string_view key;
    uint32_t Options::*field;
};
constexpr Numbers kNumbers[] = {
    {"entries_per_message_max", &Options::entries_per_message_max},
    {"writes_in_flight_max", &Options::writes_in_flight_max},
    {"pending_reads_max", &Options::pending_reads_max},
    {"open_proposals_max", &Options::open_proposals_max},
    {"priority", &Options::priority},
    {"snapshot_piece_bytes", &Options::snapshot_piece_bytes},
    {"snapshot_transfers_max", &Options::snapshot_transfers_max},
    {"apply_entries_max", &Options::apply_entries_max},
    {"catch_up_rounds_max", &Options::catch_up_rounds_max},
};

struct LongNumbers {
    std::string_view key;
    uint64_t Options::*field;
};
constexpr LongNumbers kLongNumbers[] = {
    {"bytes_per_message_max", &Options::bytes_per_message_max},
    {"uncommitted_bytes_max", &Options::uncommitted_bytes_max},
    {"snapshot_entries", &Options::snapshot_entries},
    {"snapshot_bytes", &Options::snapshot_bytes},
    {"snapshot_trailing_entries", &Options::snapshot_trailing_entries},
    {"log_memory_entries", &Options::log_memory_entries},
};

struct Switches {
    std::string_view key;
    bool Options::*field;
};
constexpr Switches kSwitches[] = {
    {"forward_proposals", &Options::forward_proposals},
    {"follower_reads", &Options::follower_reads},
    {"witness", &Options::witness},
};

uint32_t short_number_of(Arguments& arguments, std::string_view key, uint32_t otherwise) {
    const uint64_t number = arguments.number_of(key, otherwise);
    if (number > std::numeric_limits<uint32_t>::max()) {
        arguments.fail(fmt::format("{}={} is too large", key, number));
    }
    return static_cast<uint32_t>(number);
}

}  // namespace

void parse_options(Arguments& arguments, Options& options) {
    for (const auto& [key, field] : kTimes) {
        const std::optional<std::string> text = arguments.value(key);
        if (!text) continue;
        const std::optional<Duration> span = parse_duration(*text);
        if (!span) arguments.fail(fmt::format("{}={} is no duration", key, *text));
        options.*field = span.value_or(Duration{});
    }
    for (const auto& [key, field] : kNumbers) {
        options.*field = short_number_of(arguments, key, options.*field);
    }
    for (const auto& [key, field] : kLongNumbers) {
        options.*field = arguments.number_of(key, options.*field);
    }
    for (const auto& [key, field] : kSwitches) {
        const std::optional<std::string> text = arguments.value(key);
        if (!text) continue;
        if (*text != "yes" && *text != "no") {
            arguments.fail(fmt::format("{}={} is neither yes nor no", key, *text));
        }
        options.*field = *text == "yes";
    }
    options.window.messages_max =
        short_number_of(arguments, "window_messages", options.window.messages_max);
    options.window.bytes_max = arguments.number_of("window_bytes", options.window.bytes_max);

    // The id comes with the server.
    Options whole = options;
    if (!whole.id) whole.id = ServerId(1);
    const char* why = "";
    if (!whole.valid(&why)) arguments.fail(why);
}

}  // namespace wavetank::story
