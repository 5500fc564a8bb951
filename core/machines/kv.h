// The key-value machine: get, put, append, compare-and-set, delete over byte strings.
//
// Formats (core/base/bytes.h):
//   command, question: u8 function, bytes key, bytes expected (CompareAndSet only), rest value
//   reply:             u8 flag (KvResult::ok), rest value (Get only)
//   saved state:       u64 pairs, u64 digest of the machine, then the pairs by key, rising:
//                      bytes key, bytes value
// A command that cannot be decoded gets the empty reply.
//
// Saving (see machine.h): the frozen state is written down from the lowest key to the highest. Of a
// key that changes before it was written down, what it was is kept aside; so freezing copies
// nothing, and what is kept is never more than what was changed meanwhile.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "core/machines/machine.h"

namespace wavetank {

enum class KvFunction : uint8_t { Get = 1, Put, Append, CompareAndSet, Delete };
const char* name_of(KvFunction function);  // "get", "put", "append", "cas", "delete"

struct KvCommand {
    KvFunction function = KvFunction::Get;
    std::string key;
    std::string value;     // Put, Append: what to store; CompareAndSet: the new value
    std::string expected;  // CompareAndSet: stored only if the present value equals this
    friend bool operator==(const KvCommand&, const KvCommand&) = default;
};

struct KvResult {
    // Get: the key exists. CompareAndSet: it was stored (an absent key equals nothing, not even
    // ""). Delete: the key existed. Put, Append: always true.
    bool ok = false;
    std::string value;  // Get of an existing key
    friend bool operator==(const KvResult&, const KvResult&) = default;
};

std::string encode(const KvCommand& command);
std::optional<KvCommand> decode_kv_command(std::string_view bytes);
std::string encode(const KvResult& result);
std::optional<KvResult> decode_kv_result(std::string_view bytes);

// The sequential model of the linearizability checker is written separately on purpose.
class KvMachine final : public Machine {
 public:
    std::string apply(std::string_view command) override;
    std::string query(std::string_view question) const override;
    void freeze() override;
    bool save_some(std::string& out, std::size_t bytes_max) override;
    void thaw() override { frozen_.reset(); }
    [[nodiscard]] bool load(std::string_view saved) override;
    uint64_t digest() const override { return digest_; }
    std::size_t size() const { return values_.size(); }

 private:
    struct Stored {
        std::string value;
        uint64_t key_hash = 0;
        uint64_t digest = 0;  // of key and value
    };
    using Values = std::map<std::string, Stored, std::less<>>;
    // The state as of freeze(), as far as it is not written down yet: the pairs whose keys are
    // after `written`, as they are in `aside`, or else in `values_`.
    struct Frozen {
        // Of the pairs that are not written down.
        uint64_t pairs = 0;
        uint64_t digest = 0;
        bool begun = false;                  // the head of the saved state is written
        std::optional<std::string> written;  // the highest key that is written down
        // What keys after `written` were before they changed; nothing: they did not exist.
        std::map<std::string, std::optional<Stored>, std::less<>> aside;
    };
    // Stores `value` at `place`, or at `key` if that is the end.
    void set(Values::iterator place, std::string_view key, std::string_view value);
    // `key`, at `place` or nowhere if that is the end, is about to change.
    void keep_aside(Values::iterator place, std::string_view key);

    Values values_;
    uint64_t digest_ = 0;  // sum over the pairs: independent of the order they came in
    std::optional<Frozen> frozen_;
};

}  // namespace wavetank
