// Built as a tree with pugixml, which escapes; control characters it would write as they are, and
// XML forbids them, so every text is made printable first.
#include "reports/junit.h"

#include <fmt/format.h>

#include <pugixml.hpp>
#include <sstream>

#include "reports/reproduction.h"
#include "reports/text.h"

namespace wavetank {
namespace {

std::string one_line(std::string_view text) {
    std::string line(text.substr(0, text.find('\n')));
    for (char& c : line) {
        if (c == '\t') c = ' ';
    }
    return line;
}

void set(pugi::xml_node node, const char* name, const std::string& value) {
    node.append_attribute(name) = printable(value).c_str();
}

// Three decimals: the Jenkins schema takes no more.
std::string decimal_seconds(Duration span) {
    return fmt::format("{:.3f}", static_cast<double>(span.nanos) / 1e9);
}

std::string findings_text(const Session& session, const RunEntry& entry) {
    std::string out;
    for (const Finding& finding : entry.record.findings) {
        out +=
            fmt::format("{} ({}) at {} s, event {}:\n{}", finding.oracle, name_of(finding.verdict),
                        to_string(finding.at), finding.event, indented(finding.message, "  "));
    }
    if (!entry.file.empty()) out += fmt::format("scenario file: {}\n", entry.file);
    out += fmt::format("seed: {}\ndigest: {}\nreproduce: {}\n", entry.record.seed,
                       digest_text(entry.record.digest), reproduction_command(session, entry));
    return out;
}

void add_problem(pugi::xml_node testcase, const Session& session, const RunEntry& entry) {
    const RunRecord& record = entry.record;
    const bool failed = record.verdict == Verdict::Fail;
    pugi::xml_node problem = testcase.append_child(failed ? "failure" : "error");
    // The first finding of the verdict's kind is what the run is remembered by.
    const Finding* first = nullptr;
    for (const Finding& finding : record.findings) {
        if (first == nullptr && finding.verdict == record.verdict) first = &finding;
    }
    const std::string message =
        first == nullptr ? "no finding" : first->oracle + ": " + one_line(first->message);
    set(problem, "message", message);
    set(problem, "type", failed && first != nullptr ? first->oracle : name_of(record.verdict));
    problem.text().set(printable(findings_text(session, entry)).c_str());
}

void add_testcase(pugi::xml_node suite, const Session& session, const RunEntry& entry,
                  JunitFlavor flavor) {
    const RunRecord& record = entry.record;
    pugi::xml_node testcase = suite.append_child("testcase");
    set(testcase, "name", fmt::format("seed {}", record.seed));
    set(testcase, "classname", record.scenario);
    set(testcase, "time", decimal_seconds(entry.wall));
    if (flavor == JunitFlavor::Gitlab && !entry.file.empty()) set(testcase, "file", entry.file);
    if (record.verdict != Verdict::Pass) add_problem(testcase, session, entry);
    if (flavor == JunitFlavor::Gitlab) {
        const std::string out = fmt::format("verdict {}\ndigest {}\nevents {}\nreproduce: {}\n",
                                            name_of(record.verdict), digest_text(record.digest),
                                            record.events, reproduction_command(session, entry));
        testcase.append_child("system-out").text().set(printable(out).c_str());
    }
}

void add_property(pugi::xml_node properties, const char* name, const std::string& value) {
    pugi::xml_node property = properties.append_child("property");
    set(property, "name", name);
    set(property, "value", value);
}

void add_properties(pugi::xml_node suite, const Session& session, const RunEntry& first) {
    pugi::xml_node properties = suite.append_child("properties");
    if (!first.file.empty()) add_property(properties, "file", first.file);
    add_property(properties, "build", to_string(session.build));
    if (session.runs.size() < session.planned) {
        add_property(properties, "runs_not_made_in_session",
                     fmt::to_string(session.planned - session.runs.size()));
    }
    if (session.interrupted) add_property(properties, "interrupted", "true");
}

// The runs of one suite: same scenario, same file.
void add_suite(pugi::xml_node root, const Session& session, std::span<const RunEntry> runs,
               JunitFlavor flavor) {
    const std::size_t id = static_cast<std::size_t>(std::distance(root.begin(), root.end()));
    pugi::xml_node suite = root.append_child("testsuite");
    const VerdictCounts counts = count_verdicts(runs);
    Duration wall;
    for (const RunEntry& entry : runs) wall = wall + entry.wall;
    set(suite, "name", runs.front().record.scenario);
    set(suite, "package", "wavetank");
    set(suite, "id", fmt::to_string(id));
    set(suite, "timestamp", session.started);
    set(suite, "hostname", session.host.empty() ? "localhost" : session.host);
    set(suite, "tests", fmt::to_string(runs.size()));
    set(suite, "failures", fmt::to_string(counts.failed));
    set(suite, "errors", fmt::to_string(counts.unknown));
    set(suite, "skipped", "0");
    set(suite, "time", decimal_seconds(wall));
    add_properties(suite, session, runs.front());
    for (const RunEntry& entry : runs) add_testcase(suite, session, entry, flavor);
    suite.append_child("system-out");
    suite.append_child("system-err");
}

}  // namespace

std::optional<JunitFlavor> parse_junit_flavor(std::string_view name) {
    if (name == "strict") return JunitFlavor::Strict;
    if (name == "gitlab") return JunitFlavor::Gitlab;
    return std::nullopt;
}

std::string junit_xml(const Session& session, JunitFlavor flavor) {
    pugi::xml_document document;
    pugi::xml_node declaration = document.append_child(pugi::node_declaration);
    declaration.append_attribute("version") = "1.0";
    declaration.append_attribute("encoding") = "UTF-8";
    pugi::xml_node root = document.append_child("testsuites");
    const std::span<const RunEntry> runs = session.runs;
    std::size_t begin = 0;
    while (begin < runs.size()) {
        std::size_t end = begin + 1;
        while (end < runs.size() && runs[end].file == runs[begin].file &&
               runs[end].record.scenario == runs[begin].record.scenario) {
            ++end;
        }
        add_suite(root, session, runs.subspan(begin, end - begin), flavor);
        begin = end;
    }
    std::ostringstream out;
    document.save(out, "  ", pugi::format_default, pugi::encoding_utf8);
    return out.str();
}

}  // namespace wavetank
