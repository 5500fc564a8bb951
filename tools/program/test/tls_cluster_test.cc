// A cluster of real processes in TLS, with certificates that tools/test-ca has made, driven by the
// commands as a person would; and what that script says itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bench/throughput/child_process.h"
#include "core/base/check.h"
#include "tools/program/test/program_folder.h"

namespace wavetank {
namespace {

using testing::HasSubstr;

class TlsClusterTest : public ProgramFolder {
 protected:
    TlsClusterTest() {
        const auto ports = bench::free_ports(3);
        CHECK(ports.ok());
        for (std::size_t i = 0; i < 3; ++i) {
            servers_ += "servers { id: " + std::to_string(i + 1) +
                        " host: \"127.0.0.1\" port: " + std::to_string(ports.value()[i]) + " }\n";
        }
        write("cluster.textproto", "cluster: 4711\n" + servers_ + "tls: \"ca\"\n");
    }
    Ended test_ca(const std::string& arguments) const {
        return run(WAVETANK_SOURCE_DIR "/tools/test-ca", arguments);
    }
    // Certificates for cluster 4711 in this folder of ours.
    void make(const std::string& name, const std::string& words) const {
        const Ended made = test_ca("--dir " + folder_ + "/" + name + " --cluster 4711 " + words);
        ASSERT_EQ(made.code, 0) << made.err;
    }
    Ended client(const std::string& words, const std::string& timeout = "60s") const {
        return wavetank("client --cluster " + folder_ + "/cluster.textproto --timeout " + timeout +
                        " " + words);
    }
    void start() const {
        make("ca",
             "--server 1 --server 2 --server 3 --client client=read+write+admin"
             " --client reader=read");
        const Ended started = wavetank("cluster start --timeout 60s --dir " + folder_);
        ASSERT_EQ(started.code, 0) << started.err;
    }
    Ended serve(const std::string& words) const {
        return wavetank("serve --data " + folder_ + "/data " + words);
    }

    std::string servers_;
};

TEST_F(TlsClusterTest, EachClientDoesWhatItsCertificateSays) {
    start();
    EXPECT_EQ(client("put k v").code, 0);
    EXPECT_EQ(client("get k").out, "v\n");
    EXPECT_EQ(client("get k --as-client reader").out, "v\n");
    const Ended put = client("put k w --as-client reader");
    EXPECT_EQ(put.code, 1);
    EXPECT_EQ(put.err,
              "wavetank client: not done: the certificate of client reader has the rights read, "
              "which is not enough\n");
    const Ended removed = client("member remove 3 --as-client reader");
    EXPECT_EQ(removed.code, 1);
    EXPECT_THAT(removed.err, HasSubstr("has the rights read, which is not enough"));
    EXPECT_EQ(client("status --as-client reader").code, 0);
    EXPECT_EQ(client("get k").out, "v\n");
    EXPECT_EQ(client("transfer").code, 0);
    EXPECT_EQ(wavetank("cluster stop --timeout 60s --dir " + folder_).code, 0);
    EXPECT_THAT(read("1.log"), HasSubstr("connections are mutual TLS 1.3; our certificate: server "
                                         "1 of cluster 4711, valid until"));
}

TEST_F(TlsClusterTest, WhoHasNoGoodCertificateIsNotServed) {
    start();
    ASSERT_EQ(client("put k v").code, 0);
    make("foreign", "--client client=read+write");
    const Ended foreign = client("get k --tls " + folder_ + "/foreign", "2s");
    EXPECT_EQ(foreign.code, 2);
    EXPECT_EQ(foreign.out, "");
    EXPECT_THAT(foreign.err, HasSubstr("its certificate is refused: unable to get local issuer"));
    // It trusts our authority, but that has not signed it.
    std::filesystem::copy_file(folder_ + "/ca/ca.pem", folder_ + "/foreign/ca.pem",
                               std::filesystem::copy_options::overwrite_existing);
    const Ended signed_by_other = client("get k --tls " + folder_ + "/foreign", "2s");
    EXPECT_EQ(signed_by_other.code, 2);
    EXPECT_THAT(signed_by_other.err,
                HasSubstr("the other side refuses us or our certificate: unknown ca"));
    write("plain.textproto", "cluster: 4711\n" + servers_);
    const Ended plain =
        wavetank("client get k --timeout 2s --cluster " + folder_ + "/plain.textproto");
    EXPECT_EQ(plain.code, 2);
    EXPECT_EQ(plain.out, "");
    EXPECT_THAT(plain.err, HasSubstr("it refuses us, or wants TLS, and its log says why"));
    EXPECT_THAT(read("1.log"), HasSubstr("ends: it does not speak TLS, which this side does"));
    EXPECT_THAT(client("get k --as-client nobody").err,
                HasSubstr("nobody.pem: cannot be read: No such file"));
    EXPECT_THAT(client("get k --as-client server-1").err,
                HasSubstr("is the certificate of server 1, and a client needs its own"));
}

TEST_F(TlsClusterTest, AServerNeedsACertificateOfItsOwn) {
    make("ca", "--server 1 --server 2");
    const std::string file = " --cluster " + folder_ + "/cluster.textproto";
    const Ended third = serve("--id 3" + file);
    EXPECT_EQ(third.code, 64);
    EXPECT_THAT(third.err, HasSubstr("ca/server-3.pem: cannot be read: No such file"));
    std::filesystem::copy_file(folder_ + "/ca/server-1.pem", folder_ + "/ca/server-3.pem");
    std::filesystem::copy_file(folder_ + "/ca/server-1.key", folder_ + "/ca/server-3.key");
    EXPECT_THAT(serve("--id 3" + file).err,
                HasSubstr("server-3.pem is the certificate of server 1, not of server 3"));
    write("other.textproto", "cluster: 5\n" + servers_ + "tls: \"ca\"\n");
    EXPECT_THAT(serve("--id 1 --cluster " + folder_ + "/other.textproto").err,
                HasSubstr("server-1.pem is for cluster 4711, not for 5"));
    std::filesystem::permissions(folder_ + "/ca/server-1.key", std::filesystem::perms(0644));
    EXPECT_THAT(serve("--id 1" + file).err,
                HasSubstr("everybody on this machine can read this key"));
}

// Without TLS only the loopback; with it any address: the port is what is wrong with this one.
TEST_F(TlsClusterTest, WithCertificatesAnyAddressMayBeListenedAt) {
    make("ca", "--server 1");
    write("open.textproto", "cluster: 4711 servers { id: 1 host: \"192.0.2.1\" port: 7001 }");
    const std::string file = "--id 1 --cluster " + folder_ + "/open.textproto";
    EXPECT_THAT(serve(file).err,
                HasSubstr("give --tls DIR, or --insecure if that is what you want"));
    EXPECT_THAT(serve(file + " --create --tls " + folder_ + "/ca").err,
                HasSubstr("cannot listen at 192.0.2.1:7001"));
}

TEST_F(TlsClusterTest, TheGatewayHasTheRightsOfItsCertificate) {
    make("ca", "--server 1 --client client=read+write --client gateway=read");
    const auto ports = bench::free_ports(2);
    ASSERT_TRUE(ports.ok());
    write("cluster.textproto",
          "cluster: 4711 tls: \"ca\" servers { id: 1 host: \"127.0.0.1\" port: " +
              std::to_string(ports.value()[0]) + " http_port: " + std::to_string(ports.value()[1]) +
              " }");
    const Ended started = wavetank("cluster start --timeout 60s --dir " + folder_);
    ASSERT_EQ(started.code, 0) << started.err;
    EXPECT_EQ(client("put k v").code, 0);
    const std::string url = "http://127.0.0.1:" + std::to_string(ports.value()[1]) + "/v1/kv/k";
    EXPECT_EQ(run("curl", "-s " + url).out, "{\"key\":\"k\",\"value\":\"v\"}\n");
    const Ended put = run("curl", "-s -w '%{http_code}' -X PUT --data-binary w " + url);
    EXPECT_THAT(put.out, HasSubstr("client gateway has the rights read, which is not enough"));
    EXPECT_THAT(put.out, testing::EndsWith("403"));
    EXPECT_EQ(client("get k").out, "v\n");
    EXPECT_EQ(wavetank("cluster stop --timeout 60s --dir " + folder_).code, 0);
    std::filesystem::remove(folder_ + "/ca/gateway.pem");
    EXPECT_THAT(serve("--id 1 --create --cluster " + folder_ + "/cluster.textproto").err,
                HasSubstr("ca/gateway.pem"));
}

TEST_F(TlsClusterTest, ANewClusterIsTheOneOfItsCertificates) {
    make("ca", "--server 1 --client client=read");
    const auto port = bench::free_ports(1);
    ASSERT_TRUE(port.ok());
    const std::string directory = folder_ + "/new";
    const Ended started =
        wavetank("cluster start --servers 1 --timeout 60s --dir " + directory + " --port " +
                 std::to_string(port.value()[0]) + " --tls " + folder_ + "/ca");
    EXPECT_EQ(started.code, 0) << started.err;
    EXPECT_THAT(read("new/cluster.textproto"), HasSubstr("cluster: 4711\n"));
    EXPECT_THAT(wavetank("cluster start --dir " + directory + " --tls x").err,
                HasSubstr("--tls is for a new cluster"));
    EXPECT_EQ(wavetank("cluster stop --timeout 60s --dir " + directory).code, 0);
}

TEST_F(TlsClusterTest, ThroughputIsMeasuredInTls) {
    make("ca", "--server 1 --client client=write");
    const Ended measured = wavetank(
        "bench cluster --servers 1 --messages 20 --payload 4 --warmup 0"
        " --concurrency 4 --repeats 1 --data " +
        folder_ + " --out " + folder_ + "/bench.sqlite --tls " + folder_ + "/ca");
    EXPECT_EQ(measured.code, 0) << measured.err;
    EXPECT_THAT(measured.out, HasSubstr("mutual TLS 1.3"));
}

TEST_F(TlsClusterTest, TheScriptKeepsWhatIsThere) {
    make("ca", "--server 1=db.example.org,192.0.2.7");
    const std::string before = read("ca/server-1.pem");
    make("ca", "--server 1 --client x=read");
    EXPECT_EQ(read("ca/server-1.pem"), before);
    EXPECT_THAT(read("stdout"), HasSubstr("kept  "));
    EXPECT_THAT(read("stdout"), HasSubstr("/ca/x.pem\n"));
    // Renewed, with the same key.
    const std::string key = read("ca/server-1.key");
    std::filesystem::remove(folder_ + "/ca/server-1.pem");
    make("ca", "--server 1");
    EXPECT_NE(read("ca/server-1.pem"), before);
    EXPECT_EQ(read("ca/server-1.key"), key);
    const auto mode = std::filesystem::status(folder_ + "/ca/server-1.key").permissions();
    EXPECT_EQ(mode, std::filesystem::perms(0600));
}

TEST_F(TlsClusterTest, TheScriptSaysWhatIsWrong) {
    const std::string begin = "--dir " + folder_ + "/wrong ";
    const auto wrong = [&](const std::string& words) {
        const Ended ended = test_ca(words);
        EXPECT_EQ(ended.code, 64) << words;
        return ended.err;
    };
    EXPECT_THAT(wrong("--cluster 1 --server 1"), HasSubstr("--dir is missing"));
    EXPECT_THAT(wrong(begin + "--server 1"), HasSubstr("--cluster is ''"));
    EXPECT_THAT(wrong(begin + "--cluster 1"), HasSubstr("at least one --server or --client"));
    EXPECT_THAT(wrong(begin + "--cluster 1 --server 0"), HasSubstr("--server is '0'"));
    EXPECT_THAT(wrong(begin + "--cluster 1 --client x=all"), HasSubstr("rights are read, write"));
    EXPECT_THAT(wrong(begin + "--cluster 1 --client ca=read"), HasSubstr("is not ca"));
    EXPECT_THAT(wrong(begin + "--cluster 1 --server 1 --days 0"), HasSubstr("--days is '0'"));
    EXPECT_THAT(wrong("--frob"), HasSubstr("'--frob' is no option"));
    EXPECT_FALSE(std::filesystem::exists(folder_ + "/wrong"));
    const Ended help = test_ca("--help");
    EXPECT_EQ(help.code, 0);
    EXPECT_THAT(help.out, HasSubstr("usage: tools/test-ca"));
}

}  // namespace
}  // namespace wavetank
