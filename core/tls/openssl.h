// What this folder needs of OpenSSL more than once: owners for its objects, and text out of
// certificates.
#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

#include "core/base/result.h"
#include "core/tls/certificate_name.h"

namespace wavetank {

struct FreeOpenSsl {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(BIO* bio) const { BIO_free_all(bio); }
};
using OwnedContext = std::unique_ptr<SSL_CTX, FreeOpenSsl>;
using OwnedBio = std::unique_ptr<BIO, FreeOpenSsl>;

// "CN = server 1 of cluster 4711"
std::string subject_of(const X509* certificate);
// The one name in it that is meant for us.
Result<CertificateName> name_in(const X509* certificate);
// "Nov 25 21:53:07 2027 GMT"
std::string time_in_words(const ASN1_TIME* time);

}  // namespace wavetank
