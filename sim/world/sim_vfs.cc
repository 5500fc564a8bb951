// The methods SQLite calls.
#include "sim/world/sim_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <new>
#include <vector>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "sim/world/sim_locks.h"

namespace wavetank {

struct SimVfs::Registered {
    sqlite3_vfs vfs{};
    SimDisk* disk = nullptr;
    std::map<SimDisk::File*, std::weak_ptr<SimLocks>> locks;  // of files that are open
};

namespace {

using Status = SimDisk::Status;

// What SQLite takes for the file. It gives the memory; open and close make and end what is in it.
struct OpenFile {
    sqlite3_file base;
    SimDisk* disk;
    SimDisk::FileRef file;
    std::shared_ptr<SimLocks> locks;
    SimLocks::Holder holder;
    bool name_unsynced;  // a new journal: its first sync is one of the directory, too
};

OpenFile& opened(sqlite3_file* file) {
    return *reinterpret_cast<OpenFile*>(file);
}

int code(Status status, int failed) {
    switch (status) {
        case Status::Ok:
            return SQLITE_OK;
        case Status::Full:
            return SQLITE_FULL;
        case Status::NotFound:
        case Status::Failed:
            return failed;
    }
    return failed;
}

int close(sqlite3_file* base) {
    OpenFile& file = opened(base);
    if (file.locks) file.locks->leave(file.holder);
    file.~OpenFile();
    return SQLITE_OK;
}

int read(sqlite3_file* base, void* out, int size, sqlite3_int64 offset) {
    OpenFile& file = opened(base);
    std::size_t got = 0;
    const auto wanted = static_cast<std::size_t>(size);
    const Status status = file.disk->read(*file.file, {static_cast<uint64_t>(offset), wanted},
                                          static_cast<char*>(out), got);
    if (status != Status::Ok) return SQLITE_IOERR_READ;
    if (got == wanted) return SQLITE_OK;
    std::memset(static_cast<char*>(out) + got, 0, wanted - got);
    return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* base, const void* bytes, int size, sqlite3_int64 offset) {
    OpenFile& file = opened(base);
    return code(file.disk->write(*file.file, static_cast<uint64_t>(offset),
                                 {static_cast<const char*>(bytes), static_cast<std::size_t>(size)}),
                SQLITE_IOERR_WRITE);
}

int truncate(sqlite3_file* base, sqlite3_int64 size) {
    OpenFile& file = opened(base);
    return code(file.disk->truncate(*file.file, static_cast<uint64_t>(size)),
                SQLITE_IOERR_TRUNCATE);
}

int sync(sqlite3_file* base, int) {
    OpenFile& file = opened(base);
    if (file.disk->sync(*file.file) != Status::Ok) return SQLITE_IOERR_FSYNC;
    if (!file.name_unsynced) return SQLITE_OK;
    if (file.disk->sync_directory() != Status::Ok) return SQLITE_IOERR_DIR_FSYNC;
    file.name_unsynced = false;
    return SQLITE_OK;
}

int file_size(sqlite3_file* base, sqlite3_int64* size) {
    OpenFile& file = opened(base);
    if (file.disk->dead()) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(file.disk->size(*file.file));
    return SQLITE_OK;
}

int lock(sqlite3_file* base, int level) {
    OpenFile& file = opened(base);
    return file.locks->lock(file.holder, level) ? SQLITE_OK : SQLITE_BUSY;
}

int unlock(sqlite3_file* base, int level) {
    OpenFile& file = opened(base);
    file.locks->unlock(file.holder, level);
    return SQLITE_OK;
}

int check_reserved(sqlite3_file* base, int* reserved) {
    *reserved = opened(base).locks->reserved() ? 1 : 0;
    return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) {
    return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file*) {
    return static_cast<int>(SimDisk::kSectorBytes);
}

// A write that is torn leaves the bytes beside it alone, as SQLite assumes of Unix files.
int characteristics(sqlite3_file*) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int shm_map(sqlite3_file* base, int region, int size, int extend, void volatile** memory) {
    *memory = opened(base).locks->shared_memory(opened(base).holder, region, size, extend != 0);
    return SQLITE_OK;
}

int shm_lock(sqlite3_file* base, int first, int count, int flags) {
    OpenFile& file = opened(base);
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        file.locks->unlock_shared_memory(file.holder, {first, count, exclusive});
        return SQLITE_OK;
    }
    const bool done = file.locks->lock_shared_memory(file.holder, {first, count, exclusive});
    return done ? SQLITE_OK : SQLITE_BUSY;
}

// All connections of a simulation are on one thread.
void shm_barrier(sqlite3_file*) {}

int shm_unmap(sqlite3_file* base, int) {
    OpenFile& file = opened(base);
    file.locks->leave_shared_memory(file.holder);
    return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

}  // namespace

// What needs the disk behind the VFS.
struct SimVfsCalls {
    static SimVfs::Registered& registered(sqlite3_vfs* vfs) {
        return *static_cast<SimVfs::Registered*>(vfs->pAppData);
    }

    static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* out) {
        base->pMethods = nullptr;
        if (name == nullptr) return SQLITE_CANTOPEN;  // temporary files are kept in memory
        SimVfs::Registered& self = registered(vfs);
        const bool is_new = !self.disk->exists(name);
        SimDisk::FileRef file = self.disk->open(name, (flags & SQLITE_OPEN_CREATE) != 0);
        if (!file) return SQLITE_CANTOPEN;
        std::weak_ptr<SimLocks>& known = self.locks[file.get()];
        std::shared_ptr<SimLocks> locks = known.lock();
        if (!locks) known = locks = std::make_shared<SimLocks>();
        const bool journal = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0;
        new (base) OpenFile{{&kMethods},      self.disk, std::move(file),
                            std::move(locks), {},        is_new && journal};
        if (out != nullptr) *out = flags;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
        SimDisk& disk = *registered(vfs).disk;
        const Status status = disk.remove(name);
        if (status == Status::NotFound) return SQLITE_IOERR_DELETE_NOENT;
        if (status != Status::Ok) return SQLITE_IOERR_DELETE;
        if (sync_directory == 0) return SQLITE_OK;
        return code(disk.sync_directory(), SQLITE_IOERR_DIR_FSYNC);
    }

    static int access(sqlite3_vfs* vfs, const char* name, int, int* answer) {
        SimDisk& disk = *registered(vfs).disk;
        if (disk.dead()) return SQLITE_IOERR_ACCESS;
        *answer = disk.exists(name) ? 1 : 0;
        return SQLITE_OK;
    }

    static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
        const std::size_t length = std::strlen(name);
        if (length >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
        std::memcpy(out, name, length + 1);
        return SQLITE_OK;
    }

    // No chance and no time of its own: see seed_sqlite; nothing asks for the time.
    static int randomness(sqlite3_vfs* vfs, int size, char* out) {
        uint64_t word = *static_cast<const uint64_t*>(vfs->pAppData);
        for (int i = 0; i < size; ++i) {
            word = mix(word, static_cast<uint64_t>(i));
            out[i] = static_cast<char>(word);
        }
        return size;
    }
    static int no_randomness(sqlite3_vfs*, int, char*) { return 0; }
    static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
    static int current_time(sqlite3_vfs*, sqlite3_int64* milliseconds) {
        *milliseconds = 0;
        return SQLITE_OK;
    }
    static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

SimVfs::SimVfs(SimDisk& disk, std::string name)
    : name_(std::move(name)), registered_(std::make_unique<Registered>()) {
    CHECK(sqlite3_vfs_find(name_.c_str()) == nullptr);
    registered_->disk = &disk;
    sqlite3_vfs& vfs = registered_->vfs;
    vfs.iVersion = 2;
    vfs.szOsFile = sizeof(OpenFile);
    vfs.mxPathname = 512;
    vfs.zName = name_.c_str();
    vfs.pAppData = registered_.get();
    vfs.xOpen = SimVfsCalls::open;
    vfs.xDelete = SimVfsCalls::remove;
    vfs.xAccess = SimVfsCalls::access;
    vfs.xFullPathname = SimVfsCalls::full_path;
    vfs.xRandomness = SimVfsCalls::no_randomness;
    vfs.xSleep = SimVfsCalls::sleep;
    vfs.xCurrentTimeInt64 = SimVfsCalls::current_time;
    vfs.xGetLastError = SimVfsCalls::last_error;
    CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

SimVfs::~SimVfs() {
    sqlite3_vfs_unregister(&registered_->vfs);
}

// The generator asks the default VFS for its seed when it is first used after a reset.
void SimVfs::seed_sqlite(uint64_t seed) {
    sqlite3_vfs* usual = sqlite3_vfs_find(nullptr);
    CHECK(usual != nullptr);
    sqlite3_vfs seeding = *usual;
    seeding.zName = "wavetank_seed";
    seeding.pAppData = &seed;
    seeding.xRandomness = SimVfsCalls::randomness;
    sqlite3_vfs_register(&seeding, 1);
    char first = 0;
    sqlite3_randomness(0, nullptr);
    sqlite3_randomness(1, &first);
    sqlite3_vfs_register(usual, 1);
    sqlite3_vfs_unregister(&seeding);
}

}  // namespace wavetank
