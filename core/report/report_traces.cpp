// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/report/html.h"
#include "core/report/report_sections.h"

#include <optional>

namespace scrit::report {
namespace {

// A model's text may be megabytes long; a page to send shows what a reader looks at.
constexpr std::size_t kMostBytes = 12'000;

std::string shown(std::string_view text) {
    if (text.size() <= kMostBytes) {
        return escaped(text);
    }
    std::size_t end = kMostBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return escaped(text.substr(0, end)) + "<span class=\"cut\">… " +
           grouped(static_cast<std::int64_t>(text.size() - end)) + " bytes more</span>";
}

std::string badge(std::string_view kind, std::string_view text) {
    return "<span class=\"badge " + std::string(kind) + "\">" + escaped(text) + "</span>";
}

std::string outcomeBadge(std::string_view what, std::optional<model::Outcome> outcome,
                         std::string_view yes, std::string_view no) {
    if (!outcome || *outcome == model::Outcome::Undecided) {
        return badge("unknown", "? " + std::string(what) + " not decided");
    }
    return *outcome == model::Outcome::Yes ? badge("yes", "✓ " + std::string(yes))
                                           : badge("no", "✗ " + std::string(no));
}

// Verdicts of a record are newest first.
std::optional<model::Outcome> newest(const store::TraceRecord& record, std::string_view verifier) {
    for (const model::Verdict& verdict : record.verdicts) {
        if (verdict.subject == model::SubjectKind::Critique && verdict.verifier == verifier) {
            return verdict.outcome;
        }
    }
    return std::nullopt;
}

std::string solutionSteps(const store::TraceRecord& record) {
    const model::Solution& solution = *record.solution;
    const std::optional<int> wrong = record.critique->parsed.firstErrorStep;
    if (solution.steps.empty()) {
        return "<pre>" + shown(solution.text) + "</pre>";
    }
    std::string out = "<ol class=\"steps\">";
    for (std::size_t i = 0; i < solution.steps.size(); ++i) {
        const bool isWrong = wrong && *wrong >= 0 && static_cast<std::size_t>(*wrong) == i;
        out += isWrong ? "<li class=\"wrong\">" : "<li>";
        out += "<pre>" + shown(base::slice(solution.text, solution.steps[i])) + "</pre>";
        out += isWrong ? "<span class=\"note\">✗ first wrong step, says the critique</span></li>"
                       : "</li>";
    }
    return out + "</ol>";
}

std::string fact(std::string_view name, std::string_view value) {
    return value.empty()
               ? std::string{}
               : "<div><dt>" + std::string(name) + "</dt><dd>" + escaped(value) + "</dd></div>";
}

std::string trace(const store::TraceRecord& record) {
    const model::Critique& critique = *record.critique;
    const model::ParsedCritique& parsed = critique.parsed;
    std::string out = "<details><summary><span class=\"id\">" + grouped(critique.id) + "</span> " +
                      escaped(base::excerpt(record.problem.text, 110)) + "<span class=\"badges\">";
    if (parsed.conclusion) {
        out += *parsed.conclusion == model::Conclusion::Correct ? badge("yes", "says correct")
                                                                : badge("no", "says incorrect");
    } else {
        out += badge("unknown", "? no conclusion");
    }
    out += outcomeBadge("self-validation", newest(record, model::verifier::kSelfValidation),
                        "validated", "rejected");
    out += outcomeBadge("answer", newest(record, model::verifier::kAnswerMatch), "answer matches",
                        "answer differs");
    for (const model::Flag flag : model::flagsIn(parsed.flags)) {
        out += "<span class=\"badge flag\" title=\"" + escaped(model::explanation(flag)) + "\">⚑ " +
               escaped(model::name(flag)) + "</span>";
    }
    out += "</span></summary><dl class=\"facts\">";
    out += fact("source", record.problem.source) + fact("student", record.solution->author) +
           fact("critic", critique.critic) + fact("mode", model::name(critique.mode)) +
           fact("round", std::to_string(critique.round)) +
           fact("reference answer", record.problem.referenceAnswer) +
           fact("candidate's answer", record.solution->finalAnswer) +
           fact("correction's answer", parsed.correctionAnswer);
    out += "</dl><div class=\"panes\"><div><h4>Problem</h4><pre>" + shown(record.problem.text) +
           "</pre><h4>Candidate solution</h4>" + solutionSteps(record);
    if (record.reference) {
        out += "<h4>Reference shown to the critic</h4><pre>" + shown(record.reference->text) +
               "</pre>";
    }
    out += "</div><div><h4>Critique</h4><pre>" + shown(critique.text) + "</pre>";
    if (!critique.correctionText.empty()) {
        out += "<h4>Correction</h4><pre>" + shown(critique.correctionText) + "</pre>";
    }
    return out + "</div></div></details>";
}

} // namespace

std::string tracesSection(const std::vector<store::TraceRecord>& traces) {
    std::string body;
    for (const store::TraceRecord& record : traces) {
        if (record.critique && record.solution) {
            body += trace(record);
        }
    }
    return section("traces", "A sample of traces",
                   "Drawn at random from each outcome of self-validation and answer match; click "
                   "to read one.",
                   body);
}

} // namespace scrit::report
