// GatheringVfs: a VFS of SQLite over another one, under which a transaction is one write. SQLite
// writes its write-ahead log in pieces, two a page; here they are gathered, and go to the file
// together when it is synced. That is safe because nobody looks at what is not synced: with
// `synchronous` FULL, SQLite shows other connections a transaction only after its sync. All else
// passes through.
//
// It also counts syncs, of all files: what a disk can do is counted in these.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace wavetank {

class GatheringVfs {
 public:
    // Over the VFS that SQLite knows as `below` (empty: the system's), which must outlive it. Null
    // if there is none of that name. Connections that use it must be closed before it goes.
    static std::unique_ptr<GatheringVfs> over(const std::string& below);
    GatheringVfs(const GatheringVfs&) = delete;
    GatheringVfs& operator=(const GatheringVfs&) = delete;
    ~GatheringVfs();

    const std::string& name() const { return name_; }  // what SQLite knows it by
    uint64_t syncs() const;                            // so far; for any thread

 private:
    friend struct GatheringVfsCalls;
    struct Registered;
    explicit GatheringVfs(std::string name);
    std::string name_;
    std::unique_ptr<Registered> registered_;
};

}  // namespace wavetank
