// Field by field between the structs and the messages.
#include "reports/record_format.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include "reports/reproduction.h"
#include "reports/text.h"
#include "run_record.pb.h"

namespace wavetank {
namespace {

Verdict verdict_from(std::string_view name) {
    if (name == name_of(Verdict::Pass)) return Verdict::Pass;
    if (name == name_of(Verdict::Fail)) return Verdict::Fail;
    // Also a word of a newer program: what we do not understand we do not know.
    return Verdict::Unknown;
}

double wall_seconds(Duration span) {
    return static_cast<double>(span.nanos) / 1e9;
}

void fill(format::Finding& out, const Finding& finding) {
    out.set_oracle(printable(finding.oracle));
    out.set_verdict(name_of(finding.verdict));
    out.set_message(printable(finding.message));
    out.set_at_nanos(finding.at.nanos);
    out.set_event(finding.event);
}

void fill(format::RunRecord& out, const RunRecord& record) {
    out.set_scenario(printable(record.scenario));
    out.set_seed(record.seed);
    out.set_verdict(name_of(record.verdict));
    for (const Finding& finding : record.findings) fill(*out.add_findings(), finding);
    out.set_digest(digest_text(record.digest));
    out.set_events(record.events);
    out.set_ended_nanos(record.ended.nanos);
    out.set_messages_sent(record.messages_sent);
    out.set_deliveries(record.deliveries);
    out.set_operations_ok(record.operations_ok);
    out.set_operations_fail(record.operations_fail);
    out.set_operations_info(record.operations_info);
    out.set_elections_won(record.elections_won);
    out.set_crashes(record.crashes);
    out.set_highest_term(record.highest_term);
    out.set_highest_commit(record.highest_commit);
    out.set_changes_done(record.changes_done);
    out.set_transfers_done(record.transfers_done);
    out.set_snapshots_taken(record.snapshots_taken);
    out.set_snapshots_installed(record.snapshots_installed);
    out.set_lease_reads(record.lease_reads);
    if (record.lease_margin) out.set_lease_margin_nanos(record.lease_margin->nanos);
    if (record.lease_drift_ppm) out.set_lease_drift_ppm(*record.lease_drift_ppm);
    out.set_longest_unavailability_nanos(record.longest_unavailability.nanos);
    for (const std::string& mark : record.sometimes_reached)
        out.add_sometimes_reached(printable(mark));
}

Finding finding_from(const format::Finding& in) {
    return Finding{.oracle = in.oracle(),
                   .verdict = verdict_from(in.verdict()),
                   .message = in.message(),
                   .at = Instant{in.at_nanos()},
                   .event = in.event()};
}

Result<RunRecord> record_from(const format::RunRecord& in) {
    const std::optional<uint64_t> digest = parse_digest(in.digest());
    if (!digest) return Error{fmt::format("a run record's digest is '{}', no number", in.digest())};
    RunRecord record;
    record.scenario = in.scenario();
    record.seed = in.seed();
    record.verdict = verdict_from(in.verdict());
    for (const format::Finding& finding : in.findings())
        record.findings.push_back(finding_from(finding));
    record.digest = *digest;
    record.events = in.events();
    record.ended = Instant{in.ended_nanos()};
    record.messages_sent = in.messages_sent();
    record.deliveries = in.deliveries();
    record.operations_ok = in.operations_ok();
    record.operations_fail = in.operations_fail();
    record.operations_info = in.operations_info();
    record.elections_won = in.elections_won();
    record.crashes = in.crashes();
    record.highest_term = in.highest_term();
    record.highest_commit = in.highest_commit();
    record.changes_done = in.changes_done();
    record.transfers_done = in.transfers_done();
    record.snapshots_taken = in.snapshots_taken();
    record.snapshots_installed = in.snapshots_installed();
    record.lease_reads = in.lease_reads();
    if (in.has_lease_margin_nanos()) record.lease_margin = nanoseconds(in.lease_margin_nanos());
    if (in.has_lease_drift_ppm()) record.lease_drift_ppm = in.lease_drift_ppm();
    record.longest_unavailability = nanoseconds(in.longest_unavailability_nanos());
    record.sometimes_reached = {in.sometimes_reached().begin(), in.sometimes_reached().end()};
    return record;
}

void fill(format::Run& out, const Session& session, const RunEntry& entry) {
    out.set_file(printable(entry.file));
    fill(*out.mutable_record(), entry.record);
    out.set_wall_seconds(wall_seconds(entry.wall));
    if (entry.record.verdict != Verdict::Pass) {
        out.set_reproduce(printable(reproduction_command(session, entry)));
    }
}

void fill(format::Session& out, const Session& session) {
    format::Build& build = *out.mutable_build();
    build.set_version(session.build.version);
    build.set_compiler(session.build.compiler);
    build.set_build_type(session.build.build_type);
    build.set_commit(session.build.commit);
    out.set_started(session.started);
    out.set_host(printable(session.host));
    out.set_wall_seconds(wall_seconds(session.wall));
    out.set_planned(session.planned);
    out.set_interrupted(session.interrupted);
    const VerdictCounts counts = count_verdicts(session.runs);
    out.set_verdict(name_of(verdict_of(counts)));
    out.set_digest(digest_text(digest_of(session)));
    out.set_passed(counts.passed);
    out.set_failed(counts.failed);
    out.set_unknown(counts.unknown);
    for (const std::string& mark : session.sometimes_reached) out.add_sometimes_reached(mark);
    for (const std::string& mark : session.sometimes_not_reached)
        out.add_sometimes_not_reached(mark);
    for (const RunEntry& entry : session.runs) fill(*out.add_runs(), session, entry);
}

std::string to_json(const google::protobuf::Message& message, bool indent) {
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = indent;
    options.always_print_primitive_fields = true;
    options.preserve_proto_field_names = true;
    std::string json;
    const auto status = google::protobuf::util::MessageToJsonString(message, &json, options);
    CHECK(status.ok());  // every string was made valid UTF-8 before
    return json;
}

}  // namespace

std::string encode_record(const RunRecord& record) {
    format::RunRecord message;
    fill(message, record);
    return message.SerializeAsString();
}

Result<RunRecord> decode_record(std::string_view bytes) {
    format::RunRecord message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return Error{fmt::format("{} bytes are no run record", bytes.size())};
    }
    return record_from(message);
}

std::string session_to_json(const Session& session) {
    format::Session message;
    fill(message, session);
    return to_json(message, true);
}

std::string record_to_json(const RunRecord& record) {
    format::RunRecord message;
    fill(message, record);
    return to_json(message, true);
}

Result<RunRecord> record_from_json(std::string_view json) {
    format::RunRecord message;
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    const auto status = google::protobuf::util::JsonStringToMessage(
        google::protobuf::StringPiece(json.data(), json.size()), &message, options);
    if (!status.ok()) return Error{fmt::format("no run record: {}", status.ToString())};
    return record_from(message);
}

std::string trace_event_to_json(const TraceEvent& event) {
    format::TraceEvent message;
    message.set_number(event.number);
    message.set_at_nanos(event.at.nanos);
    message.set_kind(name_of(event.kind));
    message.set_server(event.server.value());
    message.set_peer(event.peer.value());
    message.set_words(printable(event.words));
    return to_json(message, false);
}

}  // namespace wavetank
