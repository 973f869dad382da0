// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/derived.h"

#include "core/base/text.h"
#include "core/store/annotation_rules.h"
#include "core/store/annotations.h"

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
// What a row takes over from the one above it is read first: an INSERT … SELECT may add several
// rows, so that SQLite keeps a copy of each page it changes, and took more than twice as long.
constexpr const char* kOfProblem =
    "SELECT source_term, split_term, subject_term, level_term FROM problem_row WHERE id = ?";
constexpr const char* kInsertSolutionRow =
    "INSERT INTO solution_row (id, problem_id, student_term, source_term, split_term, "
    "subject_term, level_term) VALUES (?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kOfSolution =
    "SELECT source_term, split_term, subject_term, level_term, problem_id, student_term, correct, "
    "label_step, arithmetic FROM solution_row WHERE id = ?";
constexpr const char* kInsertCritiqueRow =
    "INSERT INTO critique_row (id, solution_id, mode, critic_term, round, conclusion, first_error, "
    "flags, tokens, source_term, split_term, subject_term, level_term, problem_id, student_term, "
    "correct, label_step, solution_arithmetic) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
    "ifnull((SELECT completion_tokens FROM completion WHERE id = ?), 0), "
    "?, ?, ?, ?, ?, ?, ?, ?, ?)";

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

constexpr std::array<const char*, 3> kSetAnnotated = {
    "UPDATE problem_row SET annotated = ?, label = ? WHERE id = ?",
    "UPDATE solution_row SET annotated = ?, label = ? WHERE id = ?",
    "UPDATE critique_row SET annotated = ?, label = ? WHERE id = ?"};
constexpr const char* kSetAnswer = "UPDATE problem_row SET answer = ? WHERE id = ?";
constexpr const char* kAnnotatedCritique = "SELECT annotated FROM critique_row WHERE id = ?";
constexpr const char* kValidated = "SELECT validated FROM critique_row WHERE id = ?";

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

constexpr int kAgree = 0;
constexpr int kDisagree = 1;
constexpr int kUnsure = 2;

// "agree" and "disagree" are with the self-validation, so that what somebody says of the critique
// itself ("valid", "invalid") is compared with it; absent when that is not possible.
std::optional<int> labelNumber(const std::string& value, std::optional<int> validated) {
    if (value == "unsure") {
        return kUnsure;
    }
    if (value == "agree" || value == "disagree") {
        return value == "agree" ? kAgree : kDisagree;
    }
    if ((value == "valid" || value == "invalid") && validated && *validated < 2) {
        return (value == "valid") == (*validated == 0) ? kAgree : kDisagree;
    }
    return std::nullopt;
}

// What a subject's annotations say together.
struct InForce {
    bool any = false;
    std::optional<int> label;
    std::optional<std::string> answer; // of a problem
    std::set<std::string> tags;
};

// The validity that the annotator who counts most has given, where it can be compared, else the
// agreement.
std::optional<int> labelOf(const std::vector<const model::Annotation*>& opinions,
                           std::optional<int> validated) {
    const model::Annotation* best = nullptr;
    for (const model::Annotation* one : opinions) {
        best = best == nullptr || outranks(*one, *best) ? one : best;
    }
    std::optional<int> label;
    const model::Annotation* source = nullptr;
    for (const model::Annotation* one : opinions) {
        const std::optional<int> says = labelNumber(one->value, validated);
        if (!says || one->annotator != best->annotator) {
            continue;
        }
        const bool stronger = source != nullptr && one->kind != source->kind
                                  ? one->kind == "validity"
                                  : source == nullptr || outranks(*one, *source);
        if (stronger) {
            source = one;
            label = says;
        }
    }
    return label;
}

InForce inForceOf(Connection& connection, SubjectKind subject, std::int64_t subjectId) {
    const std::vector<model::Annotation> all = annotationsOf(connection, subject, subjectId);
    const std::vector<bool> counts = annotationsInForce(all);
    InForce result;
    std::vector<const model::Annotation*> opinions;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!counts[i]) {
            continue;
        }
        result.any = true;
        if (all[i].kind == "tag") {
            result.tags.insert(all[i].value);
        } else if (all[i].kind == "agreement" || all[i].kind == "validity") {
            opinions.push_back(&all[i]);
        }
    }
    std::optional<int> validated;
    if (subject == SubjectKind::Critique && !opinions.empty()) {
        Query query(connection.statement(kValidated));
        validated = query.bind(subjectId).step() ? query.maybeSmall(0) : std::nullopt;
    }
    result.label = labelOf(opinions, validated);
    if (subject == SubjectKind::Problem) {
        result.answer = repairedAnswer(all);
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
    Query problem(connection.statement(kOfProblem));
    if (!problem.bind(problemId).step()) {
        return; // a damaged file: the solution is in no list
    }
    Query insert(connection.statement(kInsertSolutionRow));
    insert.bind(id).bind(problemId).bind(student);
    insert.bind(source != 0 ? source : problem.integer(0)).bind(problem.integer(1));
    insert.bind(problem.integer(2)).bind(problem.integer(3)).run();
    connection.noteNewText(1, id);
}

void deriveCritique(Connection& connection, std::int64_t id, const model::Critique& critique,
                    const CritiqueTerms& terms, const ParseSummary& parse) {
    Query solution(connection.statement(kOfSolution));
    if (!solution.bind(critique.solutionId).step()) {
        return; // as above
    }
    Query insert(connection.statement(kInsertCritiqueRow));
    insert.bind(id).bind(critique.solutionId).bind(static_cast<int>(critique.mode));
    insert.bind(terms.critic).bind(critique.round).bind(parse.conclusion);
    insert.bind(parse.firstErrorStep).bind(static_cast<std::int64_t>(parse.flags));
    insert.bind(critique.completionId);
    insert.bind(terms.source != 0 ? terms.source : solution.integer(0));
    for (int column = 1; column <= 8; ++column) {
        insert.bind(solution.maybe(column));
    }
    insert.run();
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
        if (verdict.verifier == model::verifier::kSelfValidation) {
            bool annotated = false; // then its label may be another one now
            {
                Query query(connection.statement(kAnnotatedCritique));
                annotated = query.bind(verdict.subjectId).step() && query.small(0) != 0;
            }
            if (annotated) {
                deriveAnnotations(connection, SubjectKind::Critique, verdict.subjectId);
            }
        }
    }
}

void deriveAnnotations(Connection& connection, SubjectKind subject, std::int64_t subjectId) {
    const int kind = static_cast<int>(subject);
    const InForce now = inForceOf(connection, subject, subjectId);
    {
        Query update(connection.statement(kSetAnnotated.at(static_cast<std::size_t>(kind))));
        update.bind(now.any).bind(now.label).bind(subjectId).run();
    }
    if (subject == SubjectKind::Problem) {
        Query update(connection.statement(kSetAnswer));
        update.bind(now.answer).bind(subjectId).run();
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
