// No other server can answer for it.
#include "core/client/ask_status.h"

namespace wavetank {

std::optional<ServerStatus> ask_status(ClientSession& session, ServerId server) {
    session.prefer(server);
    session.stick(true);
    const auto reply = session.administer(RequestKind::Status, "");
    return reply ? decode_server_status(reply->body) : std::nullopt;
}

}  // namespace wavetank
