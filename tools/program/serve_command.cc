// `wavetank serve`: one server of a real cluster, until a signal ends it.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "core/http/gateway.h"
#include "core/machines/kv.h"
#include "core/tcp/sqlite_store.h"
#include "core/tcp/tcp_server.h"
#include "scenarios/deployment.h"
#include "tools/program/build_info.h"
#include "tools/program/commands.h"
#include "tools/program/deployed.h"

namespace wavetank {
namespace {

constexpr const char* kUsage = R"(usage: wavetank serve --id N --cluster FILE --data DIR [OPTIONS]

Runs one server of a key-value cluster: Raft over TCP, durable in a SQLite database. What happens to
it is printed to the standard error, a line each time. SIGTERM or SIGINT (Ctrl-C) ends it: a leader
hands over first, and what was accepted gets to the disk. A second signal ends it at once.

  --id N            which of the servers in FILE this is
  --cluster FILE    the cluster: a number of its own, and its servers with id, host and port
                    (scenarios/deployment.proto); the same file for all servers and clients.
                    A server with an http_port there answers HTTP as well: curl can use it
  --data DIR        where its database is, or will be created; of this server alone
  --join            when DIR is empty, wait to be added (`wavetank client ... member add`), whatever
                    FILE says: for a server whose former disk is lost. Without it an empty DIR is
                    that of a new cluster, and the server would vote although it has forgotten
                    what it promised
  --clock-error T   the system's clock is right within T ("2ms"): without it there are no leases
  --insecure        listen at an address that other machines can reach, although nothing is
                    encrypted and anybody who connects may read and write everything
  --help            this text

example:
  wavetank serve --id 1 --cluster cluster.textproto --data /var/lib/wavetank/1

exit code: 0 ended by a signal, 1 it cannot go on (its disk failed or is damaged), 64 wrong usage,
file, address or database
)";

struct ServeRequest {
    ServerId id;
    Deployment deployment;
    std::string data;
    Duration clock_error = ClockReading::kUnknown;
    bool join = false;
    bool insecure = false;
};

Result<ServeRequest> read_request(const Arguments& arguments) {
    for (const char* needed : {"id", "cluster", "data"}) {
        if (!arguments.has(needed)) return Error{fmt::format("--{} is missing", needed)};
    }
    if (!arguments.words.empty()) {
        return Error{fmt::format("'{}' belongs to no option", arguments.words.front())};
    }
    ServeRequest request;
    const auto id = read_number("--id", arguments.text("id"), {.min = 1, .max = UINT32_MAX});
    if (!id.ok()) return id.error();
    request.id = ServerId(static_cast<uint32_t>(id.value()));
    request.data = arguments.text("data");
    request.join = arguments.has("join");
    request.insecure = arguments.has("insecure");
    if (arguments.has("clock-error")) {
        const auto error = parse_duration(arguments.text("clock-error"));
        if (!error) return Error{"--clock-error must be a time such as 2ms"};
        request.clock_error = *error;
    }
    Result<Deployment> deployment = load_deployment(arguments.text("cluster"));
    if (!deployment.ok()) return deployment.error();
    request.deployment = std::move(deployment.value());
    return request;
}

Result<TcpServer::Setup> open_server(const ServeRequest& request) {
    const Deployment& deployment = request.deployment;
    const DeployedServer* self = deployment.find(request.id);
    if (self == nullptr) {
        return Error{fmt::format("the cluster has no server {}; see its file", request.id.value())};
    }
    if (!request.insecure && !is_loopback(self->host)) {
        return Error{
            fmt::format("server {} would listen at {}, which other machines can reach, "
                        "without encryption; give --insecure if that is what you want",
                        request.id.value(), self->host)};
    }
    std::error_code failure;
    std::filesystem::create_directories(request.data, failure);
    if (failure) {
        return Error{fmt::format("cannot create {}: {}", request.data, failure.message())};
    }
    auto storage = SqliteStorage::open(
        {.directory = request.data,
         .cluster = deployment.cluster,
         .server = request.id,
         .configuration = request.join ? Configuration() : deployment.configuration(),
         .vfs = "",
         .page_bytes = deployment.page_bytes});
    if (!storage.ok()) return storage.error();
    Result<Recovered> recovered = storage.value()->recover();
    if (!recovered.ok()) return recovered.error();
    TcpServer::Setup setup;
    setup.cluster = ClusterId(deployment.cluster);
    setup.options = deployment.options_of(request.id);
    setup.sessions = deployment.sessions;
    setup.listen = {self->host, self->port};
    setup.clock_error = request.clock_error;
    setup.store = std::make_unique<SqliteStore>(std::move(storage.value()));
    setup.recovered = std::move(recovered.value());
    setup.machine = std::make_unique<KvMachine>();
    return setup;
}

// Null if the server is to have none. `server` must outlive it.
Result<std::unique_ptr<Gateway>> open_gateway(const ServeRequest& request, const TcpServer& server,
                                              const OperatorLog& log) {
    const Deployment& deployment = request.deployment;
    const DeployedServer& self = *deployment.find(request.id);
    if (self.http_port == 0) return std::unique_ptr<Gateway>();
    // Whatever protects the server itself: HTTP is plain, and whoever asks is served.
    if (!request.insecure && !is_loopback(self.host)) {
        return Error{
            fmt::format("the HTTP gateway of server {} would listen at {}, which other machines "
                        "can reach, without encryption; take out its http_port, or give "
                        "--insecure if that is what you want",
                        request.id.value(), self.host)};
    }
    Gateway::Setup setup{.client = {.cluster = ClusterId(deployment.cluster),
                                    .servers = addresses_of(deployment),
                                    .log = [](const std::string&) {}},
                         .self = request.id,
                         .listen = {self.host, self.http_port},
                         .server_counts = [&server] { return server.counts(); },
                         .log = log};
    setup.lanes.keep_alive = deployment.sessions.expire_after / 3;
    const BuildInfo build = build_info();
    setup.build = {
        {"version", build.version}, {"commit", build.commit}, {"compiler", build.compiler}};
    const std::string url = "http://" + to_string(setup.listen);
    Result<std::unique_ptr<Gateway>> gateway = Gateway::listen(std::move(setup));
    if (gateway.ok()) log(fmt::format("its HTTP gateway is at {}", url));
    return gateway;
}

// Waits for signals on a thread of its own, so that no handler interrupts anything.
class SignalWatch {
 public:
    // The signals must be blocked in all threads. The first one calls `stop`.
    SignalWatch(const sigset_t& signals, std::function<void()> stop)
        : thread_([this, signals, stop = std::move(stop)] { watch(signals, stop); }) {}
    ~SignalWatch() {
        ended_ = true;
        ::pthread_kill(thread_.native_handle(), SIGTERM);
        thread_.join();
    }

 private:
    void watch(const sigset_t& signals, const std::function<void()>& stop) {
        for (bool first = true;; first = false) {
            int signal = 0;
            ::sigwait(&signals, &signal);
            if (ended_) return;
            if (!first) std::_Exit(kExitSignal + signal);
            stop();
        }
    }

    std::atomic<bool> ended_{false};
    std::thread thread_;
};

sigset_t block_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

OperatorLog log_to(std::ostream& err, ServerId id) {
    // The server and its gateway have threads of their own.
    return [&err, id, mutex = std::make_shared<std::mutex>()](const std::string& line) {
        const std::lock_guard lock(*mutex);
        const auto now =
            std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        const auto part = now.time_since_epoch().count() % 1000;
        err << fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z [{}] {}\n",
                           fmt::gmtime(std::chrono::system_clock::to_time_t(now)), part, id.value(),
                           line)
            << std::flush;
    };
}

int serve(const Program& program, const ServeRequest& request) {
    const sigset_t signals = block_signals();
    const OperatorLog log = log_to(program.err, request.id);
    Result<TcpServer::Setup> setup = open_server(request);
    if (!setup.ok()) {
        program.err << "wavetank serve: " << setup.error().message << "\n";
        return kExitUsage;
    }
    setup.value().log = log;
    const Address address = setup.value().listen;
    const std::size_t entries = setup.value().recovered.entries.size();
    Result<std::unique_ptr<TcpServer>> server = TcpServer::listen(std::move(setup.value()));
    if (!server.ok()) {
        program.err << "wavetank serve: " << server.error().message << "\n";
        return kExitUsage;
    }
    log(to_string(build_info()));
    log(fmt::format("server {} of cluster {} listens at {}, with {} entries in {}",
                    request.id.value(), request.deployment.cluster, to_string(address), entries,
                    request.data));
    server.value()->set_addresses(addresses_of(request.deployment));
    const Result<std::unique_ptr<Gateway>> gateway = open_gateway(request, *server.value(), log);
    if (!gateway.ok()) {
        program.err << "wavetank serve: " << gateway.error().message << "\n";
        return kExitUsage;
    }
    // First the gateway, while the cluster still answers it.
    const auto stop = [&] {
        if (!gateway.value()) return server.value()->stop();
        gateway.value()->stop([&] { server.value()->stop(); });
    };
    Result<bool> ended = true;
    {
        const SignalWatch watch(signals, stop);
        ended = server.value()->run();
    }
    if (!ended.ok()) {
        log(ended.error().message);
        return kExitFailed;
    }
    const TcpServer::Counts counts = server.value()->counts();
    log(fmt::format("stopped after {} inputs in {} turns, {} writes in {} commits", counts.steps,
                    counts.turns, counts.writes, counts.commits));
    return kExitPassed;
}

}  // namespace

int serve_command(const Program& program, const std::vector<std::string>& arguments) {
    namespace options = boost::program_options;
    options::options_description known;
    known.add_options()("help", "")("id", options::value<std::string>())(
        "cluster", options::value<std::string>())("data", options::value<std::string>())(
        "clock-error", options::value<std::string>())("insecure", "")("join", "");
    const Result<Arguments> read = read_arguments(known, arguments);
    if (!read.ok()) return usage_error(program, "serve", read.error().message);
    if (read.value().has("help")) {
        program.out << kUsage;
        return kExitPassed;
    }
    const Result<ServeRequest> request = read_request(read.value());
    if (!request.ok()) return usage_error(program, "serve", request.error().message);
    return serve(program, request.value());
}

}  // namespace wavetank
