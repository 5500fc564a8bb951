// Names of what a timeline can ask.
#include "sim/fault/fault.h"

namespace wavetank {

const char* name_of(Metric metric) {
    switch (metric) {
        case Metric::Leader:
            return "leader";
        case Metric::Leaders:
            return "leaders";
        case Metric::HighestTerm:
            return "term";
        case Metric::Commit:
            return "commit";
        case Metric::Behind:
            return "behind";
        case Metric::Messages:
            return "messages";
        case Metric::Bytes:
            return "bytes";
        case Metric::OperationsOk:
            return "operations_ok";
        case Metric::OperationsOpen:
            return "operations_open";
        case Metric::Voters:
            return "voters";
        case Metric::Learners:
            return "learners";
        case Metric::Joint:
            return "joint";
        case Metric::ChangesDone:
            return "changes_done";
        case Metric::TransfersDone:
            return "transfers_done";
        case Metric::SnapshotsTaken:
            return "snapshots_taken";
        case Metric::SnapshotsInstalled:
            return "snapshots_installed";
        case Metric::LogEntries:
            return "log_entries";
        case Metric::LeaseReads:
            return "lease_reads";
        case Metric::SessionsExpired:
            return "sessions_expired";
        case Metric::DiskStops:
            return "disk_stops";
        case Metric::DisksRefused:
            return "disks_refused";
        case Metric::ServersReplaced:
            return "servers_replaced";
        case Metric::NeedOperator:
            return "need_operator";
    }
    return "?";
}

}  // namespace wavetank
