// OpenSSL keeps a queue of errors for each thread; the oldest is the cause of the others.
#include "core/tls/tls_error.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>

namespace wavetank {
namespace {

// The other side's last word when it ends the connection: "tlsv1 alert unknown ca" and the like,
// with the protocol in front that it was first defined in.
std::string refusal(int reason) {
    const char* known = ERR_reason_error_string(ERR_PACK(ERR_LIB_SSL, 0, reason));
    std::string_view words = known == nullptr ? "unknown" : known;
    const std::size_t alert = words.find("alert ");
    if (alert != std::string_view::npos) words.remove_prefix(alert + 6);
    return fmt::format("the other side refuses us or our certificate: {}", words);
}

}  // namespace

std::string openssl_error() {
    const unsigned long code = ERR_peek_error();
    const char* reason = ERR_reason_error_string(code);
    std::string words = code == 0           ? "unknown error"
                        : reason == nullptr ? fmt::format("error {:#x}", code)
                                            : reason;
    ERR_clear_error();
    return words;
}

std::string tls_failure() {
    const unsigned long code = ERR_peek_error();
    const int reason = ERR_GET_REASON(code);
    std::string words;
    if (ERR_GET_LIB(code) != ERR_LIB_SSL) {
        words = "TLS fails: " + openssl_error();
    } else if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
        words = "it shows no certificate";
    } else if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
               reason == SSL_R_HTTPS_PROXY_REQUEST) {
        words = "it does not speak TLS, which this side does";
    } else if (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_VERSION_TOO_LOW) {
        words = "it does not speak TLS 1.3, and nothing older is accepted";
    } else if (reason >= SSL_AD_REASON_OFFSET) {
        words = refusal(reason);
    } else {
        words = "TLS fails: " + openssl_error();
    }
    ERR_clear_error();
    return words;
}

}  // namespace wavetank
