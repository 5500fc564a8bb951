// Opening, committing, and finding out what a crash has left.
#include "sim/world/sqlite_host.h"

#include <fmt/format.h>

#include <span>

#include "core/base/check.h"

namespace wavetank {
namespace {

bool same(const Recovered& a, const Recovered& b) {
    return a.configuration == b.configuration && a.hard_state == b.hard_state &&
           a.entries == b.entries && a.base == b.base && a.snapshot == b.snapshot &&
           a.partial == b.partial;
}

}  // namespace

SqliteHost::SqliteHost(const Setup& setup, const Recovered& initial)
    : server_(setup.server),
      disk_(setup.seed),
      vfs_(disk_, fmt::format("wavetank_sim_{}", fmt::ptr(&disk_))) {
    CHECK(!initial.snapshot);
    CHECK(!initial.partial);
    SimVfs::seed_sqlite(setup.seed);
    open(initial.configuration);
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
    sync_one();
}

// Nothing here damages the disk, so a refusal is a defect of the storage.
void SqliteHost::open(const Configuration& configuration) {
    SqliteStorage::Setup setup;
    setup.directory = "data";
    setup.cluster = 1;
    setup.server = server_;
    setup.configuration = configuration;
    setup.vfs = vfs_.name();
    setup.page_bytes = 1024;
    auto opened = SqliteStorage::open(setup);
    CHECK(opened.ok());
    storage_ = std::move(opened.value());
    CHECK(storage_->recover().ok());
}

Recovered SqliteHost::recover() {
    Result<Recovered> found = storage_->recover();
    CHECK(found.ok());
    return std::move(found.value());
}

void SqliteHost::sync_one() {
    CHECK(!queue_.empty());
    CHECK(storage_->commit(std::span(&queue_.front(), 1)).ok());
    queue_.pop_front();
}

void SqliteHost::crash(const Crash& crash, MemoryStorage& shadow) {
    CHECK(queue_.size() == shadow.pending());
    for (std::size_t i = 0; i < crash.whole; ++i) {
        sync_one();
        shadow.sync_one();
    }
    const bool cut = crash.calls_of_next.has_value() && !queue_.empty();
    if (cut) {
        disk_.die_after(*crash.calls_of_next);
        (void)storage_->commit(std::span(&queue_.front(), 1));
    }
    queue_.clear();
    storage_.reset();
    disk_.crash();
    open({});
    const Recovered found = recover();
    MemoryStorage without = shadow;
    without.crash({});
    if (cut && !same(found, without.recover().value())) {
        shadow.crash({.whole = 1, .parts = 0});
    } else {
        shadow = std::move(without);
    }
    CHECK(same(found, shadow.recover().value()));
}

void SqliteHost::wipe() {
    CHECK(queue_.empty());
    storage_.reset();
    disk_.replace({});
    open({});
}

}  // namespace wavetank
