// Status, members, transfer.
#include "tools/program/client_operators.h"

#include <fmt/format.h>

#include "core/client/members_change.h"
#include "tools/program/deployed.h"
#include "tools/program/kept_process.h"

namespace wavetank {
namespace {

// For one server, when all are asked.
constexpr Duration kStatusPatience = seconds(1);

int no_answer(const Program& program, const ClientCall& call) {
    program.err << fmt::format("wavetank client: no answer within {}: is there a leader?\n{}",
                               to_string(call.timeout), complaints_about(call.deployment));
    return kExitUnknown;
}

// What a reply to a wish says.
int told(const Program& program, const ClientCall& call, const std::optional<ClientReply>& reply) {
    if (!reply) return no_answer(program, call);
    if (reply->status == ReplyStatus::Ok) return kExitPassed;
    program.err << "wavetank client: not done: " << reply->body << "\n";
    return kExitFailed;
}

Result<ServerId> read_server(const ClientCall& call, const std::string& word) {
    const auto number = read_number("the server", word, {.min = 1, .max = UINT32_MAX});
    if (!number.ok()) return number.error();
    const ServerId id(static_cast<uint32_t>(number.value()));
    if (call.deployment.find(id) == nullptr) {
        return Error{fmt::format("the cluster's file has no server {}; add it there first", word)};
    }
    return id;
}

std::string status_line(const ServerStatus& status) {
    std::string line = fmt::format(
        "{:<13} term {}, entries {}..{}, committed {}, applied {}, durable {}, {} sessions",
        name_of(status.role), status.term.value(), status.base.next().value(), status.last.value(),
        status.commit.value(), status.applied.value(), status.durable.value(), status.sessions);
    if (status.snapshot) line += fmt::format(", snapshot at {}", status.snapshot.value());
    return line;
}

// That of the leader, as soon as there is one; nothing if none answers in time.
std::optional<ServerStatus> leader_status(const ClientCall& call) {
    std::optional<ServerStatus> found;
    for (const Deadline deadline(call.timeout); !found && !deadline.passed();) {
        for (const DeployedServer& server : call.deployment.servers) {
            const auto status = status_of(call.deployment, server.id, kStatusPatience);
            if (!status || status->role != Role::Leader) continue;
            if (!found || found->term < status->term) found = status;
        }
    }
    return found;
}

int list_members(const Program& program, const ClientCall& call) {
    const auto leader = leader_status(call);
    if (!leader) return no_answer(program, call);
    const Configuration& members = leader->configuration;
    for (const ServerId id : members.all()) {
        const DeployedServer* server = call.deployment.find(id);
        program.out << fmt::format(
            "{:>4}  {:<8} {}{}\n", id.value(), name_of(member_role_of(members, id)),
            server == nullptr ? "not in the cluster's file"
                              : fmt::format("{}:{}", server->host, server->port),
            id == leader->server ? ", leads" : "");
    }
    if (members.joint()) program.out << "a change is under way: " << members.to_string() << "\n";
    return kExitPassed;
}

}  // namespace

int show_status(const Program& program, const ClientCall& call) {
    if (call.words.size() != 1) return usage_error(program, "client", "write status");
    bool led = false;
    bool silent = false;
    for (const DeployedServer& server : call.deployment.servers) {
        const auto status = status_of(call.deployment, server.id, kStatusPatience);
        silent = silent || !status;
        led = led || (status && status->role == Role::Leader);
        program.out << fmt::format("{:>4}  {}:{}  {}\n", server.id.value(), server.host,
                                   server.port, status ? status_line(*status) : "does not answer");
    }
    if (silent) program.err << complaints_about(call.deployment);
    return led ? kExitPassed : kExitFailed;
}

int change_members(const Program& program, const ClientCall& call) {
    const std::vector<std::string>& words = call.words;
    if (words.size() == 2 && words[1] == "list") return list_members(program, call);
    if (words.size() != 3 || (words[1] != "add" && words[1] != "remove")) {
        return usage_error(program, "client",
                           "write member list, member add ID or member remove ID");
    }
    const Result<ServerId> server = read_server(call, words[2]);
    if (!server.ok()) return usage_error(program, "client", server.error().message);
    const auto as = member_role_of(call.as.empty() ? "voter" : call.as);
    if (!as) {
        return usage_error(program, "client",
                           fmt::format("--as is voter, learner or witness, not '{}'", call.as));
    }
    const auto leader = leader_status(call);
    if (!leader) return no_answer(program, call);
    const Result<MembersWish> wish = words[1] == "add" ? wish_to_add(*leader, server.value(), *as)
                                                       : wish_to_remove(*leader, server.value());
    if (!wish.ok()) {
        program.err << "wavetank client: not done: " << wish.error().message << "\n";
        return kExitFailed;
    }
    std::optional<ClientReply> reply;
    // A newcomer may take long to catch up: one try is to last.
    talk_to(call.deployment, {.request = call.timeout, .operation = call.timeout},
            [&](ClientSession& session) {
                session.prefer(leader->server);
                reply = session.administer(RequestKind::ChangeMembers, encode(wish.value()));
            });
    return told(program, call, reply);
}

int transfer_leadership(const Program& program, const ClientCall& call) {
    if (call.words.size() > 2) return usage_error(program, "client", "write transfer [ID]");
    TransferWish wish;
    if (call.words.size() == 2) {
        const Result<ServerId> target = read_server(call, call.words[1]);
        if (!target.ok()) return usage_error(program, "client", target.error().message);
        wish.target = target.value();
    }
    std::optional<ClientReply> reply;
    talk_to(call.deployment, {.request = call.timeout, .operation = call.timeout},
            [&](ClientSession& session) {
                reply = session.administer(RequestKind::Transfer, encode(wish));
            });
    return told(program, call, reply);
}

}  // namespace wavetank
