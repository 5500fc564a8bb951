// `wavetank client`: one operation on a real cluster.
#include <fmt/format.h>

#include "core/machines/kv.h"
#include "scenarios/suggest.h"
#include "tools/program/client_operators.h"
#include "tools/program/commands.h"
#include "tools/program/deployed.h"

namespace wavetank {
namespace {

constexpr const char* kUsage = R"(usage: wavetank client --cluster FILE OPERATION [OPTIONS]

Carries out one operation on a real cluster and prints its result.

  get KEY                 the value; nothing and exit code 1 if there is none
  put KEY VALUE           stores it
  append KEY VALUE        puts it behind the value that is there, if any
  cas KEY EXPECTED NEW    stores NEW if EXPECTED is there; exit code 1 if it is not
  delete KEY              exit code 1 if there was none

  status                  every server: what it is, how far it has come
  member list             who belongs to the cluster
  member add ID [--as voter|learner|witness]
                          a server of FILE that runs already; a new voter catches up first
  member remove ID
  transfer [ID]           the leadership, to this server or whoever is best

  --cluster FILE   the cluster (scenarios/deployment.proto)
  --tls DIR        a folder of certificates: connections are mutual TLS 1.3; default: the one that
                   FILE names, if any. Without it everybody may do everything; with it, what the
                   certificate has rights for: read (get), write (put, append, cas, delete), admin
                   (member add, member remove, transfer); status and member list are for everybody
  --as-client NAME whose certificate in DIR is ours: NAME.pem and NAME.key; default client
  --timeout T      how long to wait for an answer; default 10s
  --help           this text

examples:
  wavetank client --cluster cluster.textproto put colour green
  wavetank client --cluster cluster.textproto member add 4
  wavetank client --cluster cluster.textproto --tls certificates --as-client alice get colour

exit code: 0 done, 1 the answer is no, 2 no answer in time (it may have been done or not), 64 wrong
usage or file
)";

// How many words a function takes after its name, and which they are.
struct KvWords {
    KvFunction function;
    std::size_t words;
    const char* usage;
};
constexpr KvWords kKvWords[] = {
    {KvFunction::Get, 1, "get KEY"},
    {KvFunction::Put, 2, "put KEY VALUE"},
    {KvFunction::Append, 2, "append KEY VALUE"},
    {KvFunction::CompareAndSet, 3, "cas KEY EXPECTED NEW"},
    {KvFunction::Delete, 1, "delete KEY"},
};

int carry_out(const Program& program, const ClientCall& call, const KvCommand& command) {
    std::optional<KvResult> result;
    std::string forbidden;
    talk_to(call.deployment, {.operation = call.timeout}, [&](ClientSession& session) {
        const bool reads = command.function == KvFunction::Get;
        const auto reply = session.call(reads, encode(command));
        if (reply) result = decode_kv_result(*reply);
        forbidden = session.forbidden();
    });
    if (!forbidden.empty()) {
        program.err << "wavetank client: not done: " << forbidden << "\n";
        return kExitFailed;
    }
    if (!result) {
        program.err << fmt::format(
            "wavetank client: no answer within {}; {}\n{}", to_string(call.timeout),
            command.function == KvFunction::Get ? "is there a majority?"
                                                : "it may have been done or not",
            complaints_about(call.deployment));
        return kExitUnknown;
    }
    if (command.function == KvFunction::Get && result->ok) program.out << result->value << "\n";
    return result->ok ? kExitPassed : kExitFailed;
}

int unknown_operation(const Program& program, const std::string& word) {
    std::vector<std::string> names = {"status", "member", "transfer"};
    for (const KvWords& each : kKvWords) names.emplace_back(name_of(each.function));
    const std::string meant = nearest(word, names);
    std::string message = fmt::format("there is no operation '{}'", word);
    if (!meant.empty()) message += fmt::format("; did you mean '{}'?", meant);
    return usage_error(program, "client", message);
}

int run_operation(const Program& program, const ClientCall& call) {
    const std::string& name = call.words.front();
    for (const KvWords& each : kKvWords) {
        if (name != name_of(each.function)) continue;
        if (call.words.size() != each.words + 1) {
            return usage_error(program, "client", fmt::format("write {}", each.usage));
        }
        KvCommand command{.function = each.function, .key = call.words[1]};
        if (each.words > 1) command.value = call.words.back();
        if (each.function == KvFunction::CompareAndSet) command.expected = call.words[2];
        return carry_out(program, call, command);
    }
    if (name == "status") return show_status(program, call);
    if (name == "member") return change_members(program, call);
    if (name == "transfer") return transfer_leadership(program, call);
    return unknown_operation(program, name);
}

}  // namespace

int client_command(const Program& program, const std::vector<std::string>& arguments) {
    namespace options = boost::program_options;
    options::options_description known;
    known.add_options()("help", "")("cluster", options::value<std::string>())(
        "timeout", options::value<std::string>())("as", options::value<std::string>())(
        "tls", options::value<std::string>())("as-client", options::value<std::string>());
    const Result<Arguments> read = read_arguments(known, arguments);
    if (!read.ok()) return usage_error(program, "client", read.error().message);
    const Arguments& given = read.value();
    if (given.has("help")) {
        program.out << kUsage;
        return kExitPassed;
    }
    if (!given.has("cluster")) return usage_error(program, "client", "--cluster is missing");
    if (given.words.empty()) return usage_error(program, "client", "which operation?");
    ClientCall call{.words = given.words, .as = given.text("as")};
    if (given.has("timeout")) {
        const auto timeout = parse_duration(given.text("timeout"));
        if (!timeout || timeout->nanos == 0) {
            return usage_error(program, "client", "--timeout must be a time such as 10s");
        }
        call.timeout = *timeout;
    }
    OurCertificate certificate{.folder = given.text("tls")};
    if (given.has("as-client")) certificate.name = given.text("as-client");
    Result<Deployed> deployment = load_deployed(given.text("cluster"), certificate);
    if (!deployment.ok()) {
        program.err << deployment.error().message << "\n";
        return kExitUsage;
    }
    call.deployment = std::move(deployment.value());
    return run_operation(program, call);
}

}  // namespace wavetank
