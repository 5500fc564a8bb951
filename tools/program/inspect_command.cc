// `wavetank inspect`: the durable state of a server, in words, and whether it is whole.
#include <fmt/format.h>

#include <filesystem>

#include "core/storage/inspection.h"
#include "tools/program/commands.h"

namespace wavetank {
namespace {

constexpr const char* kUsage = R"(usage: wavetank inspect DIR|FILE [--entries A..B]

Shows what a server has on its disk, and verifies the checksums of all of it. DIR is the directory of
the server's data, FILE a database by itself. Nothing is changed; the server may be running.

  --entries A..B   list these entries of the log, with what they begin with
  --help           this text

examples:
  wavetank inspect data/1
  wavetank inspect data/1 --entries 1..20

exit code: 0 all is whole, 1 there is damage, 64 it is no server's disk or wrong usage
)";

constexpr std::size_t kShownBytes = 48;

const char* name_of(EntryKind kind) {
    switch (kind) {
        case EntryKind::Empty:
            return "empty";
        case EntryKind::Command:
            return "command";
        case EntryKind::Configuration:
            return "configuration";
    }
    return "unknown";
}

// What can be printed as it is, the rest as dots.
std::string beginning_of(std::string_view bytes) {
    std::string text;
    for (const char byte : bytes.substr(0, kShownBytes)) {
        text.push_back(byte >= ' ' && byte <= '~' ? byte : '.');
    }
    return bytes.size() > kShownBytes ? text + "..." : text;
}

void print_entry(std::ostream& out, LogIndex index, const Entry& entry) {
    std::string content = beginning_of(entry.payload.bytes());
    if (entry.payload.is_stub()) content = fmt::format("(digest {:016x})", entry.payload.digest());
    if (entry.kind == EntryKind::Configuration) {
        const auto members = decode_configuration(entry.payload.bytes());
        content = members ? members->to_string() : "(no configuration)";
    }
    out << fmt::format("{:>9}  t{:<5} {:<13} {:>7} B  {}\n", index.value(), entry.term.value(),
                       name_of(entry.kind), entry.payload.size(), content);
}

void print_snapshot(std::ostream& out, const char* what, const StoredSnapshot& snapshot) {
    const SnapshotMeta& meta = snapshot.meta;
    out << fmt::format("{} at {} (t{}), {} of {} bytes, digest {:016x}, members {}\n", what,
                       meta.index().value(), meta.last.term.value(), snapshot.bytes, meta.bytes,
                       meta.digest, meta.configuration.to_string());
}

void print_log(std::ostream& out, const Inspection& found) {
    const StoredState& state = *found.state;
    out << fmt::format("log         after {} (t{}): ", state.base.index.value(),
                       state.base.term.value());
    if (found.entries == 0) {
        out << "no entries\n";
        return;
    }
    out << fmt::format("{}..{}, {} entries of {} bytes in {} rows; sealed up to {} (seal {})\n",
                       found.first.value(), found.last.value(), found.entries, found.entry_bytes,
                       found.rows, state.log_end.value(), state.seal);
}

void print_members(std::ostream& out, const Inspection& found) {
    if (found.configuration) {
        out << fmt::format("members     {}, by entry {}\n",
                           found.configuration->configuration.to_string(),
                           found.configuration->index.value());
    } else if (found.state && found.state->snapshot) {
        out << fmt::format("members     {}, by the snapshot\n",
                           found.state->snapshot->meta.configuration.to_string());
    } else if (found.identity) {
        const Configuration& first = found.identity->configuration;
        out << "members     "
            << (first.all().empty() ? "none yet: it waits to be added" : first.to_string()) << "\n";
    }
}

void print(std::ostream& out, const Inspection& found) {
    out << fmt::format("database    {}: schema {}, {} pages of {} bytes{}\n", found.path,
                       found.schema, found.pages, found.page_bytes,
                       found.in_use ? ", in use by a server" : "");
    if (found.identity) {
        out << fmt::format("identity    server {} of cluster {:016x}\n",
                           found.identity->server.value(), found.identity->cluster);
    }
    if (found.state) {
        const HardState& hard = found.state->hard_state;
        const std::string vote =
            hard.voted_for ? fmt::format("vote for {}", hard.voted_for.value()) : "no vote";
        out << fmt::format("hard state  term {}, {}{}\n", hard.current_term.value(), vote,
                           hard.joined ? ", has joined" : "");
        print_log(out, found);
    }
    print_members(out, found);
    if (found.state && found.state->snapshot)
        print_snapshot(out, "snapshot   ", *found.state->snapshot);
    if (found.state && found.state->collecting)
        print_snapshot(out, "incoming   ", *found.state->collecting);
    for (const std::string& what : found.damage) out << "damage      " << what << "\n";
    out << (found.damage.empty() ? "verdict     whole\n"
                                 : "verdict     damaged: do not start a "
                                   "server from it\n");
}

int inspect(const Program& program, const std::string& path, const SeedRange& entries) {
    InspectionTarget target;
    target.path = std::filesystem::is_directory(path) ? path + "/raft.db" : path;
    target.each_entry = [&](LogIndex index, const Entry& entry) {
        if (index.value() >= entries.first && index.value() <= entries.last)
            print_entry(program.out, index, entry);
    };
    const Result<Inspection> found = inspect_storage(target);
    if (!found.ok()) {
        program.err << "wavetank inspect: " << found.error().message << "\n";
        return kExitUsage;
    }
    print(program.out, found.value());
    return found.value().damage.empty() ? kExitPassed : kExitFailed;
}

}  // namespace

int inspect_command(const Program& program, const std::vector<std::string>& arguments) {
    namespace po = boost::program_options;
    po::options_description known;
    known.add_options()("help", "")("entries", po::value<std::string>());
    const Result<Arguments> read = read_arguments(known, arguments);
    if (!read.ok()) return usage_error(program, "inspect", read.error().message);
    if (read.value().has("help")) {
        program.out << kUsage;
        return kExitPassed;
    }
    if (read.value().words.size() != 1) {
        return usage_error(program, "inspect", "give the directory or the database of one server");
    }
    SeedRange entries{1, 0};
    if (read.value().has("entries")) {
        const Result<SeedRange> range = read_range("--entries", read.value().text("entries"));
        if (!range.ok()) return usage_error(program, "inspect", range.error().message);
        entries = range.value();
    }
    return inspect(program, read.value().words.front(), entries);
}

}  // namespace wavetank
