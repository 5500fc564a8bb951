// Reads the log through the VFS, as SQLite does, and walks its frames: up to the first bad one, and
// on behind it. If there is a bad one, the marks of seals are searched for in all the bytes there
// are: also in frames that are bad themselves, or that a disk has put elsewhere.
#include "core/storage/wal_audit.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/hash.h"

namespace wavetank {
namespace {

using Bytes = std::span<const unsigned char>;

constexpr int64_t kHeaderBytes = 32;
constexpr std::size_t kFrameHeaderBytes = 24;
constexpr int64_t kSectorBytes = 512;  // what a disk writes whole or not at all

constexpr std::string_view kMarkName = "WvTkSeal";
constexpr std::size_t kMarkBytes = 32;
constexpr std::size_t kMarkWindowBytes = 64 << 10;  // marks are searched for in so much at a time

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

uint64_t salts_in(Bytes bytes, std::size_t at) {
    return uint64_t{word(bytes, at)} << 32 | word(bytes, at + 4);
}

std::string mark_of(uint64_t salts, uint64_t frames) {
    Encoder mark;
    mark.rest(kMarkName).u64(salts).u64(frames);
    return mark.u64(hash_bytes(mark.view())).take();
}

// How many frames the mark that begins these bytes says were durable. Zero: it is none.
uint64_t read_mark(std::string_view bytes) {
    Decoder in(bytes.substr(kMarkName.size()));
    const uint64_t salts = in.u64();
    const uint64_t frames = in.u64();
    return bytes.substr(0, kMarkBytes) == mark_of(salts, frames) ? frames : 0;
}

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
    // How many frames there are up to there.
    uint64_t frames() const { return committed_ == 0 ? 0 : frames_before(committed_); }

 private:
    std::optional<Error> unreadable() const { return Error{"cannot read its -wal file"}; }
    [[nodiscard]] bool read_header(bool& valid);
    std::optional<Error> without_header();
    // A log that begins anew has the next number as its first salt, and a header that is synced
    // before the first frame is written.
    bool first_frame_is_newer() const {
        return word(frame_, 8) == static_cast<uint32_t>((salts_ >> 32) + 1);
    }
    std::optional<Error> ask_marks(int64_t bad) const;
    uint64_t frames_before(int64_t offset) const {
        return static_cast<uint64_t>(offset - kHeaderBytes) / frame_.size();
    }
    // True if the frame is whole: of this log, and its checksum goes on from `before`.
    bool whole(const Checksum& before) const;
    // The commit mark of a frame that is not whole counts only if it came to the disk together
    // with the salts, which show that the frame is of this log.
    bool marked_as_end(int64_t offset) const {
        const int64_t salts = offset + 8;
        return salts % kSectorBytes != 0 && salts_of(frame_) == salts_ && word(frame_, 4) != 0;
    }
    static uint64_t salts_of(Bytes frame) { return salts_in(frame, 8); }
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
    salts_ = salts_in(header, 16);
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

// Whether some seal was written behind the frame at `bad`.
std::optional<Error> Audit::ask_marks(int64_t bad) const {
    const std::string begin = mark_of(salts_, 0).substr(0, kMarkName.size() + sizeof salts_);
    std::vector<unsigned char> window;
    for (int64_t offset = kHeaderBytes; offset + int64_t{kMarkBytes} <= file_.size();
         offset += int64_t{kMarkWindowBytes - kMarkBytes + 1}) {
        window.resize(
            static_cast<std::size_t>(std::min<int64_t>(kMarkWindowBytes, file_.size() - offset)));
        if (!file_.read(offset, window)) return unreadable();
        const std::string_view bytes(reinterpret_cast<const char*>(window.data()), window.size());
        for (auto at = bytes.find(begin); at != bytes.npos; at = bytes.find(begin, at + 1)) {
            if (read_mark(bytes.substr(at)) <= frames_before(bad)) continue;
            return Error{
                fmt::format("its -wal file is damaged at byte {}, before a seal: "
                            "transactions that were durable are lost",
                            bad)};
        }
    }
    return std::nullopt;
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
        if (offset == kHeaderBytes && first_frame_is_newer()) {
            return Error{"the header of its -wal file is older than what follows it: it is lost"};
        }
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
    return bad == 0 ? std::nullopt : ask_marks(bad);
}

std::optional<Error> open_both(const SqliteDatabase::Place& place, const FileNames& names,
                               VfsFile& database, VfsFile& log) {
    const Result<sqlite3_vfs*> vfs = find_vfs(place);
    if (!vfs.ok()) return vfs.error();
    if (!names.ok()) return Error{"no memory for the names of its files"};
    if (!log.open(vfs.value(), names.wal(), SQLITE_OPEN_READONLY | SQLITE_OPEN_WAL))
        return Error{"cannot open its -wal file"};
    if (!database.open(vfs.value(), names.database(), SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB))
        return Error{"cannot open it"};
    return std::nullopt;
}

}  // namespace

Result<bool> nothing_there(const SqliteDatabase::Place& place) {
    const FileNames names(place.path);
    VfsFile log;
    VfsFile database;
    if (auto error = open_both(place, names, database, log)) return *std::move(error);
    return log.size() == 0 && database.size() == 0;
}

Result<WalExtent> audit_wal(const SqliteDatabase::Place& place) {
    const FileNames names(place.path);
    VfsFile log;
    VfsFile database;
    if (auto error = open_both(place, names, database, log)) return *std::move(error);
    if (log.size() > 0 && database.size() == 0) {
        return Error{"it is empty or not there, but its -wal file is: the database was lost"};
    }
    Audit audit(log);
    if (auto error = audit.run()) return *std::move(error);
    return WalExtent{log.size(), audit.committed(), audit.frames()};
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

Result<std::string> seal_mark(const SqliteDatabase& database, uint64_t frames) {
    if (frames == 0) return std::string();
    sqlite3_file* log = nullptr;
    std::vector<unsigned char> salts(8);
    if (sqlite3_file_control(database.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) !=
            SQLITE_OK ||
        log == nullptr || log->pMethods == nullptr ||
        log->pMethods->xRead(log, salts.data(), static_cast<int>(salts.size()), 16) != SQLITE_OK) {
        return Error{"cannot read the salts of its -wal file"};
    }
    return mark_of(salts_in(salts, 0), frames);
}

}  // namespace wavetank
