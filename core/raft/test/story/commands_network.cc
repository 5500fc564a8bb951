// What becomes of messages.
#include <fmt/format.h>

#include "core/raft/test/story/commands.h"

namespace wavetank::story {
namespace {

// [LINK] [KIND] [first|last] or #NUMBER
Pattern pattern_of(Arguments& arguments) {
    Pattern pattern;
    while (arguments.ok() && !arguments.empty()) {
        const std::string word = arguments.word("");
        if (word.starts_with('#')) {
            pattern.number = parse_number(word.substr(1));
            if (!pattern.number) arguments.fail(fmt::format("'{}' is no message's number", word));
        } else if (word == "first") {
            pattern.choice = Pattern::Choice::First;
        } else if (word == "last") {
            pattern.choice = Pattern::Choice::Last;
        } else if (is_message_name(word)) {
            pattern.kind = word;
        } else if (const std::optional<Pattern> link = parse_link(word, arguments)) {
            pattern.from = link->from;
            pattern.to = link->to;
        } else {
            arguments.fail(fmt::format("'{}' is no link, kind or number of a message", word));
        }
    }
    return pattern;
}

// The messages a command is about. That there are none is a mistake: the story has lost its thread.
std::vector<uint64_t> chosen(Stage& stage, Arguments& arguments,
                             Network::Held held = Network::Held::Skip) {
    const Pattern pattern = pattern_of(arguments);
    if (!arguments.complete()) return {};
    std::vector<uint64_t> numbers = stage.network.find(pattern, held);
    if (numbers.empty()) arguments.fail("there is no such message on its way");
    return numbers;
}

std::string words_of(const Stage& stage, const InFlight& message) {
    return fmt::format("#{} {} -> {}: {}{}", message.number, message.from.value(),
                       message.to.value(), story::words_of(message.message, stage.style),
                       message.held ? " (held)" : "");
}

// deliver PATTERN: what is on its way now; what it causes stays on its way.
void deliver(Stage& stage, Arguments& arguments) {
    for (const uint64_t number : chosen(stage, arguments)) stage.deliver(number);
}

// drop PATTERN
void drop(Stage& stage, Arguments& arguments) {
    for (const uint64_t number : chosen(stage, arguments)) {
        const InFlight lost = stage.network.take(number);
        stage.say(fmt::format("lost: {} -> {}: {}", lost.from.value(), lost.to.value(),
                              story::words_of(lost.message, stage.style)));
    }
}

// repeat PATTERN: each will arrive once more.
void repeat(Stage& stage, Arguments& arguments) {
    for (const uint64_t number : chosen(stage, arguments)) stage.network.repeat(number);
}

// reverse PATTERN: the last one first.
void reverse(Stage& stage, Arguments& arguments) {
    stage.network.reverse(chosen(stage, arguments));
}

// hold PATTERN: set aside, also what will be sent.
void hold(Stage& stage, Arguments& arguments) {
    const Pattern pattern = pattern_of(arguments);
    if (arguments.complete()) stage.network.hold(pattern);
}

// release PATTERN: of the same hold. release: of all.
void release(Stage& stage, Arguments& arguments) {
    if (arguments.empty()) return stage.network.release_all();
    const Pattern pattern = pattern_of(arguments);
    if (arguments.complete()) stage.network.release(pattern);
}

// cut LINK
void cut(Stage& stage, Arguments& arguments) {
    const std::string word = arguments.word("a link");
    const std::optional<Pattern> link = parse_link(word, arguments);
    if (arguments.ok() && !link) arguments.fail(fmt::format("'{}' is no link", word));
    if (!arguments.complete()) return;
    for (const ServerId from : link->from.empty() ? stage.all() : link->from) {
        for (const ServerId to : link->to.empty() ? stage.all() : link->to) {
            if (from != to) stage.network.cut(from, to);
        }
    }
}

// isolate IDS: cut off from all others, in both directions; among themselves they stay connected.
void isolate(Stage& stage, Arguments& arguments) {
    const std::vector<ServerId> ids = arguments.some_servers();
    if (!ready(stage, arguments, ids)) return;
    const auto inside = [&](ServerId id) {
        return std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    for (const ServerId id : ids) {
        for (const ServerId other : stage.all()) {
            if (inside(other)) continue;
            stage.network.cut(id, other);
            stage.network.cut(other, id);
        }
    }
}

// heal: no link is cut any more.
void heal(Stage& stage, Arguments& arguments) {
    if (arguments.complete()) stage.network.heal();
}

// send FROM->TO MESSAGE: arrives at once, whoever sent it.
void send(Stage& stage, Arguments& arguments) {
    const std::string word = arguments.word("a link");
    const std::optional<Pattern> link = parse_link(word, arguments);
    if (!link || link->from.size() != 1 || link->to.size() != 1) {
        arguments.fail("a message goes from one server to one other, as 1->2");
    }
    const std::optional<Message> message = parse_message(arguments);
    if (!message || !ready_running(stage, arguments, link->to)) return;
    const ServerId to = link->to.front();
    const ServerId from = link->from.front();
    stage.step(to, Recv{from, *message},
               fmt::format("{} <- {}: {}", to.value(), from.value(),
                           story::words_of(*message, stage.style)));
}

// messages: all that are on their way.
void messages(Stage& stage, Arguments& arguments) {
    if (!arguments.complete()) return;
    for (const InFlight& message : stage.network.all()) stage.say(words_of(stage, message));
    if (stage.network.all().empty()) stage.say("none");
}

constexpr Command kCommands[] = {
    {"deliver", deliver}, {"drop", drop},       {"repeat", repeat},     {"reverse", reverse},
    {"hold", hold},       {"release", release}, {"cut", cut},           {"isolate", isolate},
    {"heal", heal},       {"send", send},       {"messages", messages},
};

}  // namespace

std::span<const Command> network_commands() {
    return kCommands;
}

std::optional<Pattern> parse_link(std::string_view text, Arguments& arguments) {
    const std::size_t arrow = text.find("->");
    if (arrow == std::string_view::npos) return std::nullopt;
    const auto end_of = [&](std::string_view end) -> std::vector<ServerId> {
        if (end == "*") return {};
        Arguments part({std::string(end)});
        std::vector<ServerId> ids = part.some_servers();
        if (!part.complete())
            arguments.fail(fmt::format("'{}' is no link: {}", text, part.mistake().value_or("")));
        return ids;
    };
    Pattern pattern;
    pattern.from = end_of(text.substr(0, arrow));
    pattern.to = end_of(text.substr(arrow + 2));
    return pattern;
}

}  // namespace wavetank::story
