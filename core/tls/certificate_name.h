// Whom a certificate stands for: a server of a cluster, or a client and what it may do there. The
// name is a URI among the certificate's subject alternative names; all else in it (common name,
// hosts) is for people and other programs.
//
//   wavetank:cluster/4711/server/2
//   wavetank:cluster/4711/client/alice/read+write       rights: read, write, admin; at least one
//
// Hosts are not compared: a server that moves keeps its certificate, and one that has another's
// address does not have its name.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/wire/handshake.h"

namespace wavetank {

// What a client may ask for (core/env/client_messages.h). Each stands alone: none contains another.
// Everybody with a certificate of the cluster may ask for the status.
struct Rights {
    bool read = false;        // Query
    bool write = false;       // Command, and the sessions that it needs
    bool administer = false;  // ChangeMembers, Transfer
    static Rights all() { return {true, true, true}; }
    friend bool operator==(const Rights&, const Rights&) = default;
};
// "read+admin"
std::string to_string(const Rights& rights);

struct CertificateName {
    ClusterId cluster;
    ServerId server;     // zero: a client
    std::string client;  // letters, digits, '.', '_' and '-'; empty: a server
    Rights rights;       // of a client
    friend bool operator==(const CertificateName&, const CertificateName&) = default;
};
std::string to_uri(const CertificateName& name);
// "server 2" or "client alice".
std::string words_of(const CertificateName& name);
// An error says what is wrong with the URI.
Result<CertificateName> parse_certificate_name(std::string_view uri);

// True if an alternative name is meant for us, well written or not.
inline bool is_certificate_name(std::string_view uri) {
    return uri.starts_with("wavetank:");
}

// Who holds such a certificate has said in the handshake that he is `who`. An error if that is not
// so.
std::optional<Error> contradiction(const CertificateName& name, const Handshake& who);

}  // namespace wavetank
