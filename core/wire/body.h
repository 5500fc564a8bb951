// What a message is on the wire, whoever sends it:
//
//   byte 0  u32   size H of the head, least significant byte first
//        4  H     the head, a Protobuf message of raft.proto or client.proto
//    4 + H  ...   the bytes of its payloads, without gaps, in the head's order, up to the end
//
// Payloads stand outside of Protobuf, so that they are copied once when they are sent, and not at
// all or once when they are received; and heads stay small, so that no sender can make Protobuf
// allocate much. The head names size and digest of every payload. `Intake` takes such bytes apart
// and trusts nothing in them. Only the codecs of this folder use this file.
#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/payload.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/wire/limits.h"

namespace wavetank {

// Appends the size of `head` and the head. The caller then appends the payloads, `payload_bytes` in
// all. An error, and `out` as it was, if a limit is exceeded; else the size of the whole body.
Result<std::size_t> append_head(const google::protobuf::Message& head, BodyLimits limits,
                                uint64_t payload_bytes, std::string& out);

// Takes one body apart. The first thing that is wrong is remembered, everything after it means
// nothing; so a codec may read a whole message and ask once.
class Intake {
 public:
    // Requires that `part` lies within `buffer`.
    Intake(const Payload& buffer, Payload::Part part, BodyLimits limits);

    // Reads the head into `head`. False if it cannot be.
    bool parse(google::protobuf::Message& head);

    bool good() const { return !why_; }
    void refuse(std::string why) {
        if (!why_) why_ = std::move(why);
    }
    // Refuses what a later version might have added.
    template <class Head>
    void only_known_fields(const Head& head) {
        static const google::protobuf::Reflection& kReflection = *Head::GetReflection();
        if (kReflection.GetUnknownFields(head).empty()) return;
        refuse("its head has a field that is not known here");
    }

    Term term(uint64_t value) { return Term(ordinal(value, "term")); }
    LogIndex index(uint64_t value) { return LogIndex(ordinal(value, "log index")); }
    ServerId server(uint64_t value);
    ClockReading clock(int64_t nanos, int64_t error);

    // The next payload as it travels: its bytes begin where those of the one before end. From
    // kSliceBytesMin on it shares the buffer.
    struct Announced {
        uint64_t bytes;
        uint64_t digest;
    };
    Payload payload(Announced announced);
    // The same for what becomes a string.
    std::string_view take(uint64_t bytes);

    // Call when everything has been read: there must be nothing left.
    void finish();
    // Requires !good().
    Error error(const char* message_name) const;

 private:
    uint64_t ordinal(uint64_t value, const char* what);

    const Payload& buffer_;
    std::size_t next_;  // in the buffer
    std::size_t end_;
    BodyLimits limits_;
    std::optional<std::string> why_;
};

}  // namespace wavetank
