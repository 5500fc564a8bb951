// Written and read field by field. What is read is judged in the order of the fields, because after
// another magic or version the rest means nothing.
#include "core/wire/handshake.h"

#include <fmt/format.h>

#include "core/base/bytes.h"

namespace wavetank {
namespace {

constexpr std::string_view kMagic = "WAVETANK";

}  // namespace

void encode(const Handshake& handshake, std::string& out) {
    Encoder encoder;
    encoder.rest(kMagic).u32(kWireVersion);
    encoder.u32(handshake.server.value()).u64(handshake.cluster.value());
    out.append(encoder.view());
}

Result<Handshake> decode_handshake(std::string_view bytes, const Expected& expected) {
    if (!bytes.starts_with(kMagic)) return Error{"the other side does not speak Wavetank"};
    Decoder decoder(bytes.substr(kMagic.size()));
    const uint32_t version = decoder.u32();
    if (!decoder.ok()) return Error{"the handshake is cut off before its version"};
    if (version != kWireVersion) {
        return Error{fmt::format("the other side speaks version {}, not {}: use the same release",
                                 version, kWireVersion)};
    }
    Handshake handshake;
    handshake.server = ServerId(decoder.u32());
    handshake.cluster = ClusterId(decoder.u64());
    if (!decoder.finished()) {
        return Error{fmt::format("the handshake has {} bytes, which version {} never has",
                                 bytes.size(), version)};
    }
    if (handshake.cluster != expected.cluster) {
        return Error{fmt::format("server {} is of cluster {:016x}, not {:016x}: see the addresses",
                                 handshake.server.value(), handshake.cluster.value(),
                                 expected.cluster.value())};
    }
    if (expected.server.has_value() && handshake.server != *expected.server) {
        return Error{fmt::format("server {} is at the address of server {}: see the addresses",
                                 handshake.server.value(), expected.server->value())};
    }
    if (handshake.server && handshake.server == expected.ourselves) {
        return Error{fmt::format("the other side says that it is server {} as we are",
                                 handshake.server.value())};
    }
    return handshake;
}

}  // namespace wavetank
