// Reading, judging and printing the description of a cluster.
#include "scenarios/deployment.h"

#include <fmt/format.h>

#include <bit>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "core/base/check.h"
#include "deployment.pb.h"
#include "scenarios/names.h"
#include "scenarios/passes.h"
#include "scenarios/read.h"
#include "scenarios/tree.h"

namespace wavetank {
namespace {

constexpr EnumName<DeployedRole> kDeployedRoles[] = {
    {"VOTER", DeployedRole::Voter},
    {"LEARNER", DeployedRole::Learner},
    {"WITNESS", DeployedRole::Witness},
    {"SPARE", DeployedRole::Spare},
};

DeployedServer read_server(const Block& block, std::set<uint32_t>* ids) {
    DeployedServer server;
    uint32_t id = 0;
    if (block.require("id", "id: 1") && block.number("id", &id, {.min = 1})) {
        if (!ids->insert(id).second) {
            block.error("id",
                        fmt::format("there is a server {} already; give each its own id", id));
        }
        server.id = ServerId(id);
    }
    if (block.require("host", "host: \"127.0.0.1\"") && block.text("host", &server.host) &&
        server.host.empty()) {
        block.error("host", "host is empty; write a name or an address");
    }
    uint32_t port = 0;
    if (block.require("port", "port: 7001") &&
        block.number("port", &port, {.min = 1, .max = UINT16_MAX})) {
        server.port = static_cast<uint16_t>(port);
    }
    uint32_t http_port = 0;
    if (block.number("http_port", &http_port, {.min = 1, .max = UINT16_MAX})) {
        server.http_port = static_cast<uint16_t>(http_port);
        if (server.http_port == server.port) {
            block.error("http_port", "http_port is that of the server itself; choose another one");
        }
    }
    block.choice("role", &server.role, kDeployedRoles);
    block.number("priority", &server.priority, {.max = Options::kPriorityMax});
    return server;
}

void read_deployment(const Block& file, Deployment* deployment) {
    if (file.require("cluster", "cluster: 4711")) {
        file.number("cluster", &deployment->cluster, {.min = 1});
    }
    if (file.has("options")) read_options(file.child("options"), &deployment->options);
    if (file.has("sessions")) read_session_limits(file.child("sessions"), &deployment->sessions);
    if (file.number("page_bytes", &deployment->page_bytes, {.min = 512, .max = 65536}) &&
        !std::has_single_bit(deployment->page_bytes)) {
        file.error("page_bytes", "page_bytes is a power of two: 4096, 8192, 16384, 32768 or 65536");
    }
    if (file.text("tls", &deployment->tls) && deployment->tls.empty()) {
        file.error("tls", "tls is empty; write the folder of the certificates, or leave it out");
    }
    std::set<uint32_t> ids;
    for (const Block& block : file.children("servers")) {
        DeployedServer server = read_server(block, &ids);
        if (!block.has("priority")) server.priority = deployment->options.priority;
        deployment->servers.push_back(std::move(server));
    }
    if (!file.notes().errors.empty()) return;
    const char* why = "";
    if (deployment->servers.empty()) {
        file.missing(
            "the cluster has no servers; add for example servers { id: 1 host: \"127.0.0.1\" port: "
            "7001 }");
    } else if (!deployment->configuration().valid(&why)) {
        file.error("servers", fmt::format("these servers make no cluster: {}", why));
    }
}

}  // namespace

Options Deployment::defaults() {
    Options options;
    options.election_timeout_min = milliseconds(600);
    options.election_timeout_max = milliseconds(1200);
    options.heartbeat_interval = milliseconds(100);
    options.log_memory_entries = 8192;
    options.snapshot_entries = 1'000'000;
    options.snapshot_bytes = 1 << 30;
    options.snapshot_trailing_entries = 16'384;
    return options;
}

const DeployedServer* Deployment::find(ServerId id) const {
    for (const DeployedServer& server : servers) {
        if (server.id == id) return &server;
    }
    return nullptr;
}

Configuration Deployment::configuration() const {
    Configuration::Members members;
    for (const DeployedServer& server : servers) {
        if (server.role == DeployedRole::Spare) continue;
        (server.role == DeployedRole::Learner ? members.learners : members.voters)
            .push_back(server.id);
        if (server.role == DeployedRole::Witness) members.witnesses.push_back(server.id);
    }
    return Configuration(std::move(members));
}

Options Deployment::options_of(ServerId id) const {
    const DeployedServer* server = find(id);
    CHECK(server != nullptr);
    Options own = options;
    own.id = id;
    own.priority = server->priority;
    own.witness = server->role == DeployedRole::Witness;
    return own;
}

std::variant<Deployment, std::vector<ScenarioError>> parse_deployment(std::string_view text,
                                                                      std::string_view file_name) {
    scenario::Deployment message;
    Deployment deployment;
    std::vector<ScenarioError> errors =
        read_text_format({text, file_name, "the cluster"}, &message,
                         [&](const Block& file) { read_deployment(file, &deployment); });
    if (!errors.empty()) return errors;
    return deployment;
}

Result<Deployment> load_deployment(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return Error{fmt::format("{}: cannot be opened; it should describe the cluster", path)};
    }
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (file.bad()) return Error{fmt::format("{}: cannot be read", path)};
    auto parsed = parse_deployment(text, path);
    if (auto* deployment = std::get_if<Deployment>(&parsed)) {
        if (!deployment->tls.empty()) {
            deployment->tls = std::filesystem::path(path).parent_path() / deployment->tls;
        }
        return std::move(*deployment);
    }
    return Error{to_string(std::get<std::vector<ScenarioError>>(parsed))};
}

std::string print_deployment(const Deployment& deployment) {
    CHECK(deployment.options == Deployment::defaults());
    TextTree file;
    file.add("cluster", deployment.cluster);
    for (const DeployedServer& server : deployment.servers) {
        TextTree block;
        block.add("id", server.id.value());
        block.add_text("host", server.host);
        block.add("port", server.port);
        if (server.http_port != 0) block.add("http_port", server.http_port);
        if (server.role != DeployedRole::Voter)
            block.add_word("role", name_in(kDeployedRoles, server.role));
        if (server.priority != deployment.options.priority) block.add("priority", server.priority);
        file.add_block("servers", std::move(block));
    }
    if (deployment.page_bytes != Deployment().page_bytes) {
        file.add("page_bytes", deployment.page_bytes);
    }
    if (!deployment.tls.empty()) file.add_text("tls", deployment.tls);
    return file.layout();
}

}  // namespace wavetank
