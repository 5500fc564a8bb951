// Opening, committing, and finding out what a crash has left.
#include "sim/world/sqlite_host.h"

#include <fmt/format.h>

#include <span>

#include "core/base/check.h"
#include "sim/world/sqlite_places.h"

namespace wavetank {
namespace {

bool same(const Recovered& a, const Recovered& b) {
    return a.configuration == b.configuration && a.hard_state == b.hard_state &&
           a.entries == b.entries && a.base == b.base && a.snapshot == b.snapshot &&
           a.partial == b.partial;
}

// Whether an entry is another than the one of this index and term that was written (paper 5.3:
// there is only one). A disk may be older than it was; nothing on it may have changed unnoticed.
bool holds_changed_entry(const Recovered& found, const Recovered& written) {
    for (std::size_t i = 0; i < found.entries.size(); ++i) {
        const uint64_t index = found.base.index.value() + i + 1;
        if (index <= written.base.index.value()) continue;
        const uint64_t place = index - written.base.index.value() - 1;
        if (place >= written.entries.size()) break;
        const Entry& was = written.entries[place];
        const Entry& now = found.entries[i];
        if (now.term != was.term) continue;
        // By digest: a stub has nothing else, and of others it was computed anew from what was
        // read.
        if (now.kind != was.kind || now.payload.digest() != was.payload.digest()) return true;
    }
    return false;
}

}  // namespace

SqliteHost::SqliteHost(const Setup& setup, const Recovered& initial)
    : server_(setup.server),
      seed_(setup.seed),
      disk_(setup.seed),
      vfs_(disk_, fmt::format("wavetank_sim_{}", fmt::ptr(&disk_))) {
    CHECK(!initial.snapshot);
    CHECK(!initial.partial);
    SimVfs::seed_sqlite(setup.seed);
    open_new(initial.configuration);
    Write write;
    write.id = WriteId(1);
    write.hard_state = initial.hard_state;
    std::vector<Entry> chunk;
    for (std::size_t i = 0; i < initial.entries.size(); ++i) {
        chunk.push_back(initial.entries[i]);
        if (chunk.size() < LogChunk::kEntries && i + 1 < initial.entries.size()) continue;
        write.append.push_back(EntryRange::of(LogIndex(i + 2 - chunk.size()), chunk));
        chunk.clear();
    }
    submit(write);
    CHECK(sync_one());
    saved_ = disk_.image();
}

SqliteHost::Opened SqliteHost::open_on(const std::string& vfs,
                                       const Configuration& configuration) const {
    SqliteStorage::Setup setup;
    setup.directory = kSqliteDirectory;
    setup.cluster = 1;
    setup.server = server_;
    setup.configuration = configuration;
    setup.vfs = vfs;
    setup.page_bytes = 1024;
    setup.log_bytes = 256 << 10;  // so that it often begins again
    return SqliteStorage::open(setup);
}

// An empty disk, without faults.
void SqliteHost::open_new(const Configuration& configuration) {
    Opened opened = open_on(vfs_.name(), configuration);
    CHECK(opened.ok());
    storage_ = std::move(opened.value());
    CHECK(storage_->recover().ok());
    commit_failed_ = false;
    calls_failed_ = disk_.failing();
}

// As a server does it when it starts.
Result<Recovered> SqliteHost::reopen() {
    storage_.reset();
    Opened opened = open_on(vfs_.name(), {});
    if (!opened.ok()) return opened.error();
    Result<Recovered> found = opened.value()->recover();
    if (!found.ok()) return found;
    storage_ = std::move(opened.value());
    commit_failed_ = false;
    calls_failed_ = disk_.failing();
    return found;
}

// What would be found if no call of the disk failed: on a copy of what is durable.
Result<Recovered> SqliteHost::look() {
    SimDisk copy(seed_);
    copy.replace(disk_.image());
    const SimVfs vfs(copy, vfs_.name() + "_copy");
    const Opened opened = open_on(vfs.name(), {});
    if (!opened.ok()) return opened.error();
    return opened.value()->recover();
}

DiskState SqliteHost::judge(const Result<Recovered>& found, const MemoryStorage& shadow) const {
    DiskState state = DiskState::Refused;
    if (found.ok()) {
        const Recovered written = shadow.recover().value();
        state = same(found.value(), written) ? DiskState::Sound : DiskState::Outdated;
        CHECK(state == DiskState::Sound || !holds_changed_entry(found.value(), written));
    }
    if (!damaged_) CHECK(state == DiskState::Sound);
    if (!may_be_older_) CHECK(state != DiskState::Outdated);
    return state;
}

SqliteHost::Found SqliteHost::recover(const MemoryStorage& shadow) {
    Result<Recovered> found = storage_ ? storage_->recover() : reopen();
    if (!found.ok()) storage_.reset();
    const bool in_doubt = !found.ok() && disk_.failing();
    return {found, judge(in_doubt ? look() : found, shadow)};
}

bool SqliteHost::sync_one() {
    CHECK(!queue_.empty());
    if (!storage_->commit(std::span(&queue_.front(), 1)).ok()) {
        CHECK(damaged_ || calls_failed_);
        commit_failed_ = true;
        return false;
    }
    queue_.pop_front();
    return true;
}

bool SqliteHost::seal() {
    commit_failed_ = storage_->seal().has_value();
    if (commit_failed_) CHECK(damaged_ || calls_failed_);
    return !commit_failed_;
}

DiskState SqliteHost::crash(const Crash& crash, MemoryStorage& shadow) {
    CHECK(queue_.size() == shadow.pending());
    const bool seal_is_cut = crash.sealing && crash.whole == 0;
    if (crash.sealing && !seal_is_cut) (void)seal();
    for (std::size_t i = 0; i < crash.whole && !commit_failed_; ++i) {
        if (sync_one()) shadow.sync_one();
    }
    const bool cut = !queue_.empty() && (commit_failed_ || crash.calls_of_next.has_value());
    may_be_older_ |= damaged_ && (seal_due() || cut || commit_failed_);
    if (crash.calls_of_next && !commit_failed_) {
        disk_.die_after(*crash.calls_of_next);
        if (seal_is_cut) (void)storage_->seal();
        if (cut) (void)storage_->commit(std::span(&queue_.front(), 1));
    }
    queue_.clear();
    storage_.reset();
    disk_.crash();
    const Result<Recovered> found = disk_.failing() ? look() : reopen();
    MemoryStorage without = shadow;
    without.crash({});
    if (cut && found.ok() && !same(found.value(), without.recover().value())) {
        shadow.crash({.whole = 1, .parts = 0});
        if (same(found.value(), shadow.recover().value())) return DiskState::Sound;
    }
    shadow = std::move(without);
    return judge(found, shadow);
}

void SqliteHost::wipe() {
    CHECK(queue_.empty());
    storage_.reset();
    disk_.fail({});
    disk_.limit(std::nullopt);
    disk_.replace({});
    damaged_ = false;
    may_be_older_ = false;
    open_new({});
}

// Nothing happens if there is no such place. Without one, also if the disk is empty.
std::optional<Error> SqliteHost::rot(const RotPlace& place, uint32_t bits) {
    if (place.entry) {
        const Result<std::vector<SimDisk::Place>> places =
            places_of_entry(disk_.image(), place.entry, vfs_.name() + "_copy");
        if (!places.ok()) return Error{"no bit was changed: " + places.error().message};
        for (const SimDisk::Place& last_byte : places.value()) disk_.rot_at(last_byte, bits);
        return std::nullopt;
    }
    std::string file;
    if (place.file) {
        file = *place.file == RotPlace::File::Wal ? kWalFile : kDatabaseFile;
        const uint64_t there = disk_.durable_bytes(file);
        if (place.offset.value_or(0) >= there) {
            return Error{fmt::format("no bit was changed: {} has {} bytes, so there is none at {}",
                                     file, there, place.offset.value_or(0))};
        }
    }
    if (place.offset) {
        disk_.rot_at({file, *place.offset}, bits);
    } else {
        for (uint32_t i = 0; i < bits; ++i) (void)disk_.rot(file);
    }
    return std::nullopt;
}

Result<DiskState> SqliteHost::change(const DiskChange& change, const MemoryStorage& shadow,
                                     const SqliteHost* other) {
    switch (change.kind) {
        case DiskChangeKind::Fail:
            disk_.fail(change.errors);
            calls_failed_ = true;
            return DiskState::Sound;
        case DiskChangeKind::Fill:
            disk_.limit(disk_.bytes_used());
            calls_failed_ = true;
            return DiskState::Sound;
        case DiskChangeKind::Mend:
            disk_.fail({});
            disk_.limit(std::nullopt);
            return DiskState::Sound;
        case DiskChangeKind::Rot:
            may_be_older_ |= damaged_ || change.bits > 1;
            if (auto error = rot(change.place, change.bits)) return *std::move(error);
            damaged_ = true;
            return DiskState::Sound;
        case DiskChangeKind::Misplace:
            may_be_older_ |= damaged_;
            damaged_ = true;
            disk_.misplace_next(change.where);
            return DiskState::Sound;
        case DiskChangeKind::Save:
            saved_ = disk_.image();
            return DiskState::Sound;
        case DiskChangeKind::RollBack:
        case DiskChangeKind::Clone:
        case DiskChangeKind::Lose:
            break;
        case DiskChangeKind::Slow:
            CHECK(false);
    }
    CHECK(queue_.empty());
    damaged_ = true;
    may_be_older_ = true;
    storage_.reset();
    disk_.replace(change.kind == DiskChangeKind::RollBack ? saved_
                  : change.kind == DiskChangeKind::Clone  ? other->disk_.image()
                                                          : SimDisk::Image());
    if (change.kind == DiskChangeKind::Lose) return DiskState::Lost;
    return judge(look(), shadow);
}

}  // namespace wavetank
