// The host's loop, in words.
#include "core/raft/test/story/stage.h"

#include <fmt/format.h>

namespace wavetank::story {
namespace {

std::string join(const std::vector<std::string>& commands) {
    std::string text;
    for (const std::string& command : commands) text += command + "\n";
    return text;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> commands;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        commands.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return commands;
}

std::string range_words(LogIndex from, LogIndex upto) {
    if (from == upto) return fmt::format("{}", from.value());
    return fmt::format("{}..{}", from.value(), upto.value());
}

}  // namespace

std::vector<ServerId> Stage::all() const {
    std::vector<ServerId> ids;
    for (const auto& [id, server] : servers_) ids.push_back(id);
    return ids;
}

std::vector<ServerId> Stage::all_running() const {
    std::vector<ServerId> ids;
    for (const auto& [id, server] : servers_) {
        if (server.raft) ids.push_back(id);
    }
    return ids;
}

void Stage::add(ServerId id, const Options& given, const Configuration& configuration) {
    CHECK(!exists(id));
    Server server;
    server.options = given;
    server.options.id = id;
    server.disk = Disk(configuration);
    servers_.emplace(id, std::move(server));
}

void Stage::start(ServerId id) {
    Server& server = servers_.at(id);
    CHECK(!server.raft);
    // Every start draws other election timeouts.
    const uint64_t seed = id.value() * uint64_t{1000} + ++server.starts;
    server.machine.clear();
    server.unreported.reset();
    judge_.restarted(id);
    server.raft = Raft::start(server.options, server.disk.recovered(), seed, server.now());
    say(fmt::format("{} starts", id.value()));
    drain(id);
}

void Stage::crash(ServerId id, std::size_t survivors) {
    Server& server = servers_.at(id);
    CHECK(server.raft);
    const std::size_t pending = server.disk.pending();
    server.disk.crash(survivors);
    server.raft.reset();
    server.deadline = Instant::never();
    network.forget_to(id);
    std::string text = fmt::format("{} dies", id.value());
    if (pending > 0) {
        text += fmt::format("; {} of {} writes not yet durable survive", survivors, pending);
    }
    say(text);
}

void Stage::step(ServerId id, const Input& input, const std::string& header) {
    say(header);
    raft(id).step(server(id).now(), input);
    drain(id);
}

void Stage::wake(ServerId id) {
    Server& server = servers_.at(id);
    if (server.deadline != Instant::never()) server.clock = std::max(server.clock, server.deadline);
    step(id, Wake{}, fmt::format("{} wakes", id.value()));
}

void Stage::sync(ServerId id, std::size_t count) {
    const WriteId upto = server(id).disk.sync(count);
    step(id, Written{upto}, fmt::format("{} has written #{}", id.value(), upto.value()));
}

void Stage::fail_write(ServerId id) {
    const WriteId failed = server(id).disk.fail();
    step(id, WriteFailed{failed},
         fmt::format("{} could not write #{}", id.value(), failed.value()));
}

void Stage::begin_snapshot(ServerId id) {
    const bool witness = server(id).options.witness;
    const std::string data = witness ? std::string() : join(server(id).machine);
    server(id).unreported = SnapshotTaken{raft(id).last_applied(), Payload::copy_of(data)};
}

void Stage::report_snapshot(ServerId id) {
    CHECK(server(id).unreported);
    const SnapshotTaken taken = *server(id).unreported;
    server(id).unreported.reset();
    step(id, taken, fmt::format("{} has a snapshot of {}", id.value(), taken.index.value()));
}

void Stage::deliver(uint64_t number) {
    InFlight message = network.take(number);
    const std::string words = fmt::format("{} <- {}: {}", message.to.value(), message.from.value(),
                                          words_of(message.message, style));
    if (!running(message.to)) {
        say(words + ", lost: it is down");
        return;
    }
    step(message.to, Recv{message.from, std::move(message.message)}, words);
}

void Stage::drain(ServerId id) {
    do {
        raft(id).drain(output_);
        carry_out(id);
    } while (output_.more_to_apply);
    look(id);
    Server& server = servers_.at(id);
    if (server.slow_disk || server.disk.pending() == 0) return;
    // A fast disk. What does not tell anything new is left out.
    const std::size_t told = lines_.size();
    sync(id, server.disk.pending());
    if (lines_.size() == told + 1) lines_.pop_back();
}

void Stage::carry_out(ServerId id) {
    for (const Event& event : output_.events) came(words_of(event));
    for (const std::string& answer : answers_of(output_)) came(answer);
    if (output_.write.id) {
        came(words_of(output_.write, style));
        server(id).disk.write(output_.write);
    }
    if (output_.restore) load(id, *output_.restore);
    if (output_.apply_from <= output_.apply_upto) apply(id);
    if (!output_.sends.empty()) send(id);
    if (output_.snapshot_wanted) came("wants a snapshot");
    server(id).deadline = output_.deadline;
}

void Stage::load(ServerId id, const SnapshotMeta& meta) {
    Server& server = servers_.at(id);
    const bool there = server.disk.recovered().snapshot == meta;
    if (!there) judge_.blame(fmt::format("{} loads a snapshot that is not durable", id.value()));
    if (server.options.witness) {
        came(fmt::format("has nothing to load of the snapshot of {}", meta.index().value()));
        return;
    }
    server.machine = split(server.disk.snapshot_data().bytes());
    came(
        fmt::format("loads the snapshot of {}: {}", meta.index().value(), list_of(server.machine)));
    judge_.loaded(id, meta.index(), server.machine);
}

void Stage::apply(ServerId id) {
    Server& server = servers_.at(id);
    std::vector<std::string> texts;
    for (LogIndex i = output_.apply_from; i <= output_.apply_upto; i = i.next()) {
        const Entry& entry = raft(id).log().entry_at(i);
        const Entry* durable = server.disk.entry(i);
        if (durable == nullptr || !(*durable == entry)) {
            judge_.blame(
                fmt::format("{} applies {}, which is not durable there", id.value(), i.value()));
        }
        judge_.applied(id, i, entry);
        texts.push_back(content_of(entry));
        if (entry.kind == EntryKind::Command && !entry.payload.is_stub()) {
            server.machine.emplace_back(entry.payload.bytes());
        }
    }
    came(fmt::format("applies {}: {}", range_words(output_.apply_from, output_.apply_upto),
                     list_of(texts)));
}

void Stage::send(ServerId id) {
    std::vector<Sent> sent;
    for (Send& send : output_.sends) {
        std::string to = fmt::format("{}", send.to.value());
        const bool there = server(id).disk.fetch(send);
        std::string what = words_of(send.message, style);
        if (!there) {
            what += ", not sent: its disk has that no more";
        } else if (send.entries_to_fetch > 0) {
            what += " from its disk";
        }
        if (there && !network.send(id, send.to, std::move(send.message))) to += "(cut)";
        sent.push_back({std::move(to), std::move(what)});
    }
    for (const std::string& line : lines_of(sent)) came(line);
}

void Stage::look(ServerId id) {
    std::vector<Judge::Seen> seen;
    for (const auto& [other, server] : servers_) {
        if (server.raft) seen.push_back({*server.raft, server.disk});
    }
    judge_.look({raft(id), server(id).disk}, seen);
}

}  // namespace wavetank::story
