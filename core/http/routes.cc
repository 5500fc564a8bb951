// A table of paths; then what each does with the lanes.
#include "core/http/routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/client/ask_status.h"
#include "core/http/json.h"
#include "core/http/target.h"

namespace wavetank {
namespace {

constexpr std::string_view kKvPrefix = "/v1/kv/";
constexpr const char* kMayHave = "it may have taken effect, or may still do so";

HttpAnswer unavailable(std::string_view why) {
    HttpAnswer answer = refusal(503, why);
    answer.fields.emplace_back("Retry-After", "1");
    return answer;
}

HttpAnswer not_allowed(std::string_view method, const std::string& allowed) {
    HttpAnswer answer =
        refusal(405, fmt::format("{} is not possible here, but {}", method, allowed));
    answer.fields.emplace_back("Allow", allowed);
    return answer;
}

// True if the word is one of the list, which has blanks or commas between its words.
bool has_word(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find_first_of(", "), list.size());
        if (end > 0 && list.substr(0, end) == word) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

// Why this server cannot serve; empty: it can.
std::string trouble_of(const ServerStatus& status) {
    if (status.configuration.all().empty()) return "it waits to be added to the cluster";
    if (!status.configuration.contains(status.server)) return "it is no member of the cluster";
    if (!status.leader) return "it knows no leader: is there a majority?";
    return "";
}

// Of a command that was carried out.
HttpAnswer answer_to(const KvCommand& command, const KvResult& result, bool raw) {
    if (command.function == KvFunction::CompareAndSet && !result.ok) {
        return refusal(412, "the key does not hold the expected value; nothing was stored");
    }
    if (!result.ok) return refusal(404, "there is no such key");
    if (command.function == KvFunction::Delete) return {.body = flag_json("deleted", true)};
    if (command.function != KvFunction::Get) return {.body = flag_json("stored", true)};
    if (raw) return {.content_type = "application/octet-stream", .body = result.value};
    return {.body = value_json(command.key, result.value)};
}

}  // namespace

struct Routes::Call {
    const HttpRequest& request;
    const Target& target;
    const Done& done;
};

struct Routes::Route {
    std::string_view path;
    bool prefix;          // of longer paths, else the whole path
    const char* allowed;  // methods
    const char* queries;  // names
    void (Routes::*reads)(const Call&);
    void (Routes::*writes)(const Call&);
};

const Routes::Route Routes::kRoutes[] = {
    {kKvPrefix, true, "GET, HEAD, PUT, DELETE", "raw expected", &Routes::kv, &Routes::kv},
    {"/v1/members", false, "GET, HEAD, POST", "", &Routes::get_members, &Routes::post_members},
    {"/v1/transfer", false, "POST", "", nullptr, &Routes::transfer},
    {"/healthz", false, "GET, HEAD", "", &Routes::health, nullptr},
    {"/metrics", false, "GET, HEAD", "", &Routes::metrics, nullptr},
};

const Routes::Route* Routes::find(const std::string& path) {
    for (const Route& route : kRoutes) {
        if (route.prefix ? path.starts_with(route.path) : path == route.path) return &route;
    }
    return nullptr;
}

void Routes::handle(const HttpRequest& request, const Done& done) {
    const Result<Target> target = parse_target(request.target);
    if (!target.ok()) return done(refusal(400, target.error().message));
    const Route* route = find(target.value().path);
    if (route == nullptr) {
        return done(refusal(404,
                            "there is nothing at this path, but at /v1/kv/KEY, /v1/members, "
                            "/v1/transfer, /healthz and /metrics"));
    }
    if (!has_word(route->allowed, request.method)) {
        return done(not_allowed(request.method, route->allowed));
    }
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (request.conditional && !reads) {
        return done(refusal(400,
                            "conditional requests are not supported; for PUT there is "
                            "?expected=VALUE"));
    }
    for (const auto& [name, value] : target.value().query) {
        if (has_word(route->queries, name)) continue;
        return done(refusal(400, "the query has a name that means nothing here"));
    }
    if (!request.body.empty() && (reads || request.method == "DELETE")) {
        return done(refusal(400, fmt::format("a {} has no body", request.method)));
    }
    // Browsers send this type to other sites only when these agree, which we never do.
    if (request.method == "POST" && !request.content_type.starts_with("application/json")) {
        return done(refusal(415, "the body must be JSON; send Content-Type: application/json"));
    }
    const auto serve = reads ? route->reads : route->writes;
    (this->*serve)({request, target.value(), done});
}

void Routes::begin(Purpose purpose, Lanes::Job job, const Done& done) {
    if (lanes_.begin(purpose, std::move(job))) return;
    done(unavailable("too many requests are in progress; nothing was done"));
}

// --- Keys ---

void Routes::kv(const Call& call) {
    Result<std::string> key =
        percent_decoded(std::string_view(call.target.path).substr(kKvPrefix.size()));
    if (!key.ok()) return call.done(refusal(400, key.error().message));
    if (key.value().empty()) return call.done(refusal(400, "the key is empty"));
    const std::string* raw = call.target.find("raw");
    const std::string* expected = call.target.find("expected");
    const std::string& method = call.request.method;
    KvCommand command{.key = std::move(key.value()), .value = call.request.body};
    if (method == "PUT") {
        command.function = expected != nullptr ? KvFunction::CompareAndSet : KvFunction::Put;
        if (expected != nullptr) command.expected = *expected;
    } else {
        command.function = method == "DELETE" ? KvFunction::Delete : KvFunction::Get;
    }
    if (raw != nullptr && (command.function != KvFunction::Get || !raw->empty())) {
        return call.done(refusal(400, "?raw is for GET, and has no value"));
    }
    if (expected != nullptr && method != "PUT") {
        return call.done(refusal(400, "?expected=VALUE is for PUT"));
    }
    run(command, raw != nullptr, call.done);
}

void Routes::run(const KvCommand& command, bool raw, const Done& done) {
    const auto job = [=, this](ClientSession& session) {
        const bool reads = command.function == KvFunction::Get;
        const auto reply = session.call(reads, encode(command));
        const auto result = reply ? decode_kv_result(*reply) : std::nullopt;
        if (result) return done(answer_to(command, *result, raw));
        if (!session.forbidden().empty()) return done(refusal(403, session.forbidden()));
        const std::string patience = to_string(setup_.operation_timeout);
        if (reads) {
            done(unavailable(fmt::format("no answer within {}: is there a majority?", patience)));
        } else if (session.name().sequence == 0) {
            done(unavailable(fmt::format(
                "no session could be opened within {}: is there a majority? Nothing was done",
                patience)));
        } else {
            done(refusal(504, fmt::format("the outcome is unknown: the cluster did not tell it "
                                          "within {}; {}",
                                          patience, kMayHave)));
        }
    };
    begin(Purpose::Data, job, done);
}

// --- Members ---

std::optional<ServerStatus> Routes::leader_status(ClientSession& session) const {
    const auto own = ask_status(session, setup_.self);
    if (own && own->role == Role::Leader) return own;
    std::vector<ServerId> others;
    if (own && own->leader && setup_.servers.contains(own->leader)) others.push_back(own->leader);
    for (const auto& [server, address] : setup_.servers) {
        if (server != setup_.self && (!own || server != own->leader)) others.push_back(server);
    }
    for (const ServerId server : others) {
        auto status = ask_status(session, server);
        if (status && status->role == Role::Leader) return status;
    }
    return std::nullopt;
}

bool Routes::known(ServerId server, const Done& done) const {
    if (setup_.servers.contains(server)) return true;
    done(refusal(400, fmt::format("the cluster's file has no server {}; add it there first",
                                  server.value())));
    return false;
}

void Routes::get_members(const Call& call) {
    const auto job = [this, done = call.done](ClientSession& session) {
        const auto leader = leader_status(session);
        done(leader ? HttpAnswer{.body = members_json(*leader, setup_.servers)}
                    : unavailable("no server says that it leads: is there a majority?"));
    };
    begin(Purpose::Look, job, call.done);
}

void Routes::post_members(const Call& call) {
    const Result<MembersOrder> read = parse_members_order(call.request.body);
    if (!read.ok()) return call.done(refusal(400, read.error().message));
    const MembersOrder order = read.value();
    // Whoever is not in the file any more can still be removed.
    if (order.add && !known(order.server, call.done)) return;
    const auto job = [this, order, done = call.done](ClientSession& session) {
        const auto leader = leader_status(session);
        if (!leader) {
            return done(unavailable("no server says that it leads; nothing was done"));
        }
        if (!order.add && !leader->configuration.contains(order.server)) {
            return done(refusal(409, fmt::format("server {} is no member", order.server.value())));
        }
        const auto wish = order.add ? wish_to_add(*leader, order.server, order.as)
                                    : wish_to_remove(*leader, order.server);
        if (!wish.ok()) return done(refusal(409, wish.error().message));
        change(leader->server, RequestKind::ChangeMembers, encode(wish.value()), done);
    };
    begin(Purpose::Look, job, call.done);
}

void Routes::transfer(const Call& call) {
    const Result<TransferWish> wish = parse_transfer_order(call.request.body);
    if (!wish.ok()) return call.done(refusal(400, wish.error().message));
    if (wish.value().target && !known(wish.value().target, call.done)) return;
    change(setup_.self, RequestKind::Transfer, encode(wish.value()), call.done);
}

void Routes::change(ServerId first, RequestKind kind, const std::string& wish, const Done& done) {
    const auto job = [=, this](ClientSession& session) {
        session.prefer(first);
        const auto reply = session.administer(kind, wish);
        if (!reply) {
            done(refusal(504, fmt::format("the outcome is unknown: no answer within {}; {}",
                                          to_string(setup_.change_timeout), kMayHave)));
        } else if (reply->status == ReplyStatus::Ok) {
            done({.body = flag_json("done", true)});
        } else if (reply->status == ReplyStatus::Forbidden) {
            done(refusal(403, reply->body));
        } else {
            done(refusal(409, "not done: " + reply->body));
        }
    };
    begin(Purpose::Change, job, done);
}

// --- This server ---

void Routes::health(const Call& call) {
    const auto job = [this, done = call.done](ClientSession& session) {
        const auto status = ask_status(session, setup_.self);
        if (!status) {
            return done(unavailable(
                fmt::format("server {} does not answer its own gateway", setup_.self.value())));
        }
        const std::string trouble = trouble_of(*status);
        HttpAnswer answer{.status = trouble.empty() ? 200U : 503U,
                          .body = health_json(*status, trouble)};
        if (!trouble.empty()) answer.fields.emplace_back("Retry-After", "1");
        done(answer);
    };
    begin(Purpose::Look, job, call.done);
}

void Routes::metrics(const Call& call) {
    const auto job = [this, done = call.done](ClientSession& session) {
        ServerFigures figures{.build = setup_.build, .status = ask_status(session, setup_.self)};
        figures.counts = setup_.server_counts();
        figures.http = setup_.http_counts();
        figures.process = process_figures();
        done({.content_type = OpenMetricsText::kContentType, .body = metrics_text(figures)});
    };
    begin(Purpose::Look, job, call.done);
}

}  // namespace wavetank
