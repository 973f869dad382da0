// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/import_sinks.h"

#include "core/base/text.h"
#include "core/loop/import_driver.h"

#include <utility>

namespace scrit::loop {
namespace {

using base::Expected;

// Stores an object and counts it when it is new.
Expected<std::int64_t> counted(Expected<store::Stored> stored, std::uint64_t& count, bool& added) {
    if (!stored) {
        return base::fail(std::move(stored.error()));
    }
    if (stored->added) {
        ++count;
        added = true;
    }
    return stored->id;
}

Expected<std::int64_t> storeSolution(store::Writer& writer, std::int64_t problemId,
                                     format::ImportedSolution& imported, FileSummary& counts,
                                     bool& added) {
    imported.solution.problemId = problemId;
    Expected<std::int64_t> id =
        counted(writer.addSolution(imported.solution), counts.solutions, added);
    if (!id) {
        return id;
    }
    for (model::Verdict& label : imported.labels) {
        label.subject = model::SubjectKind::Solution;
        label.subjectId = *id;
        if (auto stored = counted(writer.addVerdict(label), counts.verdicts, added); !stored) {
            return stored;
        }
    }
    return id;
}

// Whether the solution's final answer is right, as its labels say.
std::optional<bool> labelledCorrect(const std::vector<model::Verdict>& labels) {
    for (const model::Verdict& label : labels) {
        if (label.protocol == "label/answer" && label.outcome != model::Outcome::Undecided) {
            return label.outcome == model::Outcome::Yes;
        }
    }
    return std::nullopt;
}

} // namespace

Expected<format::RecordReader> ProblemSink::open(const std::filesystem::path& path,
                                                 const format::ImportOptions& options) {
    return format::RecordReader::open(path, options);
}

Expected<format::ImportedProblem> ProblemSink::convert(const format::ImportPlan& plan,
                                                       const format::RawRecord& record) {
    return format::convertRecord(plan, record);
}

Expected<LineOutcome> ProblemSink::store(store::Writer& writer, Record&& record,
                                         FileSummary& counts) {
    LineOutcome outcome;
    const Expected<std::int64_t> problem =
        counted(writer.addProblem(record.problem), counts.problems, outcome.added);
    if (!problem) {
        return base::fail(problem.error());
    }
    for (format::ImportedSolution& solution : record.solutions) {
        if (auto stored = storeSolution(writer, *problem, solution, counts, outcome.added);
            !stored) {
            return base::fail(stored.error());
        }
    }
    return outcome;
}

Expected<format::RecordReader> CritiqueSink::open(const std::filesystem::path& path,
                                                  const format::ImportOptions& options) {
    return format::openCritiques(path, options);
}

Expected<format::ImportedCritique> CritiqueSink::convert(const format::ImportPlan& plan,
                                                         const format::RawRecord& record) {
    Expected<format::ImportedCritique> item = format::convertCritique(plan, record);
    // A file's name is no data set: a critique of a stored solution belongs to that solution's one.
    if (item && !item->subject && plan.options.source.empty() && !item->critique.source.empty() &&
        std::filesystem::path(plan.file).filename().string().rfind(item->critique.source, 0) == 0) {
        item->critique.source.clear();
    }
    return item;
}

Expected<std::optional<CritiqueSink::Known>> CritiqueSink::resolve(store::Writer& writer,
                                                                   std::string_view reference) {
    Expected<std::optional<std::int64_t>> id = writer.findSolution(reference);
    if (id && !*id) {
        id = writer.findSolutionByExternalId(reference);
    }
    if (!id) {
        return base::fail(id.error());
    }
    if (!*id) {
        return std::optional<Known>();
    }
    if (const auto found = m_uncommitted.find(**id); found != m_uncommitted.end()) {
        return std::optional<Known>(found->second);
    }
    Expected<store::TraceRecord> record = m_reader.record(store::ListOf::Solutions, **id);
    if (!record) {
        return base::fail(record.error());
    }
    if (!record->solution) {
        return std::optional<Known>();
    }
    return std::optional<Known>(Known{std::move(*record->solution), record->solutionCorrect});
}

Expected<LineOutcome> CritiqueSink::store(store::Writer& writer, Record&& record,
                                          FileSummary& counts) {
    LineOutcome outcome;
    std::int64_t problemId = 0;
    model::Critique& critique = record.critique;
    if (record.subject && !record.subject->solutions.empty()) {
        const Expected<std::int64_t> problem =
            counted(writer.addProblem(record.subject->problem), counts.problems, outcome.added);
        if (!problem) {
            return base::fail(problem.error());
        }
        problemId = *problem;
        format::ImportedSolution& solution = record.subject->solutions.front();
        const Expected<std::int64_t> id =
            storeSolution(writer, problemId, solution, counts, outcome.added);
        if (!id) {
            return base::fail(id.error());
        }
        critique.solutionId = *id;
        solution.solution.id = *id;
        m_uncommitted.insert_or_assign(*id,
                                       Known{solution.solution, labelledCorrect(solution.labels)});
    } else {
        const Expected<std::optional<Known>> known = resolve(writer, record.solutionRef);
        if (!known) {
            return base::fail(known.error());
        }
        if (!*known) {
            outcome.bad = record.solutionRef.empty()
                              ? "the record has no problem and solution, and names none"
                              : "no solution \"" + base::excerpt(record.solutionRef, 80) +
                                    "\" in the workspace";
            return outcome;
        }
        critique.solutionId = (*known)->solution.id;
        problemId = (*known)->solution.problemId;
        format::completeCritique(critique, (*known)->solution, (*known)->correct);
    }
    if (record.reference) {
        const Expected<std::int64_t> id =
            storeSolution(writer, problemId, *record.reference, counts, outcome.added);
        if (!id) {
            return base::fail(id.error());
        }
        critique.referenceId = *id;
    } else if (!record.referenceRef.empty()) {
        const Expected<std::optional<Known>> known = resolve(writer, record.referenceRef);
        if (!known) {
            return base::fail(known.error());
        }
        if (*known) {
            critique.referenceId = (*known)->solution.id;
        }
    }
    bool newCritique = false;
    const Expected<std::int64_t> id =
        counted(writer.addCritique(critique), counts.critiques, newCritique);
    if (!id) {
        return base::fail(id.error());
    }
    outcome.added = outcome.added || newCritique;
    for (model::Verdict& verdict : record.verdicts) {
        verdict.subject = model::SubjectKind::Critique;
        verdict.subjectId = *id;
        if (auto stored = counted(writer.addVerdict(verdict), counts.verdicts, outcome.added);
            !stored) {
            return base::fail(stored.error());
        }
    }
    // Annotations are append-only rows without an identity: they come in with their critique, once.
    for (model::Annotation& annotation : record.annotations) {
        if (newCritique) {
            annotation.subject = model::SubjectKind::Critique;
            annotation.subjectId = *id;
            if (auto stored = writer.addAnnotation(annotation); !stored) {
                return base::fail(stored.error());
            }
        }
    }
    return outcome;
}

} // namespace scrit::loop
