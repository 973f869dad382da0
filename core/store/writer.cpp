// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/writer.h"

#include "core/base/clock.h"
#include "core/store/annotations.h"
#include "core/store/codec.h"
#include "core/store/connection.h"
#include "core/store/derived.h"
#include "core/store/solution_name.h"
#include "core/store/write_call.h"

#include <sqlite3.h>

#include <array>
#include <utility>

namespace scrit::store {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::SubjectKind;

constexpr const char* kInsertProblem =
    "INSERT INTO problem (key, source_term, split_term, subject_term, level_term, licence_term, "
    "external_id, reference_answer, choices, text, reference_solution) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING";
constexpr const char* kProblemGaps =
    "SELECT id, reference_solution = '' AND ? <> '', reference_answer = '' AND ? <> '', "
    "split_term = 0 AND ? <> 0, subject_term = 0 AND ? <> 0, level_term = 0 AND ? <> 0, "
    "licence_term = 0 AND ? <> 0, source_term FROM problem WHERE key = ?";
constexpr const char* kFillProblem =
    "UPDATE problem SET reference_solution = iif(reference_solution = '', ?, reference_solution), "
    "reference_answer = iif(reference_answer = '', ?, reference_answer), "
    "split_term = iif(split_term = 0, ?, split_term), "
    "subject_term = iif(subject_term = 0, ?, subject_term), "
    "level_term = iif(level_term = 0, ?, level_term), "
    "licence_term = iif(licence_term = 0, ?, licence_term) WHERE id = ?";
constexpr const char* kFindProblem = "SELECT id FROM problem WHERE key = ?";
constexpr const char* kAddSource =
    "INSERT INTO problem_source (problem_id, source_term, split_term, external_id) "
    "VALUES (?, ?, ?, ?) ON CONFLICT (problem_id, source_term) DO UPDATE SET "
    "split_term = iif(split_term = 0, excluded.split_term, split_term), "
    "external_id = iif(external_id = '', excluded.external_id, external_id)";

constexpr const char* kInsertSolution =
    "INSERT INTO solution (key, problem_id, author_term, source_term, external_id, steps, "
    "steps_given, final_answer, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (key) DO NOTHING";
constexpr const char* kFindSolution = "SELECT id FROM solution WHERE key = ?";

constexpr const char* kInsertCritique =
    "INSERT INTO critique (key, solution_id, reference_id, mode, critic_term, round, source_term, "
    "external_id, prompt_hash, seed, completion_id, correction_text, text) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING";
constexpr const char* kFindCritique = "SELECT id FROM critique WHERE key = ?";
constexpr const char* kInsertParse =
    "INSERT INTO critique_parse (critique_id, parser_term, conclusion, first_error_step, flags, "
    "used_end, correction_answer, parts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kHasParse =
    "SELECT 1 FROM critique_parse WHERE critique_id = ? AND parser_term = ?";
constexpr const char* kCurrentParse =
    "SELECT id, parser_term FROM critique_parse WHERE critique_id = ? ORDER BY id DESC LIMIT 1";

constexpr std::array<const char*, 3> kSubjectExists = {"SELECT 1 FROM problem_row WHERE id = ?",
                                                       "SELECT 1 FROM solution_row WHERE id = ?",
                                                       "SELECT 1 FROM critique_row WHERE id = ?"};
// The newest verdict of one identity, when it says the same.
constexpr const char* kSameVerdict =
    "SELECT id, outcome = ? AND score IS ? AND step IS ? AND rule = ? AND evidence = ? "
    "FROM verdict WHERE subject_kind = ? AND subject_id = ? AND verifier_term = ? "
    "AND protocol_term = ? AND source_term = ? ORDER BY id DESC LIMIT 1";
// A label is a recorded fact: one that was ever stored is there. Two records of a data set may
// label one solution differently, and importing them again must add nothing.
constexpr const char* kSameLabel =
    "SELECT id, outcome = ? AND score IS ? AND step IS ? AND rule = ? AND evidence = ? AS same "
    "FROM verdict WHERE subject_kind = ? AND subject_id = ? AND verifier_term = ? "
    "AND protocol_term = ? AND source_term = ? ORDER BY same DESC, id DESC LIMIT 1";
// One that comes back from an export has its own time: it is known, also where a newer one
// followed.
constexpr const char* kKnownVerdict =
    "SELECT id FROM verdict WHERE outcome = ? AND score IS ? AND step IS ? AND rule = ? "
    "AND evidence = ? AND subject_kind = ? AND subject_id = ? AND verifier_term = ? "
    "AND protocol_term = ? AND source_term = ? AND created_at = ? LIMIT 1";
// The newest verdict of a verifier, whatever its protocol and source.
constexpr const char* kNewestVerdict =
    "SELECT id FROM verdict WHERE subject_kind = ? AND subject_id = ? AND verifier_term = ? "
    "ORDER BY id DESC LIMIT 1";
constexpr const char* kInsertVerdict =
    "INSERT INTO verdict (subject_kind, subject_id, verifier_term, protocol_term, source_term, "
    "outcome, score, step, rule, evidence, cost, created_at, completion_id) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

constexpr const char* kBeginImport =
    "INSERT INTO import_batch (path, format, started_at) VALUES (?, ?, ?)";
constexpr const char* kEndImport =
    "UPDATE import_batch SET state = ?, lines = ?, added = ?, existing = ?, bad = ?, "
    "finished_at = ? WHERE id = ?";
constexpr const char* kInsertExport =
    "INSERT INTO dataset_export (folder, view, filter, manifest, created_at) "
    "VALUES (?, ?, ?, ?, ?)";
constexpr const char* kInsertExportMember =
    "INSERT INTO export_member (export_id, subject_kind, subject_id, split) VALUES (?, 2, ?, ?) "
    "ON CONFLICT (export_id, subject_kind, subject_id) DO NOTHING";

std::optional<std::int64_t> findByBlob(Connection& connection, const char* sql,
                                       const std::string& blob) {
    Query find(connection.statement(sql));
    return find.bindBlob(blob).step() ? std::optional(find.integer(0)) : std::nullopt;
}

Expected<void> requireSubject(Connection& connection, SubjectKind kind, std::int64_t id) {
    Query find(connection.statement(kSubjectExists.at(static_cast<std::size_t>(kind))));
    if (!find.bind(id).step()) {
        return fail(ErrorCode::NotFound, "there is no " + std::string(model::name(kind)) + " " +
                                             std::to_string(id) + " in the workspace");
    }
    return {};
}

struct ProblemTerms {
    std::int64_t source, split, subject, level, licence;
};

// Fills in what an earlier import of the same problem did not know, and notes another data set that
// has it.
std::int64_t fillProblem(Connection& connection, const model::Problem& problem,
                         const ProblemTerms& terms, const std::string& key) {
    bool gaps = false;
    bool termGaps = false;
    bool otherSource = false;
    std::int64_t id = 0;
    {
        Query query(connection.statement(kProblemGaps));
        query.bind(problem.referenceSolution).bind(problem.referenceAnswer).bind(terms.split);
        query.bind(terms.subject).bind(terms.level).bind(terms.licence).bindBlob(key);
        query.step();
        id = query.integer(0);
        termGaps = query.small(3) + query.small(4) + query.small(5) > 0;
        gaps = termGaps || query.small(1) + query.small(2) + query.small(6) > 0;
        otherSource = terms.source != 0 && query.integer(7) != terms.source;
    }
    if (otherSource) {
        Query add(connection.statement(kAddSource));
        add.bind(id).bind(terms.source).bind(terms.split).bind(problem.externalId).run();
    }
    if (gaps) {
        Query fill(connection.statement(kFillProblem));
        fill.bind(problem.referenceSolution).bind(problem.referenceAnswer).bind(terms.split);
        fill.bind(terms.subject).bind(terms.level).bind(terms.licence).bind(id).run();
    }
    if (termGaps) {
        deriveProblemTerms(connection, id);
    }
    return id;
}

bool hasParse(const model::ParsedCritique& parsed) {
    return !parsed.parser.empty() || parsed.conclusion || parsed.firstErrorStep ||
           !parsed.steps.empty();
}

ParseSummary summary(const model::ParsedCritique& parsed) {
    ParseSummary result;
    if (parsed.conclusion) {
        result.conclusion = static_cast<int>(*parsed.conclusion);
    }
    result.firstErrorStep = parsed.firstErrorStep;
    result.flags = parsed.flags.bits();
    return result;
}

void insertParse(Connection& connection, std::int64_t critiqueId,
                 const model::ParsedCritique& parsed) {
    const std::string parts = partsToJson(parsed);
    const ParseSummary says = summary(parsed);
    const std::int64_t parser = connection.termId(parsed.parser);
    Query insert(connection.statement(kInsertParse));
    insert.bind(critiqueId).bind(parser).bind(says.conclusion).bind(says.firstErrorStep);
    insert.bind(static_cast<std::int64_t>(says.flags));
    insert.bind(static_cast<std::int64_t>(parsed.usedEnd)).bind(parsed.correctionAnswer);
    insert.bind(parts).run();
}

// Whether this parser has ever read the critique: importing it again must not undo what a later
// parse found.
bool wasParsedBy(Connection& connection, std::int64_t critiqueId, const std::string& parser) {
    const std::int64_t term = connection.termId(parser);
    Query find(connection.statement(kHasParse));
    return find.bind(critiqueId).bind(term).step();
}

} // namespace

Writer::Writer(Connection& connection) : m_connection(connection) {}

Expected<Stored> Writer::addProblem(const model::Problem& problem) {
    return writing(m_connection, "cannot store a problem", [&]() -> Expected<Stored> {
        const std::string key = packKey(problem.key);
        const std::optional<std::string> choices =
            problem.choices.empty() ? std::nullopt : std::optional(listToJson(problem.choices));
        const ProblemTerms terms{
            m_connection.termId(problem.source), m_connection.termId(problem.split),
            m_connection.termId(problem.subject), m_connection.termId(problem.level),
            m_connection.termId(problem.licence)};
        {
            Query insert(m_connection.statement(kInsertProblem));
            insert.bindBlob(key).bind(terms.source).bind(terms.split).bind(terms.subject);
            insert.bind(terms.level).bind(terms.licence).bind(problem.externalId);
            insert.bind(problem.referenceAnswer).bind(choices).bind(problem.text);
            if (insert.bind(problem.referenceSolution).run() == 0) {
                return Stored{fillProblem(m_connection, problem, terms, key), false};
            }
        }
        const std::int64_t id = lastId(m_connection);
        deriveProblem(m_connection, id, problem.text, terms.source, terms.split, terms.subject,
                      terms.level);
        return Stored{id, true};
    });
}

Expected<Stored> Writer::addSolution(const model::Solution& solution) {
    return writing(m_connection, "cannot store a solution", [&]() -> Expected<Stored> {
        const std::string key = packKey(solution.key);
        const std::string steps = stepsToText(solution.steps);
        const std::int64_t author = m_connection.termId(solution.author);
        const std::int64_t source = m_connection.termId(solution.source);
        {
            Query insert(m_connection.statement(kInsertSolution));
            insert.bindBlob(key).bind(solution.problemId).bind(author).bind(source);
            insert.bind(solution.externalId).bind(steps).bind(solution.stepsGiven);
            if (insert.bind(solution.finalAnswer).bind(solution.text).run() == 0) {
                return Stored{findByBlob(m_connection, kFindSolution, key).value_or(0), false};
            }
        }
        const std::int64_t id = lastId(m_connection);
        deriveSolution(m_connection, id, solution.problemId, source, author);
        return Stored{id, true};
    });
}

Expected<Stored> Writer::addCritique(const model::Critique& critique) {
    return writing(m_connection, "cannot store a critique", [&]() -> Expected<Stored> {
        const std::string key = packKey(critique.key);
        const std::optional<std::string> prompt = critique.promptHash.empty()
                                                      ? std::nullopt
                                                      : std::optional(packKey(critique.promptHash));
        const CritiqueTerms terms{m_connection.termId(critique.source),
                                  m_connection.termId(critique.critic)};
        bool added = false;
        {
            Query insert(m_connection.statement(kInsertCritique));
            insert.bindBlob(key).bind(critique.solutionId).bind(critique.referenceId);
            insert.bind(static_cast<int>(critique.mode)).bind(terms.critic).bind(critique.round);
            insert.bind(terms.source).bind(critique.externalId);
            prompt ? insert.bindBlob(*prompt) : insert.bindNull();
            insert.bind(critique.seed).bind(critique.completionId).bind(critique.correctionText);
            added = insert.bind(critique.text).run() != 0;
        }
        if (!added) {
            const std::int64_t id = findByBlob(m_connection, kFindCritique, key).value_or(0);
            if (hasParse(critique.parsed) &&
                !wasParsedBy(m_connection, id, critique.parsed.parser)) {
                insertParse(m_connection, id, critique.parsed);
                deriveParse(m_connection, id, summary(critique.parsed));
            }
            return Stored{id, false};
        }
        const std::int64_t id = lastId(m_connection);
        if (hasParse(critique.parsed)) {
            insertParse(m_connection, id, critique.parsed);
        }
        deriveCritique(m_connection, id, critique, terms, summary(critique.parsed));
        return Stored{id, true};
    });
}

Expected<Stored> Writer::addParse(std::int64_t critiqueId, const model::ParsedCritique& parsed) {
    return writing(m_connection, "cannot store a parse", [&]() -> Expected<Stored> {
        if (auto there = requireSubject(m_connection, SubjectKind::Critique, critiqueId); !there) {
            return fail(std::move(there.error()));
        }
        const std::int64_t parser = m_connection.termId(parsed.parser);
        {
            Query current(m_connection.statement(kCurrentParse));
            if (current.bind(critiqueId).step() && current.integer(1) == parser) {
                return Stored{current.integer(0), false};
            }
        }
        insertParse(m_connection, critiqueId, parsed);
        const std::int64_t id = lastId(m_connection);
        deriveParse(m_connection, critiqueId, summary(parsed));
        return Stored{id, true};
    });
}

Expected<Stored> Writer::addVerdict(const model::Verdict& verdict) {
    return storeVerdict(verdict, false);
}

Expected<Stored> Writer::enforceVerdict(const model::Verdict& verdict) {
    return storeVerdict(verdict, true);
}

Expected<Stored> Writer::storeVerdict(const model::Verdict& verdict, bool enforced) {
    return writing(m_connection, "cannot store a verdict", [&]() -> Expected<Stored> {
        if (auto there = requireSubject(m_connection, verdict.subject, verdict.subjectId); !there) {
            return fail(std::move(there.error()));
        }
        const int kind = static_cast<int>(verdict.subject);
        const int outcome = static_cast<int>(verdict.outcome);
        const std::int64_t verifier = m_connection.termId(verdict.verifier);
        const std::int64_t protocol = m_connection.termId(verdict.protocol);
        const std::int64_t source = m_connection.termId(verdict.source);
        if (!enforced && verdict.createdAt != 0) {
            Query known(m_connection.statement(kKnownVerdict));
            known.bind(outcome).bind(verdict.score).bind(verdict.step).bind(verdict.rule);
            known.bind(verdict.evidence).bind(kind).bind(verdict.subjectId).bind(verifier);
            if (known.bind(protocol).bind(source).bind(verdict.createdAt).step()) {
                return Stored{known.integer(0), false};
            }
        }
        {
            Query same(m_connection.statement(
                verdict.verifier == model::verifier::kLabel ? kSameLabel : kSameVerdict));
            same.bind(outcome).bind(verdict.score).bind(verdict.step).bind(verdict.rule);
            same.bind(verdict.evidence).bind(kind).bind(verdict.subjectId).bind(verifier);
            if (same.bind(protocol).bind(source).step() && same.small(1) != 0) {
                const std::int64_t known = same.integer(0);
                Query newest(m_connection.statement(kNewestVerdict));
                newest.bind(kind).bind(verdict.subjectId).bind(verifier);
                if (!enforced || (newest.step() && newest.integer(0) == known)) {
                    return Stored{known, false};
                }
            }
        }
        {
            Query insert(m_connection.statement(kInsertVerdict));
            insert.bind(kind).bind(verdict.subjectId).bind(verifier).bind(protocol).bind(source);
            insert.bind(outcome).bind(verdict.score).bind(verdict.step).bind(verdict.rule);
            insert.bind(verdict.evidence).bind(verdict.cost).bind(stamp(verdict.createdAt));
            insert.bind(verdict.completionId).run();
        }
        const std::int64_t id = lastId(m_connection);
        deriveVerdict(m_connection, verdict);
        return Stored{id, true};
    });
}

Expected<Stored> Writer::addAnnotation(const model::Annotation& annotation) {
    return writing(m_connection, "cannot store an annotation", [&]() -> Expected<Stored> {
        if (annotation.kind.empty()) {
            return fail(ErrorCode::Invalid, "an annotation needs a kind");
        }
        auto there = requireSubject(m_connection, annotation.subject, annotation.subjectId);
        if (!there) {
            return fail(std::move(there.error()));
        }
        const Stored stored = appendAnnotation(m_connection, annotation, {});
        deriveAnnotations(m_connection, annotation.subject, annotation.subjectId);
        return stored;
    });
}

Expected<std::optional<std::int64_t>> Writer::findProblem(std::string_view key) {
    using Found = Expected<std::optional<std::int64_t>>;
    return writing(m_connection, "cannot look up a problem",
                   [&]() -> Found { return findByBlob(m_connection, kFindProblem, packKey(key)); });
}

Expected<std::optional<std::int64_t>> Writer::findSolution(std::string_view key) {
    using Found = Expected<std::optional<std::int64_t>>;
    return writing(m_connection, "cannot look up a solution", [&]() -> Found {
        return findByBlob(m_connection, kFindSolution, packKey(key));
    });
}

Expected<std::optional<std::int64_t>>
Writer::findSolutionByExternalId(std::string_view externalId) {
    using Found = Expected<std::optional<std::int64_t>>;
    return writing(m_connection, "cannot look up a solution",
                   [&]() -> Found { return solutionNamed(m_connection, std::string(externalId)); });
}

Expected<std::int64_t> Writer::beginImport(std::string_view path, std::string_view format) {
    return writing(m_connection, "cannot note an import", [&]() -> Expected<std::int64_t> {
        const std::string file(path);
        const std::string formatName(format);
        Query insert(m_connection.statement(kBeginImport));
        insert.bind(file).bind(formatName).bind(base::unixMillis()).run();
        return lastId(m_connection);
    });
}

Expected<void> Writer::endImport(std::int64_t importId, const ImportTotals& totals,
                                 std::string_view state) {
    return writing(m_connection, "cannot note the end of an import", [&]() -> Expected<void> {
        if (state != "done" && state != "cancelled" && state != "failed") {
            return fail(ErrorCode::Invalid, "an import cannot end as '" + std::string(state) + "'");
        }
        const std::string stateName(state);
        Query update(m_connection.statement(kEndImport));
        update.bind(stateName).bind(totals.lines).bind(totals.added).bind(totals.existing);
        if (update.bind(totals.bad).bind(base::unixMillis()).bind(importId).run() == 0) {
            return fail(ErrorCode::NotFound, "there is no import " + std::to_string(importId));
        }
        return {};
    });
}

Expected<std::int64_t> Writer::addExport(std::string_view folder, std::string_view view,
                                         std::string_view filter, std::string_view manifest,
                                         std::span<const ExportMember> members) {
    return writingMany(m_connection, "cannot note an export", [&]() -> Expected<std::int64_t> {
        const std::string folderText(folder);
        const std::string viewText(view);
        const std::string filterText(filter);
        const std::string manifestText(manifest);
        Query insert(m_connection.statement(kInsertExport));
        insert.bind(folderText).bind(viewText).bind(filterText).bind(manifestText);
        insert.bind(base::unixMillis()).run();
        const std::int64_t exportId = lastId(m_connection);
        for (const ExportMember& member : members) {
            const std::string split(member.split);
            Query add(m_connection.statement(kInsertExportMember));
            add.bind(exportId).bind(member.critiqueId).bind(split).run();
        }
        return exportId;
    });
}

} // namespace scrit::store
