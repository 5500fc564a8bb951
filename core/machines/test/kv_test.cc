// The key-value machine: what each function does, its formats, its digest, and how its state is
// saved while it goes on.
#include "core/machines/kv.h"

#include <gtest/gtest.h>

#include "core/base/bytes.h"
#include "core/base/hash.h"

namespace wavetank {
namespace {

KvResult run(KvMachine& machine, const KvCommand& command) {
    const auto result = decode_kv_result(machine.apply(encode(command)));
    EXPECT_TRUE(result.has_value());
    return result.value_or(KvResult{});
}

TEST(KvMachine, EachFunction) {
    KvMachine kv;
    EXPECT_EQ(run(kv, {KvFunction::Get, "k", "", ""}), (KvResult{false, ""}));
    EXPECT_EQ(run(kv, {KvFunction::Append, "k", "a", ""}), (KvResult{true, ""}));
    EXPECT_EQ(run(kv, {KvFunction::Append, "k", "b", ""}), (KvResult{true, ""}));
    EXPECT_EQ(run(kv, {KvFunction::Get, "k", "", ""}), (KvResult{true, "ab"}));
    EXPECT_EQ(run(kv, {KvFunction::CompareAndSet, "k", "c", "x"}), (KvResult{false, ""}));
    EXPECT_EQ(run(kv, {KvFunction::CompareAndSet, "k", "c", "ab"}), (KvResult{true, ""}));
    EXPECT_EQ(run(kv, {KvFunction::CompareAndSet, "none", "c", ""}), (KvResult{false, ""}));
    EXPECT_EQ(run(kv, {KvFunction::Put, "k", "d", ""}), (KvResult{true, ""}));
    EXPECT_EQ(run(kv, {KvFunction::Delete, "k", "", ""}), (KvResult{true, ""}));
    EXPECT_EQ(run(kv, {KvFunction::Delete, "k", "", ""}), (KvResult{false, ""}));
}

TEST(KvMachine, QueryChangesNothing) {
    KvMachine kv;
    run(kv, {KvFunction::Put, "k", "v", ""});
    const uint64_t before = kv.digest();
    EXPECT_EQ(decode_kv_result(kv.query(encode(KvCommand{KvFunction::Get, "k", "", ""}))),
              (KvResult{true, "v"}));
    EXPECT_TRUE(kv.query(encode(KvCommand{KvFunction::Put, "k", "w", ""})).empty());
    EXPECT_EQ(kv.digest(), before);
}

TEST(KvMachine, DigestIsOfTheContentNotOfItsHistory) {
    KvMachine a;
    KvMachine b;
    run(a, {KvFunction::Put, "x", "1", ""});
    run(a, {KvFunction::Put, "y", "2", ""});
    run(b, {KvFunction::Put, "y", "0", ""});
    run(b, {KvFunction::Put, "z", "3", ""});
    EXPECT_NE(a.digest(), b.digest());
    run(b, {KvFunction::Delete, "z", "", ""});
    run(b, {KvFunction::Put, "y", "2", ""});
    run(b, {KvFunction::Append, "x", "1", ""});
    EXPECT_EQ(a.digest(), b.digest());
}

TEST(KvMachine, BadCommandsChangeNothing) {
    KvMachine kv;
    const std::string good = encode(KvCommand{KvFunction::CompareAndSet, "key", "new", "old"});
    EXPECT_EQ(decode_kv_command(good), (KvCommand{KvFunction::CompareAndSet, "key", "new", "old"}));
    for (std::size_t length = 0; length < good.size() - 3; ++length) {
        EXPECT_EQ(kv.apply(std::string_view(good).substr(0, length)), "") << length;
    }
    EXPECT_EQ(kv.apply("\x09garbage"), "");
    EXPECT_EQ(kv.size(), 0U);
}

void put(KvMachine& machine, const std::string& key, const std::string& value) {
    run(machine, {KvFunction::Put, key, value, ""});
}

// All that is left of the frozen state, in slices of about `bytes_max`.
std::string saved_rest(KvMachine& machine, std::size_t bytes_max = SIZE_MAX) {
    std::string out;
    while (!machine.save_some(out, bytes_max)) {
    }
    return out;
}

std::string saved(KvMachine& machine) {
    machine.freeze();
    return saved_rest(machine);
}

TEST(KvMachine, SavedStateIsAsDocumented) {
    KvMachine kv;
    put(kv, "y", "2");
    put(kv, "x", "11");
    Encoder expected;
    expected.u64(2).u64(kv.digest()).bytes("x").bytes("11").bytes("y").bytes("2");
    EXPECT_EQ(saved(kv), expected.view());
}

TEST(KvMachine, LoadReplacesTheWholeState) {
    KvMachine kv;
    put(kv, "", "the empty key is one, too");
    put(kv, "x", "");
    const std::string bytes = saved(kv);
    KvMachine other;
    put(other, "z", "goes");
    EXPECT_TRUE(other.load(bytes));
    EXPECT_EQ(other.digest(), kv.digest());
    EXPECT_EQ(other.size(), 2U);
    EXPECT_EQ(run(other, {KvFunction::Get, "", "", ""}),
              (KvResult{true, "the empty key is one, too"}));
    put(kv, "x", "goes on");
    put(other, "x", "goes on");
    EXPECT_EQ(other.digest(), kv.digest());
    EXPECT_EQ(saved(other), saved(kv));

    KvMachine empty;
    EXPECT_TRUE(other.load(saved(empty)));
    EXPECT_EQ(other.size(), 0U);
    EXPECT_EQ(other.digest(), empty.digest());
}

// Freezing is a mark; what changes after it is not in what is written down.
TEST(KvMachine, TheFrozenStateIsSavedWhateverComesAfter) {
    KvMachine kv;
    for (const char* key : {"b", "d", "f"}) put(kv, key, "old");
    KvMachine before;
    for (const char* key : {"b", "d", "f"}) put(before, key, "old");
    kv.freeze();
    std::string out;
    EXPECT_FALSE(kv.save_some(out, 1)) << "one pair at a time: b";
    put(kv, "a", "new, before what is written");
    put(kv, "b", "changed, written already");
    put(kv, "c", "new, after it");
    run(kv, {KvFunction::Delete, "d", "", ""});
    put(kv, "d", "deleted and there again");
    run(kv, {KvFunction::Append, "f", "er", ""});
    run(kv, {KvFunction::CompareAndSet, "f", "cas", "older"});
    run(kv, {KvFunction::Delete, "f", "", ""});
    out += saved_rest(kv, 1);

    KvMachine loaded;
    ASSERT_TRUE(loaded.load(out));
    EXPECT_EQ(loaded.digest(), before.digest());
    EXPECT_EQ(out, saved(before));
    EXPECT_EQ(kv.size(), 4U) << "a, b, c, d: it went on meanwhile";
    EXPECT_EQ(run(kv, {KvFunction::Get, "d", "", ""}).value, "deleted and there again");
}

TEST(KvMachine, SlicesAreBounded) {
    KvMachine kv;
    for (int i = 0; i < 100; ++i) put(kv, std::to_string(i), std::string(92, 'v'));
    kv.freeze();
    std::string out;
    std::size_t slices = 1;
    while (true) {
        const std::size_t before = out.size();
        const bool done = kv.save_some(out, 500);
        EXPECT_LE(out.size() - before, 500U + 102U) << "at most one pair more";
        if (done) break;
        EXPECT_GE(out.size() - before, 500U);
        ++slices;
    }
    EXPECT_GE(slices, 17U);
    // Keys that did not exist are passed over, and that takes time as well.
    kv.freeze();
    for (int i = 0; i < 1000; ++i) put(kv, "0" + std::to_string(i), "new");
    out.clear();
    EXPECT_FALSE(kv.save_some(out, 500));
    EXPECT_LT(out.size(), 500U);
    kv.thaw();
}

TEST(KvMachine, ThawForgetsTheFrozenState) {
    KvMachine kv;
    put(kv, "k", "old");
    kv.freeze();
    put(kv, "k", "new");
    kv.thaw();
    KvMachine loaded;
    ASSERT_TRUE(loaded.load(saved(kv)));
    EXPECT_EQ(loaded.digest(), kv.digest());
}

TEST(KvMachine, BytesThatAreNoStateAreRefused) {
    KvMachine kv;
    put(kv, "x", "1");
    put(kv, "y", "2");
    const std::string good = saved(kv);
    KvMachine other;
    put(other, "z", "stays");
    const uint64_t digest = other.digest();
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_FALSE(other.load(good.substr(0, length))) << length;
    }
    EXPECT_FALSE(other.load(good + "x"));
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        std::string bad = good;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(other.load(bad)) << bit;
    }
    // Right digest, wrong order: no machine of ours writes that, and it must not be taken.
    Encoder falling;
    falling.u64(2).u64(kv.digest()).bytes("y").bytes("2").bytes("x").bytes("1");
    EXPECT_FALSE(other.load(falling.view()));
    EXPECT_EQ(other.digest(), digest);
    EXPECT_EQ(other.size(), 1U);
}

KvCommand drawn_command(uint64_t seed, uint64_t step) {
    const auto draw = [&](uint64_t kind, uint64_t bound) {
        return below(mix(mix(seed, step), kind), bound);
    };
    KvCommand command;
    command.function = static_cast<KvFunction>(1 + draw(1, 5));
    command.key = std::string(1 + draw(2, 2), static_cast<char>('a' + draw(3, 12)));
    command.value = std::to_string(draw(4, 4));
    command.expected = std::to_string(draw(5, 4));
    return command;
}

// Commands and slices in any order: what is written down is the frozen state, to the last byte.
TEST(KvMachine, RandomInterleavingsSaveTheFrozenState) {
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE(seed);
        const auto draw = [&](uint64_t step, uint64_t bound) {
            return below(mix(mix(seed, 99), step), bound);
        };
        KvMachine kv;
        KvMachine frozen;  // carries out the same up to the freeze
        uint64_t step = 0;
        for (const uint64_t end = draw(0, 60); step < end; ++step) {
            const std::string command = encode(drawn_command(seed, step));
            ASSERT_EQ(kv.apply(command), frozen.apply(command));
        }
        const std::string expected = saved(frozen);
        kv.freeze();
        std::string out;
        for (const uint64_t begin = step; true; ++step) {
            ASSERT_LT(step, begin + 1000) << "it ends";
            if (draw(step, 3) == 0) {
                if (kv.save_some(out, 1 + draw(step + 1'000'000, 60))) break;
            } else {
                kv.apply(encode(drawn_command(seed, step)));
            }
        }
        ASSERT_EQ(out, expected);
        KvMachine loaded;
        ASSERT_TRUE(loaded.load(out));
        ASSERT_EQ(loaded.digest(), frozen.digest());
    }
}

}  // namespace
}  // namespace wavetank
