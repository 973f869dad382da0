// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/exporter.h"

#include "core/critique/critique_parser.h"
#include "core/critique/target.h"
#include "core/format/views.h"
#include "core/model/unreadable.h"

#include <algorithm>

namespace scrit::format {

const std::vector<const View*>& views() {
    static const std::vector<const View*> all{
        &openaiChatView(),          &sharegptView(), &alpacaView(),
        &trlPromptCompletionView(), &dpoView(),      &prmView(),
        &processbenchView(),        &csvView(),      &jsonlFullView()};
    return all;
}

base::Expected<std::string> View::renderPair(const ExportItem&, const ExportItem&) const {
    return base::fail(base::ErrorCode::Invalid,
                      "the view " + std::string(info().name) + " has no pairs");
}

std::optional<std::string> View::gap(const ExportItem& item) const {
    const base::Expected<std::string> row = render(item);
    return row || row.error().code != base::ErrorCode::Invalid ? std::nullopt
                                                               : std::optional(row.error().message);
}

std::string View::target(const ExportItem& item) const {
    return critique::renderTarget(item.critique.text, item.critique.parsed,
                                  item.critique.correctionText);
}

std::vector<std::pair<std::string, std::string>>
View::companions(std::string_view, const std::vector<FileOfSplit>&) const {
    return {};
}

base::Expected<const View*> viewNamed(std::string_view name) {
    std::string names;
    for (const View* view : views()) {
        if (view->info().name == name) {
            return view;
        }
        names += (names.empty() ? "" : ", ") + std::string(view->info().name);
    }
    return base::fail(base::ErrorCode::Invalid, "unknown view \"" + std::string(name) + "\"",
                      "the views are " + names);
}

std::string problemForReader(const model::Problem& problem) {
    const bool shown =
        std::all_of(problem.choices.begin(), problem.choices.end(), [&](const std::string& choice) {
            return problem.text.find(choice) != std::string::npos;
        });
    if (shown) {
        return problem.text;
    }
    std::string text = problem.text + "\n";
    for (std::size_t i = 0; i < problem.choices.size(); ++i) {
        text += "\n(";
        text += static_cast<char>('A' + i);
        text += ") " + problem.choices[i];
    }
    return text;
}

std::optional<std::string> targetGap(const model::Critique& critique) {
    const model::ParsedCritique& parsed = critique.parsed;
    if (model::isUnreadable(parsed)) {
        return std::string(model::kUnreadableParse);
    }
    if (!parsed.conclusion) {
        return std::string(critique::problem::kNoConclusion);
    }
    if (!parsed.firstErrorStep) {
        return std::string(critique::problem::kNoFirstErrorStep);
    }
    if (*parsed.conclusion == model::Conclusion::Incorrect && !parsed.correction &&
        critique.correctionText.empty()) {
        return std::string(critique::problem::kNoCorrection);
    }
    return std::nullopt;
}

std::string textOutsideAnalysis(const model::Critique& critique) {
    const std::optional<base::Span>& analysis = critique.parsed.referenceAnalysis;
    std::string text = analysis ? critique.text.substr(0, analysis->begin) + "\n" +
                                      critique.text.substr(analysis->end)
                                : critique.text;
    if (!critique.correctionText.empty()) {
        text += "\n\n" + critique.correctionText;
    }
    return text;
}

std::optional<model::Outcome> outcomeOf(const ExportItem& item, model::SubjectKind subject,
                                        std::string_view verifier,
                                        std::string_view protocolPrefix) {
    const model::Verdict* newest = nullptr;
    for (const model::Verdict& verdict : item.verdicts) {
        if (verdict.subject == subject && verdict.verifier == verifier &&
            verdict.protocol.starts_with(protocolPrefix) &&
            (newest == nullptr || verdict.id > newest->id)) {
            newest = &verdict;
        }
    }
    return newest != nullptr ? std::optional(newest->outcome) : std::nullopt;
}

} // namespace scrit::format
