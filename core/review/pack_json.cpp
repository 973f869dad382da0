// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/pack_json.h"

#include "core/base/text.h"
#include "core/review/facts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace scrit::review {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::Annotation;
using model::SubjectKind;

constexpr std::size_t kMaxUidBytes = 100;

tl::unexpected<base::Error> bad(const std::string& what) {
    return fail(ErrorCode::Parse, what);
}

std::string textAt(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> numberAt(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number_integer()
               ? std::optional(found->get<std::int64_t>())
               : std::nullopt;
}

// A step number, as far as it is one.
std::optional<int> stepAt(const Json& json, const char* key) {
    constexpr std::int64_t kMost = 1'000'000;
    const auto value = numberAt(json, key);
    return value && *value >= model::kNoError && *value <= kMost
               ? std::optional(static_cast<int>(*value))
               : std::nullopt;
}

double realAt(const Json& json, const char* key) {
    const auto found = json.find(key);
    const double value = found != json.end() && found->is_number() ? found->get<double>() : 0;
    return std::isfinite(value) ? value : 0;
}

bool trueAt(const Json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_boolean() && found->get<bool>();
}

const Json& listAt(const Json& json, const char* key) {
    static const Json kEmpty = Json::array();
    const auto found = json.find(key);
    return found != json.end() && found->is_array() ? *found : kEmpty;
}

std::vector<std::string> textsAt(const Json& json, const char* key) {
    std::vector<std::string> texts;
    for (const Json& one : listAt(json, key)) {
        if (one.is_string()) {
            texts.push_back(one.get<std::string>());
        }
    }
    return texts;
}

Json spanJson(base::Span span) {
    return Json::array({span.begin, span.end});
}

// A span inside a text of `size` bytes.
std::optional<base::Span> spanFrom(const Json& json, std::size_t size) {
    if (!json.is_array() || json.size() != 2 || !json[0].is_number_unsigned() ||
        !json[1].is_number_unsigned()) {
        return std::nullopt;
    }
    const base::Span span{json[0].get<std::size_t>(), json[1].get<std::size_t>()};
    return span.begin <= span.end && span.end <= size ? std::optional(span) : std::nullopt;
}

std::optional<base::Span> spanAt(const Json& json, const char* key, std::size_t size) {
    const auto found = json.find(key);
    return found == json.end() ? std::nullopt : spanFrom(*found, size);
}

Json orNull(const std::optional<base::Span>& span) {
    return span ? spanJson(*span) : Json();
}

template<typename T>
Json orNull(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

Json parseJson(const model::ParsedCritique& parsed, bool withFlags) {
    Json steps = Json::array();
    for (const model::StepCritique& step : parsed.steps) {
        steps.push_back({{"index", step.index},
                         {"verdict", model::name(step.verdict)},
                         {"span", spanJson(step.span)}});
    }
    return {{"parser", parsed.parser},
            {"steps", std::move(steps)},
            {"conclusion", parsed.conclusion ? Json(model::name(*parsed.conclusion)) : Json()},
            {"first_error_step", orNull(parsed.firstErrorStep)},
            {"reference_analysis", orNull(parsed.referenceAnalysis)},
            {"conclusion_span", orNull(parsed.conclusionSpan)},
            {"correction", orNull(parsed.correction)},
            {"correction_answer", parsed.correctionAnswer},
            {"used_end", parsed.usedEnd},
            {"problems", parsed.problems},
            {"flags", withFlags ? parsed.flags.bits() : 0U}};
}

model::ParsedCritique parseFrom(const Json& json, std::size_t size) {
    model::ParsedCritique parsed;
    parsed.parser = textAt(json, "parser");
    for (const Json& one : listAt(json, "steps")) {
        const auto index = one.is_object() ? stepAt(one, "index") : std::nullopt;
        const auto span = one.is_object() ? spanAt(one, "span", size) : std::nullopt;
        if (index && span) {
            parsed.steps.push_back({*index,
                                    model::stepVerdictFromName(textAt(one, "verdict"))
                                        .value_or(model::StepVerdict::Unstated),
                                    *span});
        }
    }
    parsed.conclusion = model::conclusionFromName(textAt(json, "conclusion"));
    parsed.firstErrorStep = stepAt(json, "first_error_step");
    parsed.referenceAnalysis = spanAt(json, "reference_analysis", size);
    parsed.conclusionSpan = spanAt(json, "conclusion_span", size);
    parsed.correction = spanAt(json, "correction", size);
    parsed.correctionAnswer = textAt(json, "correction_answer");
    parsed.usedEnd = std::min(
        static_cast<std::size_t>(std::max<std::int64_t>(numberAt(json, "used_end").value_or(0), 0)),
        size);
    parsed.problems = textsAt(json, "problems");
    parsed.flags =
        model::Flags(static_cast<std::uint32_t>(numberAt(json, "flags").value_or(0) & 0xFFFFFFFF));
    return parsed;
}

Json annotationJson(const Annotation& row) {
    Json json = {{"uid", row.uid},
                 {"of", row.subject == SubjectKind::Problem ? "problem" : "critique"},
                 {"kind", row.kind},
                 {"value", row.value}};
    if (!row.comment.empty()) {
        json["comment"] = row.comment;
    }
    json["seconds"] = row.seconds;
    json["supersedes"] = row.supersedesUid.empty() ? Json() : Json(row.supersedesUid);
    json["at"] = row.createdAt;
    return json;
}

bool isUid(const std::string& text) {
    return !text.empty() && text.size() <= kMaxUidBytes && base::isValidUtf8(text);
}

Expected<Annotation> annotationFrom(const Json& json, const std::string& annotator) {
    static constexpr std::array<std::string_view, 10> kKinds = {
        kind::kAgreement, kind::kValidity, kind::kStep,    kind::kFirstError, kind::kCorrection,
        kind::kAnswer,    kind::kTag,      kind::kComment, kind::kWithdrawn,  kind::kUndo};
    if (!json.is_object()) {
        return bad("an annotation is no object");
    }
    Annotation row;
    row.uid = textAt(json, "uid");
    row.annotator = annotator;
    row.kind = textAt(json, "kind");
    row.value = textAt(json, "value");
    row.comment = textAt(json, "comment");
    row.seconds = std::clamp(realAt(json, "seconds"), 0.0, 1e7);
    row.supersedesUid = textAt(json, "supersedes");
    row.createdAt = numberAt(json, "at").value_or(0);
    row.subject = textAt(json, "of") == "problem" ? SubjectKind::Problem : SubjectKind::Critique;
    if (!isUid(row.uid) || row.createdAt <= 0) {
        return bad("an annotation without \"uid\" or \"at\"");
    }
    if (std::find(kKinds.begin(), kKinds.end(), row.kind) == kKinds.end()) {
        return bad("an annotation of the unknown kind \"" + row.kind + "\"");
    }
    if (row.subject == SubjectKind::Problem && row.kind != kind::kAnswer &&
        row.kind != kind::kWithdrawn && row.kind != kind::kUndo) {
        return bad("an annotation of a problem must be an answer");
    }
    return row;
}

} // namespace

std::string typeOf(const Json& json) {
    return textAt(json, "type");
}

std::int64_t linesOf(const Json& json) {
    return numberAt(json, "lines").value_or(-1);
}

Json headerJson(const PackHeader& header) {
    const store::ReviewPlanRow& plan = header.plan;
    return {{"scrit_pack", kPackVersion},
            {"content", header.answers ? "answers" : "items"},
            {"blind", header.blind},
            {"plan",
             {{"uid", plan.uid},
              {"name", plan.name},
              {"filter", plan.filter},
              {"strategy", plan.strategy},
              {"seed", std::to_string(plan.seed)}, // more than a double holds
              {"created_at", plan.createdAt}}}};
}

Expected<PackHeader> headerFrom(const Json& json) {
    const auto version = json.is_object() ? numberAt(json, "scrit_pack") : std::nullopt;
    if (!version) {
        return fail(ErrorCode::Parse, "this is no review pack", "make one with: scrit review pack");
    }
    if (*version != kPackVersion) {
        return fail(ErrorCode::NewerSchema,
                    "the review pack has version " + std::to_string(*version) +
                        ", which this program does not know",
                    "update scrit");
    }
    const auto plan = json.find("plan");
    PackHeader header;
    header.answers = textAt(json, "content") == "answers";
    header.blind = trueAt(json, "blind");
    if ((!header.answers && textAt(json, "content") != "items") || plan == json.end() ||
        !plan->is_object() || !isUid(textAt(*plan, "uid")) || textAt(*plan, "name").empty()) {
        return bad("the first line of the review pack is damaged");
    }
    constexpr std::size_t kMaxNameBytes = 200;
    const std::string name = textAt(*plan, "name");
    if (name.size() > kMaxNameBytes || name.find_first_of("\n\r\t") != std::string::npos) {
        return bad("the name of the review plan is not one line");
    }
    header.plan.uid = textAt(*plan, "uid");
    header.plan.name = name;
    header.plan.filter = textAt(*plan, "filter");
    header.plan.strategy = textAt(*plan, "strategy");
    header.plan.seed = std::strtoull(textAt(*plan, "seed").c_str(), nullptr, 10);
    header.plan.createdAt = numberAt(*plan, "created_at").value_or(0);
    header.plan.blind = header.blind;
    return header;
}

Json problemJson(const model::Problem& problem) {
    return {{"type", "problem"},
            {"key", problem.key},
            {"source", problem.source},
            {"external_id", problem.externalId},
            {"split", problem.split},
            {"subject", problem.subject},
            {"level", problem.level},
            {"licence", problem.licence},
            {"text", problem.text},
            {"choices", problem.choices},
            {"reference_answer", problem.referenceAnswer},
            {"reference_solution", problem.referenceSolution}};
}

Expected<model::Problem> problemFrom(const Json& json) {
    model::Problem problem;
    problem.key = textAt(json, "key");
    problem.source = textAt(json, "source");
    problem.externalId = textAt(json, "external_id");
    problem.split = textAt(json, "split");
    problem.subject = textAt(json, "subject");
    problem.level = textAt(json, "level");
    problem.licence = textAt(json, "licence");
    problem.text = textAt(json, "text");
    problem.choices = textsAt(json, "choices");
    problem.referenceAnswer = textAt(json, "reference_answer");
    problem.referenceSolution = textAt(json, "reference_solution");
    return problem.key.empty() ? Expected<model::Problem>(bad("a problem without a key")) : problem;
}

Json solutionJson(const model::Solution& solution, const std::string& problemKey) {
    Json steps = Json::array();
    for (const base::Span step : solution.steps) {
        steps.push_back(spanJson(step));
    }
    return {{"type", "solution"},
            {"key", solution.key},
            {"problem", problemKey},
            {"author", solution.author},
            {"source", solution.source},
            {"external_id", solution.externalId},
            {"text", solution.text},
            {"steps", std::move(steps)},
            {"steps_given", solution.stepsGiven},
            {"final_answer", solution.finalAnswer}};
}

Expected<PackSolution> solutionFrom(const Json& json) {
    PackSolution read;
    model::Solution& solution = read.solution;
    solution.key = textAt(json, "key");
    read.problemKey = textAt(json, "problem");
    solution.author = textAt(json, "author");
    solution.source = textAt(json, "source");
    solution.externalId = textAt(json, "external_id");
    solution.text = textAt(json, "text");
    solution.stepsGiven = trueAt(json, "steps_given");
    solution.finalAnswer = textAt(json, "final_answer");
    for (const Json& one : listAt(json, "steps")) {
        const auto span = spanFrom(one, solution.text.size());
        if (!span) {
            return bad("a solution with a step outside its text");
        }
        solution.steps.push_back(*span);
    }
    return solution.key.empty() ? Expected<PackSolution>(bad("a solution without a key")) : read;
}

Json critiqueJson(const model::Critique& critique, const std::string& solutionKey,
                  const std::string& referenceKey, bool withFlags) {
    return {{"type", "critique"},
            {"key", critique.key},
            {"solution", solutionKey},
            {"reference", referenceKey.empty() ? Json() : Json(referenceKey)},
            {"mode", model::name(critique.mode)},
            {"critic", critique.critic},
            {"round", critique.round},
            {"source", critique.source},
            {"external_id", critique.externalId},
            {"text", critique.text},
            {"correction_text", critique.correctionText},
            {"parsed", parseJson(critique.parsed, withFlags)}};
}

Expected<PackCritique> critiqueFrom(const Json& json) {
    PackCritique read;
    model::Critique& critique = read.critique;
    critique.key = textAt(json, "key");
    read.solutionKey = textAt(json, "solution");
    read.referenceKey = textAt(json, "reference");
    critique.mode =
        model::critiqueModeFromName(textAt(json, "mode")).value_or(model::CritiqueMode::Recorded);
    critique.critic = textAt(json, "critic");
    critique.round = stepAt(json, "round").value_or(0);
    critique.source = textAt(json, "source");
    critique.externalId = textAt(json, "external_id");
    critique.text = textAt(json, "text");
    critique.correctionText = textAt(json, "correction_text");
    if (const auto parsed = json.find("parsed"); parsed != json.end() && parsed->is_object()) {
        critique.parsed = parseFrom(*parsed, critique.text.size());
    }
    return critique.key.empty() ? Expected<PackCritique>(bad("a critique without a key")) : read;
}

Json verdictJson(const model::Verdict& verdict, const std::string& subjectKey) {
    return {{"type", "verdict"},
            {"of", model::name(verdict.subject)},
            {"subject", subjectKey},
            {"verifier", verdict.verifier},
            {"protocol", verdict.protocol},
            {"outcome", model::name(verdict.outcome)},
            {"score", orNull(verdict.score)},
            {"step", orNull(verdict.step)},
            {"rule", verdict.rule},
            {"evidence", verdict.evidence},
            {"source", verdict.source},
            {"at", verdict.createdAt}};
}

Expected<PackVerdict> verdictFrom(const Json& json) {
    const auto outcome = model::outcomeFromName(textAt(json, "outcome"));
    const auto subject = model::subjectKindFromName(textAt(json, "of"));
    PackVerdict read;
    model::Verdict& verdict = read.verdict;
    read.subjectKey = textAt(json, "subject");
    verdict.verifier = textAt(json, "verifier");
    if (!outcome || !subject || *subject == SubjectKind::Problem || verdict.verifier.empty()) {
        return bad("a verdict that cannot be read");
    }
    verdict.subject = *subject;
    verdict.outcome = *outcome;
    verdict.protocol = textAt(json, "protocol");
    const auto score = json.find("score");
    if (score != json.end() && score->is_number()) {
        verdict.score = realAt(json, "score");
    }
    verdict.step = stepAt(json, "step");
    verdict.rule = textAt(json, "rule");
    verdict.evidence = textAt(json, "evidence");
    verdict.source = textAt(json, "source");
    verdict.createdAt = numberAt(json, "at").value_or(0);
    return read;
}

Json itemJson(const PackItem& item) {
    return {{"type", "item"}, {"position", item.position}, {"critique", item.critiqueKey}};
}

Expected<PackItem> itemFrom(const Json& json) {
    const auto position = numberAt(json, "position");
    PackItem item{position.value_or(-1), textAt(json, "critique")};
    return item.position < 0 || item.critiqueKey.empty()
               ? Expected<PackItem>(bad("an item that cannot be read"))
               : item;
}

Json answerJson(const PackAnswer& answer) {
    const store::ReviewEntry& entry = answer.entry;
    Json rows = Json::array();
    for (const Annotation& row : answer.annotations) {
        rows.push_back(annotationJson(row));
    }
    return {{"type", "answer"},
            {"uid", entry.uid},
            {"position", entry.position},
            {"critique", answer.critiqueKey},
            {"annotator", entry.annotator},
            {"kind", entry.kind},
            {"undoes", entry.undoesUid.empty() ? Json() : Json(entry.undoesUid)},
            {"at", entry.createdAt},
            {"annotations", std::move(rows)}};
}

Expected<PackAnswer> answerFrom(const Json& json) {
    PackAnswer answer;
    store::ReviewEntry& entry = answer.entry;
    entry.uid = textAt(json, "uid");
    entry.position = numberAt(json, "position").value_or(-1);
    answer.critiqueKey = textAt(json, "critique");
    entry.annotator = textAt(json, "annotator");
    entry.kind = textAt(json, "kind");
    entry.undoesUid = textAt(json, "undoes");
    entry.createdAt = numberAt(json, "at").value_or(0);
    if (!isUid(entry.uid) || entry.position < 0 || answer.critiqueKey.empty() ||
        entry.createdAt <= 0) {
        return bad("an answer that cannot be read");
    }
    const bool undo = entry.kind == "undo";
    if ((!undo && entry.kind != "judge" && entry.kind != "skip") ||
        undo == entry.undoesUid.empty()) {
        return bad("an answer of the unknown kind \"" + entry.kind + "\"");
    }
    if (auto checked = checkAnnotator(entry.annotator); !checked) {
        return bad(checked.error().message);
    }
    for (const Json& one : listAt(json, "annotations")) {
        auto row = annotationFrom(one, entry.annotator);
        if (!row) {
            return fail(std::move(row.error()));
        }
        answer.annotations.push_back(std::move(*row));
    }
    return answer;
}

} // namespace scrit::review
