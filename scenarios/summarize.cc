// Parts separated by semicolons, each left out if there is nothing to say.
#include "scenarios/summarize.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenarios/names.h"
#include "scenarios/page.h"

namespace wavetank {
namespace {

// Words separated by commas.
class Words {
 public:
    void add(std::string_view word) {
        text_ += text_.empty() ? "" : ", ";
        text_ += word;
    }
    void add_if(bool condition, std::string_view word) {
        if (condition) add(word);
    }
    const std::string& text() const { return text_; }

 private:
    std::string text_;
};

std::string percent(const char* what, Ratio ratio) {
    return fmt::format("{} {}", what, to_string(ratio));
}

std::string words_of_members(const Setup& setup) {
    Words words;
    words.add(plural(setup.servers, "server"));
    if (!setup.members) return words.text();
    const Configuration members(*setup.members);
    const std::size_t learners = members.learners().size();
    const std::size_t witnesses = members.witnesses().size();
    const std::size_t waiting = setup.servers - members.all().size();
    words.add_if(learners > 0, plural(learners, "learner"));
    words.add_if(witnesses > 0, witnesses == 1 ? std::string("1 witness")
                                               : fmt::format("{} witnesses", witnesses));
    words.add_if(waiting > 0, fmt::format("{} waiting", waiting));
    return words.text();
}

std::string words_of_options(const Setup& setup) {
    const Options& options = setup.options;
    const Options usual;
    Words words;
    words.add(fmt::format("elections {} to {}", to_string(options.election_timeout_min),
                          to_string(options.election_timeout_max)));
    words.add_if(options.lease_duration.nanos > 0, "lease " + to_string(options.lease_duration));
    words.add_if(options.forward_proposals, "forwarding");
    words.add_if(options.follower_reads, "follower reads");
    const bool narrow = options.window.messages_max != usual.window.messages_max ||
                        options.entries_per_message_max != usual.entries_per_message_max;
    words.add_if(narrow, fmt::format("window {} x {}", options.window.messages_max,
                                     options.entries_per_message_max));
    words.add_if(options.writes_in_flight_max != usual.writes_in_flight_max,
                 plural(options.writes_in_flight_max, "write"));
    if (options.snapshot_entries > 0) {
        words.add(fmt::format("snapshots at {} keep {}", options.snapshot_entries,
                              options.snapshot_trailing_entries));
    }
    words.add_if(options.snapshot_bytes > 0,
                 fmt::format("snapshots at {} bytes", options.snapshot_bytes));
    words.add_if(options.log_memory_entries > 0,
                 fmt::format("{} in memory", options.log_memory_entries));
    words.add_if(!setup.priorities.empty(), "priorities");
    const SessionLimits sessions;
    words.add_if(setup.sessions.sessions_max != sessions.sessions_max,
                 plural(setup.sessions.sessions_max, "session"));
    words.add_if(setup.sessions.expire_after != sessions.expire_after,
                 "sessions expire after " + to_string(setup.sessions.expire_after));
    return words.text();
}

std::string words_of_weather(const Setup& setup) {
    const LinkQuality& network = setup.network;
    Words words;
    words.add_if(!network.loss.never(), percent("loss", network.loss));
    words.add_if(!network.duplicate.never(), percent("duplicates", network.duplicate));
    words.add_if(!network.reorder.never(), percent("reordering", network.reorder));
    words.add_if(!network.corrupt.never(), percent("corruption", network.corrupt));
    words.add_if(network.bytes_per_second > 0, fmt::format("{} bytes/s", network.bytes_per_second));
    words.add_if(!setup.client_network.loss.never(),
                 percent("clients' loss", setup.client_network.loss));
    words.add_if(setup.encoded_links, "encoded");
    words.add_if(!setup.links.empty(), "a far server");
    words.add_if(setup.disk.storage == StorageKind::Sqlite, "SQLite");
    words.add_if(!setup.disks.empty(), "a slow disk");
    words.add_if(setup.disk.bytes_per_second > 0,
                 fmt::format("{} bytes/s to disk", setup.disk.bytes_per_second));
    const auto bounded = std::count_if(
        setup.clocks.begin(), setup.clocks.end(),
        [](const ClockSetup& clock) { return clock.quality.error_bound.has_value(); });
    words.add_if(bounded > 0, fmt::format("{} of {} clocks bounded", bounded, setup.servers));
    words.add_if(bounded == 0 && !setup.clocks.empty(), "clocks astray");
    return words.text();
}

std::string words_of_clients(const Setup& setup) {
    const WorkloadSetup& workload = setup.workload;
    Words words;
    words.add(plural(workload.clients, "client"));
    words.add_if(workload.lanes > 1, fmt::format("{} lanes", workload.lanes));
    words.add_if(workload.readers > 0, plural(workload.readers, "reader"));
    words.add(plural(workload.keys, "key"));
    return fmt::format("{} for {}", words.text(), to_string(setup.duration));
}

std::string words_of_nemesis(const NemesisSetup& nemesis) {
    Words words;
    for (const NemesisKind& kind : kNemesisKinds) {
        const uint32_t weight = nemesis.*kind.weight;
        words.add_if(weight > 0, fmt::format("{} {}", kind.name, weight));
    }
    return fmt::format("{} every {}", words.text(),
                       to_string(nemesis.interval.base + nemesis.interval.spread));
}

}  // namespace

std::string summarize(const Setup& setup) {
    std::string text;
    const auto add = [&](const std::string& part) {
        if (!part.empty()) text += (text.empty() ? "" : "; ") + part;
    };
    add(words_of_members(setup));
    add(words_of_options(setup));
    add(words_of_weather(setup));
    add(words_of_clients(setup));
    add(setup.nemesis ? words_of_nemesis(*setup.nemesis) : std::string("no faults"));
    return text;
}

std::string table_of(const std::vector<MatrixRow>& rows) {
    if (rows.empty()) return "";
    std::vector<std::size_t> widths;
    for (const MatrixChoice& choice : rows[0].choices) widths.push_back(choice.factor.size());
    for (const MatrixRow& row : rows) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], row.choices[i].value.size());
        }
    }
    std::string table = " row";
    const auto end_line = [&] {
        table.erase(table.find_last_not_of(' ') + 1);
        table += "\n";
    };
    for (std::size_t i = 0; i < widths.size(); ++i) {
        table += fmt::format("  {:<{}}", rows[0].choices[i].factor, widths[i]);
    }
    end_line();
    for (const MatrixRow& row : rows) {
        table += fmt::format("{:>4}", row.number);
        for (std::size_t i = 0; i < widths.size(); ++i) {
            table += fmt::format("  {:<{}}", row.choices[i].value, widths[i]);
        }
        end_line();
    }
    return table;
}

}  // namespace wavetank
