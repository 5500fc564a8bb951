// What OpenSSL says when it fails, in words that tell an operator where to look. Used by this
// folder alone.
#pragma once

#include <string>

namespace wavetank {

// The oldest error of this thread, with whatever it names; the others are forgotten.
std::string openssl_error();

// Why a connection cannot go on, after a call for it has failed: the other side refuses our
// certificate, or shows none, or does not speak TLS.
std::string tls_failure();

}  // namespace wavetank
