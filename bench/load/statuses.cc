// One lane, one question.
#include "bench/load/statuses.h"

#include <thread>

#include "core/client/ask_status.h"
#include "core/tcp/client/client_loop.h"

namespace wavetank {

std::optional<ServerStatus> ask_status(const LoadTarget& target, ServerId server,
                                       Duration patience) {
    std::optional<ServerStatus> status;
    std::thread asks([&] {
        const auto loop = ClientLoop::make({.cluster = target.cluster,
                                            .servers = target.servers,
                                            .credentials = target.credentials,
                                            .log = [](const std::string&) {}});
        SharedSession shared;
        loop->add([&](ClientLoop::Lane& lane) {
            ClientSession session(lane, shared,
                                  {.client = lane.id(),
                                   .servers = {server},
                                   .request_timeout = patience,
                                   .operation_timeout = patience});
            status = ask_status(session, server);
        });
        loop->run();
    });
    asks.join();
    return status;
}

}  // namespace wavetank
