// Credentials: what a process proves itself with to others, and judges them by: its certificate and
// key, and the authority that has signed theirs; all from PEM files.
//
// TLS 1.3 only, both sides show a certificate, and nothing is remembered from one connection to the
// next. When the files have changed, later connections use what is there now, so certificates are
// renewed without a restart; files that cannot be used then leave things as they are.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/result.h"
#include "core/tls/certificate_name.h"
#include "core/tls/tls_channel.h"

namespace wavetank {

struct TlsFiles {
    std::string authority;    // certificates that others' must be signed by
    std::string certificate;  // ours; behind it those between it and the authority, if any
    std::string key;          // of the first certificate; must be closed to others than its group

    // `directory`/ca.pem, NAME.pem and NAME.key: as tools/test-ca makes them.
    static TlsFiles in(const std::string& directory, const std::string& name);
};

class Credentials {
 public:
    // Reads the files. An error says which of them cannot be used, and why.
    static Result<std::shared_ptr<Credentials>> load(TlsFiles files);
    ~Credentials();
    Credentials(const Credentials&) = delete;
    Credentials& operator=(const Credentials&) = delete;

    // Whom our certificate stands for, as of `load`; renewed ones must be for the same.
    const CertificateName& name() const { return name_; }
    // "server 2 of cluster 4711, valid until Nov 25 21:53:07 2027 GMT"; says so if it is over.
    std::string description() const;

    // For one connection, from either end of it. For any thread.
    std::unique_ptr<TlsChannel> channel(TlsChannel::Side side);
    // Is told, by whoever asks for a channel, that files have changed and what came of it.
    void on_renewal(std::function<void(const std::string& line)> tell);

 private:
    struct Loaded;
    Credentials(TlsFiles files, std::shared_ptr<const Loaded> loaded);
    static Result<std::shared_ptr<const Loaded>> read(const TlsFiles& files);
    void renew();

    const TlsFiles files_;
    const CertificateName name_;
    mutable std::mutex mutex_;  // of what follows
    std::shared_ptr<const Loaded> loaded_;
    std::string seen_;  // state of the files when they were last read
    std::function<void(const std::string&)> tell_;
};

}  // namespace wavetank
