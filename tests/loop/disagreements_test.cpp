// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/disagreements.h"
#include "core/loop/import_driver.h"
#include "core/loop/verify.h"
#include "core/store/workspace.h"
#include "tests/support/test_program.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace scrit;

class DisagreementsTest : public QObject {
    Q_OBJECT

    static model::Verdict verdict(std::string_view verifier, const char* protocol,
                                  model::Outcome outcome) {
        model::Verdict v;
        v.subject = model::SubjectKind::Solution;
        v.subjectId = 7;
        v.verifier = verifier;
        v.protocol = protocol;
        v.outcome = outcome;
        return v;
    }

private Q_SLOTS:
    void pairsOfJudges() {
        using model::Outcome;
        namespace verifier = model::verifier;
        // Newest first. The older answer-match/3 is superseded; steps and form are other questions.
        std::vector<model::Verdict> verdicts = {
            verdict(verifier::kHuman, "review/1", Outcome::Yes),
            verdict(verifier::kAnswerMatch, "answer-match/3", Outcome::Yes),
            verdict(verifier::kAnswerMatch, "answer-match/3;precision=3", Outcome::No),
            verdict(verifier::kAnswerMatch, "answer-match/3", Outcome::No),
            verdict(verifier::kLabel, "label/answer", Outcome::Undecided),
            verdict(verifier::kLabel, "label/first-error", Outcome::No),
            verdict(verifier::kFormat, "format/1", Outcome::No)};
        const auto found = [&](const loop::DisagreementOptions& options) {
            return loop::disagreementsIn(verdicts, model::SubjectKind::Solution, 7, options);
        };
        const std::vector<loop::Disagreement> all = found({});
        QCOMPARE(all.size(), std::size_t{2});
        QCOMPARE(all[0].newer.verifier, std::string(verifier::kHuman));
        QCOMPARE(all[0].older.protocol, std::string("answer-match/3;precision=3"));
        QCOMPARE(all[1].newer.protocol, std::string("answer-match/3"));

        loop::DisagreementOptions options;
        options.undecided = true;
        QCOMPARE(found(options).size(), std::size_t{5});
        options = {};
        options.verifiers = {std::string(verifier::kAnswerMatch)};
        QCOMPARE(found(options).size(), std::size_t{1});
        options = {};
        options.protocols = {"answer-match/3", "review/1"};
        QVERIFY(found(options).empty());
        options = {};
        options.verifiers = {std::string(verifier::kFormat), std::string(verifier::kHuman)};
        QCOMPARE(found(options).size(), std::size_t{1});
        verdicts.front().subjectId = 8; // somebody judged another solution
        QCOMPARE(found({}).size(), std::size_t{1});
    }

    void aSecondProtocolAddsVerdictsAndShowsWhereTheyDiffer() {
        const QTemporaryDir folder;
        const QString data = folder.filePath(QStringLiteral("data.jsonl"));
        QFile file(data);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{\"problem\":\"A third?\",\"answer\":\"1/3\",\"response\":\"It is "
                   "\\\\boxed{0.333}.\"}\n"
                   "{\"problem\":\"A half?\",\"answer\":\"1/2\",\"response\":\"It is "
                   "\\\\boxed{0.5}.\"}\n");
        file.close();
        const std::string path = folder.filePath(QStringLiteral("w.scrit")).toStdString();
        auto workspace = store::Workspace::create(path);
        QVERIFY(workspace.has_value());
        QCOMPARE(loop::importFiles(**workspace, {data.toStdString()}, {}).total.added,
                 std::uint64_t{2});
        const auto added = [&](const math::EquivalenceSettings& settings) {
            loop::VerifyOptions options;
            options.verifiers = {std::string(model::verifier::kAnswerMatch)};
            options.answer = settings;
            const auto summary = loop::verifyWorkspace(**workspace, options);
            std::uint64_t count = 0;
            for (const loop::VerifierCount& one : summary->counts) {
                count += one.added;
            }
            return count;
        };
        const auto coarse = math::settingsOfProtocol("answer-match/3;precision=3");
        QVERIFY(coarse.has_value());
        QCOMPARE(added({}), std::uint64_t{2});
        QCOMPARE(added(*coarse), std::uint64_t{2});

        auto reader = (*workspace)->reader();
        QVERIFY(reader.has_value());
        std::vector<loop::Disagreement> found;
        const auto read = loop::forEachDisagreement(
            **reader, {}, [&](const store::TraceRecord&, const loop::Disagreement& one) {
                found.push_back(one);
                return base::Expected<bool>(true);
            });
        QVERIFY(read.has_value());
        QCOMPARE(found.size(), std::size_t{1});
        QCOMPARE(found[0].older.outcome, model::Outcome::No);
        QCOMPARE(found[0].older.protocol, std::string("answer-match/3"));
        QCOMPARE(found[0].newer.outcome, model::Outcome::Yes);
        QCOMPARE(found[0].newer.protocol, std::string("answer-match/3;precision=3"));
        loop::DisagreementOptions problems;
        problems.of = store::ListOf::Problems;
        const auto wrong = loop::forEachDisagreement(
            **reader, problems, [](const store::TraceRecord&, const loop::Disagreement&) {
                return base::Expected<bool>(true);
            });
        QVERIFY(!wrong.has_value());
        QCOMPARE(wrong.error().code, base::ErrorCode::Invalid);
        // The last settings are in force: the first ones are stated again, once.
        QCOMPARE(added({}), std::uint64_t{2});
        QCOMPARE(added({}), std::uint64_t{0});
    }
};

SCRIT_TEST(DisagreementsTest)
#include "disagreements_test.moc"
