// Reads OpenMetrics text strictly, as far as we write it, and says what is wrong with it.
#pragma once

#include <map>
#include <set>
#include <sstream>
#include <string>

namespace wavetank {

class OpenMetricsReader {
 public:
    // Empty: all is well.
    std::string read(const std::string& text) {
        if (text.empty() || text.back() != '\n') return "the last line does not end";
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            if (ended_) return "something follows # EOF";
            const std::string wrong = line.starts_with('#') ? metadata(line) : sample(line);
            if (!wrong.empty()) return wrong + ": " + line;
        }
        return ended_ ? "" : "# EOF is missing";
    }
    // By name with labels, as they stand there.
    const std::map<std::string, std::string>& samples() const { return samples_; }
    // The type of a family.
    std::string type_of(const std::string& family) const {
        const auto found = types_.find(family);
        return found == types_.end() ? "" : found->second;
    }

 private:
    static bool is_name(const std::string& text) {
        if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
        return text.find_first_not_of(
                   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:") ==
               std::string::npos;
    }
    std::string metadata(const std::string& line) {
        if (line == "# EOF") {
            ended_ = true;
            return "";
        }
        std::istringstream words(line);
        std::string hash;
        std::string kind;
        std::string name;
        std::string rest;
        words >> hash >> kind >> name;
        std::getline(words, rest);
        if (hash != "#" || !is_name(name) || rest.size() < 2) return "no metadata";
        rest.erase(0, 1);
        if (kind == "TYPE") return begin(name, rest);
        if (name != family_) return "metadata of another family";
        if (!told_.insert(kind).second) return "metadata twice";
        if (sampled_) return "metadata after samples";
        if (kind == "UNIT") return name.ends_with("_" + rest) ? "" : "the name lacks its unit";
        return kind == "HELP" ? "" : "unknown metadata";
    }
    std::string begin(const std::string& name, const std::string& type) {
        static const std::set<std::string> kTypes = {"gauge", "counter", "info", "stateset"};
        if (!kTypes.contains(type)) return "unknown type";
        if (name.ends_with("_total") || name.ends_with("_info")) return "a suffix in the name";
        if (!types_.emplace(name, type).second) return "the family comes twice";
        family_ = name;
        sampled_ = false;
        told_.clear();
        return "";
    }
    // name{label="value",...} number
    std::string sample(const std::string& line) {
        const std::size_t blank = line.rfind(' ');
        if (blank == std::string::npos) return "no value";
        const std::string series = line.substr(0, blank);
        const std::string value = line.substr(blank + 1);
        const std::size_t brace = series.find('{');
        const std::string name = series.substr(0, brace);
        const std::string type = type_of(family_);
        if (!told_.contains("HELP")) return "no HELP";
        const std::string suffix = type == "counter" ? "_total" : type == "info" ? "_info" : "";
        if (name != family_ + suffix) return "the name is not that of its family";
        if (brace != std::string::npos) {
            const std::string wrong = labels(series.substr(brace), type);
            if (!wrong.empty()) return wrong;
        }
        if (value.empty() || value.find_first_not_of("0123456789.") != std::string::npos) {
            return "no number";
        }
        if (type == "info" && value != "1") return "an info that is not 1";
        if (type == "stateset" && value != "0" && value != "1") return "a state that is no flag";
        sampled_ = true;
        return samples_.emplace(series, value).second ? "" : "the series comes twice";
    }
    std::string labels(const std::string& text, const std::string& type) {
        std::set<std::string> names;
        std::size_t at = 1;
        while (true) {
            const std::size_t equals = text.find("=\"", at);
            if (equals == std::string::npos) return "a label without value";
            const std::string name = text.substr(at, equals - at);
            if (!is_name(name)) return "no label name";
            if (!names.insert(name).second) return "a label twice";
            at = equals + 2;
            while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2U : 1U;
            if (at + 1 >= text.size()) return "a label that does not end";
            if (text[++at] == '}') break;
            if (text[at++] != ',') return "no comma between labels";
        }
        if (at + 1 != text.size()) return "something behind the labels";
        return type == "stateset" && !names.contains(family_) ? "a state without its label" : "";
    }

    std::string family_;
    std::map<std::string, std::string> types_;
    std::map<std::string, std::string> samples_;
    std::set<std::string> told_;  // of the family
    bool sampled_ = false;
    bool ended_ = false;
};

}  // namespace wavetank
