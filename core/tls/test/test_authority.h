// Certificates for tests, made by tools/test-ca into a folder that lasts as long as this.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/base/check.h"
#include "core/tls/credentials.h"

namespace wavetank {

class TestAuthority {
 public:
    // `words`: options of tools/test-ca but --dir.
    explicit TestAuthority(const std::string& words) : TestAuthority() { make(words); }
    // The same authority, and certificates of its own.
    TestAuthority(const TestAuthority& same, const std::string& words) : TestAuthority() {
        for (const char* file : {"ca.pem", "ca.key"}) {
            std::filesystem::copy_file(same.folder_ + "/" + file, folder_ + "/" + file);
        }
        make(words);
    }
    ~TestAuthority() { std::filesystem::remove_all(folder_); }

    const std::string& folder() const { return folder_; }
    void make(const std::string& words) const {
        const std::string command = std::string(WAVETANK_SOURCE_DIR) + "/tools/test-ca --dir " +
                                    folder_ + " " + words + " >/dev/null";
        CHECK(std::system(command.c_str()) == 0);
    }
    std::shared_ptr<Credentials> credentials(const std::string& name) const {
        auto loaded = Credentials::load(TlsFiles::in(folder_, name));
        EXPECT_TRUE(loaded.ok()) << loaded.error().message;
        CHECK(loaded.ok());
        return loaded.value();
    }

 private:
    TestAuthority() {
        std::string pattern = testing::TempDir() + "/test_authority_XXXXXX";
        CHECK(::mkdtemp(pattern.data()) != nullptr);
        folder_ = pattern;
    }
    std::string folder_;
};

}  // namespace wavetank
