// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/derived.h"

#include "core/base/text.h"

#include <array>
#include <set>
#include <string_view>

namespace scrit::store {
namespace {

using model::SubjectKind;

constexpr std::size_t kExcerptChars = 160;
constexpr std::string_view kLabelAnswer = "label/answer";
constexpr std::string_view kLabelFirstError = "label/first-error";

constexpr const char* kInsertProblemRow =
    "INSERT INTO problem_row (id, source_term, split_term, subject_term, level_term, excerpt) "
    "VALUES (?, ?, ?, ?, ?, ?)";
constexpr const char* kInsertSolutionRow =
    "INSERT INTO solution_row (id, problem_id, source_term, split_term, subject_term, level_term, "
    "student_term) "
    "SELECT ?1, p.id, iif(?2 = 0, p.source_term, ?2), p.split_term, p.subject_term, p.level_term, "
    "?3 FROM problem_row p WHERE p.id = ?4";
constexpr const char* kInsertCritiqueRow =
    "INSERT INTO critique_row (id, problem_id, solution_id, source_term, split_term, subject_term, "
    "level_term, student_term, correct, label_step, mode, critic_term, round, conclusion, "
    "first_error, flags, solution_arithmetic, tokens) "
    "SELECT ?1, s.problem_id, s.id, iif(?2 = 0, s.source_term, ?2), s.split_term, s.subject_term, "
    "s.level_term, s.student_term, s.correct, s.label_step, ?3, ?4, ?5, ?6, ?7, ?8, s.arithmetic, "
    "ifnull((SELECT completion_tokens FROM completion WHERE id = ?9), 0) "
    "FROM solution_row s WHERE s.id = ?10";

constexpr std::array<const char*, 3> kProblemTerms = {
    "UPDATE problem_row SET (split_term, subject_term, level_term) = "
    "(SELECT split_term, subject_term, level_term FROM problem WHERE id = ?1) WHERE id = ?1",
    "UPDATE solution_row SET (split_term, subject_term, level_term) = "
    "(SELECT split_term, subject_term, level_term FROM problem WHERE id = ?1) WHERE problem_id = "
    "?1",
    "UPDATE critique_row SET (split_term, subject_term, level_term) = "
    "(SELECT split_term, subject_term, level_term FROM problem WHERE id = ?1) WHERE problem_id = "
    "?1"};

constexpr const char* kUpdateParse =
    "UPDATE critique_row SET conclusion = ?, first_error = ?, flags = ? WHERE id = ?";

// Solutions: the update of one column and then of the copies in the solution's critiques.
constexpr const char* kSolutionHuman = "UPDATE solution_row SET human = ? WHERE id = ?";
constexpr const char* kSolutionAnswer = "UPDATE solution_row SET answer = ? WHERE id = ?";
constexpr const char* kSolutionTold = "UPDATE solution_row SET told = ? WHERE id = ?";
constexpr const char* kSolutionLabelStep = "UPDATE solution_row SET label_step = ? WHERE id = ?";
constexpr const char* kSolutionArithmetic = "UPDATE solution_row SET arithmetic = ? WHERE id = ?";
constexpr const char* kCopyToCritiques =
    "UPDATE critique_row SET (correct, label_step, solution_arithmetic) = "
    "(SELECT correct, label_step, arithmetic FROM solution_row WHERE id = ?1) "
    "WHERE solution_id = ?1";

constexpr const char* kCritiqueValidated = "UPDATE critique_row SET validated = ? WHERE id = ?";
constexpr const char* kCritiqueAnswer = "UPDATE critique_row SET answer = ? WHERE id = ?";
constexpr const char* kCritiqueArithmetic = "UPDATE critique_row SET arithmetic = ? WHERE id = ?";

constexpr const char* kAnnotations = "SELECT id, kind, value, supersedes FROM annotation "
                                     "WHERE subject_kind = ? AND subject_id = ? ORDER BY id DESC";
constexpr std::array<const char*, 3> kSetAnnotated = {
    "UPDATE problem_row SET annotated = ?, label = ? WHERE id = ?",
    "UPDATE solution_row SET annotated = ?, label = ? WHERE id = ?",
    "UPDATE critique_row SET annotated = ?, label = ? WHERE id = ?"};

constexpr std::array<const char*, 3> kIndexTexts = {
    "INSERT INTO problem_text (rowid, text) SELECT id, text FROM problem WHERE id >= ?",
    "INSERT INTO solution_text (rowid, text) SELECT id, text FROM solution WHERE id >= ?",
    "INSERT INTO critique_text (rowid, text) SELECT id, text FROM critique WHERE id >= ?"};

// The statement for a verdict about a solution; none for verifiers that lists do not know.
const char* solutionUpdate(const model::Verdict& verdict) {
    if (verdict.verifier == model::verifier::kHuman) {
        return kSolutionHuman;
    }
    if (verdict.verifier == model::verifier::kAnswerMatch) {
        return kSolutionAnswer;
    }
    if (verdict.verifier == model::verifier::kStepArithmetic) {
        return kSolutionArithmetic;
    }
    if (verdict.verifier == model::verifier::kLabel) {
        if (verdict.protocol == kLabelAnswer) {
            return kSolutionTold;
        }
        if (verdict.protocol == kLabelFirstError) {
            return kSolutionLabelStep;
        }
    }
    return nullptr;
}

const char* critiqueUpdate(const model::Verdict& verdict) {
    if (verdict.verifier == model::verifier::kSelfValidation) {
        return kCritiqueValidated;
    }
    if (verdict.verifier == model::verifier::kAnswerMatch) {
        return kCritiqueAnswer;
    }
    if (verdict.verifier == model::verifier::kStepArithmetic) {
        return kCritiqueArithmetic;
    }
    return nullptr;
}

std::optional<int> labelNumber(const std::string& value) {
    if (value == "agree") {
        return 0;
    }
    if (value == "disagree") {
        return 1;
    }
    return value == "unsure" ? std::optional(2) : std::nullopt;
}

// What a subject's annotations say together. An annotation that a later one supersedes is not in
// force, unless that later one was itself taken back: read from the newest to the oldest.
struct InForce {
    bool any = false;
    std::optional<int> label;
    std::set<std::string> tags;
};

InForce annotationsInForce(Connection& connection, int kind, std::int64_t subjectId) {
    InForce result;
    std::set<std::int64_t> superseded;
    Query query(connection.statement(kAnnotations));
    query.bind(kind).bind(subjectId);
    while (query.step()) {
        if (superseded.contains(query.integer(0))) {
            continue;
        }
        if (!query.isNull(3)) {
            superseded.insert(query.integer(3));
        }
        const std::string what = query.text(1);
        if (what == "undo") {
            continue;
        }
        result.any = true;
        if (what == "agreement" && !result.label) {
            result.label = labelNumber(query.text(2));
        } else if (what == "tag") {
            result.tags.insert(query.text(2));
        }
    }
    return result;
}

} // namespace

void deriveProblem(Connection& connection, std::int64_t id, const std::string& text,
                   std::int64_t source, std::int64_t split, std::int64_t subject,
                   std::int64_t level) {
    const std::string excerpt =
        base::excerpt(std::string_view(text).substr(0, kExcerptChars * 8), kExcerptChars);
    Query insert(connection.statement(kInsertProblemRow));
    insert.bind(id).bind(source).bind(split).bind(subject).bind(level).bind(excerpt).run();
    connection.noteNewText(0, id);
}

void deriveSolution(Connection& connection, std::int64_t id, std::int64_t problemId,
                    std::int64_t source, std::int64_t student) {
    Query insert(connection.statement(kInsertSolutionRow));
    insert.bind(id).bind(source).bind(student).bind(problemId).run();
    connection.noteNewText(1, id);
}

void deriveCritique(Connection& connection, std::int64_t id, const model::Critique& critique,
                    const CritiqueTerms& terms, const ParseSummary& parse) {
    Query insert(connection.statement(kInsertCritiqueRow));
    insert.bind(id).bind(terms.source).bind(static_cast<int>(critique.mode)).bind(terms.critic);
    insert.bind(critique.round).bind(parse.conclusion).bind(parse.firstErrorStep);
    insert.bind(static_cast<std::int64_t>(parse.flags)).bind(critique.completionId);
    insert.bind(critique.solutionId).run();
    connection.noteNewText(2, id);
}

void deriveProblemTerms(Connection& connection, std::int64_t problemId) {
    for (const char* sql : kProblemTerms) {
        Query update(connection.statement(sql));
        update.bind(problemId).run();
    }
}

void deriveParse(Connection& connection, std::int64_t critiqueId, const ParseSummary& parse) {
    Query update(connection.statement(kUpdateParse));
    update.bind(parse.conclusion).bind(parse.firstErrorStep);
    update.bind(static_cast<std::int64_t>(parse.flags)).bind(critiqueId).run();
}

void deriveVerdict(Connection& connection, const model::Verdict& verdict) {
    const int outcome = static_cast<int>(verdict.outcome);
    if (verdict.subject == SubjectKind::Solution) {
        const char* sql = solutionUpdate(verdict);
        if (sql == nullptr) {
            return;
        }
        {
            Query update(connection.statement(sql));
            if (sql == kSolutionLabelStep) {
                update.bind(verdict.step);
            } else {
                update.bind(outcome);
            }
            update.bind(verdict.subjectId).run();
        }
        Query copy(connection.statement(kCopyToCritiques));
        copy.bind(verdict.subjectId).run();
    } else if (verdict.subject == SubjectKind::Critique) {
        if (const char* sql = critiqueUpdate(verdict); sql != nullptr) {
            Query update(connection.statement(sql));
            update.bind(outcome).bind(verdict.subjectId).run();
        }
    }
}

void deriveAnnotations(Connection& connection, SubjectKind subject, std::int64_t subjectId) {
    const int kind = static_cast<int>(subject);
    const InForce now = annotationsInForce(connection, kind, subjectId);
    {
        Query update(connection.statement(kSetAnnotated.at(static_cast<std::size_t>(kind))));
        update.bind(now.any).bind(now.label).bind(subjectId).run();
    }
    {
        Query clear(
            connection.statement("DELETE FROM tag_row WHERE subject_kind = ? AND subject_id = ?"));
        clear.bind(kind).bind(subjectId).run();
    }
    for (const std::string& tag : now.tags) {
        Query insert(connection.statement(
            "INSERT INTO tag_row (subject_kind, subject_id, tag) VALUES (?, ?, ?)"));
        insert.bind(kind).bind(subjectId).bind(tag).run();
    }
}

void indexNewTexts(Connection& connection) {
    for (std::size_t kind = 0; kind < kIndexTexts.size(); ++kind) {
        if (const auto first = connection.takeNewText(kind)) {
            Query insert(connection.statement(kIndexTexts.at(kind)));
            insert.bind(*first).run();
        }
    }
}

} // namespace scrit::store
