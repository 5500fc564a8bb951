// The three passes over a file.
#include "scenarios/passes.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <string>

#include "scenarios/syntax.h"

namespace wavetank {
namespace {

// What Protobuf's parser says after our own walk found nothing.
class Collector : public google::protobuf::io::ErrorCollector {
 public:
    explicit Collector(std::vector<ScenarioError>* errors) : errors_(errors) {}
    void AddError(int line, google::protobuf::io::ColumnNumber column,
                  const std::string& message) override {
        errors_->push_back({"", line + 1, column + 1, message});
    }

 private:
    std::vector<ScenarioError>* errors_;
};

std::vector<ScenarioError> in_order(std::vector<ScenarioError> errors, std::string_view file_name) {
    for (ScenarioError& error : errors) error.file = file_name;
    std::stable_sort(errors.begin(), errors.end(), [](const auto& a, const auto& b) {
        return Place{a.line, a.column} < Place{b.line, b.column};
    });
    return errors;
}

}  // namespace

std::vector<ScenarioError> read_text_format(const TextFile& file,
                                            google::protobuf::Message* message,
                                            const std::function<void(const Block&)>& read) {
    SyntaxReport syntax = check_syntax(file.text, *message->GetDescriptor(), file.name);
    if (syntax.unbalanced) return in_order(std::move(syntax.errors), file.file_name);

    Notes notes;
    notes.errors = std::move(syntax.errors);
    notes.damaged = std::move(syntax.damaged);
    const bool damaged = !notes.errors.empty();
    std::vector<ScenarioError> protobuf_errors;
    Collector collector(&protobuf_errors);
    google::protobuf::TextFormat::ParseInfoTree tree;
    google::protobuf::TextFormat::Parser parser;
    parser.RecordErrorsTo(&collector);
    parser.WriteLocationsTo(&tree);
    if (parser.ParseFromString(syntax.repaired, message)) {
        read(Block({message, &tree, {}}, file.name, &notes));
    } else {
        if (!damaged) notes.errors = std::move(protobuf_errors);
        if (notes.errors.empty()) notes.errors.push_back({"", 1, 1, "the text cannot be read"});
    }
    return in_order(std::move(notes.errors), file.file_name);
}

}  // namespace wavetank
