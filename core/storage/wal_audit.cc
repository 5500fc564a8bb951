// Reads the log through the VFS, as SQLite does, and walks its frames: up to the first bad one, and
// on behind it.
#include "core/storage/wal_audit.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace wavetank {
namespace {

using Bytes = std::span<const unsigned char>;

constexpr int64_t kHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr int64_t kSectorBytes = 512;  // what a disk writes whole or not at all

uint32_t word(Bytes bytes, std::size_t at) {
    return uint32_t{bytes[at]} << 24 | uint32_t{bytes[at + 1]} << 16 |
           uint32_t{bytes[at + 2]} << 8 | bytes[at + 3];
}

struct Checksum {
    uint32_t first = 0;
    uint32_t second = 0;
    friend bool operator==(const Checksum&, const Checksum&) = default;

    void add(Bytes bytes, bool big_endian) {
        const auto next = [&](std::size_t at) {
            return big_endian ? word(bytes, at) : __builtin_bswap32(word(bytes, at));
        };
        for (std::size_t i = 0; i + 8 <= bytes.size(); i += 8) {
            first += next(i) + second;
            second += next(i + 4) + first;
        }
    }
};

// A file of a VFS, open for reading.
class VfsFile {
 public:
    VfsFile() = default;
    VfsFile(const VfsFile&) = delete;
    VfsFile& operator=(const VfsFile&) = delete;
    ~VfsFile() {
        if (memory_ && file()->pMethods != nullptr) file()->pMethods->xClose(file());
    }
    // A file that is not there is as an empty one.
    [[nodiscard]] bool open(sqlite3_vfs* vfs, const char* name, int flags) {
        int there = 0;
        if (vfs->xAccess(vfs, name, SQLITE_ACCESS_EXISTS, &there) != SQLITE_OK) return false;
        if (there == 0) return true;
        const auto words = static_cast<std::size_t>(vfs->szOsFile) / sizeof(std::max_align_t) + 1;
        memory_ = std::make_unique<std::max_align_t[]>(words);
        int granted = 0;
        if (vfs->xOpen(vfs, name, file(), flags, &granted) != SQLITE_OK) return false;
        sqlite3_int64 size = 0;
        if (file()->pMethods->xFileSize(file(), &size) != SQLITE_OK) return false;
        size_ = size;
        return true;
    }
    int64_t size() const { return size_; }
    // Requires that so much is there.
    [[nodiscard]] bool read(int64_t offset, std::vector<unsigned char>& out) const {
        return file()->pMethods->xRead(file(), out.data(), static_cast<int>(out.size()), offset) ==
               SQLITE_OK;
    }
    // Durably. Requires that so much is there.
    [[nodiscard]] bool cut(int64_t size) {
        return file()->pMethods->xTruncate(file(), size) == SQLITE_OK &&
               file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL) == SQLITE_OK;
    }

 private:
    sqlite3_file* file() const { return reinterpret_cast<sqlite3_file*>(memory_.get()); }

    std::unique_ptr<std::max_align_t[]> memory_;
    int64_t size_ = 0;
};

// Names as SQLite passes them to a VFS.
class FileNames {
 public:
    explicit FileNames(const std::string& path)
        : names_(sqlite3_create_filename(path.c_str(), (path + "-journal").c_str(),
                                         (path + "-wal").c_str(), 0, nullptr)) {}
    FileNames(const FileNames&) = delete;
    FileNames& operator=(const FileNames&) = delete;
    ~FileNames() { sqlite3_free_filename(names_); }
    bool ok() const { return names_ != nullptr; }
    const char* database() const { return names_; }
    const char* wal() const { return sqlite3_filename_wal(names_); }

 private:
    sqlite3_filename names_;
};

Result<sqlite3_vfs*> find_vfs(const SqliteDatabase::Place& place) {
    sqlite3_vfs* vfs = sqlite3_vfs_find(place.vfs.empty() ? nullptr : place.vfs.c_str());
    if (vfs == nullptr) return Error{fmt::format("SQLite knows no VFS \"{}\"", place.vfs)};
    return vfs;
}

class Audit {
 public:
    explicit Audit(const VfsFile& file) : file_(file) {}
    std::optional<Error> run();
    // After run(): where the last whole transaction ends; zero: there is none.
    int64_t committed() const { return committed_; }

 private:
    std::optional<Error> unreadable() const { return Error{"cannot read its -wal file"}; }
    [[nodiscard]] bool read_header(bool& valid);
    std::optional<Error> without_header();
    // True if the frame is whole: of this log, and its checksum goes on from `before`.
    bool whole(const Checksum& before) const;
    // The commit mark of a frame that is not whole counts only if it came to the disk together
    // with the salts, which show that the frame is of this log.
    bool marked_as_end(int64_t offset) const {
        const int64_t salts = offset + 8;
        return salts % kSectorBytes != 0 && salts_of(frame_) == salts_ && word(frame_, 4) != 0;
    }
    static uint64_t salts_of(Bytes frame) {
        return uint64_t{word(frame, 8)} << 32 | word(frame, 12);
    }
    static Checksum checksum_of(Bytes frame) { return {word(frame, 16), word(frame, 20)}; }

    const VfsFile& file_;
    bool big_endian_ = false;
    uint64_t salts_ = 0;
    Checksum checksum_;
    std::vector<unsigned char> frame_;
    int64_t committed_ = 0;
};

bool Audit::read_header(bool& valid) {
    std::vector<unsigned char> header(kHeaderBytes);
    if (!file_.read(0, header)) return false;
    big_endian_ = (header[3] & 1) != 0;
    salts_ = uint64_t{word(header, 16)} << 32 | word(header, 20);
    checksum_.add(Bytes(header).first(24), big_endian_);
    const uint32_t page_bytes = word(header, 8);
    valid = (word(header, 0) & ~1U) == 0x377f0682 && word(header, 4) == 3007000 &&
            checksum_ == Checksum{word(header, 24), word(header, 28)} && page_bytes >= 512 &&
            page_bytes <= 65536;
    frame_.resize(kFrameHeaderBytes + (valid ? page_bytes : 0));
    return true;
}

// A header fits into a sector and is synced before the first frame: it is whole, or never came to
// the disk, and then there is nothing else in the file.
std::optional<Error> Audit::without_header() {
    std::vector<unsigned char> begin(
        static_cast<std::size_t>(std::min<int64_t>(file_.size(), kSectorBytes)));
    if (!file_.read(0, begin)) return unreadable();
    const bool empty = std::all_of(begin.begin(), begin.end(), [](auto byte) { return byte == 0; });
    if (empty) return std::nullopt;
    return Error{"the header of its -wal file is damaged: what was written last is lost"};
}

bool Audit::whole(const Checksum& before) const {
    if (salts_of(frame_) != salts_ || word(frame_, 0) == 0) return false;
    Checksum sum = before;
    sum.add(Bytes(frame_).first(8), big_endian_);
    sum.add(Bytes(frame_).subspan(kFrameHeaderBytes), big_endian_);
    return sum == checksum_of(frame_);
}

std::optional<Error> Audit::run() {
    if (file_.size() < kHeaderBytes) return std::nullopt;
    bool valid = false;
    if (!read_header(valid)) return unreadable();
    if (!valid) return without_header();

    const auto frame_bytes = static_cast<int64_t>(frame_.size());
    int64_t bad = 0;         // offset of the first bad frame
    bool bad_ended = false;  // its transaction has come to its end
    for (int64_t offset = kHeaderBytes; offset + frame_bytes <= file_.size();
         offset += frame_bytes) {
        if (!file_.read(offset, frame_)) return unreadable();
        const bool good = whole(checksum_);
        checksum_ = checksum_of(frame_);
        if (good && bad_ended) {
            return Error{
                fmt::format("its -wal file is damaged at byte {}, but goes on at byte {}: "
                            "transactions that were durable are lost",
                            bad, offset)};
        }
        if (!good && bad == 0) bad = offset;
        if (bad == 0) {
            if (word(frame_, 4) != 0) committed_ = offset + frame_bytes;
            continue;
        }
        bad_ended = bad_ended || (good ? word(frame_, 4) != 0 : marked_as_end(offset));
    }
    return std::nullopt;
}

}  // namespace

Result<WalExtent> audit_wal(const SqliteDatabase::Place& place) {
    const Result<sqlite3_vfs*> vfs = find_vfs(place);
    if (!vfs.ok()) return vfs.error();
    const FileNames names(place.path);
    if (!names.ok()) return Error{"no memory for the names of its files"};
    VfsFile log;
    VfsFile database;
    if (!log.open(vfs.value(), names.wal(), SQLITE_OPEN_READONLY | SQLITE_OPEN_WAL))
        return Error{"cannot open its -wal file"};
    if (!database.open(vfs.value(), names.database(), SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB))
        return Error{"cannot open it"};
    if (log.size() > 0 && database.size() == 0) {
        return Error{"it is empty or not there, but its -wal file is: the database was lost"};
    }
    Audit audit(log);
    if (auto error = audit.run()) return *std::move(error);
    return WalExtent{log.size(), audit.committed()};
}

std::optional<Error> cut_wal(const SqliteDatabase::Place& place, int64_t bytes) {
    const Result<sqlite3_vfs*> vfs = find_vfs(place);
    if (!vfs.ok()) return vfs.error();
    const FileNames names(place.path);
    VfsFile log;
    if (names.ok() && log.open(vfs.value(), names.wal(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_WAL) &&
        log.cut(bytes))
        return std::nullopt;
    return Error{fmt::format("cannot cut the torn end off its -wal file, after byte {}", bytes)};
}

}  // namespace wavetank
