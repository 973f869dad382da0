// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/critique_parser.h"
#include "core/format/critique_formats.h"
#include "core/format/full_row.h"
#include "core/model/flags.h"

namespace scrit::format {
namespace {

// The spans as they were exported; they must lie in the text, in order.
void readSteps(const Fields& fields, model::Solution& solution) {
    std::size_t last = 0;
    for (const Fields& step : fields.objects("steps")) {
        const std::int64_t begin = step.integer("begin").value_or(-1);
        const std::int64_t end = step.integer("end").value_or(-1);
        if (begin < static_cast<std::int64_t>(last) || end < begin ||
            end > static_cast<std::int64_t>(solution.text.size())) {
            fields.fail("steps", "do not lie in the text one behind the other");
            return;
        }
        last = static_cast<std::size_t>(end);
        solution.steps.push_back({static_cast<std::size_t>(begin), last});
    }
    solution.stepsGiven = fields.boolean("steps_given").value_or(false);
}

ImportedSolution readSolution(const Fields& fields) {
    ImportedSolution item;
    model::Solution& solution = item.solution;
    solution.externalId = fields.textOr("id");
    solution.author = fields.textOr("author");
    solution.source = fields.textOr("source");
    solution.text = fields.textOr("text"); // given steps may all be empty
    solution.finalAnswer = fields.textOr("final_answer");
    readSteps(fields, solution);
    return item;
}

model::Problem readProblem(const Fields& fields) {
    model::Problem problem;
    problem.externalId = fields.textOr("id");
    problem.source = fields.textOr("source");
    problem.split = fields.textOr("split");
    problem.text = fields.text("text");
    problem.choices = fields.texts("choices").value_or(std::vector<std::string>{});
    problem.referenceAnswer = fields.textOr("answer");
    problem.referenceSolution = fields.textOr("reference_solution");
    problem.subject = fields.textOr("subject");
    problem.level = fields.textOr("level");
    problem.licence = fields.textOr("licence");
    return problem;
}

model::Critique readCritique(const Fields& fields) {
    model::Critique critique;
    critique.externalId = fields.textOr("id");
    const std::optional<model::CritiqueMode> mode =
        model::critiqueModeFromName(fields.text("mode"));
    if (!mode) {
        fields.fail("mode", "is not a mode");
    }
    critique.mode = mode.value_or(model::CritiqueMode::Recorded);
    critique.critic = fields.textOr("critic");
    critique.round = static_cast<int>(fields.integer("round").value_or(0));
    critique.source = fields.textOr("source");
    critique.text = fields.text("text");
    critique.correctionText = fields.textOr("correction_text");
    critique.promptHash = fields.textOr("prompt_hash");
    critique.seed = fields.integer("seed");
    return critique;
}

std::optional<model::SubjectKind> readSubjectKind(const Fields& fields) {
    const std::optional<model::SubjectKind> kind =
        model::subjectKindFromName(fields.text("subject"));
    if (!kind) {
        fields.fail("subject", "should be problem, solution or critique");
    }
    return kind;
}

model::Verdict readVerdict(const Fields& fields) {
    model::Verdict verdict;
    verdict.subject = readSubjectKind(fields).value_or(model::SubjectKind::Critique);
    verdict.verifier = fields.text("verifier");
    verdict.protocol = fields.text("protocol");
    const std::optional<model::Outcome> outcome = model::outcomeFromName(fields.text("outcome"));
    if (!outcome) {
        fields.fail("outcome", "should be yes, no or undecided");
    }
    verdict.outcome = outcome.value_or(model::Outcome::Undecided);
    verdict.score = fields.number("score");
    if (const std::optional<std::int64_t> step = fields.integer("step")) {
        verdict.step = static_cast<int>(*step);
    }
    verdict.rule = fields.textOr("rule");
    verdict.evidence =
        fields.isText("evidence") ? fields.textOr("evidence") : fields.json("evidence");
    verdict.source = fields.textOr("source");
    verdict.cost = fields.number("cost").value_or(0);
    verdict.createdAt = fields.integer("created_at").value_or(0);
    return verdict;
}

model::Annotation readAnnotation(const Fields& fields) {
    model::Annotation annotation;
    annotation.subject = readSubjectKind(fields).value_or(model::SubjectKind::Critique);
    annotation.annotator = fields.textOr("annotator");
    annotation.kind = fields.text("kind");
    annotation.value = fields.textOr("value");
    annotation.comment = fields.textOr("comment");
    annotation.seconds = fields.number("seconds").value_or(0);
    annotation.createdAt = fields.integer("created_at").value_or(0);
    annotation.uid = fields.textOr("uid"); // what is there already is not added again
    annotation.supersedesUid = fields.textOr("supersedes");
    return annotation;
}

// What the row states stays as it is, also where it states nothing: an empty split is no split, and
// a verdict without a source has none. Gaps are filled only where a key is absent.
void keepStated(const Fields& fields, std::string_view key, std::string& value,
                std::string_view option = {}) {
    if (option.empty() && fields.has(key)) {
        value = fields.textOr(key);
    }
}

void finishFullRow(ImportedProblem& item, const Fields& row, const RecordContext& context) {
    const Fields problem = *row.object("problem");
    const Fields solution = *row.object("solution");
    const ImportOptions& options = context.plan.options;
    finishProblem(item, context, fileStem(context.plan.file), problem.has("split"));
    keepStated(problem, "id", item.problem.externalId);
    keepStated(problem, "source", item.problem.source, options.source);
    model::Solution& read = item.solutions.front().solution;
    keepStated(solution, "source", read.source, options.source);
    keepStated(solution, "final_answer", read.finalAnswer);
    if (solution.isArray("steps") && solution.objects("steps").empty()) {
        read.steps.clear();
    }
}

// The red flags that the row states, where they are of today's parser: some of them need what was
// known about the solution when they were raised, which the parser's name tells behind a ";".
std::optional<std::pair<std::string, model::Flags>> readFlags(const Fields& fields) {
    const std::optional<Fields> parsed = fields.object("parsed");
    const std::string parser = parsed ? parsed->textOr("parser") : std::string();
    if (parser.substr(0, parser.find(';')) != critique::kParserProtocol) {
        return std::nullopt;
    }
    model::Flags flags;
    for (const std::string& name : parsed->texts("flags").value_or(std::vector<std::string>{})) {
        if (const std::optional<model::Flag> flag = model::flagFromName(name)) {
            flags.add(*flag);
        }
    }
    return std::pair(parser, flags);
}

bool sameKey(const Fields& fields, std::string_view key) {
    const std::string stated = fields.textOr("key");
    return stated.empty() || stated == key;
}

} // namespace

bool matchesFullRow(const Fields& fields) {
    return fields.isText(kFullRowKey) && fields.isObject("critique") && fields.isObject("solution");
}

ImportedCritique convertFullRow(const Fields& fields, const RecordContext& context) {
    ImportedCritique item;
    for (const std::string_view key : {"problem", "solution", "critique"}) {
        if (!fields.isObject(key)) {
            fields.fail(key, fields.has(key) ? "should be an object" : "is missing");
            return item;
        }
    }
    if (fields.textOr(kFullRowKey) != kFullRowVersion) {
        fields.fail(kFullRowKey, "names a version that this program does not read");
        return item;
    }
    item.subject.emplace();
    item.subject->problem = readProblem(*fields.object("problem"));
    item.subject->solutions.push_back(readSolution(*fields.object("solution")));
    item.critique = readCritique(*fields.object("critique"));
    finishFullRow(*item.subject, fields, context);
    for (const Fields& row : fields.objects("verdicts")) { // their source is their own
        model::Verdict verdict = readVerdict(row);
        auto& to = verdict.subject == model::SubjectKind::Solution
                       ? item.subject->solutions.front().labels
                       : item.verdicts;
        to.push_back(std::move(verdict));
    }
    for (const Fields& row : fields.objects("annotations")) {
        item.annotations.push_back(readAnnotation(row));
    }
    if (const std::optional<Fields> reference = fields.object("reference")) {
        item.reference = readSolution(*reference);
        item.reference->solution.key =
            solutionKey(item.subject->problem.key, item.reference->solution);
        item.referenceRef = item.reference->solution.externalId;
    }
    const bool unchanged =
        sameKey(*fields.object("problem"), item.subject->problem.key) &&
        sameKey(*fields.object("solution"), item.subject->solutions.front().solution.key);
    const std::string key = item.subject->solutions.front().solution.key;
    if (unchanged && fields.object("critique")->textOr("key") == critiqueKey(key, item.critique)) {
        item.stated = readFlags(fields);
    }
    if (!unchanged) {
        item.notes.emplace_back("problem or solution were edited since the export: a new item");
    }
    return item;
}

} // namespace scrit::format
