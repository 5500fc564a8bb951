// Histories recorded by others, with known verdicts: Porcupine's test data (Jepsen's etcd logs, a
// key-value store) and Knossos' compare-and-set registers. The READMEs beside the data say what the
// lines mean. The registers run on the key-value model: a register without a value is an absent
// key.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "sim/check/linearizability/check.h"
#include "sim/check/linearizability/test/edn.h"

namespace wavetank {
namespace {

const std::string kHistories = std::string(WAVETANK_SHARED_DIR) + "/histories/";
constexpr LinearizabilityBudget kBudget{50'000'000, uint64_t{1} << 30};

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.good()) << path;
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
}

// One event of a file.
struct Line {
    std::string process;
    std::string type;  // ":invoke", ":ok", ":fail", ":info"
    KvCommand command;
    KvResult result;    // of ":ok"
    bool mute = false;  // of ":ok": says nothing (a read of nil that counts as unknown)
};

// Pairs completions with their process's open invocation.
class Recorder {
 public:
    void add(const Line& line) {
        if (line.type == ":invoke") {
            open_[line.process] =
                history_.invoke(ClientId(1), ++sequence_, line.command, Instant{});
            return;
        }
        const auto found = open_.find(line.process);
        if (found == open_.end()) return;
        OperationOutcome outcome = OperationOutcome::Ok;
        if (line.type == ":info" || line.mute) outcome = OperationOutcome::Info;
        if (line.type == ":fail") outcome = OperationOutcome::Fail;
        history_.complete(found->second, outcome, line.result, Instant{});
        open_.erase(found);
    }
    const std::vector<Operation>& operations() const { return history_.operations(); }

 private:
    History history_;
    std::map<std::string, std::size_t> open_;
    uint64_t sequence_ = 0;
};

KvCommand register_command(const std::string& f, const Edn& value) {
    KvCommand command{KvFunction::Get, "register", "", ""};
    if (f == ":write") {
        command.function = KvFunction::Put;
        command.value = value.text;
    } else if (f == ":cas" && value.items.size() == 2) {
        command.function = KvFunction::CompareAndSet;
        command.expected = value.items[0].text;
        command.value = value.items[1].text;
    }
    return command;
}

// "INFO  jepsen.util - <process>  <type>  <f>  <value>". A failed cas is an observation.
std::vector<Operation> read_jepsen_log(const std::string& path) {
    std::istringstream file(contents(path));
    Recorder recorder;
    for (std::string text; std::getline(file, text);) {
        std::istringstream words(text);
        std::string info, logger, dash, f, value;
        Line line;
        words >> info >> logger >> dash >> line.process >> line.type >> f;
        std::getline(words, value);
        const Edn edn = EdnReader(value).read();
        line.command = register_command(f, edn);
        line.result.ok = true;
        if (f == ":read" && line.type == ":ok") {
            line.result = edn.is_nil() ? KvResult{false, ""} : KvResult{true, edn.text};
        }
        if (f == ":cas" && line.type == ":fail") {
            line.type = ":ok";
            line.result.ok = false;
        }
        recorder.add(line);
    }
    return recorder.operations();
}

// One vector or list of operation maps. A read of nil tells nothing.
std::vector<Operation> read_knossos_register(const std::string& path) {
    const std::string text = contents(path);
    const Edn file = EdnReader(text).read();
    Recorder recorder;
    for (const Edn& each : file.items) {
        Line line;
        line.process = each.text_of(":process");
        line.type = each.text_of(":type");
        if (line.process.empty() || line.process == ":nemesis") continue;
        const Edn* value = each.find(":value");
        const Edn nil{Edn::Type::Atom, "nil", {}};
        line.command = register_command(each.text_of(":f"), value == nullptr ? nil : *value);
        line.result.ok = true;
        if (each.text_of(":f") == ":read") {
            line.mute = value == nullptr || value->is_nil();
            if (!line.mute) line.result.value = value->text;
        }
        recorder.add(line);
    }
    return recorder.operations();
}

// One map a line. A key that was never written reads as "".
std::vector<Operation> read_kv(const std::string& path) {
    const std::string text = contents(path);
    EdnReader reader(text);
    Recorder recorder;
    while (!reader.at_end()) {
        const Edn each = reader.read();
        Line line;
        line.process = each.text_of(":process");
        line.type = each.text_of(":type");
        const std::string f = each.text_of(":f");
        const std::string value = each.find(":value")->is_nil() ? "" : each.text_of(":value");
        line.command = {f == ":get"   ? KvFunction::Get
                        : f == ":put" ? KvFunction::Put
                                      : KvFunction::Append,
                        each.text_of(":key"), f == ":get" ? "" : value, ""};
        line.result = f == ":get" ? KvResult{!value.empty(), value} : KvResult{true, ""};
        recorder.add(line);
    }
    return recorder.operations();
}

struct Known {
    std::string file;
    std::string model;
    std::string verdict;
    std::size_t operations = 0;
};

std::vector<Known> known_verdicts(const std::string& folder) {
    std::istringstream file(contents(kHistories + folder + "/verdicts.tsv"));
    std::vector<Known> result;
    std::string line;
    std::getline(file, line);  // the heading
    while (std::getline(file, line)) {
        std::istringstream words(line);
        Known known;
        words >> known.file >> known.model >> known.verdict >> known.operations;
        result.push_back(known);
    }
    return result;
}

bool data_present() {
    return std::filesystem::exists(kHistories + "porcupine/verdicts.tsv");
}

// Checks every file of one model; `read` is its reader.
template <class Read>
void expect_agreement(const std::string& folder, const std::string& model, Read read,
                      std::size_t files) {
    std::size_t checked = 0;
    for (const Known& known : known_verdicts(folder)) {
        if (known.model != model) continue;
        const std::vector<Operation> operations = read(kHistories + folder + "/" + known.file);
        const auto counted =
            std::count_if(operations.begin(), operations.end(), [&](const Operation& each) {
                return folder == "porcupine" || each.outcome != OperationOutcome::Fail;
            });
        EXPECT_EQ(std::size_t(counted), known.operations) << known.file;
        const LinearizabilityReport report = check_linearizability(operations, kBudget);
        EXPECT_EQ(name_of(report.verdict), known.verdict) << known.file << "\n" << report.evidence;
        if (known.verdict == "illegal") {
            EXPECT_TRUE(report.operation.has_value());
            EXPECT_NE(report.evidence, "");
        }
        ++checked;
    }
    EXPECT_EQ(checked, files);
}

TEST(OutsideHistories, JepsenEtcdLogs) {
    if (!data_present()) GTEST_SKIP() << "no histories in " << kHistories;
    expect_agreement("porcupine", "etcd-register", read_jepsen_log, 69);
}

TEST(OutsideHistories, PorcupineKv) {
    if (!data_present()) GTEST_SKIP() << "no histories in " << kHistories;
    expect_agreement("porcupine", "kv-string", read_kv, 4);
}

TEST(OutsideHistories, KnossosRegisters) {
    if (!data_present()) GTEST_SKIP() << "no histories in " << kHistories;
    expect_agreement("knossos", "cas-register", read_knossos_register, 80);
}

}  // namespace
}  // namespace wavetank
