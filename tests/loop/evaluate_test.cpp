// SPDX-License-Identifier: GPL-3.0-or-later
// Scores of stored critiques: a small world whose table is computed by hand, and the recorded
// critiques of the shared data, whose figures are recomputed here in a few lines.
#include "core/loop/import_driver.h"
#include "core/loop/scores.h"
#include "core/loop/verify.h"
#include "core/store/reader.h"
#include "tests/loop/cli_support.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <map>

using namespace scrit;
using namespace cli_support;

namespace {

// One solution of the hand-made world: what is right, and what the critics of round 1 and 2 say.
// Steps count from 1 in the texts, 0: no error.
struct Case {
    int goldStep;
    bool answerRight;
    int saidFirst;       // round 1
    QByteArray firstFix; // its correction's answer
    int saidSecond;      // round 2
    QByteArray secondFix;
};
// The right answer is 10 everywhere.
const std::array<Case, 6> kCases{{
    {2, false, 2, "10", 2, "10"}, // both find it and mend it
    {2, false, 3, "10", 2, "10"}, // round 1 is one step off
    {1, false, 3, "10", 3, "11"}, // both are two steps off; round 2 no longer mends it
    {3, false, 0, "11", 3, "11"}, // round 1 approves; round 2 finds the step, not the answer
    {0, true, 0, "10", 0, "10"},  // rightly approved
    {0, true, 1, "11", 0, "10"},  // round 1 spoils what was right
}};

QByteArray critiqueSaying(int step, const QByteArray& answer) {
    return critiqueText(step == 0, answer, step);
}

std::optional<double> valueOf(const loop::Evaluation& evaluation, const std::string& protocol,
                              const std::string& metric, const std::string& dataset = {}) {
    for (const loop::Score& score : evaluation.scores) {
        if (score.protocol == protocol && score.metric == metric && score.dataset == dataset) {
            return score.value;
        }
    }
    return std::nullopt;
}

// The row of all data sets together.
const loop::Difference& differenceOf(const loop::Evaluation& evaluation,
                                     const std::string& protocol, const std::string& metric) {
    for (const loop::Difference& row : evaluation.differences) {
        if (row.protocol == protocol && row.metric == metric && row.dataset.empty()) {
            return row;
        }
    }
    qFatal("there is no difference %s of %s", metric.c_str(), protocol.c_str());
}

// What the made-up critic says of a real solution: as many letters e as there are decide.
struct MadeUp {
    int step;   // from 1; 0: it is fine
    bool right; // its correction gives the reference answer
};
MadeUp madeUp(const QString& solution, bool correct) {
    const auto letters = static_cast<int>(solution.count(QLatin1Char('e')));
    return {letters % 3 == 0 ? 0 : letters % 6, correct ? letters % 5 != 0 : letters % 4 == 0};
}

QList<QJsonObject> linesOf(const QString& path, qsizetype most) {
    QFile file(path);
    QList<QJsonObject> lines;
    if (file.open(QIODevice::ReadOnly)) {
        while (!file.atEnd() && lines.size() < most) {
            lines.append(QJsonDocument::fromJson(file.readLine()).object());
        }
    }
    return lines;
}

} // namespace

class EvaluateTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    std::shared_ptr<store::Workspace> m_workspace;
    int m_workspaces = 0;

    loop::Evaluation evaluated(loop::Suite suite, const char* filter,
                               const char* against = nullptr) {
        loop::EvaluateOptions options;
        options.suites = {suite};
        options.filter = filter;
        if (against != nullptr) {
            options.against = against;
        }
        auto evaluation = loop::evaluateStored(*m_workspace, options);
        if (!evaluation) {
            qFatal("%s", evaluation.error().text().c_str());
        }
        return std::move(*evaluation);
    }

    // A workspace of its own with a file of problems and these critiques, scored.
    void importedWith(const QString& file, const QByteArray& critiques) {
        QTemporaryDir folder;
        const QString critiqueFile = folder.filePath(QStringLiteral("critiques.jsonl"));
        writeFile(critiqueFile, critiques);
        auto workspace = store::Workspace::create(
            m_dir.filePath(QStringLiteral("%1.scrit").arg(++m_workspaces)).toStdString());
        QVERIFY(workspace.has_value());
        m_workspace = *workspace;
        QVERIFY(loop::importFiles(*m_workspace, {file.toStdString()}, {}).complete());
        const auto imported =
            loop::importCritiqueFiles(*m_workspace, {critiqueFile.toStdString()}, {});
        QVERIFY(imported.complete());
        QVERIFY2(imported.total.bad == 0,
                 imported.badLines.empty() ? "" : imported.badLines.front().reason.c_str());
        QVERIFY(loop::verifyWorkspace(*m_workspace, {}).has_value());
    }

private Q_SLOTS:
    void initTestCase() {
        QByteArray solutions;
        QByteArray critiques;
        for (std::size_t i = 0; i < kCases.size(); ++i) {
            const Case& one = kCases.at(i);
            const QByteArray id = "s" + QByteArray::number(static_cast<int>(i));
            const QJsonObject line{
                {QStringLiteral("id"), QString::fromUtf8(id)},
                {QStringLiteral("problem"), QStringLiteral("Problem %1: what is 2 · 5?").arg(i)},
                {QStringLiteral("answer"), QStringLiteral("10")},
                {QStringLiteral("steps"),
                 QJsonArray{QStringLiteral("We multiply."), QStringLiteral("Two times five."),
                            QStringLiteral("The answer is %1.")
                                .arg(one.answerRight ? 10 : 9 - static_cast<int>(i))}},
                {QStringLiteral("first_error_step"), one.goldStep - 1},
                {QStringLiteral("author"), QStringLiteral("student")}};
            solutions += QJsonDocument(line).toJson(QJsonDocument::Compact) + '\n';
            for (const int round : {1, 2}) {
                QJsonObject critique =
                    QJsonDocument::fromJson(
                        critiqueLine(id + "-" + QByteArray::number(round), id,
                                     critiqueSaying(round == 1 ? one.saidFirst : one.saidSecond,
                                                    round == 1 ? one.firstFix : one.secondFix)))
                        .object();
                critique[QStringLiteral("round")] = round;
                critiques += QJsonDocument(critique).toJson(QJsonDocument::Compact) + '\n';
            }
        }
        const QString solutionFile = m_dir.filePath(QStringLiteral("solutions.jsonl"));
        const QString critiqueFile = m_dir.filePath(QStringLiteral("critiques.jsonl"));
        writeFile(solutionFile, solutions);
        writeFile(critiqueFile, critiques);
        auto workspace =
            store::Workspace::create(m_dir.filePath(QStringLiteral("w.scrit")).toStdString());
        QVERIFY(workspace.has_value());
        m_workspace = *workspace;
        for (const loop::ImportSummary& imported :
             {loop::importFiles(*m_workspace, {solutionFile.toStdString()}, {}),
              loop::importCritiqueFiles(*m_workspace, {critiqueFile.toStdString()}, {})}) {
            QVERIFY(imported.complete());
            QVERIFY2(imported.total.bad == 0,
                     imported.badLines.empty() ? "" : imported.badLines.front().reason.c_str());
        }
        QVERIFY(loop::verifyWorkspace(*m_workspace, {}).has_value());
    }

    // Round 1: strict hits of erroneous 1 of 4, of correct 1 of 2; with one step forgiven 2 of 4.
    // Round 2: strict 3 of 4 and 2 of 2; the fourth names the step but does not mend: SCRIT 2 of 4.
    void theFirstWrongStep() {
        const loop::Evaluation first = evaluated(loop::Suite::ErrorIdentification, "round:1");
        QCOMPARE(first.critiques, 6);
        QCOMPARE(first.unlabelled, 0);
        QCOMPARE(valueOf(first, "ei-processbench/1", "erroneous_acc"), std::optional(0.25));
        QCOMPARE(valueOf(first, "ei-processbench/1", "correct_acc"), std::optional(0.5));
        QCOMPARE(valueOf(first, "ei-processbench/1", "f1"), std::optional(1.0 / 3));
        QCOMPARE(valueOf(first, "ei-scrit/1", "erroneous_acc"), std::optional(0.5));
        const loop::Evaluation second = evaluated(loop::Suite::ErrorIdentification, "round:2");
        QCOMPARE(valueOf(second, "ei-processbench/1", "erroneous_acc"), std::optional(0.75));
        QCOMPARE(valueOf(second, "ei-processbench/1", "correct_acc"), std::optional(1.0));
        QCOMPARE(valueOf(second, "ei-scrit/1", "erroneous_acc"), std::optional(0.5));
    }

    // Right after, of 6: round 1 four (three mended, one kept), round 2 four (two mended, two
    // kept).
    void theCorrectionsAnswers() {
        const loop::Evaluation first = evaluated(loop::Suite::CritiqueCorrect, "round:1");
        QCOMPARE(valueOf(first, "cc/1", "cc_acc"), std::optional(4.0 / 6));
        QCOMPARE(valueOf(first, "cc/1", "i_to_c"), std::optional(0.75));
        QCOMPARE(valueOf(first, "cc/1", "c_to_i"), std::optional(0.5));
        const loop::Evaluation second = evaluated(loop::Suite::CritiqueCorrect, "round:2");
        QCOMPARE(valueOf(second, "cc/1", "cc_acc"), std::optional(4.0 / 6));
        QCOMPARE(valueOf(second, "cc/1", "i_to_c"), std::optional(0.5));
        QCOMPARE(valueOf(second, "cc/1", "c_to_i"), std::optional(0.0));
    }

    void roundsAreComparedSolutionBySolution() {
        const loop::Evaluation evaluation =
            evaluated(loop::Suite::CritiqueCorrect, "round:2", "round:1");
        QVERIFY(!evaluation.differences.empty());
        const loop::Difference& all = differenceOf(evaluation, "cc/1", "cc_acc");
        QCOMPARE(all.n, 6);
        QCOMPARE(all.before, 4.0 / 6);
        QCOMPARE(all.after, 4.0 / 6);
        QCOMPARE(all.fixed.size(), std::size_t{1});  // the sixth
        QCOMPARE(all.broken.size(), std::size_t{1}); // the third
        QVERIFY(!all.significant);
        const loop::Evaluation steps =
            evaluated(loop::Suite::ErrorIdentification, "round:2", "round:1");
        const loop::Difference& strict = differenceOf(steps, "ei-processbench/1", "f1");
        QCOMPARE(strict.fixed.size(), std::size_t{3});
        QCOMPARE(strict.broken.size(), std::size_t{0});
    }

    // What was fixed and broken makes up the change of each rate, on the solutions it is about.
    void changesOfARateAreItsItems_data() {
        QTest::addColumn<int>("suite");
        QTest::addColumn<QByteArray>("protocol");
        QTest::addColumn<QByteArray>("metric");
        const auto cc = static_cast<int>(loop::Suite::CritiqueCorrect);
        const auto ei = static_cast<int>(loop::Suite::ErrorIdentification);
        QTest::newRow("erroneous")
            << ei << QByteArray("ei-processbench/1") << QByteArray("erroneous_acc");
        QTest::newRow("correct") << ei << QByteArray("ei-processbench/1")
                                 << QByteArray("correct_acc");
        QTest::newRow("kept") << cc << QByteArray("cc/1") << QByteArray("c_to_c");
        QTest::newRow("mended") << cc << QByteArray("cc/1") << QByteArray("i_to_c");
    }
    void changesOfARateAreItsItems() {
        QFETCH(int, suite);
        QFETCH(QByteArray, protocol);
        QFETCH(QByteArray, metric);
        const loop::Evaluation evaluation =
            evaluated(static_cast<loop::Suite>(suite), "round:2", "round:1");
        const loop::Difference& change =
            differenceOf(evaluation, protocol.toStdString(), metric.toStdString());
        QVERIFY(change.tellsItems);
        const auto moved =
            static_cast<double>(change.fixed.size()) - static_cast<double>(change.broken.size());
        QVERIFY(std::abs((change.after - change.before) * static_cast<double>(change.n) - moved) <
                1e-9);
    }

    // P_a is 0 or 1 with one solution a problem: CL = share kept, CS = share mended.
    void confidenceAndCritique() {
        const loop::Evaluation first = evaluated(loop::Suite::ConfidenceCritique, "round:1");
        QCOMPARE(valueOf(first, "clcs/1", "acc1"), std::optional(2.0 / 6));
        QCOMPARE(valueOf(first, "clcs/1", "acc2"), std::optional(4.0 / 6));
        QCOMPARE(valueOf(first, "clcs/1", "cl"), std::optional(0.5));
        QCOMPARE(valueOf(first, "clcs/1", "cs"), std::optional(0.75));
    }

    // Recorded critiques, recomputed from the rows that lists show. All of those with a labelled
    // step are about wrong solutions, so there is no F1.
    void recordedCritiquesAsRecomputed() {
        const QString shared = QStringLiteral(SCRIT_SHARED_DIR "/data/critiques/");
        if (!QFile::exists(shared + QStringLiteral("mathcritique.jsonl"))) {
            QSKIP("../shared/data is not here");
        }
        auto workspace =
            store::Workspace::create(m_dir.filePath(QStringLiteral("shared.scrit")).toStdString());
        QVERIFY(workspace.has_value());
        std::vector<std::filesystem::path> files;
        for (const char* name : {"mathcritique.jsonl", "mr_gsm8k_critiques.jsonl"}) {
            files.emplace_back((shared + QLatin1String(name)).toStdString());
        }
        QVERIFY(loop::importCritiqueFiles(**workspace, files, {}).complete());
        QVERIFY(loop::verifyWorkspace(**workspace, {}).has_value());
        std::int64_t labelled = 0;
        std::int64_t hits = 0;
        std::map<std::string, std::array<std::int64_t, 2>> answers; // by data set: n, right after
        const auto reader = (*workspace)->reader();
        QVERIFY(reader.has_value());
        QVERIFY((*reader)->forEachRow({}, [&](const store::TraceRow& row) -> base::Expected<bool> {
            if (row.labelStep) {
                labelled += *row.labelStep >= 0 ? 1 : 0;
                hits += *row.labelStep >= 0 && row.firstErrorStep == row.labelStep ? 1 : 0;
            }
            if (row.solutionCorrect) {
                answers[row.source][0] += 1;
                answers[row.source][1] += row.answerMatch == model::Outcome::Yes ? 1 : 0;
            }
            return true;
        }));
        QVERIFY(labelled > 100);
        QVERIFY(!answers.empty());
        m_workspace = *workspace;
        const loop::Evaluation steps = evaluated(loop::Suite::ErrorIdentification, "");
        QCOMPARE(valueOf(steps, "ei-processbench/1", "erroneous_acc"),
                 std::optional(static_cast<double>(hits) / static_cast<double>(labelled)));
        QVERIFY(!valueOf(steps, "ei-processbench/1", "f1"));
        const loop::Evaluation corrections = evaluated(loop::Suite::CritiqueCorrect, "");
        for (const auto& [source, counts] : answers) {
            QCOMPARE(
                valueOf(corrections, "cc/1", "cc_acc", source),
                std::optional(static_cast<double>(counts[1]) / static_cast<double>(counts[0])));
        }
    }

    // Real ProcessBench lines, judged by a made-up critic; a and b counted here from the files
    // alone.
    void processBenchAsRecomputed() {
        const QString file =
            QStringLiteral(SCRIT_SHARED_DIR "/data/error_id/processbench_gsm8k.jsonl");
        if (!QFile::exists(file)) {
            QSKIP("../shared/data is not here");
        }
        QByteArray critiques;
        std::array<std::array<double, 2>, 2> counts{}; // erroneous or not: n, hits
        for (const QJsonObject& line : linesOf(file, 100'000)) {
            QString text;
            for (const auto& step : line[QStringLiteral("steps")].toArray()) {
                text += step.toString();
            }
            const int label = line[QStringLiteral("label")].toInt();
            const MadeUp said = madeUp(text, label == -1);
            std::array<double, 2>& group = counts.at(label == -1 ? 1 : 0);
            group[0] += 1;
            group[1] += said.step - 1 == label ? 1 : 0;
            critiques += critiqueLine("c" + line[QStringLiteral("id")].toString().toUtf8(),
                                      line[QStringLiteral("id")].toString().toUtf8(),
                                      critiqueSaying(said.step, "0"));
        }
        QVERIFY(counts[0][0] > 50 && counts[1][0] > 50);
        importedWith(file, critiques);
        const double a = counts[0][1] / counts[0][0];
        const double b = counts[1][1] / counts[1][0];
        const loop::Evaluation steps = evaluated(loop::Suite::ErrorIdentification, "");
        QCOMPARE(valueOf(steps, "ei-processbench/1", "erroneous_acc"), std::optional(a));
        QCOMPARE(valueOf(steps, "ei-processbench/1", "correct_acc"), std::optional(b));
        QCOMPARE(valueOf(steps, "ei-processbench/1", "f1"), std::optional(2 * a * b / (a + b)));
    }

    // Real RealCritic lines; the four transitions counted here from the files alone.
    void realCriticAsRecomputed() {
        const QString file = QStringLiteral(SCRIT_SHARED_DIR "/data/realcritic/gsm8k.jsonl");
        if (!QFile::exists(file)) {
            QSKIP("../shared/data is not here");
        }
        QByteArray critiques;
        std::array<std::array<double, 2>, 2> counts{}; // right before or not: n, right after
        const QList<QJsonObject> lines = linesOf(file, 100'000);
        for (qsizetype i = 0; i < lines.size(); ++i) {
            const QJsonObject& line = lines[i];
            const QByteArray gold = line[QStringLiteral("gt")].toVariant().toString().toUtf8();
            const bool before = line[QStringLiteral("previous_score")].toArray().first().toBool();
            const MadeUp said = madeUp(line[QStringLiteral("reasoning")].toString(), before);
            std::array<double, 2>& group = counts.at(before ? 0 : 1);
            group[0] += 1;
            group[1] += said.right ? 1 : 0;
            const QByteArray index = line[QStringLiteral("idx")].toVariant().toString().toUtf8();
            critiques += critiqueLine("c" + QByteArray::number(i), "gsm8k-" + index,
                                      critiqueSaying(1, said.right ? gold : "-77"));
        }
        QVERIFY(counts[0][0] > 20 && counts[1][0] > 20);
        importedWith(file, critiques);
        const loop::Evaluation answers = evaluated(loop::Suite::CritiqueCorrect, "");
        QCOMPARE(answers.critiques, static_cast<std::int64_t>(lines.size()));
        QCOMPARE(valueOf(answers, "cc/1", "c_to_c"), std::optional(counts[0][1] / counts[0][0]));
        QCOMPARE(valueOf(answers, "cc/1", "i_to_c"), std::optional(counts[1][1] / counts[1][0]));
        QCOMPARE(valueOf(answers, "cc/1", "cc_acc"),
                 std::optional((counts[0][1] + counts[1][1]) / (counts[0][0] + counts[1][0])));
    }

    void badQuestions() {
        QVERIFY(!loop::suiteNamed("nothing"));
        loop::EvaluateOptions options;
        options.filter = "nonsense:1";
        const auto refused = loop::evaluateStored(*m_workspace, options);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, base::ErrorCode::Invalid);
        // Nothing is selected: figures are absent, not 0.
        const loop::Evaluation none = evaluated(loop::Suite::ErrorIdentification, "round:77");
        QCOMPARE(none.critiques, 0);
        QVERIFY(!valueOf(none, "ei-processbench/1", "f1"));
    }
};

SCRIT_TEST(EvaluateTest)
#include "evaluate_test.moc"
