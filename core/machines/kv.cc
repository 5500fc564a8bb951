// Coding, carrying out and saving.
#include "core/machines/kv.h"

#include "core/base/bytes.h"
#include "core/base/check.h"
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
    if (frozen_) keep_aside(place, key);
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
                if (frozen_) keep_aside(found, view->key);
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

void KvMachine::freeze() {
    CHECK(!frozen_.has_value());
    Frozen frozen;
    frozen.pairs = values_.size();
    frozen.digest = digest_;
    frozen_ = std::move(frozen);
}

void KvMachine::keep_aside(Values::iterator place, std::string_view key) {
    if (frozen_->written && key <= *frozen_->written) return;
    auto& aside = frozen_->aside;
    const auto there = aside.lower_bound(key);
    if (there != aside.end() && there->first == key) return;  // it has changed before
    if (place == values_.end()) {
        aside.emplace_hint(there, key, std::nullopt);
    } else {
        aside.emplace_hint(there, key, place->second);
    }
}

bool KvMachine::save_some(std::string& out, std::size_t bytes_max) {
    CHECK(frozen_.has_value());
    Frozen& frozen = *frozen_;
    Encoder encoder;
    if (!frozen.begun) encoder.u64(frozen.pairs).u64(frozen.digest);
    frozen.begun = true;

    auto live = frozen.written ? values_.upper_bound(*frozen.written) : values_.begin();
    auto aside = frozen.aside.begin();
    const std::string* last = nullptr;
    std::size_t passed = 0;  // bytes of keys that did not exist: they cost time as well
    const auto more = [&] { return live != values_.end() || aside != frozen.aside.end(); };
    while (more() && (last == nullptr || encoder.view().size() + passed < bytes_max)) {
        const bool changed =
            aside != frozen.aside.end() && (live == values_.end() || aside->first <= live->first);
        last = changed ? &aside->first : &live->first;
        const Stored* stored =
            changed ? (aside->second ? &*aside->second : nullptr) : &live->second;
        if (stored != nullptr) {
            CHECK(frozen.pairs > 0);
            --frozen.pairs;
            frozen.digest -= stored->digest;
            encoder.bytes(*last).bytes(stored->value);
        } else {
            passed += last->size() + 1;
        }
        if (!changed || (live != values_.end() && live->first == *last)) ++live;
        if (changed) ++aside;
    }
    out.append(encoder.view());
    if (!more()) {
        CHECK(frozen.pairs == 0);
        CHECK(frozen.digest == 0);
        frozen_.reset();
        return true;
    }
    frozen.written = *last;
    frozen.aside.erase(frozen.aside.begin(), aside);
    return false;
}

bool KvMachine::load(std::string_view saved) {
    Decoder decoder(saved);
    const uint64_t pairs = decoder.u64();
    const uint64_t digest = decoder.u64();
    KvMachine loaded;
    for (uint64_t i = 0; i < pairs; ++i) {
        const std::string_view key = decoder.bytes();
        const std::string_view value = decoder.bytes();
        if (!decoder.ok()) return false;
        if (i > 0 && key <= loaded.values_.rbegin()->first) return false;
        Stored stored{std::string(value), hash_bytes(key), 0};
        stored.digest = pair_digest(stored.key_hash, value);
        loaded.digest_ += stored.digest;
        loaded.values_.emplace_hint(loaded.values_.end(), key, std::move(stored));
    }
    if (!decoder.finished() || loaded.digest_ != digest) return false;
    *this = std::move(loaded);
    return true;
}

}  // namespace wavetank
