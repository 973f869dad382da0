// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/csv.h"
#include "core/format/views.h"

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

// One row a critique for spreadsheets, RFC 4180. Text that a spreadsheet would run as a formula is
// made harmless; numbers are written as they are.
class CsvView final : public View {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{"csv",
                                   "a table for spreadsheets, one row a critique",
                                   "csv",
                                   {"problem", "solution"},
                                   {"critique", "verdicts"}};
        return info;
    }

    std::string header() const override {
        return "source,problem_id,solution_id,author,critic,mode,round,conclusion,first_error_step,"
               "self_validation,answer_match,flags,answer,final_answer,problem,solution,"
               "critique\r\n";
    }

    base::Expected<std::string> render(const ExportItem& item) const override {
        using model::SubjectKind;
        const model::ParsedCritique& parsed = item.critique.parsed;
        std::string row;
        const auto cell = [&row](std::string_view text) {
            row += csvCell(text) + ",";
        };
        cell(item.problem.source);
        cell(item.problem.externalId);
        cell(item.solution.externalId);
        cell(item.solution.author);
        cell(item.critique.critic);
        cell(model::name(item.critique.mode));
        row += std::to_string(item.critique.round) + ",";
        cell(parsed.conclusion ? model::name(*parsed.conclusion) : std::string_view{});
        row += (parsed.firstErrorStep ? std::to_string(*parsed.firstErrorStep) : "") + ",";
        cell(wordOf(outcomeOf(item, SubjectKind::Critique, model::verifier::kSelfValidation)));
        cell(wordOf(outcomeOf(item, SubjectKind::Critique, model::verifier::kAnswerMatch)));
        cell(flagNames(parsed.flags));
        cell(item.problem.referenceAnswer);
        cell(item.solution.finalAnswer);
        cell(item.problem.text);
        cell(item.solution.text);
        row += csvCell(item.critique.text) + "\r"; // the writer adds the LF
        return row;
    }
};

} // namespace

const View& csvView() {
    static const CsvView view;
    return view;
}

} // namespace scrit::format
