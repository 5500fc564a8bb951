// TlsChannel: one end of a TLS connection, without its socket. Bytes that came from the socket go
// in, bytes for the socket come out, and the user's bytes are on the other side of it. So whoever
// has the socket decides when and in how large pieces it is read and written: many records leave in
// one system call.
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/tls/certificate_name.h"

namespace wavetank {

class TlsChannel {
 public:
    enum class Side : uint8_t { Calls, IsCalled };
    // Whoever calls has something in `outgoing` at once. `context` is shared, and kept.
    TlsChannel(SSL_CTX* context, Side side);
    ~TlsChannel();
    TlsChannel(const TlsChannel&) = delete;
    TlsChannel& operator=(const TlsChannel&) = delete;

    // Where bytes of the socket belong; never empty.
    std::span<char> room();
    // So many are there now. Then `read` until it gives nothing.
    void received(std::size_t count);
    // Opens what was received, into `plain`: how many bytes. Zero: more must come first. An error
    // says why the connection cannot go on; what is in `outgoing` tells it the other side.
    Result<std::size_t> read(std::span<char> plain);

    // Both sides have shown who they are.
    bool established() const { return peer_.has_value(); }
    // Who is there. Requires established().
    const CertificateName& peer() const { return *peer_; }

    // Whether anything can be sealed: both are known, and nothing has failed.
    bool can_seal() const { return established() && !failed_; }
    // Seals the bytes, and puts them behind `outgoing`. Requires can_seal(). False: the connection
    // cannot go on.
    [[nodiscard]] bool seal(std::string_view plain);
    // Says that nothing more comes. The last thing.
    void say_goodbye();
    // For the socket; take from its front.
    std::string& outgoing() { return outgoing_; }

 private:
    struct Free {
        void operator()(SSL* ssl) const;
    };
    friend struct ChannelBio;
    friend struct ChannelVerification;
    std::optional<Error> meet_peer();

    std::vector<char> incoming_;
    std::size_t begin_ = 0;  // of what OpenSSL has not taken, in `incoming_`
    std::size_t filled_ = 0;
    std::string outgoing_;
    std::optional<CertificateName> peer_;
    std::string refused_;  // why the other side's certificate is; empty: it is not
    bool failed_ = false;
    uint64_t sealed_ = 0;  // records, with the present key
    std::unique_ptr<SSL, Free> ssl_;
};

}  // namespace wavetank
