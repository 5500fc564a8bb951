// SimDisk: the files of a simulated host, below SQLite. What is written is seen by readers at once,
// as through the cache of an operating system, but is durable only when its file was synced; names
// are durable when their directory was. A crash keeps, loses or tears (at sectors of 512 bytes)
// each write that was not synced, by itself, as drawn from the seed. What else goes wrong with a
// disk is done to it through the methods below: errors, no space, writes that go elsewhere or
// nowhere, bits that rot, a disk that is lost, older than it should be, or another server's.
//
// It knows no time: how long things take is decided by whoever uses it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wavetank {

class SimDisk {
 public:
    static constexpr uint64_t kSectorBytes = 512;

    explicit SimDisk(uint64_t seed) : seed_(seed) {}
    SimDisk(const SimDisk&) = delete;
    SimDisk& operator=(const SimDisk&) = delete;

    // --- The host's side: a file system ---
    enum class Status { Ok, NotFound, Failed, Full };
    class File;
    using FileRef = std::shared_ptr<File>;
    // Nothing if it is not there and is not to be created, or if the disk is dead.
    FileRef open(const std::string& name, bool create);
    bool exists(const std::string& name) const { return names_.contains(name); }
    Status remove(const std::string& name);
    // What exists, or not, is durable.
    Status sync_directory();
    struct Range {
        uint64_t offset;
        std::size_t size;
    };
    // Copies what is there into `out`; `got` says how much.
    Status read(const File& file, const Range& range, char* out, std::size_t& got);
    Status write(File& file, uint64_t offset, std::string_view bytes);
    Status truncate(File& file, uint64_t size);
    Status sync(File& file);
    uint64_t size(const File& file) const;

    // --- The world's side ---
    // The host is gone: from now on every call fails, until crash(), which decides what is left.
    // At once, or after so many more calls.
    void die() { calls_left_ = 0; }
    void die_after(uint64_t calls) { calls_left_ = calls; }
    bool dead() const { return calls_left_ == 0; }
    // Requires that nobody has a file open.
    void crash();

    // Calls of these kinds fail until they are allowed again.
    struct Errors {
        bool read = false;
        bool write = false;
        bool sync = false;
    };
    void fail(const Errors& errors) { errors_ = errors; }
    // Files may not grow beyond this, all together. Nothing: there is room.
    void limit(std::optional<uint64_t> bytes_max) { bytes_max_ = bytes_max; }
    // Of all files together, as the host sees them.
    uint64_t bytes_used() const;
    // Some calls fail that should not.
    bool failing() const {
        return errors_.read || errors_.write || errors_.sync || bytes_max_.has_value();
    }

    // What happens to the next write that reaches the platter, or to one block of it if it is
    // larger: it is claimed to be done, and the host's cache has it until the crash, but it goes
    // nowhere, or to another sector of its file.
    static constexpr std::size_t kMisplacedBytes = 4096;
    enum class Misplaced { Nowhere, Elsewhere };
    void misplace_next(Misplaced how) { misplace_ = how; }
    struct Place {
        std::string file;
        uint64_t offset = 0;
    };
    // Changes a bit of what is durable, drawn from the seed; of this file, if one is named. Says
    // where: "raft.db at 4711". Nothing if there are no durable bytes.
    std::optional<std::string> rot(const std::string& only = {});
    // Changes so many durable bits in a row, from the lowest one of this byte on, at most to the
    // end of the file.
    void rot_at(const Place& place, uint32_t bits);
    // Of this file; 0 if there is none.
    uint64_t durable_bytes(const std::string& name) const;

    // All that is durable. A disk that is lost gets an empty image, one that is rolled back an
    // older one of its own, a cloned one that of another disk. Requires that nobody has a file
    // open.
    struct Image {
        std::map<std::string, std::string> files;
    };
    Image image() const;
    void replace(const Image& image);

    // How often syncs were asked for, and bytes written, since the beginning.
    uint64_t syncs() const { return syncs_; }
    uint64_t bytes_written() const { return bytes_written_; }

 private:
    enum class Decision : uint64_t { Write = 1, Sector, Name, Rot, Misplace };
    uint64_t draw(Decision decision);
    // Counts a call; false if the host is dead.
    bool alive();
    // Changes these bits of a durable byte.
    static void flip(File& file, uint64_t place, uint8_t bits);
    bool has_room(const File& file, uint64_t size_needed) const;

    uint64_t seed_;
    uint64_t draws_ = 0;
    std::map<std::string, FileRef> names_;
    std::map<std::string, FileRef> durable_names_;
    uint64_t calls_left_ = UINT64_MAX;
    Errors errors_;
    std::optional<uint64_t> bytes_max_;
    std::optional<Misplaced> misplace_;
    uint64_t syncs_ = 0;
    uint64_t bytes_written_ = 0;
};

}  // namespace wavetank
