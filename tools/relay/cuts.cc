// Words and groups.
#include "tools/relay/cuts.h"

#include <fmt/format.h>

#include <charconv>
#include <sstream>

namespace wavetank {
namespace {

constexpr struct {
    const char* name;
    Cut cut;
} kNames[] = {{"drop", Cut::Drop}, {"stall", Cut::Stall}, {"reset", Cut::Reset}};

bool read_id(const std::string& word, ServerId* id) {
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size() || number == 0) return false;
    *id = ServerId(number);
    return true;
}

}  // namespace

const char* name_of(Cut cut) {
    for (const auto& known : kNames) {
        if (known.cut == cut) return known.name;
    }
    return "?";
}

Result<Cut> parse_cut(std::string_view word) {
    for (const auto& known : kNames) {
        if (known.name == word) return known.cut;
    }
    return Error{fmt::format("a link can be cut by drop, stall or reset, not by '{}'", word)};
}

std::string to_string(const Cuts& cuts) {
    std::string text;
    for (const auto& [link, cut] : cuts) {
        text += fmt::format("{} {} {}\n", link.from.value(), link.to.value(), name_of(cut));
    }
    return text;
}

Result<Cuts> parse_cuts(std::string_view text) {
    Cuts cuts;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string from;
        std::string to;
        std::string how;
        std::string more;
        words >> from >> to >> how >> more;
        Link link;
        if (!read_id(from, &link.from) || !read_id(to, &link.to) || !more.empty()) {
            return Error{fmt::format("'{}' is no cut; write FROM TO drop|stall|reset", line)};
        }
        const Result<Cut> cut = parse_cut(how);
        if (!cut.ok()) return cut.error();
        cuts[link] = cut.value();
    }
    return cuts;
}

std::vector<Link> links_between(const std::vector<std::vector<ServerId>>& groups) {
    std::vector<Link> links;
    for (const auto& group : groups) {
        for (const auto& other : groups) {
            if (&group == &other) continue;
            for (const ServerId from : group) {
                for (const ServerId to : other) links.push_back({from, to});
            }
        }
    }
    return links;
}

std::vector<Link> links_out_of_first(const std::vector<std::vector<ServerId>>& groups) {
    std::vector<Link> links;
    for (std::size_t i = 1; i < groups.size(); ++i) {
        for (const ServerId from : groups[0]) {
            for (const ServerId to : groups[i]) links.push_back({from, to});
        }
    }
    return links;
}

}  // namespace wavetank
