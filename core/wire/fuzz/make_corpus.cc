// Writes the kept corpus anew, after a change of the format: `make_corpus core/wire/fuzz/corpus`.
// A good message of every kind, small ones, and streams of a few frames each.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "core/wire/frame.h"
#include "core/wire/test/samples.h"

namespace wavetank {
namespace {

constexpr std::size_t kBytesMax = 500;

class Corpus {
 public:
    explicit Corpus(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // Draws until one is small.
    template <class Draw>
    void write_small(const char* target, const std::string& name, Draw draw) const {
        std::string bytes = draw();
        while (bytes.size() > kBytesMax) bytes = draw();
        std::filesystem::create_directories(folder_ / target);
        std::ofstream(folder_ / target / name, std::ios::binary) << bytes;
    }

 private:
    std::filesystem::path folder_;
};

std::string stream_of(Samples& samples) {
    std::string stream;
    append_frame(Handshake{ClusterId(7), ServerId(static_cast<uint32_t>(samples.draw(3)))}, stream);
    CHECK(append_frame(samples.message(), stream).ok());
    CHECK(append_frame(samples.request(), stream).ok());
    CHECK(append_frame(samples.reply(), stream).ok());
    return static_cast<char>(1 + 2 * samples.draw(100)) + stream;
}

void make_corpus(const Corpus& corpus) {
    Samples samples(1);
    for (std::size_t kind = 0; kind < Samples::kKinds; ++kind) {
        for (const char* number : {"_1", "_2"}) {
            corpus.write_small("message", name_of(samples.message(kind)) + std::string(number),
                               [&] { return bytes_of(samples.message(kind)); });
        }
    }
    for (const char* number : {"_1", "_2", "_3", "_4"}) {
        corpus.write_small("client", std::string("ClientRequest") + number,
                           [&] { return bytes_of(samples.request()); });
        corpus.write_small("client", std::string("ClientReply") + number,
                           [&] { return bytes_of(samples.reply()); });
        corpus.write_small("frame", std::string("stream") + number,
                           [&] { return stream_of(samples); });
    }
}

}  // namespace
}  // namespace wavetank

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: make_corpus FOLDER\n", stderr);
        return 64;
    }
    wavetank::make_corpus(wavetank::Corpus(argv[1]));
    return 0;
}
