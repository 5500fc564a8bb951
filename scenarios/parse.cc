// From the blocks of a scenario file to a Setup.
#include "scenarios/parse.h"

#include <algorithm>
#include <string>

#include "scenario.pb.h"
#include "scenarios/passes.h"
#include "scenarios/read.h"

namespace wavetank {
namespace {

constexpr uint32_t kServersMax = 99;

// The file's name without folder and ending.
std::string stem_of(std::string_view file_name) {
    const std::size_t slash = file_name.find_last_of('/');
    if (slash != std::string_view::npos) file_name.remove_prefix(slash + 1);
    const std::size_t dot = file_name.find_last_of('.');
    if (dot != std::string_view::npos && dot > 0) file_name = file_name.substr(0, dot);
    return std::string(file_name);
}

void read_story(const Block& file, Setup* setup) {
    if (!file.text("story", &setup->story)) {
        if (!file.damaged()) {
            file.notes().errors.push_back(
                {"", 1, 1,
                 "the scenario has no story; add one line that says what it shows: "
                 "story: \"...\""});
        }
        return;
    }
    if (setup->story.empty()) file.error("story", "story is empty; say in one line what is shown");
    if (setup->story.find('\n') != std::string::npos) {
        file.error("story", "story has several lines; say it in one, and the rest in comments");
    }
}

void read_name(const Block& file, std::string_view file_name, Setup* setup) {
    setup->name = stem_of(file_name);
    if (!file.text("name", &setup->name)) return;
    const auto blank = [](char c) { return static_cast<unsigned char>(c) < ' '; };
    if (setup->name.empty() || std::any_of(setup->name.begin(), setup->name.end(), blank)) {
        file.error("name", "name must be one line and not empty; leave it out to take the file's");
    }
}

// Servers first, as all numbers of servers are checked against it.
void read_servers(const Block& file, Setup* setup) {
    file.notes().servers = setup->servers;
    const Limits<uint32_t> limits{.min = 1, .max = kServersMax};
    const bool good = file.number("servers", &setup->servers, limits);
    file.notes().servers = setup->servers;
    // An unreadable number must not make every server unknown.
    if (!good && (file.has("servers") || file.damaged())) file.notes().servers = kServersMax;
}

void read_end(const Block& file, Setup* setup) {
    file.duration("duration", &setup->duration);
    if (file.has("liveness")) {
        const Block liveness = file.child("liveness");
        liveness.flag("owed", &setup->liveness.owed);
        liveness.duration("leader_within", &setup->liveness.leader_within, Sign::Positive);
        liveness.duration("commit_within", &setup->liveness.commit_within, Sign::Positive);
        liveness.duration("caught_up_within", &setup->liveness.caught_up_within, Sign::Positive);
    }
    if (file.has("linearizability")) {
        const Block caps = file.child("linearizability");
        caps.number("expansions_max", &setup->linearizability_expansions_max, {.min = 1});
        caps.number("bytes_max", &setup->linearizability_bytes_max, {.min = 1});
    }
    file.number("events_max", &setup->events_max, {.min = 1});
    file.flag("oracles", &setup->oracles);
    if (setup->beyond_limit && file.has("liveness") && file.child("liveness").has("owed") &&
        setup->liveness.owed) {
        file.error("beyond_limit", "beyond the limit liveness cannot be owed; remove one of them");
    }
    if (file.has("matrix")) read_matrix(file.child("matrix"), setup);
}

Setup read_setup(const Block& file, std::string_view file_name) {
    Setup setup;
    read_servers(file, &setup);
    read_name(file, file_name, &setup);
    read_story(file, &setup);
    read_cluster(file, &setup);
    read_weather(file, &setup);
    file.flag("beyond_limit", &setup.beyond_limit);
    file.notes().beyond_limit = setup.beyond_limit;
    if (file.has("clients")) read_clients(file.child("clients"), &setup.workload);
    read_timeline(file, &setup);
    if (file.has("nemesis")) {
        read_nemesis(file.child("nemesis"), &setup.nemesis.emplace());
    }
    read_end(file, &setup);
    return setup;
}

}  // namespace

std::variant<Setup, std::vector<ScenarioError>> parse_scenario_fully(std::string_view text,
                                                                     std::string_view file_name) {
    scenario::Scenario message;
    Setup setup;
    std::vector<ScenarioError> errors =
        read_text_format({text, file_name, "the scenario"}, &message,
                         [&](const Block& file) { setup = read_setup(file, file_name); });
    if (!errors.empty()) return errors;
    return setup;
}

Result<Setup> parse_scenario(std::string_view text, std::string_view file_name) {
    auto parsed = parse_scenario_fully(text, file_name);
    if (auto* setup = std::get_if<Setup>(&parsed)) return std::move(*setup);
    return Error{to_string(std::get<std::vector<ScenarioError>>(parsed))};
}

}  // namespace wavetank
