// From files to what OpenSSL works with, each step with an error of its own.
#include "core/tls/credentials.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "core/base/check.h"
#include "core/tls/openssl.h"
#include "core/tls/tls_error.h"

namespace wavetank {
namespace {

// Tells one state of the files from another.
std::string state_of(const TlsFiles& files) {
    std::string text;
    for (const std::string& file : {files.authority, files.certificate, files.key}) {
        struct stat state {};
        if (::stat(file.c_str(), &state) != 0) continue;
        text += fmt::format("{} {} {}.{} ", state.st_ino, state.st_size, state.st_mtim.tv_sec,
                            state.st_mtim.tv_nsec);
    }
    return text;
}

// Why the file cannot be opened, or its key is open to everybody.
std::optional<Error> look_at(const std::string& file, const char* what, bool secret) {
    struct stat state {};
    if (::stat(file.c_str(), &state) != 0) {
        return Error{fmt::format("{}: cannot be read: {}; it should hold {}, in PEM", file,
                                 std::strerror(errno), what)};
    }
    if (secret && (state.st_mode & S_IRWXO) != 0) {
        return Error{fmt::format("{}: everybody on this machine can read this key; chmod 600 {}",
                                 file, file)};
    }
    return std::nullopt;
}

Error unusable(const std::string& file, const char* what) {
    return Error{fmt::format("{}: cannot be used as {}: {}", file, what, openssl_error())};
}

void configure(SSL_CTX* context) {
    // A version that does not exist is the only thing that could fail.
    CHECK(SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1);
    // Everybody shows a certificate every time: one that has expired opens no further connection.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    // The authority itself needs not be shown: the other side has it, or believes us nothing.
    SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
}

}  // namespace

std::string subject_of(const X509* certificate) {
    const OwnedBio text(BIO_new(BIO_s_mem()));
    CHECK(text != nullptr);
    X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_ONELINE);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string time_in_words(const ASN1_TIME* time) {
    const OwnedBio text(BIO_new(BIO_s_mem()));
    CHECK(text != nullptr);
    ASN1_TIME_print(text.get(), time);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

// One state of the files.
struct Credentials::Loaded {
    std::string state;
    OwnedContext context;
    CertificateName name;
    std::string valid_until;
    int days_left = 0;  // when it was read; negative: over
};

TlsFiles TlsFiles::in(const std::string& directory, const std::string& name) {
    return {directory + "/ca.pem", fmt::format("{}/{}.pem", directory, name),
            fmt::format("{}/{}.key", directory, name)};
}

Result<std::shared_ptr<const Credentials::Loaded>> Credentials::read(const TlsFiles& files) {
    auto loaded = std::make_shared<Loaded>();
    loaded->state = state_of(files);
    const std::tuple<const std::string&, const char*, bool> needed[] = {
        {files.authority, "the authority's certificate", false},
        {files.certificate, "a certificate", false},
        {files.key, "the key of the certificate", true}};
    for (const auto& [file, what, secret] : needed) {
        if (auto problem = look_at(file, what, secret)) return *problem;
    }
    ERR_clear_error();
    loaded->context.reset(SSL_CTX_new(TLS_method()));
    SSL_CTX* context = loaded->context.get();
    CHECK(context != nullptr);
    configure(context);
    if (SSL_CTX_load_verify_file(context, files.authority.c_str()) != 1) {
        return unusable(files.authority, "an authority's certificate");
    }
    if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
        return unusable(files.certificate, "a certificate");
    }
    if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return unusable(files.key, fmt::format("the key of {}", files.certificate).c_str());
    }
    const X509* certificate = SSL_CTX_get0_certificate(context);
    Result<CertificateName> name = name_in(certificate);
    if (!name.ok()) return Error{fmt::format("{}: {}", files.certificate, name.error().message)};
    loaded->name = std::move(name.value());
    const ASN1_TIME* end = X509_get0_notAfter(certificate);
    loaded->valid_until = time_in_words(end);
    int left_seconds = 0;
    ASN1_TIME_diff(&loaded->days_left, &left_seconds, nullptr, end);
    if (left_seconds < 0) --loaded->days_left;
    return std::shared_ptr<const Loaded>(std::move(loaded));
}

Credentials::Credentials(TlsFiles files, std::shared_ptr<const Loaded> loaded)
    : files_(std::move(files)),
      name_(loaded->name),
      loaded_(std::move(loaded)),
      seen_(loaded_->state) {}

Credentials::~Credentials() = default;

Result<std::shared_ptr<Credentials>> Credentials::load(TlsFiles files) {
    Result<std::shared_ptr<const Loaded>> loaded = read(files);
    if (!loaded.ok()) return loaded.error();
    return std::shared_ptr<Credentials>(
        new Credentials(std::move(files), std::move(loaded.value())));
}

std::string Credentials::description() const {
    const std::lock_guard lock(mutex_);
    return fmt::format("{} of cluster {}, {} {}", words_of(name_), name_.cluster.value(),
                       loaded_->days_left < 0 ? "EXPIRED since" : "valid until",
                       loaded_->valid_until);
}

void Credentials::on_renewal(std::function<void(const std::string& line)> tell) {
    const std::lock_guard lock(mutex_);
    tell_ = std::move(tell);
}

std::unique_ptr<TlsChannel> Credentials::channel(TlsChannel::Side side) {
    const std::lock_guard lock(mutex_);
    renew();
    return std::make_unique<TlsChannel>(loaded_->context.get(), side);
}

void Credentials::renew() {
    std::string state = state_of(files_);
    if (state == seen_) return;
    seen_ = std::move(state);
    Result<std::shared_ptr<const Loaded>> loaded = read(files_);
    std::string problem = loaded.ok() ? "" : loaded.error().message;
    if (loaded.ok() && loaded.value()->name != name_) {
        problem = fmt::format("{} is now for {}, not for {}", files_.certificate,
                              to_uri(loaded.value()->name), to_uri(name_));
    }
    if (problem.empty()) {
        loaded_ = std::move(loaded.value());
        problem = fmt::format("read again, valid until {}", loaded_->valid_until);
    } else {
        problem += "; the certificate of before stays in use";
    }
    if (tell_) tell_("the certificate's files have changed: " + problem);
}

}  // namespace wavetank
