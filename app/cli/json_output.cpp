// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/json_output.h"

#include "app/cli/session.h"
#include "core/base/clock.h"

namespace scrit::cli {
namespace {

Json spanJson(base::Span span) {
    return {{"begin", span.begin}, {"end", span.end}};
}

Json fileJson(const loop::FileSummary& file) {
    Json json = {{"lines", file.lines},         {"added", file.added},
                 {"existing", file.existing},   {"bad", file.bad},
                 {"problems", file.problems},   {"solutions", file.solutions},
                 {"critiques", file.critiques}, {"verdicts", file.verdicts},
                 {"repaired", file.repaired}};
    return json;
}

Json errorJson(const base::Error& error) {
    return {
        {"code", base::codeName(error.code)}, {"message", error.message}, {"advice", error.advice}};
}

Json problemJson(const model::Problem& problem) {
    return {{"id", problem.id},
            {"key", problem.key},
            {"source", problem.source},
            {"external_id", textOrNull(problem.externalId)},
            {"split", textOrNull(problem.split)},
            {"text", problem.text},
            {"choices", problem.choices},
            {"reference_solution", textOrNull(problem.referenceSolution)},
            {"reference_answer", textOrNull(problem.referenceAnswer)},
            {"subject", textOrNull(problem.subject)},
            {"level", textOrNull(problem.level)},
            {"licence", textOrNull(problem.licence)}};
}

Json solutionJson(const model::Solution& solution) {
    Json steps = Json::array();
    for (const base::Span step : solution.steps) {
        steps.push_back(spanJson(step));
    }
    return {{"id", solution.id},
            {"key", solution.key},
            {"author", textOrNull(solution.author)},
            {"source", textOrNull(solution.source)},
            {"external_id", textOrNull(solution.externalId)},
            {"text", solution.text},
            {"steps", std::move(steps)},
            {"steps_given", solution.stepsGiven},
            {"final_answer", textOrNull(solution.finalAnswer)}};
}

Json critiqueJson(const model::Critique& critique) {
    return {{"id", critique.id},
            {"key", critique.key},
            {"mode", model::name(critique.mode)},
            {"critic", textOrNull(critique.critic)},
            {"round", critique.round},
            {"source", textOrNull(critique.source)},
            {"external_id", textOrNull(critique.externalId)},
            {"reference_id", valueOrNull(critique.referenceId)},
            {"text", critique.text},
            {"correction_text", textOrNull(critique.correctionText)},
            {"prompt_hash", textOrNull(critique.promptHash)},
            {"seed", valueOrNull(critique.seed)},
            {"parsed", parsedJson(critique.parsed, critique.text)}};
}

Json verdictJson(const model::Verdict& verdict) {
    return {{"id", verdict.id},
            {"subject", model::name(verdict.subject)},
            {"subject_id", verdict.subjectId},
            {"verifier", verdict.verifier},
            {"protocol", verdict.protocol},
            {"outcome", model::name(verdict.outcome)},
            {"score", valueOrNull(verdict.score)},
            {"step", valueOrNull(verdict.step)},
            {"rule", textOrNull(verdict.rule)},
            {"evidence", embedded(verdict.evidence)},
            {"source", textOrNull(verdict.source)},
            {"cost", verdict.cost},
            {"created_at", base::isoUtc(verdict.createdAt)}};
}

Json annotationJson(const model::Annotation& annotation) {
    return {{"id", annotation.id},
            {"subject", model::name(annotation.subject)},
            {"subject_id", annotation.subjectId},
            {"annotator", annotation.annotator},
            {"kind", annotation.kind},
            {"value", annotation.value},
            {"comment", textOrNull(annotation.comment)},
            {"seconds", annotation.seconds},
            {"supersedes", valueOrNull(annotation.supersedes)},
            {"created_at", base::isoUtc(annotation.createdAt)}};
}

} // namespace

std::string dumped(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void printJson(const Json& json) {
    print(dumped(json) + "\n");
}

Json textOrNull(std::string_view text) {
    return text.empty() ? Json() : Json(text);
}

Json embedded(std::string_view json) {
    if (json.empty()) {
        return {};
    }
    Json value = Json::parse(json, nullptr, false);
    return value.is_discarded() ? Json(json) : value;
}

Json flagsJson(model::Flags flags) {
    Json json = Json::array();
    for (const model::Flag flag : model::flagsIn(flags)) {
        json.push_back(model::name(flag));
    }
    return json;
}

Json statusJson(const store::Status& status) {
    Json errors = Json::object();
    for (const auto& [code, count] : status.errors) {
        errors[code] = count;
    }
    Json sources = Json::object();
    for (const auto& [source, count] : status.sources) {
        sources[source] = count;
    }
    return {{"problems", status.problems},
            {"solutions", status.solutions},
            {"solutions_correct", status.solutionsCorrect},
            {"solutions_incorrect", status.solutionsIncorrect},
            {"pairs", status.pairs},
            {"critiques", status.critiques},
            {"critiques_parsed", status.critiquesParsed},
            {"self_validated", status.selfValidated},
            {"answer_matched", status.answerMatched},
            {"annotations", status.annotations},
            {"would_be_lost", status.wouldBeLost},
            {"validation_2x2",
             {{"validated_match", status.validatedMatch},
              {"validated_mismatch", status.validatedMismatch},
              {"rejected_match", status.rejectedMatch},
              {"rejected_mismatch", status.rejectedMismatch}}},
            {"items",
             {{"planned", status.itemsPlanned},
              {"running", status.itemsRunning},
              {"done", status.itemsDone},
              {"failed", status.itemsFailed},
              {"skipped", status.itemsSkipped}}},
            {"errors", std::move(errors)},
            {"sources", std::move(sources)},
            {"unfinished_imports", status.unfinishedImports}};
}

Json importJson(const loop::ImportSummary& summary) {
    Json files = Json::array();
    for (const loop::FileSummary& file : summary.files) {
        Json json = {{"file", file.file}, {"format", textOrNull(file.format)}};
        json.update(fileJson(file));
        json["error"] = file.error ? errorJson(*file.error) : Json();
        files.push_back(std::move(json));
    }
    Json badLines = Json::array();
    for (const format::BadLine& bad : summary.badLines) {
        badLines.push_back({{"file", bad.file}, {"line", bad.line}, {"reason", bad.reason}});
    }
    Json json = {{"files", std::move(files)}};
    json["total"] = fileJson(summary.total);
    json.update(fileJson(summary.total)); // the totals are at the top level, too
    json["bad_lines"] = std::move(badLines);
    json["bad_lines_left_out"] = summary.badLinesLeftOut;
    json["cancelled"] = summary.cancelled;
    json["error"] = summary.stopped ? errorJson(*summary.stopped) : Json();
    return json;
}

Json verifyJson(const loop::VerifySummary& summary) {
    Json verifiers = Json::array();
    std::uint64_t added = 0;
    for (const loop::VerifierCount& count : summary.counts) {
        verifiers.push_back({{"verifier", count.verifier},
                             {"protocol", count.protocol},
                             {"subject", model::name(count.subject)},
                             {"yes", count.yes},
                             {"no", count.no},
                             {"undecided", count.undecided},
                             {"added", count.added}});
        added += count.added;
    }
    return {{"solutions", summary.solutions},
            {"critiques", summary.critiques},
            {"added", added},
            {"reparsed", summary.reparsed},
            {"unreadable_parses", summary.unreadable},
            {"verifiers", verifiers},
            {"cancelled", summary.cancelled}};
}

Json parsedJson(const model::ParsedCritique& parsed, std::string_view text) {
    Json steps = Json::array();
    for (const model::StepCritique& step : parsed.steps) {
        const bool stated = step.verdict != model::StepVerdict::Unstated;
        steps.push_back({{"index", step.index >= 0 ? Json(step.index) : Json()},
                         {"verdict", stated ? Json(model::name(step.verdict)) : Json()},
                         {"begin", step.span.begin},
                         {"end", step.span.end}});
    }
    Json json = {{"steps", std::move(steps)},
                 {"conclusion", nameOrNull(parsed.conclusion)},
                 {"first_error_step", valueOrNull(parsed.firstErrorStep)}};
    if (parsed.correction && parsed.correction->end <= text.size()) {
        json["correction"] = base::slice(text, *parsed.correction);
        json["correction_begin"] = parsed.correction->begin;
        json["correction_end"] = parsed.correction->end;
    } else {
        json["correction"] = nullptr;
        json["correction_begin"] = nullptr;
        json["correction_end"] = nullptr;
    }
    json["answer"] = textOrNull(parsed.correctionAnswer);
    json["problems"] = parsed.problems;
    json["flags"] = flagsJson(parsed.flags);
    return json;
}

Json recordJson(const store::TraceRecord& record) {
    Json json = {{"problem", problemJson(record.problem)},
                 {"solution", record.solution ? solutionJson(*record.solution) : Json()},
                 {"solution_correct", valueOrNull(record.solutionCorrect)},
                 {"reference", record.reference ? solutionJson(*record.reference) : Json()},
                 {"critique", record.critique ? critiqueJson(*record.critique) : Json()}};
    Json otherSources = Json::array();
    for (const store::OtherSource& other : record.otherSources) {
        otherSources.push_back({{"source", other.source},
                                {"split", textOrNull(other.split)},
                                {"external_id", textOrNull(other.externalId)}});
    }
    json["problem"]["other_sources"] = std::move(otherSources);
    json["problem"]["stated_answer"] = valueOrNull(record.statedAnswer);
    json["verdicts"] = Json::array();
    for (const model::Verdict& verdict : record.verdicts) {
        json["verdicts"].push_back(verdictJson(verdict));
    }
    json["annotations"] = Json::array();
    for (const model::Annotation& annotation : record.annotations) {
        json["annotations"].push_back(annotationJson(annotation));
    }
    json["siblings"] = Json::array();
    for (const store::TraceRow& sibling : record.siblings) {
        json["siblings"].push_back(sibling.critiqueId);
    }
    json["prompt"] = textOrNull(record.prompt);
    json["prompt_tokens"] = record.promptTokens;
    json["completion_tokens"] = record.completionTokens;
    json["latency_seconds"] = record.latencySeconds;
    json["cost"] = record.cost;
    return json;
}

} // namespace scrit::cli
