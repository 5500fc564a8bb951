// wavetank_compare: several systems in one sitting, in turns, over one plan. --help tells the rest.
#include <unistd.h>

#include <boost/program_options.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>

#include "bench/compare/etcd_system.h"
#include "bench/compare/libraft_system.h"
#include "bench/throughput/sitting.h"
#include "bench/throughput/wavetank_system.h"
#include "reports/text.h"
#include "reports/throughput_comparison.h"
#include "reports/throughput_table.h"
#include "tools/program/build_info.h"
#include "tools/program/command_line.h"

namespace wavetank::bench {
namespace {

constexpr const char* kUsage = R"(usage: wavetank_compare --plan FILE [OPTIONS]

Measures several systems in one sitting: at each cell of the plan (bench/throughput/bench.proto) they
take turns. The first system is compared with each of the others.

  --plan FILE      the plan
  --systems LIST   of wavetank, etcd, libraft; default all, in this order
  --page-bytes N   the page size of Wavetank's databases; default 8192
  --data DIR       the servers' data go into a folder there; default .
  --out FILE       the results, a SQLite file; must not exist; default compare.sqlite
  --markdown FILE  also writes the tables as Markdown
  --help           this text

exit code: 0 all bars of the plan are met, 1 one is missed, 64 wrong usage or file
)";

struct Request {
    Plan plan;
    std::vector<std::string> systems;
    std::string data = ".";
    uint32_t page_bytes = Deployment().page_bytes;
    std::string out = "compare.sqlite";
    std::string markdown;
};

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> words;
    std::istringstream stream(list);
    for (std::string word; std::getline(stream, word, ',');) words.push_back(word);
    return words;
}

Result<Request> read_request(const Arguments& arguments) {
    Request request;
    if (!arguments.has("plan")) return Error{"--plan is missing"};
    if (!arguments.words.empty()) {
        return Error{"'" + arguments.words.front() + "' belongs to no option"};
    }
    Result<Plan> plan = load_plan(arguments.text("plan"));
    if (!plan.ok()) return plan.error();
    request.plan = std::move(plan.value());
    request.systems =
        split(arguments.has("systems") ? arguments.text("systems") : "wavetank,etcd,libraft");
    if (arguments.has("data")) request.data = arguments.text("data");
    if (arguments.has("out")) request.out = arguments.text("out");
    if (arguments.has("page-bytes")) {
        const auto number =
            read_number("--page-bytes", arguments.text("page-bytes"), {.min = 512, .max = 65'536});
        if (!number.ok()) return number.error();
        request.page_bytes = static_cast<uint32_t>(number.value());
    }
    request.markdown = arguments.text("markdown");
    return request;
}

std::string program_beside(const std::string& name) {
    return std::filesystem::read_symlink("/proc/self/exe").replace_filename(name).string();
}

Result<std::unique_ptr<SystemUnderLoad>> make_system(const std::string& name,
                                                     const std::string& directory,
                                                     uint32_t page_bytes) {
    if (name == "wavetank") {
        return std::unique_ptr<SystemUnderLoad>(
            new LocalWavetank({.program = program_beside("wavetank"),
                               .directory = directory,
                               .page_bytes = page_bytes}));
    }
    if (name == "etcd") return std::unique_ptr<SystemUnderLoad>(new EtcdSystem(directory));
    if (name == "libraft") {
        return std::unique_ptr<SystemUnderLoad>(new LibraftSystem(
            {.program = program_beside("wavetank_libraft_server"), .directory = directory}));
    }
    return Error{"there is no system '" + name + "'; there are wavetank, etcd and libraft"};
}

int compare(const Request& request) {
    const Result<ScratchFolder> folder = ScratchFolder::make(request.data);
    if (!folder.ok()) {
        std::cerr << folder.error().message << "\n";
        return kExitUsage;
    }
    std::vector<std::unique_ptr<SystemUnderLoad>> owned;
    SittingSetup setup{.plan = request.plan,
                       .build = build_info(),
                       .directory = folder.value().path(),
                       .result_file = request.out,
                       .progress = std::cerr,
                       .progress_is_terminal = ::isatty(STDERR_FILENO) == 1};
    for (const std::string& name : request.systems) {
        Result<std::unique_ptr<SystemUnderLoad>> system = make_system(
            name, std::filesystem::absolute(folder.value().path()).string(), request.page_bytes);
        if (!system.ok()) {
            std::cerr << system.error().message << "\n";
            return kExitUsage;
        }
        setup.systems.push_back(system.value().get());
        owned.push_back(std::move(system.value()));
    }
    const Result<ThroughputSession> session = hold_sitting(setup);
    if (!session.ok()) {
        std::cerr << session.error().message << "\n";
        return kExitUsage;
    }
    std::cout << throughput_text(session.value());
    if (!request.markdown.empty()) {
        const auto error = write_file(request.markdown, throughput_markdown(session.value()));
        if (error) {
            std::cerr << *error << "\n";
            return kExitUsage;
        }
    }
    return all_bars_met(session.value()) ? kExitPassed : kExitFailed;
}

int run(const std::vector<std::string>& words) {
    namespace options = boost::program_options;
    options::options_description known;
    known.add_options()("help", "");
    for (const char* option : {"plan", "systems", "page-bytes", "data", "out", "markdown"}) {
        known.add_options()(option, options::value<std::string>());
    }
    const Result<Arguments> arguments = read_arguments(known, words);
    if (arguments.ok() && arguments.value().has("help")) {
        std::cout << kUsage;
        return kExitPassed;
    }
    const Result<Request> request =
        arguments.ok() ? read_request(arguments.value()) : arguments.error();
    if (request.ok()) return compare(request.value());
    std::cerr << request.error().message << "\n'wavetank_compare --help' tells how it is used.\n";
    return kExitUsage;
}

}  // namespace
}  // namespace wavetank::bench

int main(int count, char** words) {
    return wavetank::bench::run({words + (count > 0 ? 1 : 0), words + count});
}
