// What is printed is read back as the same, and printing that gives the same text.
#include "scenarios/print.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "scenario.pb.h"
#include "scenarios/explain.h"
#include "scenarios/files.h"
#include "scenarios/parse.h"

namespace wavetank {
namespace {

// Two setups are the same if every line of the explanation and of the canonical form agree; between
// them they show every field.
void expect_round_trip(const Setup& setup) {
    const std::string text = print_scenario(setup);
    const auto again = parse_scenario(text, "printed");
    ASSERT_TRUE(again.ok()) << again.error().message << "\n" << text;
    EXPECT_EQ(print_scenario(again.value()), text);
    EXPECT_EQ(explain(again.value()), explain(setup));
}

TEST(Print, EveryFileOfTheLibraryComesBack) {
    const auto files = find_scenarios({WAVETANK_SOURCE_DIR "/scenarios/library"});
    ASSERT_TRUE(files.ok());
    for (const std::string& file : files.value()) {
        const auto setup = load_scenario(file);
        ASSERT_TRUE(setup.ok()) << setup.error().message;
        expect_round_trip(setup.value());
    }
}

// Every field of the schema, each with a value that is not its default, in canonical form.
constexpr const char* kEverything = R"(name: "a \"quoted\" name"
story: "All that can be said."
servers: 7
members { voters: [1, 2, 4] learners: [6, 7] witnesses: [3, 5] }
options {
    election_timeout_min: "200ms"
    election_timeout_max: "400ms"
    heartbeat_interval: "20ms"
    entries_per_message_max: 1
    bytes_per_message_max: 2
    window_messages_max: 3
    window_bytes_max: 4
    writes_in_flight_max: 5
    uncommitted_bytes_max: 6
    pending_reads_max: 7
    open_proposals_max: 8
    forward_proposals: true
    follower_reads: true
    lease_duration: "100ms"
    priority: 3
    snapshot_entries: 10
    snapshot_bytes: 11
    snapshot_trailing_entries: 12
    snapshot_piece_bytes: 13
    snapshot_transfers_max: 14
    apply_entries_max: 15
    log_memory_entries: 16
    catch_up_rounds_max: 17
}
server_priority { server: 2 priority: 0 }
sessions { sessions_max: 18 replies_max: 19 expire_after: "20s" }
network {
    latency { exponential { min: "1ms" mean: "3ms" cap: "1s" } }
    loss: "1.5%"
    duplicate: "0.000001%"
    reorder: "100%"
    reorder_delay { constant: "2ms" }
    bytes_per_second: 8
    queue_bytes_max: 9
    corrupt: "0.5%"
}
client_network { latency { normal { mean: "5ms" deviation: "1ms" cap: "9ms" } } }
link { from: 1 to: 2 quality { loss: "0%" } }
link { quality { latency { lognormal { median: "1ms" p84: "2ms" cap: "1m" } } } }
encoded_links: true
disk { write { bimodal { fast: "1ms" slow: "9ms" slow_share: "5%" } } on_crash: LOSE_ALL }
server_disk {
    server: 3
    quality {
        write { table { quantile: ["1ns", "2us", "3.5ms"] } }
        bytes_per_second: 10
        on_crash: TORN
        storage: SQLITE
    }
}
clock { server: 1 offset: "-1ms" }
clock { server: 2 drift_ppm: -3 }
clock { server: 3 drift_ppm: 0 }
clock { server: 4 error_bound: "0s" }
initial { server: 1 term: 4 voted_for: 5 log: [1, 1, 2] }
initial { server: 2 log: [3] }
clients {
    count: 4
    lanes: 2
    readers: 3
    operations_max: 5
    think { uniform { min: "1ms" max: "2ms" } }
    mix { get: 1 put: 2 append: 3 cas: 4 erase: 5 }
    keys: 6
    values: SMALL
    small_values: 7
    value_bytes: 8
    appends_in_a_row_max: 9
    request_timeout: "1s"
    operation_timeout: "2s"
    backoff { constant: "0s" }
    keep_alive: "3s"
}
step { at: "1s" after: "2s" when { leader_exists: true } within: "1s" label: "first" mark {} }
step { crash { target { servers: [1, 2] } moment: AT_EVENT restart_after: "1s" } }
step { restart { target { followers: true } } }
step { pause { target { random: 2 } resume_after: "3s" } }
step { resume { target { random_followers: 1 } } }
step { partition { shape: ISOLATE target { minority: true } cut_clients: true } }
step { partition { shape: BRIDGE target { minority_with_leader: true } } }
step { partition { shape: RING } }
step { cut { from { leader: true } to { all: true } } }
step { restore { from { leader: true } to { all: true } } }
step { clog { from { leader: true } to { all: true } } }
step { release { from { leader: true } to { all: true } } }
step { set_quality { from { all: true } to { servers: [3] } quality { loss: "50%" } } }
step { heal_network {} }
step { change_clock { target { all: true } step: "-2s" drift_ppm: 4 } }
step { change_clock { target { all: true } step: "0s" } }
step { change_clock { target { all: true } freeze_for: "1s" } }
step { change_clock { target { all: true } strobe { by: "-5ms" every: "1ms" lasts: "1s" } } }
step { change_members { set { voters: [2, 3] learners: [1] } } }
step { change_members { add { servers: [4] } } }
step { change_members { add { random: 1 } as: WITNESS remove { leader: true } } }
step { change_members { remove { servers: [4] } } }
step { transfer { to { servers: [3] } } }
step { transfer {} }
step { take_snapshot { target { followers: true } } }
step { wipe_disk { target { servers: [4] } } }
step { wipe_disk { target { servers: [5] } members_too: true } }
step { stall_disk { target { leader: true } release_after: "1s" } }
step { release_disk { target { all: true } } }
step { fail_disk { target { all: true } read: true write: true sync: true mend_after: "1s" } }
step { fill_disk { target { all: true } mend_after: "1s" } }
step { slow_disk { target { all: true } write { constant: "5ms" } mend_after: "1s" } }
step { slow_disk { target { all: true } bytes_per_second: 6 } }
step { mend_disk { target { all: true } } }
step { rot_disk { target { all: true } bits: 3 } }
step { rot_disk { target { all: true } file: DATABASE } }
step { rot_disk { target { all: true } file: WAL offset: 0 } }
step { rot_disk { target { all: true } entry: 9 } }
step { misplace_write { target { all: true } where: ELSEWHERE } }
step { save_disk { target { all: true } } }
step { roll_back_disk { target { all: true } } }
step { clone_disk { target { leader: true } from { servers: [3] } } }
step { lose_disk { target { all: true } } }
step { replace_server { target { all: true } } }
step { expect { disk_stops: 1 } }
step { expect { disks_refused: 2 since_mark: true } }
step { expect { servers_replaced: 3 } }
step { expect { need_operator: 0 } }
step { invoke { count: 2 concurrent: false stick: true target { servers: [1] } } }
step { stop_clients {} }
step { start_clients {} }
step { after: "1s" wait {} }
step { when { no_leader: true } }
step { expect { one_leader: true } }
step { expect { leader_is: 3 } }
step { expect { committed: 4 since_mark: true } }
step { expect { operations_ok: 5 } }
step { expect { all_answered: true } }
step { expect { caught_up: true } }
step { expect { voters: 3 } }
step { expect { learners: 0 } }
step { expect { joint: true } }
step { expect { joint: false } }
step { expect { changes_done: 1 since_mark: true } }
step { expect { transfers_done: 1 } }
step { expect { snapshots_taken: 1 } }
step { expect { snapshots_installed: 1 } }
step { expect { lease_reads: 1 } }
step { expect { sessions_expired: 1 } }
step { expect { log_entries_max: 10 } }
step { expect { metric: VOTERS min: 1 max: 2 } }
step { expect { metric: LOG_ENTRIES min: 5 } }
step { expect { metric: BYTES min: 0 } }
step { expect { metric: TERM min: 1 max: 2 since_mark: true } }
nemesis {
    interval { constant: "1s" }
    duration { constant: "2s" }
    crash: 1
    crash_leader: 2
    crash_several: 3
    crash_loop: 4
    pause: 5
    partition: 6
    isolate_leader: 7
    one_way: 8
    half_dead_link: 9
    clog: 10
    slow_link: 11
    lossy_network: 12
    clock_step: 13
    clock_drift: 14
    clock_freeze: 15
    clock_strobe: 16
    stall_disk: 17
    fail_disk: 1
    fill_disk: 2
    slow_disk: 3
    rot_disk: 4
    misplace_write: 5
    roll_back_disk: 6
    clone_disk: 7
    lose_disk: 8
    change_members: 18
    transfer: 19
    snapshot: 20
    corrupt_network: 21
    slow { loss: "1%" }
    lossy { duplicate: "2%" }
    corrupt: "3%"
    slow_write { constant: "7ms" }
    voters_min: 4
    witnesses_max: 2
    clock_step_max: "1s"
    drift_ppm_max: 15
    keep_majority_running: true
    active_max: 16
}
duration: "11s"
liveness { owed: false leader_within: "1s" commit_within: "2s" caught_up_within: "3s" }
linearizability { expansions_max: 1 bytes_max: 2 }
beyond_limit: true
events_max: 3
oracles: false
matrix { leave_out: ["loss", "reads"] }
)";

TEST(Print, EverythingComesBackLetterForLetter) {
    const auto setup = parse_scenario(kEverything, "everything");
    ASSERT_TRUE(setup.ok()) << setup.error().message;
    EXPECT_EQ(print_scenario(setup.value()), kEverything);
    expect_round_trip(setup.value());
}

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The names of all fields that are set anywhere in the message.
void collect_set(const Message& message, std::set<std::string>* names) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
        names->insert(field->full_name());
        if (field->type() != FieldDescriptor::TYPE_MESSAGE) continue;
        if (!field->is_repeated()) {
            collect_set(message.GetReflection()->GetMessage(message, field), names);
            continue;
        }
        for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
            collect_set(message.GetReflection()->GetRepeatedMessage(message, field, i), names);
        }
    }
}

// The names of all fields the schema has.
void collect_all(const Descriptor& type, std::set<std::string>* names) {
    for (int i = 0; i < type.field_count(); ++i) {
        const FieldDescriptor& field = *type.field(i);
        if (!names->insert(field.full_name()).second) continue;
        if (field.type() == FieldDescriptor::TYPE_MESSAGE)
            collect_all(*field.message_type(), names);
    }
}

// A field that is added to the schema and forgotten in reading or printing is found here.
TEST(Print, EverythingIsEveryFieldOfTheSchema) {
    scenario::Scenario message;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(kEverything, &message));
    std::set<std::string> given = {
        // Repetitions are written out, so they are never printed.
        "wavetank.scenario.Step.repeat",
        "wavetank.scenario.Repeat.times",
        "wavetank.scenario.Repeat.step",
    };
    collect_set(message, &given);
    std::set<std::string> all;
    collect_all(*scenario::Scenario::descriptor(), &all);
    for (const std::string& name : all) EXPECT_TRUE(given.contains(name)) << name;
}

TEST(Print, RepetitionsAreWrittenOut) {
    const auto setup = parse_scenario(
        "story: \"s\" step { repeat { times: 2 step { mark {} } step { label: \"put\" invoke {} } "
        "} }",
        "f");
    ASSERT_TRUE(setup.ok()) << setup.error().message;
    EXPECT_EQ(print_scenario(setup.value()),
              "name: \"f\"\n"
              "story: \"s\"\n"
              "servers: 3\n"
              "step { mark {} }\n"
              "step { label: \"put, round 1\" invoke {} }\n"
              "step { mark {} }\n"
              "step { label: \"put, round 2\" invoke {} }\n"
              "duration: \"10s\"\n");
    expect_round_trip(setup.value());
}

}  // namespace
}  // namespace wavetank
