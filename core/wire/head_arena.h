// The memory for one head while it is made or read: on the stack as long as it is small, which most
// are; the rest is bounded by kHeadBytesMax.
#pragma once

#include <google/protobuf/arena.h>

namespace wavetank {

class HeadArena {
 public:
    HeadArena() : arena_(first_block_, sizeof(first_block_)) {}
    HeadArena(const HeadArena&) = delete;
    HeadArena& operator=(const HeadArena&) = delete;

    // An empty head, which lives as long as the arena.
    template <class Head>
    Head& make() {
        return *google::protobuf::Arena::CreateMessage<Head>(&arena_);
    }

 private:
    alignas(8) char first_block_[4096];
    google::protobuf::Arena arena_;
};

}  // namespace wavetank
