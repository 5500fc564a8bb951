// Payloads share bytes and keep their digest; bytes are coded little-endian.
#include "core/base/payload.h"

#include <gtest/gtest.h>

#include "core/base/bytes.h"
#include "core/base/hash.h"

namespace wavetank {
namespace {

TEST(Payload, KeepsBytesAndDigest) {
    const Payload payload = Payload::copy_of("hello");
    EXPECT_EQ(payload.bytes(), "hello");
    EXPECT_EQ(payload.digest(), hash_bytes("hello"));
    EXPECT_TRUE(payload.verify());
    EXPECT_EQ(payload, Payload::copy_of("hello"));
    EXPECT_FALSE(payload == Payload::copy_of("hellp"));
}

TEST(Payload, VerifyFindsChangedBytes) {
    const Payload payload = Payload::copy_of("hello");
    const_cast<char*>(payload.bytes().data())[1] ^= 4;
    EXPECT_FALSE(payload.verify());
}

TEST(Payload, SliceOutlivesTheWhole) {
    Payload slice;
    {
        const Payload whole = Payload::copy_of("one two three");
        slice = Payload::slice(Payload::slice(whole, {4, 9}), {0, 3});
    }
    EXPECT_EQ(slice.bytes(), "two");
    EXPECT_EQ(slice.digest(), hash_bytes("two"));
}

TEST(Payload, WhatIsReceivedKeepsTheDigestItWasSentWith) {
    const Payload good = Payload::received("hello", hash_bytes("hello"));
    EXPECT_EQ(good, Payload::copy_of("hello"));
    EXPECT_TRUE(good.verify());
    const Payload damaged = Payload::received("hellp", hash_bytes("hello"));
    EXPECT_EQ(damaged.digest(), hash_bytes("hello"));
    EXPECT_FALSE(damaged.verify());
    EXPECT_EQ(Payload::received("", 0), Payload());
    EXPECT_EQ(Payload::received_stub(hash_bytes("hello")), Payload::stub_of(good));
}

TEST(Payload, ABufferIsSlicedWhileItIsFilled) {
    Payload first;
    Payload second;
    {
        Payload::Buffer buffer = Payload::buffer(8);
        EXPECT_EQ(buffer.whole.size(), 8U);
        EXPECT_TRUE(buffer.whole.sole());
        std::string_view("onetwo").copy(buffer.bytes, 3);
        first = Payload::received_slice(buffer.whole, {0, 3}, hash_bytes("one"));
        std::string_view("two").copy(buffer.bytes + 3, 3);
        second = Payload::received_slice(buffer.whole, {3, 3}, hash_bytes("twp"));
        EXPECT_EQ(first.bytes().data(), buffer.bytes);
        EXPECT_FALSE(buffer.whole.sole());
        EXPECT_EQ(Payload::received_slice(buffer.whole, {8, 0}, 0), Payload());
    }
    EXPECT_EQ(first, Payload::copy_of("one"));
    EXPECT_EQ(second.bytes(), "two");
    EXPECT_FALSE(second.verify());
}

TEST(Bytes, RoundTrip) {
    Encoder encoder;
    encoder.u8(7).u32(0x01020304).u64(0x1122334455667788).bytes("abc").rest("tail");
    EXPECT_EQ(encoder.view().substr(1, 4), std::string("\x04\x03\x02\x01"));
    Decoder decoder(encoder.view());
    EXPECT_EQ(decoder.u8(), 7);
    EXPECT_EQ(decoder.u32(), 0x01020304U);
    EXPECT_EQ(decoder.u64(), 0x1122334455667788U);
    EXPECT_EQ(decoder.bytes(), "abc");
    EXPECT_EQ(decoder.rest(), "tail");
    EXPECT_TRUE(decoder.finished());
}

TEST(Bytes, ShortInputIsRefusedAtEveryLength) {
    Encoder encoder;
    encoder.u8(7).u64(9).bytes("abc");
    for (std::size_t length = 0; length < encoder.view().size(); ++length) {
        Decoder decoder(std::string_view(encoder.view()).substr(0, length));
        decoder.u8();
        decoder.u64();
        decoder.bytes();
        EXPECT_FALSE(decoder.ok()) << length;
    }
}

// The values are part of the format of seeds: they must be the same for ever, everywhere.
TEST(Hash, ValuesAreFixed) {
    EXPECT_EQ(Digest().add(1).add(2).value(), Digest().add(1).add(2).value());
    EXPECT_NE(Digest().add(1).add(2).value(), Digest().add(2).add(1).value());
    EXPECT_EQ(below(~uint64_t{0}, 10), 9U);
    EXPECT_EQ(below(0, 10), 0U);
}

}  // namespace
}  // namespace wavetank
