// Files are loaded once; rows of a matrix are setups made of them, and the swarm's are made when
// they are needed.
#include "tools/program/selection.h"

#include <fmt/format.h>

#include "reports/text.h"

namespace wavetank {
namespace {

Result<SelectedScenarios> load_matrix(const Engine& engine, const Selection& selection,
                                      const std::vector<LoadedScenario>& files) {
    if (selection.row && files.size() != 1) {
        return Error{fmt::format("--row is for one scenario, but there are {}; name one file",
                                 files.size())};
    }
    SelectedScenarios out;
    for (const LoadedScenario& file : files) {
        std::vector<MatrixRow> rows = engine.matrix(file.setup);
        if (selection.row && *selection.row > rows.size()) {
            return Error{fmt::format("--row {}: the matrix of {} has rows 1 to {}", *selection.row,
                                     file.setup.name, rows.size())};
        }
        if (selection.row) rows = {rows[*selection.row - 1]};
        out.head += fmt::format("scenario {} ({}), option matrix:\n{}", file.setup.name, file.file,
                                engine.table(rows));
        for (MatrixRow& row : rows) {
            out.scenarios.push_back(
                {.name = row.setup.name,
                 .file = file.file,
                 .words = fmt::format("{} --matrix --row {}", shell_quoted(file.file), row.number),
                 .text = std::nullopt,
                 .setup = std::move(row.setup)});
        }
    }
    return out;
}

}  // namespace

void add_selection_options(boost::program_options::options_description& known) {
    auto add = known.add_options();
    add("swarm", "");
    add("matrix", "");
    add("row", boost::program_options::value<std::string>(), "");
}

Result<Selection> read_selection(const Arguments& given, std::vector<std::string> paths) {
    Selection selection;
    selection.paths = std::move(paths);
    selection.swarm = given.has("swarm");
    selection.matrix = given.has("matrix");
    if (selection.swarm && selection.matrix) {
        return Error{"--swarm and --matrix exclude each other; give one of them"};
    }
    if (selection.swarm && !selection.paths.empty()) {
        return Error{
            fmt::format("--swarm draws its scenarios from the seeds; leave '{}' out, or "
                        "--swarm",
                        selection.paths.front())};
    }
    if (!selection.swarm && selection.paths.empty()) {
        return Error{"which scenario? Give a file or a folder, or --swarm"};
    }
    if (!given.has("row")) return selection;
    if (!selection.matrix) return Error{"--row needs --matrix, whose row it is"};
    const auto row = read_number("--row", given.text("row"), {.min = 1, .max = UINT32_MAX});
    if (!row.ok()) return row.error();
    selection.row = static_cast<uint32_t>(row.value());
    return selection;
}

Result<SelectedScenarios> load_selection(const Engine& engine, const Selection& selection) {
    SelectedScenarios out;
    if (selection.swarm) {
        out.head = "scenarios drawn by the swarm\n";
        out.scenarios.push_back({.name = "swarm",
                                 .file = "",
                                 .words = "--swarm",
                                 .text = std::nullopt,
                                 .setup = std::nullopt});
        return out;
    }
    Result<std::vector<LoadedScenario>> files = load_scenarios(engine, selection.paths);
    if (!files.ok()) return files.error();
    if (selection.matrix) return load_matrix(engine, selection, files.value());
    for (LoadedScenario& file : files.value()) {
        const std::string name = file.setup.name;
        out.scenarios.push_back({.name = name,
                                 .file = file.file,
                                 .words = shell_quoted(file.file),
                                 .text = std::move(file.text),
                                 .setup = std::move(file.setup)});
    }
    if (out.scenarios.size() == 1) {
        out.head = fmt::format("scenario {} ({})\n", out.scenarios[0].name, out.scenarios[0].file);
        return out;
    }
    out.head = fmt::format("scenarios {} of", out.scenarios.size());
    for (const std::string& path : selection.paths) out.head += " " + path;
    out.head += "\n";
    return out;
}

Setup setup_of(const Engine& engine, const Selected& selected, uint64_t seed) {
    return selected.setup ? *selected.setup : engine.draw(seed);
}

std::string text_of(const Engine& engine, const Selected& selected, uint64_t seed) {
    return selected.text ? *selected.text : engine.print(setup_of(engine, selected, seed));
}

}  // namespace wavetank
