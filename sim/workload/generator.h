// What a client does next: a key-value command drawn by weight, keyed by client and ordinal, so
// that the same client does the same things whatever the others do.
#pragma once

#include <cstdint>
#include <vector>

#include "core/machines/kv.h"
#include "sim/kernel/chance.h"
#include "sim/workload/workload.h"

namespace wavetank {

class KvGenerator {
 public:
    KvGenerator(const WorkloadSetup& setup, const Chance& chance, uint32_t client)
        : setup_(setup), chance_(chance), client_(client), appends_(setup.keys, 0) {}

    KvCommand next();

 private:
    uint64_t bits() { return chance_.draw(ChanceKind::ClientChoice, client_, ordinal_++); }
    KvFunction draw_function();
    std::string draw_value();

    const WorkloadSetup& setup_;
    const Chance& chance_;
    uint32_t client_;
    uint64_t ordinal_ = 0;
    uint64_t value_ordinal_ = 0;
    std::vector<uint32_t> appends_;  // by key, since this client's last put or delete
};

}  // namespace wavetank
