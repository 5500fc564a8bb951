// A session for the tests of the reports: passes, failures with awkward text, a death, an unknown.
#pragma once

#include <string>
#include <vector>

#include "reports/reproduction.h"
#include "reports/session.h"

namespace wavetank {

inline RunEntry run_entry(const std::string& scenario, uint64_t seed, Verdict verdict) {
    RunEntry entry;
    entry.file = "scenarios/" + scenario + ".textproto";
    entry.record.scenario = scenario;
    entry.record.seed = seed;
    entry.record.verdict = verdict;
    entry.record.digest = 0xabc0 + seed;
    entry.record.events = 100 * seed;
    entry.wall = milliseconds(250);
    return entry;
}

inline Finding finding(const std::string& oracle, Verdict verdict, const std::string& message) {
    return Finding{.oracle = oracle,
                   .verdict = verdict,
                   .message = message,
                   .at = Instant{1'234'567'000},
                   .event = 553};
}

// Runs are added out of order; complete() is done.
inline Session example_session() {
    Session session;
    session.build = {
        .version = "0.1.0", .compiler = "g++ 12", .build_type = "Release", .commit = "abc"};
    session.started = "2026-11-20T23:15:00";
    session.host = "tank";
    session.wall = seconds(2);
    session.timeout = seconds(120);
    session.planned = 6;

    RunEntry failure = run_entry("partition", 7, Verdict::Fail);
    failure.record.findings = {
        finding("budget", Verdict::Unknown, "ran out"),
        finding("election safety", Verdict::Fail,
                "two leaders <1> & \"2\" in term 3 ]]>\n\x1b[31m and \xff bytes")};
    RunEntry death = run_entry("partition", 9, Verdict::Fail);
    death.record.findings = {finding(kHangOracle, Verdict::Fail, "no answer")};
    RunEntry unknown = run_entry("election", 2, Verdict::Unknown);
    unknown.record.findings = {finding("linearizability", Verdict::Unknown, "budget ran out")};
    RunEntry pass = run_entry("election", 10, Verdict::Pass);
    pass.record.sometimes_reached = {"a mark that was reached"};

    for (RunEntry& entry : std::vector<RunEntry>{death, pass, failure, unknown}) {
        add_run(session, std::move(entry));
    }
    complete(session, std::vector<std::string>{"a mark that was reached", "a mark nobody saw"});
    return session;
}

}  // namespace wavetank
