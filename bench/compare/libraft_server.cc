// wavetank_libraft_server: a server around Debian's libraft with its own TCP and disk backend. Its
// machine counts. All commands that arrive in one read are proposed together, and answered together
// when they are applied: the kindest way to drive libraft.
//
//   wavetank_libraft_server ID DIRECTORY CLIENT_PORT ADDRESS...
//
// ID counts from 1 and says which of the addresses ("127.0.0.1:7001") is its own. The directory is
// empty; the cluster begins with all addresses as voters. It runs until it is killed.
#include <uv.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "bench/compare/libraft_wire.h"

extern "C" {
#include <raft.h>
#include <raft/uv.h>
}

namespace wavetank::bench {
namespace {

[[noreturn]] void give_up(const std::string& what) {
    std::fprintf(stderr, "wavetank_libraft_server: %s\n", what.c_str());
    std::exit(1);
}

void require(int result, const char* what) {
    if (result != 0) give_up(std::string(what) + ": " + raft_strerror(result));
}

void require_uv(int result, const char* what) {
    if (result != 0) give_up(std::string(what) + ": " + uv_strerror(result));
}

// --- The machine: it counts ---

int apply_command(raft_fsm* fsm, const raft_buffer*, void** result) {
    ++*static_cast<uint64_t*>(fsm->data);
    *result = nullptr;
    return 0;
}

int take_snapshot(raft_fsm* fsm, raft_buffer** buffers, unsigned* count) {
    *count = 1;
    *buffers = static_cast<raft_buffer*>(raft_malloc(sizeof(raft_buffer)));
    (*buffers)->len = sizeof(uint64_t);
    (*buffers)->base = raft_malloc(sizeof(uint64_t));
    std::memcpy((*buffers)->base, fsm->data, sizeof(uint64_t));
    return 0;
}

int restore_snapshot(raft_fsm* fsm, raft_buffer* buffer) {
    std::memcpy(fsm->data, buffer->base, sizeof(uint64_t));
    raft_free(buffer->base);
    return 0;
}

struct Server {
    uv_loop_t loop{};
    raft_uv_transport transport{};
    raft_io io{};
    raft_fsm fsm{};
    raft core{};
    uint64_t applied = 0;
    uv_tcp_t listener{};
};

// --- Clients ---

struct Connection {
    Server* server = nullptr;
    uv_tcp_t stream{};
    std::string inbox;
    uint64_t answered = 0;
    int users = 1;  // the stream, and every proposal that will answer
};

void release(Connection* connection) {
    if (--connection->users == 0) delete connection;
}

void close_connection(Connection* connection) {
    auto* handle = reinterpret_cast<uv_handle_t*>(&connection->stream);
    if (uv_is_closing(handle) != 0) return;
    uv_close(handle, [](uv_handle_t* closed) { release(static_cast<Connection*>(closed->data)); });
}

struct Write {
    uv_write_t request{};
    std::string bytes;
};

void send_number(Connection* connection, uint64_t number) {
    auto* stream = reinterpret_cast<uv_stream_t*>(&connection->stream);
    if (uv_is_closing(reinterpret_cast<uv_handle_t*>(stream)) != 0) return;
    auto* write = new Write;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        write->bytes.push_back(static_cast<char>(number >> shift));
    }
    write->request.data = write;
    const uv_buf_t buffer = uv_buf_init(write->bytes.data(), kAnswerBytes);
    const int result = uv_write(&write->request, stream, &buffer, 1, [](uv_write_t* done, int) {
        delete static_cast<Write*>(done->data);
    });
    if (result == 0) return;
    delete write;
    close_connection(connection);
}

struct Proposal {
    struct raft_apply request {};
    Connection* connection = nullptr;
    uint64_t commands = 0;
};

void on_applied(struct raft_apply* request, int status, void*) {
    auto* proposal = static_cast<Proposal*>(request->data);
    Connection* connection = proposal->connection;
    if (status == 0) {
        connection->answered += proposal->commands;
        send_number(connection, connection->answered);
    } else {
        close_connection(connection);
    }
    delete proposal;
    release(connection);
}

void propose(Connection* connection, const std::vector<raft_buffer>& commands) {
    auto* proposal = new Proposal{.connection = connection, .commands = commands.size()};
    proposal->request.data = proposal;
    ++connection->users;
    const int result = raft_apply(&connection->server->core, &proposal->request, commands.data(),
                                  static_cast<unsigned>(commands.size()), on_applied);
    if (result == 0) return;
    for (const raft_buffer& command : commands) raft_free(command.base);
    delete proposal;
    release(connection);
    close_connection(connection);
}

uint32_t length_at(const char* bytes) {
    uint32_t length = 0;
    for (unsigned i = 0; i < kLengthBytes; ++i) {
        length |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
    }
    return length;
}

void take_commands(Connection* connection) {
    std::vector<raft_buffer> commands;
    const std::string& inbox = connection->inbox;
    std::size_t at = 0;
    while (inbox.size() - at >= kLengthBytes) {
        const uint32_t length = length_at(inbox.data() + at);
        if (length > kCommandBytesMax) {
            for (const raft_buffer& command : commands) raft_free(command.base);
            return close_connection(connection);
        }
        if (inbox.size() - at - kLengthBytes < length) break;
        raft_buffer command{.base = raft_malloc(length), .len = length};
        std::memcpy(command.base, inbox.data() + at + kLengthBytes, length);
        commands.push_back(command);
        at += kLengthBytes + length;
    }
    connection->inbox.erase(0, at);
    if (!commands.empty()) propose(connection, commands);
}

void on_read(uv_stream_t* stream, ssize_t size, const uv_buf_t* buffer) {
    auto* connection = static_cast<Connection*>(stream->data);
    if (size > 0) connection->inbox.append(buffer->base, static_cast<std::size_t>(size));
    std::free(buffer->base);
    if (size < 0) return close_connection(connection);
    take_commands(connection);
}

void give_room(uv_handle_t*, std::size_t suggested, uv_buf_t* buffer) {
    *buffer =
        uv_buf_init(static_cast<char*>(std::malloc(suggested)), static_cast<unsigned>(suggested));
}

void on_client(uv_stream_t* listener, int status) {
    auto* server = static_cast<Server*>(listener->data);
    if (status != 0) return;
    auto* connection = new Connection{.server = server};
    require_uv(uv_tcp_init(&server->loop, &connection->stream), "a socket");
    connection->stream.data = connection;
    auto* stream = reinterpret_cast<uv_stream_t*>(&connection->stream);
    if (uv_accept(listener, stream) != 0) return close_connection(connection);
    uv_tcp_nodelay(&connection->stream, 1);
    const bool leads = raft_state(&server->core) == RAFT_LEADER;
    send_number(connection, leads ? 1 : 0);
    if (!leads) return close_connection(connection);
    if (uv_read_start(stream, give_room, on_read) != 0) close_connection(connection);
}

// --- Start ---

uint64_t number_of(std::string_view text, const char* what) {
    uint64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number == 0) {
        give_up(std::string(what) + " must be a number from 1 on, but it is '" + std::string(text) +
                "'");
    }
    return number;
}

void start_raft(Server& server, uint64_t id, const char* directory,
                const std::vector<const char*>& addresses) {
    require_uv(uv_loop_init(&server.loop), "the loop");
    require(raft_uv_tcp_init(&server.transport, &server.loop), "the transport");
    require(raft_uv_init(&server.io, &server.loop, directory, &server.transport), "the disk");
    raft_uv_set_connect_retry_delay(&server.io, 100);  // so that the cluster is up soon
    server.fsm.version = 1;
    server.fsm.data = &server.applied;
    server.fsm.apply = apply_command;
    server.fsm.snapshot = take_snapshot;
    server.fsm.restore = restore_snapshot;
    require(raft_init(&server.core, &server.io, &server.fsm, id, addresses[id - 1]), "the server");
    raft_set_pre_vote(&server.core, true);
    raft_configuration configuration{};
    raft_configuration_init(&configuration);
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        require(raft_configuration_add(&configuration, i + 1, addresses[i], RAFT_VOTER),
                "the configuration");
    }
    require(raft_bootstrap(&server.core, &configuration), "the first configuration");
    raft_configuration_close(&configuration);
    require(raft_start(&server.core), "start");
}

void listen_for_clients(Server& server, uint64_t port) {
    sockaddr_in address{};
    require_uv(uv_ip4_addr("127.0.0.1", static_cast<int>(port), &address), "the client port");
    require_uv(uv_tcp_init(&server.loop, &server.listener), "a socket");
    server.listener.data = &server;
    require_uv(uv_tcp_bind(&server.listener, reinterpret_cast<const sockaddr*>(&address), 0),
               "the client port");
    require_uv(uv_listen(reinterpret_cast<uv_stream_t*>(&server.listener), 64, on_client),
               "the client port");
}

int run(int count, char** words) {
    if (count < 5) give_up("usage: wavetank_libraft_server ID DIRECTORY CLIENT_PORT ADDRESS...");
    const uint64_t id = number_of(words[1], "ID");
    const std::vector<const char*> addresses(words + 4, words + count);
    if (id > addresses.size()) give_up("ID must be the number of one of the addresses");
    Server server;
    start_raft(server, id, words[2], addresses);
    listen_for_clients(server, number_of(words[3], "CLIENT_PORT"));
    return uv_run(&server.loop, UV_RUN_DEFAULT);
}

}  // namespace
}  // namespace wavetank::bench

int main(int count, char** words) {
    return wavetank::bench::run(count, words);
}
