// The key-value machine: what each function does, its formats, and its digest.
#include "core/machines/kv.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace wavetank
