// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/critique_formats.h"

#include "core/base/text.h"
#include "core/format/generic_fields.h"
#include "core/format/json_writer.h"

#include <algorithm>

namespace scrit::format {
namespace {

// Verdicts that a file brings along were made elsewhere, by rules that are not ours.
constexpr std::string_view kRecordedProtocol = "recorded/1";
// What another program read out of a critique; kept for comparison, decides nothing.
constexpr std::string_view kRecordedParse = "recorded_parse";
constexpr std::string_view kUnknownSubject =
    "neither the problem and solution that it criticises nor a solution_id are in the record";

std::optional<bool> saysCorrect(std::string_view word) {
    const std::string lower = base::lowerAscii(base::trimmed(word));
    if (lower == "correct" || lower == "right" || lower == "yes" || lower == "true") {
        return true;
    }
    if (lower == "incorrect" || lower == "wrong" || lower == "no" || lower == "false") {
        return false;
    }
    return std::nullopt;
}

void readMode(const GenericFields& generic, model::Critique& critique) {
    const std::string mode = generic.scalar("mode");
    if (mode.empty()) {
        return;
    }
    const std::optional<model::CritiqueMode> known = model::critiqueModeFromName(mode);
    if (!known) {
        generic.fail("mode", "should be direct, bug-injection, contrastive or recorded, not \"" +
                                 base::excerpt(mode, 40) + "\"");
        return;
    }
    critique.mode = *known;
}

void readRound(const GenericFields& generic, model::Critique& critique) {
    const std::optional<std::int64_t> round = generic.integer("round");
    if (!round) {
        return;
    }
    if (*round < 0 || *round > 1'000'000) {
        generic.fail("round", "should be 0 or more");
        return;
    }
    critique.round = static_cast<int>(*round);
}

// What all formats but jsonl-full have in common: the critique itself.
void readCritique(const GenericFields& generic, const RecordContext& context,
                  model::Critique& critique) {
    critique.text = generic.text("critique");
    critique.critic = generic.scalar("critic");
    if (critique.critic.empty()) {
        critique.critic = "unknown";
    }
    critique.externalId = generic.scalar("id");
    if (critique.externalId.empty()) {
        critique.externalId = placeId(context);
    }
    critique.source = !context.plan.options.source.empty() ? context.plan.options.source
                                                           : generic.scalar("source");
    if (critique.source.empty()) {
        critique.source = fileStem(context.plan.file);
    }
    critique.correctionText = generic.scalar("correction");
    readMode(generic, critique);
    readRound(generic, critique);
}

// The problem and solution inside the record, or the id of a stored solution.
void readSubject(const GenericFields& generic, const RecordContext& context,
                 ImportedCritique& item) {
    item.solutionRef = generic.scalar("solution_id");
    if (!item.solutionRef.empty()) {
        return;
    }
    if (!generic.has("problem") || (!generic.has("solution") && !generic.has("steps"))) {
        if (!generic.raw().report().failed()) {
            generic.raw().report().reason = kUnknownSubject;
        }
        return;
    }
    item.subject = genericProblem(generic, context);
    if (item.subject->solutions.size() != 1) {
        generic.fail("solution", "is missing");
        item.subject.reset();
    }
}

// A self-validation that was recorded together with the critique: who judged, what it said, its
// verdict.
void readSelfValidation(const Fields& fields, ImportedCritique& item) {
    const std::optional<Fields> validation = fields.object("self_validation");
    if (!validation) {
        return;
    }
    const std::string word = validation->scalar("verdict");
    const std::optional<bool> correct = saysCorrect(word);
    if (word.empty() || (!correct && word != "undecided")) {
        validation->fail("verdict", "should be correct, incorrect or undecided");
        return;
    }
    model::Verdict verdict;
    verdict.verifier = model::verifier::kSelfValidation;
    verdict.protocol = kRecordedProtocol;
    verdict.outcome = !correct   ? model::Outcome::Undecided
                      : *correct ? model::Outcome::Yes
                                 : model::Outcome::No;
    verdict.source = validation->textOr("critic");
    if (verdict.source.empty()) {
        verdict.source = item.critique.critic;
    }
    JsonWriter(verdict.evidence)
        .beginObject()
        .member("text", validation->textOr("text"))
        .endObject();
    item.verdicts.push_back(std::move(verdict));
}

void addRecordedParse(const Fields& fields, std::string_view key, ImportedCritique& item) {
    if (!fields.isObject(key)) {
        return;
    }
    model::Verdict verdict;
    verdict.verifier = kRecordedParse;
    verdict.protocol = kRecordedProtocol;
    verdict.source = item.critique.source;
    verdict.evidence = fields.json(key);
    item.verdicts.push_back(std::move(verdict));
}

ImportedCritique convertCommon(const Fields& fields, const RecordContext& context) {
    ImportedCritique item;
    const GenericFields generic(fields, context.plan);
    readCritique(generic, context, item.critique);
    readSubject(generic, context, item);
    return item;
}

} // namespace

const std::vector<CritiqueFormat>& critiqueFormatTable() {
    static const std::vector<CritiqueFormat> formats{
        {{"jsonl-full", "critiques that this program exported with their lineage"},
         matchesFullRow,
         convertFullRow},
        {{"mathcritique", "MathCritique: critique and refined solution"},
         matchesMathCritique,
         convertMathCritique},
        {{"mr-gsm8k", "MR-GSM8K: critiques of given steps with the labelled first error"},
         matchesMrGsm8kCritique,
         convertMrGsm8kCritique},
        {{"scrit", "critiques with mode, critic and round, by solution_id or with the solution"},
         matchesScritCritique,
         convertScritCritique},
        {{"generic", "any JSON Lines, JSON or CSV file; fields are guessed or mapped"},
         matchesGenericCritique,
         convertGenericCritique},
    };
    return formats;
}

bool matchesScritCritique(const Fields& fields) {
    return fields.isText("critique") &&
           (fields.has("solution_id") || fields.has("mode") || fields.has("self_validation"));
}

ImportedCritique convertScritCritique(const Fields& fields, const RecordContext& context) {
    ImportedCritique item = convertCommon(fields, context);
    item.referenceRef = fields.scalar("reference_id");
    readSelfValidation(fields, item);
    return item;
}

bool matchesMathCritique(const Fields& fields) {
    return fields.isText("critique") && fields.has("refined_solution") && fields.has("problem");
}

ImportedCritique convertMathCritique(const Fields& fields, const RecordContext& context) {
    ImportedCritique item = convertCommon(fields, context);
    addRecordedParse(fields, "labels", item);
    return item;
}

bool matchesMrGsm8kCritique(const Fields& fields) {
    return fields.isText("critique") && fields.isArray("steps") && fields.isObject("labels") &&
           fields.has("reference_solution");
}

ImportedCritique convertMrGsm8kCritique(const Fields& fields, const RecordContext& context) {
    ImportedCritique item = convertCommon(fields, context);
    addRecordedParse(fields, "recorded_parse", item);
    const std::optional<Fields> labels = fields.object("labels");
    if (!labels || !item.subject) {
        return item;
    }
    ImportedSolution& solution = item.subject->solutions.front();
    if (const std::optional<std::int64_t> step = labels->integer("first_error")) {
        std::string evidence;
        JsonWriter(evidence)
            .beginObject()
            .member("error_reason", labels->textOr("error_reason"))
            .endObject();
        addFirstErrorLabel(solution, *step, *labels, "first_error", std::move(evidence));
    }
    if (const std::optional<bool> right = saysCorrect(labels->scalar("answer_correct"))) {
        addAnswerLabel(solution, *right);
    }
    for (model::Verdict& label : solution.labels) {
        label.source = solution.solution.source;
    }
    return item;
}

bool matchesGenericCritique(const Fields& fields) {
    return std::ranges::any_of(usualKeys("critique"),
                               [&](std::string_view key) { return fields.isText(key); });
}

ImportedCritique convertGenericCritique(const Fields& fields, const RecordContext& context) {
    return convertCommon(fields, context);
}

} // namespace scrit::format
