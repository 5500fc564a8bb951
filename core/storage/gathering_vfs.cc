// The methods SQLite calls. A file of the VFS below lies in the same memory, behind ours.
#include "core/storage/gathering_vfs.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <vector>

namespace wavetank {

struct GatheringVfs::Registered {
    sqlite3_vfs vfs{};  // first: SQLite passes its address
    sqlite3_vfs* below = nullptr;
    std::atomic<uint64_t> syncs = 0;
};

namespace {

// When so much has gathered it is written without waiting for more: a transaction may be large.
constexpr std::size_t kGatheredMax = 1 << 20;
// SQLite itself writes 64 KiB at most; its VFS for Unix takes no 128 KiB.
constexpr std::size_t kWriteMax = 120 << 10;

struct OpenFile {
    sqlite3_file base;
    std::atomic<uint64_t>* syncs;
    bool gathers;  // a write-ahead log
    sqlite3_int64 offset;
    std::vector<char> gathered;  // to be written from `offset` on
};

// So that what lies behind it is aligned as well.
constexpr std::size_t kOwnBytes =
    (sizeof(OpenFile) + alignof(std::max_align_t) - 1) & ~(alignof(std::max_align_t) - 1);

OpenFile& opened(sqlite3_file* file) {
    return *reinterpret_cast<OpenFile*>(file);
}

sqlite3_file* below(sqlite3_file* file) {
    return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kOwnBytes);
}

int write_gathered(sqlite3_file* base) {
    OpenFile& file = opened(base);
    int code = SQLITE_OK;
    for (std::size_t at = 0; at < file.gathered.size() && code == SQLITE_OK; at += kWriteMax) {
        const std::size_t size = std::min(kWriteMax, file.gathered.size() - at);
        code = below(base)->pMethods->xWrite(below(base), file.gathered.data() + at,
                                             static_cast<int>(size),
                                             file.offset + static_cast<sqlite3_int64>(at));
    }
    file.gathered.clear();
    return code;
}

// Calls the method of the file below, after what was gathered is there.
template <auto kMethod, typename... Arguments>
int pass(sqlite3_file* base, Arguments... arguments) {
    if (const int code = write_gathered(base); code != SQLITE_OK) return code;
    return (below(base)->pMethods->*kMethod)(below(base), arguments...);
}

// The same for what has nothing to do with the bytes in the file.
template <auto kMethod, typename... Arguments>
auto pass_by(sqlite3_file* base, Arguments... arguments) {
    return (below(base)->pMethods->*kMethod)(below(base), arguments...);
}

int close(sqlite3_file* base) {
    const int written = write_gathered(base);
    const int closed = below(base)->pMethods->xClose(below(base));
    opened(base).~OpenFile();
    return written != SQLITE_OK ? written : closed;
}

int write(sqlite3_file* base, const void* bytes, int size, sqlite3_int64 offset) {
    OpenFile& file = opened(base);
    if (!file.gathers) return pass_by<&sqlite3_io_methods::xWrite>(base, bytes, size, offset);
    const auto end = file.offset + static_cast<sqlite3_int64>(file.gathered.size());
    if (offset != end || file.gathered.size() >= kGatheredMax) {
        if (const int code = write_gathered(base); code != SQLITE_OK) return code;
        file.offset = offset;
    }
    const char* begin = static_cast<const char*>(bytes);
    file.gathered.insert(file.gathered.end(), begin, begin + size);
    return SQLITE_OK;
}

int sync(sqlite3_file* base, int flags) {
    opened(base).syncs->fetch_add(1, std::memory_order_relaxed);
    return pass<&sqlite3_io_methods::xSync>(base, flags);
}

using Io = sqlite3_io_methods;

constexpr Io kMethods = {
    .iVersion = 2,
    .xClose = close,
    .xRead = pass<&Io::xRead>,
    .xWrite = write,
    .xTruncate = pass<&Io::xTruncate>,
    .xSync = sync,
    .xFileSize = pass<&Io::xFileSize>,
    .xLock = pass_by<&Io::xLock>,
    .xUnlock = pass_by<&Io::xUnlock>,
    .xCheckReservedLock = pass_by<&Io::xCheckReservedLock>,
    .xFileControl = pass<&Io::xFileControl>,
    .xSectorSize = pass_by<&Io::xSectorSize>,
    .xDeviceCharacteristics = pass_by<&Io::xDeviceCharacteristics>,
    .xShmMap = pass_by<&Io::xShmMap>,
    .xShmLock = pass_by<&Io::xShmLock>,
    .xShmBarrier = pass_by<&Io::xShmBarrier>,
    .xShmUnmap = pass_by<&Io::xShmUnmap>,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

}  // namespace

struct GatheringVfsCalls {
    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* out) {
        auto& self = *reinterpret_cast<GatheringVfs::Registered*>(vfs);
        base->pMethods = nullptr;
        sqlite3_file* inner = below(base);
        inner->pMethods = nullptr;
        const int code = self.below->xOpen(self.below, name, inner, flags, out);
        // Some make a file that must be closed although they failed; SQLite cannot see it here.
        if (code != SQLITE_OK) {
            if (inner->pMethods != nullptr) inner->pMethods->xClose(inner);
            return code;
        }
        const bool gathers = (flags & SQLITE_OPEN_WAL) != 0;
        new (base) OpenFile{{&kMethods}, &self.syncs, gathers, 0, {}};
        return SQLITE_OK;
    }
};

GatheringVfs::GatheringVfs(std::string name)
    : name_(std::move(name)), registered_(std::make_unique<Registered>()) {}

std::unique_ptr<GatheringVfs> GatheringVfs::over(const std::string& below) {
    static std::atomic<uint64_t> number = 0;  // a name of its own for each
    sqlite3_vfs* found = sqlite3_vfs_find(below.empty() ? nullptr : below.c_str());
    if (found == nullptr) return nullptr;
    std::unique_ptr<GatheringVfs> made(
        new GatheringVfs(fmt::format("wavetank-gathering-{}", number.fetch_add(1))));
    Registered& registered = *made->registered_;
    // pAppData stays: the methods that are not ours look for their own there.
    registered.vfs = *found;
    registered.below = found;
    registered.vfs.szOsFile = static_cast<int>(kOwnBytes) + found->szOsFile;
    registered.vfs.zName = made->name_.c_str();
    registered.vfs.pNext = nullptr;
    registered.vfs.xOpen = GatheringVfsCalls::open;
    if (sqlite3_vfs_register(&registered.vfs, 0) != SQLITE_OK) return nullptr;
    return made;
}

GatheringVfs::~GatheringVfs() {
    sqlite3_vfs_unregister(&registered_->vfs);
}

uint64_t GatheringVfs::syncs() const {
    return registered_->syncs.load(std::memory_order_relaxed);
}

}  // namespace wavetank
