// Takes a stream of bytes, in whatever cuts it arrives, and gives out the frames in it.
//
// Bytes are received straight into a buffer that the frames, and large payloads in them, go on
// sharing; so nothing is copied but the beginning of a frame that did not fit into the rest of its
// buffer. A buffer that nobody shares any more is filled again. A frame's announced size is
// believed only step by step: the buffer grows with what has really come, at most fourfold. Who
// reads from a socket:
//
//   FrameReader reader;
//   while (connected) {
//       const std::span<char> room = reader.room();
//       reader.received(read_some(socket, room));
//       for (;;) {
//           Result<std::optional<Frame>> frame = reader.next();
//           if (!frame.ok()) return close(socket, frame.error());
//           if (!frame.value()) break;
//           handle(*frame.value());
//       }
//   }
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/payload.h"
#include "core/base/result.h"
#include "core/wire/frame.h"

namespace wavetank {

class FrameReader {
 public:
    FrameReader() = default;
    FrameReader(const FrameReader&) = delete;
    FrameReader& operator=(const FrameReader&) = delete;

    // Where the next bytes belong; never empty. Valid until the next call of `room` or `feed`.
    std::span<char> room();
    // So many bytes are now in `room`. Requires that they fit.
    void received(std::size_t count);
    // Both at once, for who has bytes already.
    void feed(std::string_view bytes);

    // The next whole frame; nothing if more bytes must come first. An error says why the stream
    // cannot go on; from then on it is the answer always.
    Result<std::optional<Frame>> next();

    // Bytes of a frame that has begun. If the stream ends while there are any, it was cut off.
    std::size_t pending() const { return filled_ - begin_; }

 private:
    struct Header {
        uint32_t checksum;
        uint32_t body_bytes;
        uint8_t kind;
    };
    Header header() const;
    // Why no such frame may come now, if so.
    std::optional<Error> refuse(const Header& header) const;
    std::size_t justified() const;
    void make_room();

    Payload::Buffer buffer_{};
    std::size_t begin_ = 0;   // of the next frame, in the buffer
    std::size_t filled_ = 0;  // end of what has come
    bool shaken_hands_ = false;
    std::optional<Error> error_;
};

}  // namespace wavetank
