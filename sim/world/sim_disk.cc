// What becomes durable when, and what a crash leaves.
#include "sim/world/sim_disk.h"

#include <fmt/format.h>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "sim/world/sim_file.h"

namespace wavetank {
namespace {

// Misplaces one block of a write; the rest of it goes where it should.
void misplace(std::string& content, const SimDisk::File::Change& change, uint64_t chance) {
    constexpr std::size_t kBlock = SimDisk::kMisplacedBytes;
    const std::string_view bytes = change.bytes;
    if (bytes.empty()) return;
    const std::size_t at = kBlock * below(mix(chance, 1), (bytes.size() - 1) / kBlock + 1);
    const std::string_view astray = bytes.substr(at, kBlock);
    const std::string_view rest = bytes.substr(at + astray.size());
    SimDisk::File::put(content, change.offset, bytes.substr(0, at));
    if (!rest.empty()) SimDisk::File::put(content, change.offset + at + astray.size(), rest);
    if (*change.misplaced == SimDisk::Misplaced::Nowhere || content.empty()) return;
    const uint64_t sectors = content.size() / SimDisk::kSectorBytes + 1;
    SimDisk::File::put(content, below(chance, sectors) * SimDisk::kSectorBytes, astray);
}

// The change as it was meant, or as a misplacing disk does it.
void carry_out(std::string& content, const SimDisk::File::Change& change, uint64_t chance) {
    if (change.cut) {
        content.resize(change.offset);
    } else if (!change.misplaced) {
        SimDisk::File::put(content, change.offset, change.bytes);
    } else {
        misplace(content, change, chance);
    }
}

}  // namespace

uint64_t SimDisk::draw(Decision decision) {
    const uint64_t ordinal = draws_++;
    return mix(mix(mix(seed_, static_cast<uint64_t>(decision)), ordinal), ordinal);
}

bool SimDisk::alive() {
    if (calls_left_ == 0) return false;
    if (calls_left_ != UINT64_MAX) --calls_left_;
    return calls_left_ > 0;
}

SimDisk::FileRef SimDisk::open(const std::string& name, bool create) {
    if (!alive()) return nullptr;
    const auto there = names_.find(name);
    if (there != names_.end()) return there->second;
    if (!create) return nullptr;
    return names_[name] = std::make_shared<File>();
}

SimDisk::Status SimDisk::remove(const std::string& name) {
    if (!alive()) return Status::Failed;
    return names_.erase(name) > 0 ? Status::Ok : Status::NotFound;
}

SimDisk::Status SimDisk::sync_directory() {
    if (!alive() || errors_.sync) return Status::Failed;
    ++syncs_;
    durable_names_ = names_;
    return Status::Ok;
}

SimDisk::Status SimDisk::read(const File& file, const Range& range, char* out, std::size_t& got) {
    got = 0;
    if (!alive() || errors_.read) return Status::Failed;
    if (range.offset >= file.seen.size()) return Status::Ok;
    got = file.seen.copy(out, range.size, range.offset);
    return Status::Ok;
}

bool SimDisk::has_room(const File& file, uint64_t size_needed) const {
    if (!bytes_max_ || size_needed <= file.seen.size()) return true;
    return size_needed - file.seen.size() + bytes_used() <= *bytes_max_;
}

uint64_t SimDisk::bytes_used() const {
    uint64_t bytes = 0;
    for (const auto& [name, file] : names_) bytes += file->seen.size();
    return bytes;
}

SimDisk::Status SimDisk::write(File& file, uint64_t offset, std::string_view bytes) {
    if (!alive() || errors_.write) return Status::Failed;
    if (!has_room(file, offset + bytes.size())) return Status::Full;
    bytes_written_ += bytes.size();
    File::put(file.seen, offset, bytes);
    file.changes.push_back({offset, std::string(bytes), false, misplace_});
    misplace_.reset();
    return Status::Ok;
}

SimDisk::Status SimDisk::truncate(File& file, uint64_t size) {
    if (!alive() || errors_.write) return Status::Failed;
    if (size > file.seen.size()) return Status::Ok;
    file.seen.resize(size);
    file.changes.push_back({size, {}, true, std::nullopt});
    return Status::Ok;
}

SimDisk::Status SimDisk::sync(File& file) {
    if (!alive() || errors_.sync) return Status::Failed;
    ++syncs_;
    for (const File::Change& change : file.changes) {
        carry_out(file.durable, change, change.misplaced ? draw(Decision::Misplace) : 0);
    }
    file.changes.clear();
    return Status::Ok;
}

uint64_t SimDisk::size(const File& file) const {
    return file.seen.size();
}

// Each change by itself: the disk may have written them in any order, and some halfway.
void SimDisk::crash() {
    for (auto& [name, file] : names_) CHECK(file.use_count() <= 2);
    const auto left_of = [this](File& file) {
        for (File::Change& change : file.changes) {
            const uint64_t fate = below(draw(Decision::Write), 3);
            if (fate == 0) continue;
            if (fate == 1 || change.cut) {
                carry_out(file.durable, change, draw(Decision::Misplace));
                continue;
            }
            for (std::size_t at = 0; at < change.bytes.size();) {
                const uint64_t offset = change.offset + at;
                const std::size_t size = std::min<std::size_t>(
                    change.bytes.size() - at, kSectorBytes - offset % kSectorBytes);
                const bool kept = (draw(Decision::Sector) & 1) != 0;
                if (kept) File::put(file.durable, offset, change.bytes.substr(at, size));
                at += size;
            }
        }
        file.changes.clear();
        file.seen = file.durable;
    };
    std::map<std::string, FileRef> all = names_;
    all.insert(durable_names_.begin(), durable_names_.end());
    std::map<std::string, FileRef> left;
    for (const auto& [name, any] : all) {
        const auto now = names_.find(name);
        const auto before = durable_names_.find(name);
        const FileRef after = now == names_.end() ? nullptr : now->second;
        const FileRef was = before == durable_names_.end() ? nullptr : before->second;
        const bool changed = after == was || (draw(Decision::Name) & 1) != 0;
        const FileRef& file = changed ? after : was;
        if (file) left[name] = file;
    }
    for (const auto& [name, file] : left) left_of(*file);
    names_ = left;
    durable_names_ = std::move(left);
    misplace_.reset();
    calls_left_ = UINT64_MAX;
}

void SimDisk::flip(File& file, uint64_t place, uint8_t bits) {
    const auto flipped = [bits](char byte) { return static_cast<char>(byte ^ bits); };
    file.durable[place] = flipped(file.durable[place]);
    if (place < file.seen.size()) file.seen[place] = flipped(file.seen[place]);
}

uint64_t SimDisk::durable_bytes(const std::string& name) const {
    const auto there = durable_names_.find(name);
    return there == durable_names_.end() ? 0 : there->second->durable.size();
}

void SimDisk::rot_at(const Place& place, uint32_t bits) {
    const auto there = durable_names_.find(place.file);
    if (there == durable_names_.end()) return;
    File& file = *there->second;
    for (uint32_t bit = 0; bit < bits; ++bit) {
        const uint64_t at = place.offset + bit / 8;
        if (at < file.durable.size()) flip(file, at, static_cast<uint8_t>(1 << (bit % 8)));
    }
}

std::optional<std::string> SimDisk::rot(const std::string& only) {
    const auto is_meant = [&](const std::string& name) { return only.empty() || name == only; };
    uint64_t bytes = 0;
    for (const auto& [name, file] : durable_names_) {
        if (is_meant(name)) bytes += file->durable.size();
    }
    if (bytes == 0) return std::nullopt;
    const uint64_t bits = draw(Decision::Rot);
    uint64_t place = below(bits, bytes);
    for (const auto& [name, file] : durable_names_) {
        if (!is_meant(name)) continue;
        if (place >= file->durable.size()) {
            place -= file->durable.size();
            continue;
        }
        flip(*file, place, static_cast<uint8_t>(1 << (draw(Decision::Rot) % 8)));
        return fmt::format("{} at {}", name, place);
    }
    return std::nullopt;
}

SimDisk::Image SimDisk::image() const {
    Image image;
    for (const auto& [name, file] : durable_names_) image.files[name] = file->durable;
    return image;
}

void SimDisk::replace(const Image& image) {
    for (auto& [name, file] : names_) CHECK(file.use_count() <= 2);
    names_.clear();
    for (const auto& [name, bytes] : image.files) {
        const FileRef file = std::make_shared<File>();
        file->seen = bytes;
        file->durable = bytes;
        names_[name] = file;
    }
    durable_names_ = names_;
}

}  // namespace wavetank
