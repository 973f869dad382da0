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

// The record names a solution by an id that several have: a bad line, no broken workspace.
bool namesSeveral(const base::Error& error) {
    return error.code == base::ErrorCode::Invalid;
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

Expected<CritiqueSink::Record> CritiqueSink::convert(const format::ImportPlan& plan,
                                                     const format::RawRecord& record) {
    Expected<format::ImportedCritique> item = format::convertCritique(plan, record);
    if (!item) {
        return base::fail(std::move(item.error()));
    }
    // A file's name is no data set: a critique of a stored solution belongs to that solution's one.
    if (!item->subject && plan.options.source.empty() && !item->critique.source.empty() &&
        std::filesystem::path(plan.file).filename().string().rfind(item->critique.source, 0) == 0) {
        item->critique.source.clear();
    }
    Record converted{std::move(*item), nullptr, 0};
    if (!converted.subject && !converted.solutionRef.empty()) {
        completeEarly(converted);
    }
    return converted;
}

void CritiqueSink::beginBatch() {
    m_uncommitted.clear();
    if (std::exchange(m_changed, false)) {
        ++m_epoch;
    }
}

Expected<std::unique_ptr<CritiqueSink::Lookup>> CritiqueSink::takeLookup() {
    {
        const std::scoped_lock lock(m_mutex);
        if (!m_lookups.empty()) {
            std::unique_ptr<Lookup> lookup = std::move(m_lookups.back());
            m_lookups.pop_back();
            return lookup;
        }
    }
    auto lookup = std::make_unique<Lookup>();
    Expected<std::unique_ptr<store::Reader>> reader = m_workspace.reader();
    if (!reader) {
        return base::fail(std::move(reader.error()));
    }
    lookup->reader = std::move(*reader);
    return lookup;
}

void CritiqueSink::giveBack(std::unique_ptr<Lookup> lookup) {
    const std::scoped_lock lock(m_mutex);
    m_lookups.push_back(std::move(lookup));
}

Expected<std::shared_ptr<const CritiqueSink::Known>> CritiqueSink::read(store::Reader& reader,
                                                                        std::int64_t id) {
    Expected<store::TraceRecord> record = reader.record(store::ListOf::Solutions, id);
    if (!record) {
        return base::fail(std::move(record.error()));
    }
    return record->solution ? std::make_shared<const Known>(
                                  Known{std::move(*record->solution), record->solutionCorrect})
                            : nullptr;
}

void CritiqueSink::completeEarly(Record& record) {
    Expected<std::unique_ptr<Lookup>> taken = takeLookup();
    if (!taken) {
        return; // store() meets the error again and reports it
    }
    Lookup& lookup = **taken;
    const std::uint64_t epoch = m_epoch; // before reading
    if (!lookup.known || lookup.reference != record.solutionRef || lookup.epoch != epoch) {
        lookup.known.reset();
        lookup.reference = record.solutionRef;
        lookup.epoch = epoch;
        const auto id = lookup.reader->findSolution(lookup.reference);
        if (id && *id) {
            lookup.known = read(*lookup.reader, **id).value_or(nullptr);
        }
    }
    record.known = lookup.known;
    record.epoch = epoch;
    giveBack(std::move(*taken));
    if (record.known) {
        format::completeCritique(record.critique, record.known->solution, record.known->correct);
    }
}

Expected<std::shared_ptr<const CritiqueSink::Known>>
CritiqueSink::resolve(store::Writer& writer, std::string_view reference) {
    Expected<std::optional<std::int64_t>> id = writer.findSolution(reference);
    if (id && !*id) {
        id = writer.findSolutionByExternalId(reference);
    }
    if (!id) {
        return base::fail(id.error());
    }
    if (!*id) {
        return nullptr;
    }
    if (const auto found = m_uncommitted.find(**id); found != m_uncommitted.end()) {
        return found->second;
    }
    Expected<std::unique_ptr<Lookup>> lookup = takeLookup();
    if (!lookup) {
        return base::fail(lookup.error());
    }
    Expected<std::shared_ptr<const Known>> known = read(*(*lookup)->reader, **id);
    giveBack(std::move(*lookup));
    return known;
}

Expected<std::int64_t> CritiqueSink::storeSubject(store::Writer& writer, Record& record,
                                                  FileSummary& counts, bool& added) {
    ++m_epoch;
    m_changed = true;
    Expected<std::int64_t> problem =
        counted(writer.addProblem(record.subject->problem), counts.problems, added);
    if (!problem) {
        return problem;
    }
    format::ImportedSolution& solution = record.subject->solutions.front();
    Expected<std::int64_t> id = storeSolution(writer, *problem, solution, counts, added);
    if (!id) {
        return id;
    }
    record.critique.solutionId = *id;
    solution.solution.id = *id;
    m_uncommitted.insert_or_assign(*id, std::make_shared<const Known>(Known{
                                            solution.solution, labelledCorrect(solution.labels)}));
    return problem;
}

// A row that this program exported has what was said about its problem and solution, too.
// Annotations are append-only rows without an identity: they come in with what they are about,
// once.
Expected<void> CritiqueSink::storeJudgements(store::Writer& writer, Record& record,
                                             const Subjects& subjects, FileSummary& counts,
                                             bool& added) {
    const auto idOf = [&](model::SubjectKind kind) {
        return kind == model::SubjectKind::Problem    ? subjects.problem
               : kind == model::SubjectKind::Solution ? record.critique.solutionId
                                                      : subjects.critique;
    };
    for (model::Verdict& verdict : record.verdicts) {
        verdict.subjectId = idOf(verdict.subject);
        if (auto stored = counted(writer.addVerdict(verdict), counts.verdicts, added); !stored) {
            return base::fail(stored.error());
        }
    }
    for (model::Annotation& annotation : record.annotations) {
        if (annotation.subject == model::SubjectKind::Critique ? subjects.newCritique
                                                               : subjects.newSolution) {
            annotation.subjectId = idOf(annotation.subject);
            if (auto stored = writer.addAnnotation(annotation); !stored) {
                return base::fail(stored.error());
            }
        }
    }
    return {};
}

Expected<LineOutcome> CritiqueSink::store(store::Writer& writer, Record&& record,
                                          FileSummary& counts) {
    LineOutcome outcome;
    Subjects subjects;
    std::int64_t& problemId = subjects.problem;
    const std::uint64_t solutionsBefore = counts.solutions;
    model::Critique& critique = record.critique;
    if (!record.reference && !record.referenceRef.empty()) { // before anything is stored
        const Expected<std::shared_ptr<const Known>> known = resolve(writer, record.referenceRef);
        if (!known && !namesSeveral(known.error())) {
            return base::fail(known.error());
        }
        if (!known) {
            outcome.bad = known.error().text();
            return outcome;
        }
        if (*known) {
            critique.referenceId = (*known)->solution.id;
        }
    }
    if (record.subject && !record.subject->solutions.empty()) {
        const Expected<std::int64_t> problem = storeSubject(writer, record, counts, outcome.added);
        if (!problem) {
            return base::fail(problem.error());
        }
        problemId = *problem;
    } else {
        if (!record.known || record.epoch != m_epoch) {
            Expected<std::shared_ptr<const Known>> known = resolve(writer, record.solutionRef);
            if (!known && !namesSeveral(known.error())) {
                return base::fail(known.error());
            }
            if (!known || !*known) {
                outcome.bad = !known ? known.error().text()
                              : record.solutionRef.empty()
                                  ? "the record has no problem and solution, and names none"
                                  : "no solution has the key or the id \"" +
                                        base::excerpt(record.solutionRef, 80) +
                                        "\" (scrit list --of solutions --columns key,external_id "
                                        "shows both)";
                return outcome;
            }
            record.known = std::move(*known);
            format::completeCritique(critique, record.known->solution, record.known->correct);
        }
        critique.solutionId = record.known->solution.id;
        problemId = record.known->solution.problemId;
    }
    subjects.newSolution = counts.solutions > solutionsBefore;
    if (record.reference) {
        ++m_epoch;
        m_changed = true;
        const Expected<std::int64_t> id =
            storeSolution(writer, problemId, *record.reference, counts, outcome.added);
        if (!id) {
            return base::fail(id.error());
        }
        critique.referenceId = *id;
    }
    const Expected<std::int64_t> id =
        counted(writer.addCritique(critique), counts.critiques, subjects.newCritique);
    if (!id) {
        return base::fail(id.error());
    }
    subjects.critique = *id;
    outcome.added = outcome.added || subjects.newCritique;
    const Expected<void> said = storeJudgements(writer, record, subjects, counts, outcome.added);
    return said ? Expected<LineOutcome>(std::move(outcome)) : base::fail(said.error());
}

} // namespace scrit::loop
