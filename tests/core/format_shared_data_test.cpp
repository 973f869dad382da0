// SPDX-License-Identifier: GPL-3.0-or-later
#include "format_support.h"
#include "tests/support/test_program.h"

#include <QElapsedTimer>
#include <QFileInfo>
#include <QTest>

#include <set>

using namespace scrit;
using namespace scrit::format;
using namespace scrit::format::testing;

// Real files: every line is accounted for, none is bad, and counts agree with what the files say.
class FormatSharedDataTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void problems_data();
    void problems();
    void critiques_data();
    void critiques();
    void ownSamples();
};

namespace {

QString shared(const QString& name) {
    return QStringLiteral(SCRIT_SHARED_DIR "/data/") + name;
}

} // namespace

void FormatSharedDataTest::problems_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("format");
    QTest::addColumn<int>("lines");
    QTest::addColumn<int>("solutions");
    QTest::addColumn<int>("rightAnswers"); // label/answer = yes
    QTest::addColumn<int>("withoutError"); // label/first-error = yes
    const auto row = [](const char* file, const char* format, int lines, int solutions, int right,
                        int withoutError) {
        QTest::newRow(file) << QString::fromUtf8(file) << QString::fromUtf8(format) << lines
                            << solutions << right << withoutError;
    };
    row("realcritic/gsm8k.jsonl", "realcritic", 273, 273, 136, 0);
    row("realcritic/math.jsonl", "realcritic", 268, 268, 134, 0);
    row("realcritic/college_math.jsonl", "realcritic", 279, 279, 139, 0);
    row("realcritic/arc-challenge.jsonl", "realcritic", 263, 263, 131, 0);
    row("realcritic/mmlu_stem.jsonl", "realcritic", 292, 292, 146, 0);
    row("gsm8k/test.jsonl", "gsm8k", 1319, 0, 0, 0);
    row("gsm8k/train_sample.jsonl", "gsm8k", 1000, 0, 0, 0);
    row("gsm8k/model_solutions.jsonl", "gsm8k", 3212, 3212, -1, 0);
    row("math500/dev.jsonl", "math", 302, 0, 0, 0);
    row("error_id/bbmistake_dyck_languages.jsonl", "processbench", 590, 590, -1, 199);
    row("error_id/bbmistake_logical_deduction.jsonl", "processbench", 172, 172, -1, 3);
    row("error_id/bbmistake_multistep_arithmetic.jsonl", "processbench", 189, 189, -1, 39);
    row("error_id/bbmistake_tracking_shuffled_objects.jsonl", "processbench", 170, 170, -1, 18);
    row("error_id/bbmistake_word_sorting.jsonl", "processbench", 180, 180, -1, 21);
    row("error_id/mr_gsm8k.jsonl", "processbench", 858, 858, -1, 418);
    row("error_id/mrben_chemistry.jsonl", "processbench", 545, 545, -1, 244);
    row("error_id/mrben_math.jsonl", "processbench", 592, 592, -1, 98);
    row("error_id/mrben_physics.jsonl", "processbench", 416, 416, -1, 196);
    row("error_id/prmbench_p1.jsonl", "processbench", 486, 486, -1, 53);
    row("error_id/processbench_gsm8k.jsonl", "processbench", 237, 237, -1, 115);
    row("error_id/processbench_math.jsonl", "processbench", 583, 583, -1, 226);
    row("error_id/processbench_olympiadbench.jsonl", "processbench", 625, 625, -1, 213);
    row("error_id/processbench_omnimath.jsonl", "processbench", 596, 596, -1, 134);
}

void FormatSharedDataTest::problems() {
    QFETCH(QString, file);
    QFETCH(QString, format);
    QFETCH(int, lines);
    QFETCH(int, solutions);
    QFETCH(int, rightAnswers);
    QFETCH(int, withoutError);
    const QString path = shared(file);
    if (!QFileInfo::exists(path)) {
        QSKIP("the recorded data is not beside this source tree");
    }
    QCOMPARE(qs(*detectFormat(path.toStdString())), format);
    QElapsedTimer timer;
    timer.start();
    const Imported<ImportedProblem> all = importAll(path.toStdString());
    QVERIFY(all.result);
    int candidates = 0;
    int answers = 0;
    int right = 0;
    int clean = 0;
    for (const ImportedProblem& item : all.items) {
        QVERIFY(!item.problem.key.empty() && !item.problem.source.empty());
        for (const ImportedSolution& solution : item.solutions) {
            ++candidates;
            answers += solution.solution.finalAnswer.empty() ? 0 : 1;
            QVERIFY(!solution.solution.steps.empty());
            QVERIFY(solution.solution.steps.back().end <= solution.solution.text.size());
            const model::Verdict* answer = labelOf(solution, "label/answer");
            right += answer != nullptr && answer->outcome == model::Outcome::Yes ? 1 : 0;
            const model::Verdict* step = labelOf(solution, "label/first-error");
            clean += step != nullptr && step->step == model::kNoError ? 1 : 0;
        }
    }
    qInfo("%s: %d lines, %d ok, %d bad, %d solutions, %d final answers, %lld ms", qPrintable(file),
          int(all.result->lines), int(all.result->good), int(all.result->bad), candidates, answers,
          timer.elapsed());
    QCOMPARE(all.result->lines, all.result->good + all.result->bad);
    QCOMPARE(int(all.result->lines), lines);
    QVERIFY2(all.bad.empty(), all.bad.empty() ? "" : all.bad[0].reason.c_str());
    QCOMPARE(candidates, solutions);
    if (rightAnswers >= 0) {
        QCOMPARE(right, rightAnswers);
    }
    QCOMPARE(clean, withoutError);
}

void FormatSharedDataTest::critiques_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("format");
    QTest::addColumn<int>("good");
    QTest::addColumn<int>("bad");
    const auto row = [](const char* file, const char* format, int good, int bad) {
        QTest::newRow(file) << QString::fromUtf8(file) << QString::fromUtf8(format) << good << bad;
    };
    row("critiques/mathcritique.jsonl", "mathcritique", 129, 0);
    row("critiques/mr_gsm8k_critiques.jsonl", "mr-gsm8k", 508, 0);
    row("critiques/metacritique.jsonl", "generic", 59, 0);
    // Their records do not say what they criticise: bad lines, not invented items.
    row("critiques/realmistake_math_outputs.jsonl", "generic", 0, 457);
    row("critiques/deepcritic_examples.jsonl", "generic", 0, 2);
}

void FormatSharedDataTest::critiques() {
    QFETCH(QString, file);
    QFETCH(QString, format);
    QFETCH(int, good);
    QFETCH(int, bad);
    const QString path = shared(file);
    if (!QFileInfo::exists(path)) {
        QSKIP("the recorded data is not beside this source tree");
    }
    QCOMPARE(qs((*openCritiques(path.toStdString(), {})).plan()->format), format);
    QElapsedTimer timer;
    timer.start();
    const Imported<ImportedCritique> all = importAllCritiques(path.toStdString());
    QVERIFY(all.result);
    std::set<std::string> keys;
    int concluded = 0;
    for (const ImportedCritique& item : all.items) {
        keys.insert(item.critique.key);
        concluded += item.critique.parsed.conclusion ? 1 : 0;
    }
    qInfo("%s: %d lines, %d ok, %d bad, %d different, %d with a conclusion, %lld ms",
          qPrintable(file), int(all.result->lines), int(all.result->good), int(all.result->bad),
          int(keys.size()), concluded, timer.elapsed());
    QCOMPARE(int(all.result->good), good);
    QCOMPARE(int(all.result->bad), bad);
    for (const BadLine& line : all.bad) {
        QVERIFY(line.reason.find("nor a solution_id") != std::string::npos);
    }
}

// What a fresh clone shows without any download.
void FormatSharedDataTest::ownSamples() {
    const std::string folder = SCRIT_SOURCE_DIR "/resources/samples/";
    const Imported<ImportedProblem> problems = importAll(folder + "problems.jsonl");
    QVERIFY2(problems.bad.empty(), problems.bad.empty() ? "" : problems.bad[0].reason.c_str());
    QVERIFY(problems.items.size() >= 24);
    std::set<std::string> ids;
    for (const ImportedProblem& item : problems.items) {
        QVERIFY(item.solutions.size() >= 2);
        for (const ImportedSolution& solution : item.solutions) {
            QVERIFY(ids.insert(solution.solution.externalId).second);
        }
    }
    const Imported<ImportedCritique> critiques = importAllCritiques(folder + "critiques.jsonl");
    QVERIFY2(critiques.bad.empty(), critiques.bad.empty() ? "" : critiques.bad[0].reason.c_str());
    QVERIFY(!critiques.items.empty());
    for (const ImportedCritique& item : critiques.items) {
        QVERIFY2(item.subject || ids.contains(item.solutionRef), item.solutionRef.c_str());
        QVERIFY2(item.referenceRef.empty() || ids.contains(item.referenceRef),
                 item.referenceRef.c_str());
    }
}

SCRIT_TEST(FormatSharedDataTest)
#include "format_shared_data_test.moc"
