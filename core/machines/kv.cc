// Coding and carrying out of key-value commands.
#include "core/machines/kv.h"

#include "core/base/bytes.h"
#include "core/base/hash.h"

namespace wavetank {
namespace {

// Views into the encoded command: applying copies nothing but what is stored.
struct CommandView {
    KvFunction function;
    std::string_view key;
    std::string_view expected;
    std::string_view value;
};

std::optional<CommandView> view_of(std::string_view bytes) {
    Decoder decoder(bytes);
    const uint8_t function = decoder.u8();
    if (function < uint8_t(KvFunction::Get) || function > uint8_t(KvFunction::Delete)) {
        return std::nullopt;
    }
    CommandView view{KvFunction(function), decoder.bytes(), {}, {}};
    if (view.function == KvFunction::CompareAndSet) view.expected = decoder.bytes();
    view.value = decoder.rest();
    if (!decoder.finished()) return std::nullopt;
    return view;
}

// Never zero, which stands for "nothing stored yet".
uint64_t pair_digest(uint64_t key_hash, std::string_view value) {
    return mix(key_hash, hash_bytes(value)) | 1;
}

std::string reply(bool ok, std::string_view value = {}) {
    std::string out(1 + value.size(), ok ? 1 : 0);
    if (!value.empty()) value.copy(out.data() + 1, value.size());
    return out;
}

}  // namespace

const char* name_of(KvFunction function) {
    switch (function) {
        case KvFunction::Get:
            return "get";
        case KvFunction::Put:
            return "put";
        case KvFunction::Append:
            return "append";
        case KvFunction::CompareAndSet:
            return "cas";
        case KvFunction::Delete:
            return "delete";
    }
    return "?";
}

std::string encode(const KvCommand& command) {
    Encoder encoder;
    encoder.reserve(16 + command.key.size() + command.expected.size() + command.value.size());
    encoder.u8(uint8_t(command.function)).bytes(command.key);
    if (command.function == KvFunction::CompareAndSet) encoder.bytes(command.expected);
    encoder.rest(command.value);
    return encoder.take();
}

std::optional<KvCommand> decode_kv_command(std::string_view bytes) {
    const auto view = view_of(bytes);
    if (!view) return std::nullopt;
    return KvCommand{view->function, std::string(view->key), std::string(view->value),
                     std::string(view->expected)};
}

std::string encode(const KvResult& result) {
    return reply(result.ok, result.value);
}

std::optional<KvResult> decode_kv_result(std::string_view bytes) {
    if (bytes.empty() || static_cast<unsigned char>(bytes[0]) > 1) return std::nullopt;
    return KvResult{bytes[0] == 1, std::string(bytes.substr(1))};
}

void KvMachine::set(Values::iterator place, std::string_view key, std::string_view value) {
    if (place == values_.end()) {
        place = values_.emplace(key, Stored{}).first;
        place->second.key_hash = hash_bytes(key);
    }
    Stored& stored = place->second;
    digest_ -= stored.digest;
    stored.value = value;
    stored.digest = pair_digest(stored.key_hash, value);
    digest_ += stored.digest;
}

std::string KvMachine::apply(std::string_view command) {
    const auto view = view_of(command);
    if (!view) return {};
    const auto found = values_.find(view->key);
    const bool exists = found != values_.end();
    switch (view->function) {
        case KvFunction::Get:
            return exists ? reply(true, found->second.value) : reply(false);
        case KvFunction::Put:
            set(found, view->key, view->value);
            return reply(true);
        case KvFunction::Append: {
            std::string longer = exists ? found->second.value : std::string();
            set(found, view->key, longer.append(view->value));
            return reply(true);
        }
        case KvFunction::CompareAndSet:
            if (!exists || found->second.value != view->expected) return reply(false);
            set(found, view->key, view->value);
            return reply(true);
        case KvFunction::Delete:
            if (exists) {
                digest_ -= found->second.digest;
                values_.erase(found);
            }
            return reply(exists);
    }
    return {};
}

std::string KvMachine::query(std::string_view question) const {
    const auto view = view_of(question);
    if (!view || view->function != KvFunction::Get) return {};
    const auto found = values_.find(view->key);
    return found == values_.end() ? reply(false) : reply(true, found->second.value);
}

}  // namespace wavetank
