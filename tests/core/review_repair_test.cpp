// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/repair.h"
#include "core/loop/verify.h"
#include "core/review/session.h"
#include "tests/core/review_support.h"
#include "tests/support/test_program.h"

#include <algorithm>

using namespace scrit;
using namespace scrit::test;
using namespace scrit::review;
using model::Outcome;
using model::SubjectKind;

// Repairing the answer of a problem: what depends on it is scored again, and nothing is lost.
class ReviewRepairTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<store::Workspace> m_workspace;
    std::unique_ptr<store::Reader> m_reader;

    std::int64_t count(store::ListOf of, const char* filter) {
        return m_reader->count({of, filter, {}, false}).value_or(-1);
    }
    // The newest answer match of the two solutions and critiques of problem 2: "s s c c".
    std::string matches() {
        std::string all;
        for (const store::ListOf of : {store::ListOf::Solutions, store::ListOf::Critiques}) {
            for (const std::int64_t id : {3, 4}) {
                const auto rows = m_reader->rows(of, {id}).value();
                all +=
                    rows[0].answerMatch ? std::string(model::name(*rows[0].answerMatch)) : "none";
                all += ' ';
            }
        }
        return all;
    }
    std::size_t verdictsOf(std::int64_t critique) {
        return m_reader->record(store::ListOf::Critiques, critique)->verdicts.size();
    }
    void verify(int precision = 6) {
        loop::VerifyOptions options;
        options.verifiers = {"answer_match"};
        options.answer.precision = precision;
        options.threads = 1;
        SCRIT_OK(loop::verifyWorkspace(*m_workspace, options));
    }

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_workspace = workspaceWith(inside(*m_folder), 12);
        m_reader = std::move(*m_workspace->reader());
        verify();
    }
    void cleanup() {
        m_reader.reset();
        m_workspace.reset();
    }

    // Problem 2: the data set says 2; solution 3 and both critiques say 2, solution 4 says 3.
    void repairAndTakeBack() {
        const std::string before = matches();
        QCOMPARE(QString::fromStdString(before), QStringLiteral("yes no yes yes "));
        const std::size_t verdicts = verdictsOf(3);
        SCRIT_TRY(repaired, loop::repairAnswer(m_workspace, 2, "ada", "3"));
        QCOMPARE(repaired.verdicts, 4);
        QCOMPARE(matches(), "no yes no no ");
        QVERIFY(verdictsOf(3) > verdicts); // added, nothing overwritten
        SCRIT_TRY(record, m_reader->record(store::ListOf::Critiques, 3));
        QCOMPARE(record.problem.referenceAnswer, "3");
        QCOMPARE(record.statedAnswer.value_or("none"), "2");
        SCRIT_TRY(neighbour, m_reader->record(store::ListOf::Critiques, 5));
        QVERIFY(!neighbour.statedAnswer);
        QCOMPARE(count(store::ListOf::Problems, "annotated:yes"), 1);
        verify(); // scores with the repaired answer, too: nothing changes
        QCOMPARE(matches(), "no yes no no ");
        SCRIT_TRY(back, loop::takeBackRepair(m_workspace, 2, "ada"));
        QCOMPARE(back.verdicts, 4);
        QCOMPARE(matches(), before);
        SCRIT_TRY(after, m_reader->record(store::ListOf::Critiques, 3));
        QCOMPARE(after.problem.referenceAnswer, "2");
        QVERIFY(!after.statedAnswer);
        QCOMPARE(loop::takeBackRepair(m_workspace, 2, "ada").error().code,
                 base::ErrorCode::NotFound);
        QCOMPARE(loop::repairAnswer(m_workspace, 99, "ada", "3").error().code,
                 base::ErrorCode::NotFound);
    }

    void wrongWithoutARightOne() {
        SCRIT_TRY(repaired, loop::repairAnswer(m_workspace, 2, "ada", ""));
        QCOMPARE(repaired.verdicts, 4);
        QCOMPARE(matches(), "undecided undecided undecided undecided ");
        SCRIT_TRY(record, m_reader->record(store::ListOf::Problems, 2));
        QVERIFY(record.problem.referenceAnswer.empty());
        QCOMPARE(record.statedAnswer.value_or("none"), "2");
    }

    // The settings that a verdict was made with are kept.
    void protocolsAreKept() {
        verify(3);
        SCRIT_OK(loop::repairAnswer(m_workspace, 2, "ada", "3"));
        SCRIT_TRY(record, m_reader->record(store::ListOf::Critiques, 3));
        const auto newest =
            std::find_if(record.verdicts.begin(), record.verdicts.end(), [](const auto& verdict) {
                return verdict.subject == SubjectKind::Critique &&
                       verdict.verifier == model::verifier::kAnswerMatch;
            });
        math::EquivalenceSettings settings;
        settings.precision = 3;
        QCOMPARE(newest->protocol, math::protocolId(settings));
    }

    // The newest word counts, an adjudicator's above all.
    void severalRepairs() {
        SCRIT_OK(loop::repairAnswer(m_workspace, 2, "ada", "3"));
        SCRIT_OK(loop::repairAnswer(m_workspace, 2, "bo", "2"));
        QCOMPARE(matches(), "yes no yes yes ");
        SCRIT_OK(loop::repairAnswer(m_workspace, 2, adjudicatorName("eve"), "3"));
        QCOMPARE(matches(), "no yes no no ");
        SCRIT_TRY(ignored, loop::repairAnswer(m_workspace, 2, "bo", "7"));
        QCOMPARE(ignored.verdicts, 0);
        QCOMPARE(matches(), "no yes no no ");
        SCRIT_OK(loop::takeBackRepair(m_workspace, 2, adjudicatorName("eve")));
        QCOMPARE(matches(), "no no no no "); // bo's 7
    }

    // In a review: annotation and verdicts are one transaction, and undo takes both back.
    void reviewedAndUndone() {
        SCRIT_OK(createPlan(*m_workspace, planCalled("plan")));
        auto session =
            Session::open(m_workspace, "plan", "ada", loop::answerRescorer(m_workspace)).value();
        Judgement judgement;
        judgement.repairedAnswer = "3";
        judgement.seconds = 4;
        SCRIT_TRY(submitted, session->submit(2, judgement));
        QCOMPARE(submitted.rescored, 4);
        QCOMPARE(matches(), "no yes no no ");
        SCRIT_TRY(undone, session->undo());
        QCOMPARE(undone->rescored, 4);
        QCOMPARE(matches(), "yes no yes yes ");
        // A judgement that says it no more takes it back, too.
        SCRIT_OK(session->submit(2, judgement));
        SCRIT_TRY(edited, session->submit(2, valid(true)));
        QCOMPARE(edited.rescored, 4);
        QCOMPARE(matches(), "yes no yes yes ");
    }
};

SCRIT_TEST(ReviewRepairTest)
#include "review_repair_test.moc"
