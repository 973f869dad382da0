// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/companions.h"
#include "core/format/full_row.h"
#include "core/format/json_writer.h"
#include "core/format/views.h"

#include <simdjson.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace scrit::format {
namespace {

void writeSpan(JsonWriter& writer, base::Span span) {
    writer.beginObject()
        .member("begin", static_cast<std::uint64_t>(span.begin))
        .member("end", static_cast<std::uint64_t>(span.end))
        .endObject();
}

void writeProblem(JsonWriter& writer, const model::Problem& problem) {
    writer.beginObject()
        .member("key", problem.key)
        .member("id", problem.externalId)
        .member("source", problem.source)
        .member("split", problem.split)
        .member("text", problem.text);
    writer.key("choices").beginArray();
    for (const std::string& choice : problem.choices) {
        writer.value(choice);
    }
    writer.endArray()
        .member("answer", problem.referenceAnswer)
        .member("reference_solution", problem.referenceSolution)
        .member("subject", problem.subject)
        .member("level", problem.level)
        .member("licence", problem.licence)
        .endObject();
}

void writeSolution(JsonWriter& writer, const model::Solution& solution) {
    writer.beginObject()
        .member("key", solution.key)
        .member("id", solution.externalId)
        .member("author", solution.author)
        .member("source", solution.source)
        .member("text", solution.text);
    writer.key("steps").beginArray();
    for (const base::Span step : solution.steps) {
        writeSpan(writer, step);
    }
    writer.endArray()
        .member("steps_given", solution.stepsGiven)
        .member("final_answer", solution.finalAnswer)
        .endObject();
}

void writeCritique(JsonWriter& writer, const model::Critique& critique) {
    writer.beginObject()
        .member("key", critique.key)
        .member("id", critique.externalId)
        .member("mode", model::name(critique.mode))
        .member("critic", critique.critic)
        .member("round", critique.round)
        .member("source", critique.source)
        .member("text", critique.text)
        .member("correction_text", critique.correctionText)
        .member("prompt_hash", critique.promptHash)
        .member("seed", critique.seed)
        .endObject();
}

void writeParsed(JsonWriter& writer, const model::ParsedCritique& parsed) {
    writer.beginObject().member("parser", parsed.parser).key("steps").beginArray();
    for (const model::StepCritique& step : parsed.steps) {
        writer.beginObject()
            .member("index", step.index)
            .member("verdict", model::name(step.verdict))
            .member("begin", static_cast<std::uint64_t>(step.span.begin))
            .member("end", static_cast<std::uint64_t>(step.span.end))
            .endObject();
    }
    writer.endArray().key("conclusion");
    if (parsed.conclusion) {
        writer.value(model::name(*parsed.conclusion));
    } else {
        writer.null();
    }
    writer.member("first_error_step", parsed.firstErrorStep).key("correction");
    if (parsed.correction) {
        writeSpan(writer, *parsed.correction);
    } else {
        writer.null();
    }
    writer.member("answer", parsed.correctionAnswer).key("problems").beginArray();
    for (const std::string& problem : parsed.problems) {
        writer.value(problem);
    }
    writer.endArray().key("flags").beginArray();
    for (const model::Flag flag : model::flagsIn(parsed.flags)) {
        writer.value(model::name(flag));
    }
    writer.endArray().endObject();
}

// Evidence is JSON in the workspace; anything else must not break the row.
void writeEvidence(JsonWriter& writer, const std::string& evidence) {
    thread_local simdjson::dom::parser parser;
    if (evidence.empty()) {
        writer.null();
    } else if (evidence.find('\n') == std::string::npos &&
               parser.parse(evidence).error() == simdjson::SUCCESS) {
        writer.raw(evidence);
    } else {
        writer.value(evidence);
    }
}

void writeVerdict(JsonWriter& writer, const model::Verdict& verdict) {
    writer.beginObject()
        .member("subject", model::name(verdict.subject))
        .member("verifier", verdict.verifier)
        .member("protocol", verdict.protocol)
        .member("outcome", model::name(verdict.outcome))
        .member("score", verdict.score)
        .member("step", verdict.step)
        .member("rule", verdict.rule)
        .key("evidence");
    writeEvidence(writer, verdict.evidence);
    writer.member("source", verdict.source)
        .member("cost", verdict.cost)
        .member("created_at", verdict.createdAt)
        .endObject();
}

// The identity of the annotation that this one supersedes; empty when it supersedes none.
std::string supersededUid(const model::Annotation& annotation,
                          const std::vector<model::Annotation>& all) {
    const auto known = std::find_if(all.begin(), all.end(), [&](const model::Annotation& other) {
        return annotation.supersedes && other.id == *annotation.supersedes;
    });
    return known == all.end() ? annotation.supersedesUid : known->uid;
}

void writeAnnotation(JsonWriter& writer, const model::Annotation& annotation,
                     const std::vector<model::Annotation>& all) {
    writer.beginObject()
        .member("uid", annotation.uid)
        .member("supersedes", supersededUid(annotation, all))
        .member("subject", model::name(annotation.subject))
        .member("annotator", annotation.annotator)
        .member("kind", annotation.kind)
        .member("value", annotation.value)
        .member("comment", annotation.comment)
        .member("seconds", annotation.seconds)
        .member("created_at", annotation.createdAt)
        .endObject();
}

// Oldest first: the newest is the one in force, here as where they are imported again. What is
// about one thing stands together, as an import stores it, so that an export of the import is the
// same.
template<typename Said>
std::vector<const Said*> bySubjectAndAge(const std::vector<Said>& all) {
    std::vector<const Said*> sorted;
    sorted.reserve(all.size());
    for (const Said& said : all) {
        sorted.push_back(&said);
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](const Said* a, const Said* b) {
        return std::pair(a->subject, a->id) < std::pair(b->subject, b->id);
    });
    return sorted;
}

class JsonlFullView final : public View {
public:
    const ViewInfo& info() const override {
        static const ViewInfo info{
            "jsonl-full",
            "everything of one critique's lineage; can be imported again",
            "jsonl",
            {"problem", "solution"},
            {"reference", "critique", "correction", "verdicts", "annotations"},
            false,
            false};
        return info;
    }

    base::Expected<std::string> render(const ExportItem& item) const override {
        std::string row;
        row.reserve(item.problem.text.size() + item.solution.text.size() +
                    item.critique.text.size() + 2048);
        JsonWriter writer(row);
        writer.beginObject().member(kFullRowKey, kFullRowVersion);
        writeProblem(writer.key("problem"), item.problem);
        writeSolution(writer.key("solution"), item.solution);
        writer.key("reference");
        if (item.reference) {
            writeSolution(writer, *item.reference);
        } else {
            writer.null();
        }
        writeCritique(writer.key("critique"), item.critique);
        writeParsed(writer.key("parsed"), item.critique.parsed);
        writer.key("verdicts").beginArray();
        for (const model::Verdict* verdict : bySubjectAndAge(item.verdicts)) {
            writeVerdict(writer, *verdict);
        }
        writer.endArray().key("annotations").beginArray();
        for (const model::Annotation* annotation : bySubjectAndAge(item.annotations)) {
            writeAnnotation(writer, *annotation, item.annotations);
        }
        writer.endArray().endObject();
        return row;
    }

    std::optional<std::string> gap(const ExportItem&) const override { return std::nullopt; }

    std::string target(const ExportItem& item) const override {
        return textOutsideAnalysis(item.critique);
    }

    base::Expected<std::vector<Turn>> turns(const ExportItem& item,
                                            const ExportItem*) const override {
        std::vector<Turn> turns{{"problem", problemForReader(item.problem), false},
                                {"solution", item.solution.text, false}};
        if (item.reference) {
            turns.push_back({"reference", item.reference->text, false});
        }
        turns.push_back({"critique", item.critique.text, true});
        if (!item.critique.correctionText.empty()) {
            turns.push_back({"correction", item.critique.correctionText, true});
        }
        return turns;
    }

    std::string_view columns() const override {
        return "{scrit: 'VARCHAR', problem: 'JSON', solution: 'JSON', reference: 'JSON', "
               "critique: 'JSON', parsed: 'JSON', verdicts: 'JSON', annotations: 'JSON'}";
    }

    std::string loading() const override {
        return "`scrit import-critiques W.scrit NAME/*.jsonl` gives the same problems, solutions, "
               "critiques, verdicts and annotations in another workspace.\n\n" +
               pythonLoading();
    }
};

} // namespace

const View& jsonlFullView() {
    static const JsonlFullView view;
    return view;
}

} // namespace scrit::format
