// OpenSSL over a pair of buffers instead of a socket.
#include "core/tls/tls_channel.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <climits>
#include <cstring>

#include "core/base/check.h"
#include "core/tls/openssl.h"
#include "core/tls/tls_error.h"

namespace wavetank {
namespace {

// Some records: one has up to 16 KiB and a little.
constexpr std::size_t kIncomingBytes = 64 << 10;

// RFC 8446, 5.5: AES-GCM keeps its promise for 24 million records with one key; OpenSSL does not
// count.
constexpr uint64_t kRecordsPerKey = 8'000'000;

// The names of the certificate that are meant for us.
std::vector<std::string> names_in(const X509* certificate) {
    std::vector<std::string> names;
    auto* all = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
        const GENERAL_NAME* each = sk_GENERAL_NAME_value(all, i);
        if (each->type != GEN_URI) continue;
        const ASN1_IA5STRING* uri = each->d.uniformResourceIdentifier;
        const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                                    static_cast<std::size_t>(ASN1_STRING_length(uri)));
        if (is_certificate_name(text)) names.emplace_back(text);
    }
    GENERAL_NAMES_free(all);
    return names;
}

}  // namespace

Result<CertificateName> name_in(const X509* certificate) {
    const std::vector<std::string> names = names_in(certificate);
    if (names.size() == 1) return parse_certificate_name(names.front());
    return Error{
        fmt::format("the certificate ({}) has {} names of the form "
                    "wavetank:cluster/N/... among its alternative names, not one",
                    subject_of(certificate), names.size())};
}

// What OpenSSL takes for its transport.
struct ChannelBio {
    static TlsChannel* channel(BIO* bio) { return static_cast<TlsChannel*>(BIO_get_data(bio)); }
    static int write(BIO* bio, const char* bytes, std::size_t size, std::size_t* written) {
        BIO_clear_retry_flags(bio);
        channel(bio)->outgoing_.append(bytes, size);
        *written = size;
        return 1;
    }
    static int read(BIO* bio, char* room, std::size_t size, std::size_t* count) {
        BIO_clear_retry_flags(bio);
        TlsChannel& self = *channel(bio);
        *count = std::min(size, self.filled_ - self.begin_);
        if (*count == 0) {
            BIO_set_retry_read(bio);
            return 0;
        }
        std::memcpy(room, self.incoming_.data() + self.begin_, *count);
        self.begin_ += *count;
        return 1;
    }
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH; }
    static const BIO_METHOD* method() {
        static const BIO_METHOD* const made = [] {
            BIO_METHOD* method =
                BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "channel");
            CHECK(method != nullptr);
            BIO_meth_set_write_ex(method, write);
            BIO_meth_set_read_ex(method, read);
            BIO_meth_set_ctrl(method, control);
            return method;
        }();
        return made;
    }
};

// Is asked about each certificate of the other side, and notes what is wrong with the first bad
// one.
struct ChannelVerification {
    static int judge(int accepted, X509_STORE_CTX* store) {
        if (accepted == 1) return 1;
        const auto* ssl = static_cast<const SSL*>(
            X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
        auto* channel = static_cast<TlsChannel*>(SSL_get_app_data(ssl));
        const int error = X509_STORE_CTX_get_error(store);
        channel->refused_ =
            fmt::format("its certificate is refused: {}", X509_verify_cert_error_string(error));
        const X509* certificate = X509_STORE_CTX_get_current_cert(store);
        if (certificate == nullptr) return 0;
        channel->refused_ += fmt::format(" ({}", subject_of(certificate));
        if (error == X509_V_ERR_CERT_HAS_EXPIRED) {
            channel->refused_ +=
                fmt::format(", valid until {}", time_in_words(X509_get0_notAfter(certificate)));
        }
        channel->refused_ += ")";
        return 0;
    }
};

void TlsChannel::Free::operator()(SSL* ssl) const {
    SSL_free(ssl);
}

TlsChannel::TlsChannel(SSL_CTX* context, Side side)
    : incoming_(kIncomingBytes), ssl_(SSL_new(context)) {
    CHECK(ssl_ != nullptr);
    BIO* bio = BIO_new(ChannelBio::method());
    CHECK(bio != nullptr);
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);  // which owns it now
    SSL_set_app_data(ssl_.get(), this);
    SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                   ChannelVerification::judge);
    if (side == Side::IsCalled) {
        SSL_set_accept_state(ssl_.get());
        return;
    }
    SSL_set_connect_state(ssl_.get());
    ERR_clear_error();
    SSL_do_handshake(ssl_.get());  // says hello, and waits for the answer
}

TlsChannel::~TlsChannel() = default;

std::span<char> TlsChannel::room() {
    if (begin_ > 0) {
        std::memmove(incoming_.data(), incoming_.data() + begin_, filled_ - begin_);
        filled_ -= std::exchange(begin_, 0);
    }
    // OpenSSL takes a record's beginning as well, so nothing is left once `read` gave nothing.
    CHECK(filled_ < incoming_.size());
    return std::span(incoming_).subspan(filled_);
}

void TlsChannel::received(std::size_t count) {
    CHECK(count <= incoming_.size() - filled_);
    filled_ += count;
}

Result<std::size_t> TlsChannel::read(std::span<char> plain) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), plain.data(), plain.size(), &count);
    const int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), result);
    if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_ZERO_RETURN) {
        failed_ = true;
        const std::string why = tls_failure();
        return Error{refused_.empty() ? why : refused_};
    }
    if (!established() && SSL_is_init_finished(ssl_.get()) == 1) {
        if (const auto problem = meet_peer()) return *problem;
    }
    return count;
}

// The handshake is over, so the certificate is one that our authority has signed.
std::optional<Error> TlsChannel::meet_peer() {
    CHECK(SSL_get_verify_result(ssl_.get()) == X509_V_OK);
    const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
    CHECK(certificate != nullptr);
    Result<CertificateName> name = name_in(certificate);
    if (!name.ok()) return name.error();
    peer_ = std::move(name.value());
    return std::nullopt;
}

bool TlsChannel::seal(std::string_view plain) {
    CHECK(can_seal());
    ERR_clear_error();
    std::size_t written = 0;
    // The buffer takes everything, so all of it is written, or nothing.
    if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1) {
        failed_ = true;
        return false;
    }
    CHECK(written == plain.size());
    sealed_ += written / SSL3_RT_MAX_PLAIN_LENGTH + 1;
    if (sealed_ >= kRecordsPerKey) {
        sealed_ = 0;
        SSL_key_update(ssl_.get(), SSL_KEY_UPDATE_NOT_REQUESTED);  // leaves with the next record
    }
    return true;
}

void TlsChannel::say_goodbye() {
    if (!can_seal()) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
}

}  // namespace wavetank
