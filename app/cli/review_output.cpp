// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/review_output.h"

#include "app/cli/session.h"
#include "app/cli/terminal.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#include <cstdio>

namespace scrit::cli {
namespace {

std::string percentText(double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %%", share * 100);
    return text;
}

Json boundsJson(const eval::Interval& interval) {
    return Json::array({interval.low, interval.high});
}

Json rateJson(const eval::Rate& rate) {
    return {{"value", valueOrNull(rate.value)},
            {"successes", rate.successes},
            {"n", rate.n},
            {"interval", boundsJson(rate.interval)},
            {"more", rate.more},
            {"more_items", rate.moreItems}};
}

Json weightedJson(const std::optional<eval::WeightedRate>& rate) {
    if (!rate) {
        return {};
    }
    return {{"value", valueOrNull(rate->value)},
            {"interval", boundsJson(rate->interval)},
            {"effective_n", rate->effectiveN}};
}

Json auditRowJson(const eval::AuditRow& row) {
    return {{"precision", rateJson(row.precision)},
            {"recall", rateJson(row.recall)},
            {"accuracy", rateJson(row.accuracy)},
            {"validated_accepted", row.cells.truePositive},
            {"validated_refused", row.cells.falsePositive},
            {"rejected_accepted", row.cells.falseNegative},
            {"rejected_refused", row.cells.trueNegative}};
}

Json agreementValueJson(const eval::AgreementValue& value) {
    return {{"value", valueOrNull(value.value)},
            {"interval", value.interval ? boundsJson(*value.interval) : Json()},
            {"items", value.units}};
}

// A step as options name it.
std::string reviewStep(int step) {
    return step == model::kNoError ? "none" : std::to_string(step);
}

void addBlock(std::string& out, const std::string& title, std::string_view text) {
    out += (out.empty() ? "" : "\n") + (coloursWanted() ? "\x1b[1m" + title + "\x1b[0m" : title) +
           "\n" + base::escapeForTerminal(base::trimmed(text)) + "\n";
}

} // namespace

Json reviewJudgementJson(const review::Judgement& judgement) {
    const auto word = [](const auto& value) {
        return value ? Json(review::name(*value)) : Json();
    };
    Json steps = Json::object();
    for (const auto& [step, label] : judgement.steps) {
        steps[std::to_string(step)] = review::name(label);
    }
    Json implied = Json::array();
    if (judgement.impliedAgreement) {
        implied.push_back("agreement");
    }
    if (judgement.impliedValidity) {
        implied.push_back("validity");
    }
    return {
        {"annotator", judgement.annotator},
        {"agreement", word(judgement.agreement)},
        {"validity", word(judgement.validity)},
        {"implied", std::move(implied)},
        {"first_error", valueOrNull(judgement.firstError)},
        {"steps", std::move(steps)},
        {"correction", judgement.correctionUsable
                           ? Json(*judgement.correctionUsable ? "usable" : "unusable")
                           : Json()},
        {"repaired_answer", valueOrNull(judgement.repairedAnswer)},
        {"tags", judgement.tags},
        {"comment", textOrNull(judgement.comment)},
        {"seconds", judgement.seconds},
        {"judged_at", judgement.judgedAt > 0 ? Json(base::isoUtc(judgement.judgedAt)) : Json()}};
}

Json planJson(const review::Plan& plan) {
    Json strata = Json::array();
    for (const review::Stratum stratum : plan.strata) {
        strata.push_back(review::name(stratum));
    }
    Json shares = Json::array();
    for (const review::StratumShare& share : plan.shares) {
        shares.push_back(
            {{"name", share.name}, {"available", share.available}, {"chosen", share.chosen}});
    }
    return {{"id", plan.id},
            {"name", plan.name},
            {"queue", review::name(plan.queue)},
            {"filter", plan.filter},
            {"strata", std::move(strata)},
            {"quota", review::name(plan.quota)},
            {"seed", plan.seed},
            {"blind", plan.blind},
            {"items", plan.items},
            {"gold", plan.goldItems},
            {"done", plan.done},
            {"shares", std::move(shares)},
            {"created_at", base::isoUtc(plan.createdAt)}};
}

Json progressJson(const review::Progress& progress) {
    return {{"items", progress.items},        {"done", progress.done},
            {"skipped", progress.skipped},    {"anyone", progress.anyone},
            {"gold_seen", progress.goldSeen}, {"gold_right", progress.goldRight}};
}

Json reviewItemJson(const review::Item& item) {
    Json json = {{"position", item.position},
                 {"critique", item.critiqueId},
                 {"solution", item.solutionId},
                 {"problem", item.problemId},
                 {"state", review::name(item.state)},
                 {"verdicts_hidden", item.hideVerdicts},
                 {"judgement", item.mine ? reviewJudgementJson(*item.mine) : Json()}};
    if (item.state == review::ItemState::Done) {
        json["stratum"] = item.stratum;
        json["weight"] = item.weight;
        json["gold"] = item.gold ? Json{{"known", review::goldText(item.gold->known)},
                                        {"right", valueOrNull(item.gold->right)}}
                                 : Json();
    }
    return json;
}

Json revealJson(const review::Reveal& reveal) {
    const review::MachineOpinion& machine = reveal.machine;
    return {
        {"validated", nameOrNull(machine.validated)},
        {"answer_match", nameOrNull(machine.answerMatch)},
        {"conclusion", nameOrNull(machine.conclusion)},
        {"first_error", valueOrNull(machine.firstError)},
        {"flags", flagsJson(machine.flags)},
        {"differs",
         {{"verdict", reveal.difference.verdict}, {"first_error", reveal.difference.firstError}}}};
}

Json reviewRecordJson(const store::TraceRecord& record, const review::Item& item) {
    store::TraceRecord shown = record;
    const bool judged = item.state == review::ItemState::Done;
    std::erase_if(shown.verdicts, [&](const model::Verdict& verdict) {
        return item.hideVerdicts || (!judged && verdict.verifier == model::verifier::kLabel);
    });
    if (!judged) {
        shown.annotations.clear();
    }
    Json json;
    if (item.hideVerdicts) {
        shown.solutionCorrect.reset();
        shown.siblings.clear();
        if (shown.critique) {
            shown.critique->parsed.flags = {};
        }
        json = recordJson(shown);
        json.erase("verdicts");
        json.erase("annotations");
        json.erase("solution_correct");
        json.erase("siblings");
        json["critique"]["parsed"].erase("flags");
        return json;
    }
    return recordJson(shown);
}

Json auditJson(const review::AuditReport& report) {
    Json strata = Json::array();
    for (std::size_t i = 0; i < report.strata.size(); ++i) {
        Json row = {{"stratum", report.strata[i].name},
                    {"filter", textOrNull(report.strata[i].filter)},
                    {"population", report.strata[i].population}};
        row.update(auditRowJson(report.figures.strata[i]));
        strata.push_back(std::move(row));
    }
    Json json = {{"judged", report.judged},
                 {"used", report.used},
                 {"unsure", report.unsure},
                 {"disputed", report.disputed},
                 {"unvalidated", report.unvalidated}};
    json.update(auditRowJson(report.figures.total));
    json["weighted"] = report.weighted ? Json{{"precision", weightedJson(report.figures.precision)},
                                              {"recall", weightedJson(report.figures.recall)},
                                              {"accuracy", weightedJson(report.figures.accuracy)}}
                                       : Json();
    json["strata"] = std::move(strata);
    return json;
}

Json agreementJson(const review::AgreementReport& report) {
    Json rows = Json::array();
    for (const review::AgreementRow& row : report.rows) {
        rows.push_back(
            {{"question", review::name(row.question)},
             {"annotators", row.annotators},
             {"percent", agreementValueJson(row.percent)},
             {"kappa", row.annotators.size() == 2 ? agreementValueJson(row.kappa) : Json()},
             {"alpha", agreementValueJson(row.alpha)}});
    }
    return {{"annotators", report.annotators}, {"items", report.items}, {"rows", std::move(rows)}};
}

Json goldJson(const std::vector<review::GoldScore>& scores) {
    Json json = Json::array();
    for (const review::GoldScore& score : scores) {
        Json row = {{"annotator", score.annotator}};
        row.update(rateJson(score.right));
        row.erase("more");
        row.erase("more_items");
        row["wrong"] = score.wrong;
        json.push_back(std::move(row));
    }
    return json;
}

Json disputeJson(const review::Dispute& dispute) {
    Json judgements = Json::array();
    for (const review::Judgement& judgement : dispute.judgements) {
        judgements.push_back(reviewJudgementJson(judgement));
    }
    return {{"critique", dispute.critiqueId},
            {"problem", dispute.problemId},
            {"about", dispute.about},
            {"judgements", std::move(judgements)},
            {"decision", dispute.decision ? reviewJudgementJson(*dispute.decision) : Json()}};
}

std::string judgementWords(const review::Judgement& judgement) {
    std::string words;
    const auto add = [&](const std::string& word) {
        words += (words.empty() ? "" : ", ") + word;
    };
    if (judgement.agreement && !judgement.impliedAgreement) {
        add(std::string(review::name(*judgement.agreement)));
    }
    if (judgement.validity && !judgement.impliedValidity) {
        add(*judgement.validity == review::Validity::Unsure
                ? "unsure of the critique"
                : std::string(review::name(*judgement.validity)));
    }
    if (judgement.firstError) {
        add("first error " + reviewStep(*judgement.firstError));
    }
    for (const auto& [step, label] : judgement.steps) {
        add("step " + std::to_string(step) + " " + std::string(review::name(label)));
    }
    if (judgement.correctionUsable) {
        add(*judgement.correctionUsable ? "correction usable" : "correction unusable");
    }
    if (judgement.repairedAnswer) {
        add(judgement.repairedAnswer->empty()
                ? "reference answer wrong"
                : "right answer " +
                      base::escapeForTerminal(base::excerpt(*judgement.repairedAnswer, 60)));
    }
    for (const std::string& tag : judgement.tags) {
        add("#" + base::escapeForTerminal(base::excerpt(tag, 60)));
    }
    if (!judgement.comment.empty()) {
        add("\"" + base::escapeForTerminal(base::excerpt(judgement.comment, 120)) + "\"");
    }
    return words;
}

std::string progressWords(const review::Progress& progress) {
    std::string words =
        std::to_string(progress.done) + " of " + std::to_string(progress.items) + " judged";
    if (progress.skipped > 0) {
        words += ", " + std::to_string(progress.skipped) + " skipped";
    }
    if (progress.goldSeen > 0) {
        words += ", gold " + std::to_string(progress.goldRight) + " of " +
                 std::to_string(progress.goldSeen);
    }
    return words;
}

std::string reviewItemText(const store::TraceRecord& record, const review::Item& item,
                           const review::Plan& plan, const review::Progress& progress) {
    std::string out;
    const model::Problem& problem = record.problem;
    std::string text = problem.text;
    for (std::size_t i = 0; i < problem.choices.size(); ++i) {
        text += "\n(" + std::string(1, static_cast<char>('A' + i % 26)) + ") " + problem.choices[i];
    }
    addBlock(out,
             "Item " + std::to_string(item.position) + " of " +
                 base::escapeForTerminal(base::excerpt(plan.name, 80)) + ": critique " +
                 std::to_string(item.critiqueId) + "  (" + progressWords(progress) + ")",
             text);
    if (!problem.referenceAnswer.empty() || !problem.referenceSolution.empty()) {
        addBlock(out, "Reference",
                 problem.referenceSolution +
                     (problem.referenceAnswer.empty()
                          ? ""
                          : "\nanswer: " + problem.referenceAnswer +
                                (record.statedAnswer
                                     ? " (repaired; the data set says " + *record.statedAnswer + ")"
                                     : "")));
    }
    std::string steps;
    for (std::size_t i = 0; i < record.solution->steps.size(); ++i) {
        steps += "[step " + std::to_string(i) + "] " +
                 std::string(
                     base::trimmed(base::slice(record.solution->text, record.solution->steps[i]))) +
                 "\n";
    }
    addBlock(out, "Candidate", steps.empty() ? record.solution->text : steps);
    const model::Critique& critique = *record.critique;
    const std::size_t end = critique.parsed.usedEnd;
    addBlock(out, "Critique",
             std::string_view(critique.text).substr(0, end > 0 ? end : std::string::npos));
    if (!critique.correctionText.empty()) {
        addBlock(out, "Correction", critique.correctionText);
    }
    return out;
}

std::string revealText(const review::Item& item, const review::Reveal& reveal) {
    const review::MachineOpinion& machine = reveal.machine;
    const auto outcome = [](const std::optional<model::Outcome>& value) {
        return value ? std::string(model::name(*value)) : std::string("none");
    };
    std::string out = "self-validation: " + outcome(machine.validated) +
                      (reveal.difference.verdict ? "  \xE2\x89\xA0 you" : "") + "\n";
    out += "answer match: " + outcome(machine.answerMatch) + "\n";
    out += "first error of the critique: " +
           (machine.firstError ? reviewStep(*machine.firstError) : std::string("not stated")) +
           (reveal.difference.firstError ? "  \xE2\x89\xA0 you" : "") + "\n";
    for (const model::Flag flag : model::flagsIn(machine.flags)) {
        out += "red flag: " + std::string(model::name(flag)) + "\n";
    }
    if (item.gold) {
        out += "known answer: " + review::goldText(item.gold->known) +
               (!item.gold->right   ? ""
                : *item.gold->right ? "  \xE2\x9C\x93"
                                    : "  \xE2\x9C\x97") +
               "\n";
    }
    return out;
}

std::string rateText(const eval::Rate& rate) {
    if (!rate.value) {
        return "-";
    }
    return percentText(*rate.value) + " (" + percentText(rate.interval.low) + " to " +
           percentText(rate.interval.high) + ", n = " + std::to_string(rate.n) + ")";
}

} // namespace scrit::cli
