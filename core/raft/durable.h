// What a server keeps through a crash, and how changes of it travel (DESIGN D3).
#pragma once

#include <optional>
#include <vector>

#include "core/base/ids.h"
#include "core/quorum/configuration.h"
#include "core/raft/entry.h"

namespace wavetank {

// Paper figure 2, persistent state: written before anything that depends on it is said.
struct HardState {
    Term current_term;
    ServerId voted_for;  // in current_term; zero: nobody
    friend bool operator==(const HardState&, const HardState&) = default;
};

// One atomic change of the durable state, carried out in this order: hard state, truncation,
// append.
struct Write {
    WriteId id;  // zero: nothing to write
    std::optional<HardState> hard_state;
    std::optional<LogIndex> truncate_from;  // entries at and after this index are removed
    std::vector<EntryRange> append;         // consecutive ranges; the first continues the log

    void clear() {
        id = WriteId();
        hard_state.reset();
        truncate_from.reset();
        append.clear();
    }
};

// What a server finds on its disk when it starts.
struct Recovered {
    Configuration configuration;  // the one the cluster was created with
    HardState hard_state;
    std::vector<Entry> entries;  // from index 1
};

}  // namespace wavetank
