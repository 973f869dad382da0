// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/format/csv.h"
#include "core/format/views.h"

#include <array>
#include <utility>

namespace scrit::format {
namespace {

std::string wordOf(std::optional<model::Outcome> outcome) {
    return outcome ? std::string(model::name(*outcome)) : std::string{};
}

std::string flagNames(model::Flags flags) {
    std::string names;
    for (const model::Flag flag : model::flagsIn(flags)) {
        names += (names.empty() ? "" : " ") + std::string(model::name(flag));
    }
    return names;
}

std::string agreementOf(const ExportItem& item) {
    std::string newest;
    for (const model::Annotation& annotation : item.annotations) {
        if (annotation.subject == model::SubjectKind::Critique && annotation.kind == "agreement") {
            newest = annotation.value;
        }
    }
    return newest;
}

using Cells = std::vector<std::pair<std::string_view, std::string>>;

// Numbers are cells that a spreadsheet shall read as numbers; all else is text.
constexpr std::array<std::string_view, 2> kNumbers{"round", "first_error_step"};

// One row a critique for spreadsheets, RFC 4180. Text that a spreadsheet would run as a formula is
// made harmless, and so is what would fool a terminal or a reader's eye (control characters, marks
// of the direction of writing); other views keep them.
class CsvView final : public View {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{"csv",
                                   "a table for spreadsheets, one row a critique",
                                   "csv",
                                   {"problem", "solution"},
                                   {"critique", "verdicts"},
                                   false,
                                   false};
        return info;
    }

    std::string header() const override {
        std::string names;
        for (const auto& [name, text] : cells({})) {
            names += (names.empty() ? "" : ",") + std::string(name);
        }
        return names + "\r\n";
    }

    base::Expected<std::string> render(const ExportItem& item) const override {
        std::string row;
        std::string_view comma;
        for (const auto& [name, text] : cells(item)) {
            row += std::exchange(comma, ",");
            const bool number = name == kNumbers[0] || name == kNumbers[1];
            row += number ? text : csvCell(base::escapeForTerminal(text));
        }
        return row + "\r"; // the writer adds the LF
    }

    std::optional<std::string> gap(const ExportItem&) const override { return std::nullopt; }

    std::string target(const ExportItem& item) const override {
        return textOutsideAnalysis(item.critique);
    }

    base::Expected<std::vector<Turn>> turns(const ExportItem& item,
                                            const ExportItem*) const override {
        std::vector<Turn> turns;
        for (auto& [name, text] : cells(item)) {
            if (!text.empty()) {
                turns.push_back({std::string(name), std::move(text), name == "critique"});
            }
        }
        return turns;
    }

    std::string loading() const override {
        return "Open it in a spreadsheet as UTF-8 with commas, or:\n\n```python\nimport pandas\n\n"
               "data = pandas.read_csv(\"NAME/train.csv\")\n```\n\nAn apostrophe in front of a "
               "cell keeps a spreadsheet from running it as a formula.\n";
    }

private:
    static Cells cells(const ExportItem& item) {
        using model::SubjectKind;
        const model::ParsedCritique& parsed = item.critique.parsed;
        const auto outcome = [&](SubjectKind kind, std::string_view verifier) {
            return wordOf(outcomeOf(item, kind, verifier));
        };
        return {
            {"source", item.problem.source},
            {"problem_id", item.problem.externalId},
            {"solution_id", item.solution.externalId},
            {"author", item.solution.author},
            {"critic", item.critique.critic},
            {"mode", std::string(model::name(item.critique.mode))},
            {"round", std::to_string(item.critique.round)},
            {"conclusion",
             parsed.conclusion ? std::string(model::name(*parsed.conclusion)) : std::string{}},
            {"first_error_step",
             parsed.firstErrorStep ? std::to_string(*parsed.firstErrorStep) : std::string{}},
            {"self_validation", outcome(SubjectKind::Critique, model::verifier::kSelfValidation)},
            {"answer_match", outcome(SubjectKind::Critique, model::verifier::kAnswerMatch)},
            {"flags", flagNames(parsed.flags)},
            {"answer", item.problem.referenceAnswer},
            {"final_answer", item.solution.finalAnswer},
            {"correction_answer", parsed.correctionAnswer},
            {"solution_answer_match",
             outcome(SubjectKind::Solution, model::verifier::kAnswerMatch)},
            {"agreement", agreementOf(item)},
            {"subject", item.problem.subject},
            {"level", item.problem.level},
            {"licence", item.problem.licence},
            {"key", item.critique.key},
            {"problem", item.problem.text},
            {"solution", item.solution.text},
            {"critique", item.critique.text},
            {"correction", item.critique.correctionText}};
    }
};

} // namespace

const View& csvView() {
    static const CsvView view;
    return view;
}

} // namespace scrit::format
