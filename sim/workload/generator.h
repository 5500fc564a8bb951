// What a client does next: a key-value command drawn by weight, keyed by client and ordinal, so
// that the same client does the same things whatever the others do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/machines/kv.h"
#include "sim/kernel/chance.h"
#include "sim/workload/workload.h"

namespace wavetank {

class KvGenerator {
 public:
    // One that `reads_only` draws nothing but gets.
    KvGenerator(const WorkloadSetup& setup, const Chance& chance, uint32_t client,
                bool reads_only = false)
        : setup_(setup),
          chance_(chance),
          client_(client),
          reads_only_(reads_only),
          appends_(setup.keys, 0) {
        for (uint32_t key = 0; key < setup.keys; ++key) keys_.push_back("k" + std::to_string(key));
        value_prefix_ = std::to_string(client + 1) + ".";
    }

    KvCommand next();

 private:
    uint64_t bits() { return chance_.draw(ChanceKind::ClientChoice, client_, ordinal_++); }
    KvFunction draw_function();
    std::string draw_value();
    // This client's n-th value: "3.17".
    std::string unique_value(uint64_t ordinal) const {
        return value_prefix_ + std::to_string(ordinal);
    }

    const WorkloadSetup& setup_;
    const Chance& chance_;
    uint32_t client_;
    bool reads_only_;
    std::vector<std::string> keys_;
    std::string value_prefix_;
    uint64_t ordinal_ = 0;
    uint64_t value_ordinal_ = 0;
    std::vector<uint32_t> appends_;  // by key, since this client's last put or delete
};

}  // namespace wavetank
