// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/hash.h"
#include "core/model/lineage.h"
#include "core/store/reader.h"
#include "core/store/workspace.h"
#include "core/store/writer.h"

#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>
#include <set>
#include <stdexcept>
#include <string>

// Shared by the store tests: small objects with sound keys, and calls that fail the test with the
// error's own words.
namespace scrit::test {

// The value of an Expected, or the end of the test function with the message.
// NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared cannot stand in parentheses
#define SCRIT_TRY(target, expression)                                                              \
    auto target##Result = (expression);                                                            \
    QVERIFY2(target##Result.has_value(),                                                           \
             target##Result ? "" : target##Result.error().text().c_str());                         \
    auto& target = *target##Result
// NOLINTEND(bugprone-macro-parentheses)
#define SCRIT_OK(expression)                                                                       \
    do {                                                                                           \
        const auto scritOk = (expression);                                                         \
        QVERIFY2(scritOk.has_value(), scritOk ? "" : scritOk.error().text().c_str());              \
    } while (false)

inline model::Problem makeProblem(const std::string& text, const std::string& source = "gsm8k") {
    model::Problem problem;
    problem.text = text;
    problem.source = source;
    problem.key = base::contentHash({"problem", text, ""});
    return problem;
}

inline model::Solution makeSolution(std::int64_t problemId, const std::string& text,
                                    const std::string& author = "student-a") {
    model::Solution solution;
    solution.problemId = problemId;
    solution.text = text;
    solution.author = author;
    solution.steps = {{0, text.size()}};
    solution.key = base::contentHash({"solution", std::to_string(problemId), author, text});
    return solution;
}

inline model::Critique makeCritique(std::int64_t solutionId, const std::string& text,
                                    const std::string& critic = "critic-a") {
    model::Critique critique;
    critique.solutionId = solutionId;
    critique.text = text;
    critique.critic = critic;
    critique.key = base::contentHash({"critique", std::to_string(solutionId), critic, text});
    return critique;
}

inline model::Verdict makeVerdict(model::SubjectKind subject, std::int64_t id,
                                  std::string_view verifier, model::Outcome outcome,
                                  const std::string& protocol = "test/1") {
    model::Verdict verdict;
    verdict.subject = subject;
    verdict.subjectId = id;
    verdict.verifier = verifier;
    verdict.protocol = protocol;
    verdict.outcome = outcome;
    return verdict;
}

inline model::Annotation makeAnnotation(model::SubjectKind subject, std::int64_t id,
                                        const std::string& kind, const std::string& value) {
    model::Annotation annotation;
    annotation.subject = subject;
    annotation.subjectId = id;
    annotation.annotator = "anna";
    annotation.kind = kind;
    annotation.value = value;
    annotation.createdAt = 1;
    return annotation;
}

// The id of something stored; throws the error's text, which Qt Test reports.
inline std::int64_t idOf(const base::Expected<store::Stored>& stored) {
    if (!stored) {
        throw std::runtime_error(stored.error().text());
    }
    return stored->id;
}

inline std::filesystem::path inside(const QTemporaryDir& folder, const char* name = "w.scrit") {
    return std::filesystem::path(folder.path().toStdString()) / name;
}

// A problem with one candidate and its critique, each with the name in its text.
inline base::Expected<void> addTrace(store::Writer& writer, const std::string& name) {
    const auto problem = idOf(writer.addProblem(makeProblem("Problem " + name)));
    const auto solution = idOf(writer.addSolution(makeSolution(problem, "Solution " + name)));
    idOf(writer.addCritique(makeCritique(solution, "Critique " + name)));
    return {};
}

inline std::set<std::string> filesIn(const QTemporaryDir& folder) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path().toStdString())) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

} // namespace scrit::test
