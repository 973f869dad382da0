// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/export_driver.h"
#include "core/loop/import_driver.h"
#include "core/loop/ordered_pool.h"
#include "core/loop/verify.h"
#include "core/store/reader.h"
#include "core/store/writer.h"
#include "tests/support/test_program.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <chrono>
#include <thread>

using namespace scrit;

class LoopDriversTest : public QObject {
    Q_OBJECT

    static model::Problem problem(const char* answer) {
        model::Problem p;
        p.text = "What is 2 + 2?";
        p.referenceAnswer = answer;
        return p;
    }
    static model::Solution solution(const char* text, const char* answer) {
        model::Solution s;
        s.id = 5;
        s.text = text;
        s.finalAnswer = answer;
        s.steps = {{0, s.text.size()}};
        return s;
    }
    static QJsonObject evidence(const model::Verdict& verdict) {
        return QJsonDocument::fromJson(QByteArray::fromStdString(verdict.evidence)).object();
    }
    std::filesystem::path write(const QTemporaryDir& folder, const char* name,
                                const QByteArray& bytes) {
        const QString path = folder.filePath(QLatin1String(name));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) {
            qFatal("cannot write");
        }
        return path.toStdString();
    }
    static QByteArray lines(int count) {
        QByteArray out;
        for (int i = 0; i < count; ++i) {
            out += "{\"problem\":\"p" + QByteArray::number(i) + "\",\"answer\":\"1\"}\n";
        }
        return out;
    }

    static constexpr const char* kAllFine =
        "### Critique of Step 1\nFine.\n### Critique of Step 2\nFine.\n## Conclusion of "
        "Critique\nThe solution is Correct.\nThe first error step number: -1\n";
    static QByteArray json(const QVariantMap& fields) {
        return QJsonDocument(QJsonObject::fromVariantMap(fields)).toJson(QJsonDocument::Compact) +
               "\n";
    }

private Q_SLOTS:
    void poolKeepsOrderAndBound() {
        std::atomic<int> inside = 0;
        std::atomic<int> most = 0;
        std::vector<int> results;
        loop::OrderedPool<int, int> pool(
            4, 6,
            [&](int&& value) {
                const int now = ++inside;
                int seen = most;
                while (now > seen && !most.compare_exchange_weak(seen, now)) {
                }
                if (value % 7 == 0) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(2));
                }
                --inside;
                return value * 2;
            },
            [&](int&& value) -> base::Expected<void> {
                results.push_back(value);
                return {};
            });
        for (int i = 0; i < 500; ++i) {
            QVERIFY(pool.push(i).has_value());
            QVERIFY(i + 1 - static_cast<int>(results.size()) <= 6);
        }
        QVERIFY(pool.drain().has_value());
        QCOMPARE(results.size(), std::size_t{500});
        for (int i = 0; i < 500; ++i) {
            QCOMPARE(results[static_cast<std::size_t>(i)], i * 2);
        }
        QVERIFY(most <= 4);
    }

    void poolPassesTheSinksErrorOnAndStops() {
        int taken = 0;
        loop::OrderedPool<int, int> pool(
            2, 3, [](int&& value) { return value; },
            [&](int&& value) -> base::Expected<void> {
                ++taken;
                return value == 4 ? base::fail(base::ErrorCode::DiskFull, "full")
                                  : base::Expected<void>{};
            });
        base::Expected<void> pushed;
        for (int i = 0; i < 100 && pushed; ++i) {
            pushed = pool.push(i);
        }
        QVERIFY(!pushed);
        QCOMPARE(pushed.error().code, base::ErrorCode::DiskFull);
        QCOMPARE(taken, 5);
    }

    void answerMatch() {
        const model::Problem p = problem("4");
        QCOMPARE(loop::answerMatchOfSolution(p, solution("", "4"), {})->outcome,
                 model::Outcome::Yes);
        QCOMPARE(loop::answerMatchOfSolution(p, solution("", "5"), {})->outcome,
                 model::Outcome::No);
        const auto none = loop::answerMatchOfSolution(p, solution("", ""), {});
        QCOMPARE(none->outcome, model::Outcome::Undecided);
        QCOMPARE(QString::fromStdString(none->rule), QStringLiteral("empty"));
        QVERIFY(!loop::answerMatchOfSolution(problem(""), solution("", "5"), {}));
        math::EquivalenceSettings settings;
        settings.precision = 3;
        QVERIFY(loop::answerMatchOfSolution(p, solution("", "4"), settings)->protocol !=
                loop::answerMatchOfSolution(p, solution("", "4"), {})->protocol);
    }

    void choicesByLetterOrText() {
        model::Problem p = problem("B");
        p.choices = {"three", "four"};
        QCOMPARE(loop::answerMatchOfSolution(p, solution("", "B"), {})->outcome,
                 model::Outcome::Yes);
        QCOMPARE(loop::answerMatchOfSolution(p, solution("", "four"), {})->outcome,
                 model::Outcome::Yes);
        QCOMPARE(loop::answerMatchOfSolution(p, solution("", "three"), {})->outcome,
                 model::Outcome::No);
        // The last number of the text is no answer where letters are asked for.
        QCOMPARE(
            loop::answerMatchOfSolution(p, solution("2 + 2 = 4, so it is (B).", "4"), {})->outcome,
            model::Outcome::Yes);
    }

    void critiqueWithoutAnswerStandsForTheSolution() {
        model::Critique c;
        c.id = 9;
        c.text = "Fine.";
        c.parsed.conclusion = model::Conclusion::Correct;
        auto verdict = loop::answerMatchOfCritique(problem("4"), solution("", "4"), c, {});
        QCOMPARE(verdict->outcome, model::Outcome::Yes);
        QCOMPARE(verdict->subjectId, 9);
        QCOMPARE(evidence(*verdict)[u"answer_from"].toString(), QStringLiteral("solution"));

        c.parsed.conclusion = model::Conclusion::Incorrect; // says wrong and gives nothing better
        verdict = loop::answerMatchOfCritique(problem("4"), solution("", "4"), c, {});
        QCOMPARE(verdict->outcome, model::Outcome::Undecided);

        c.parsed.correctionAnswer = "4";
        verdict = loop::answerMatchOfCritique(problem("4"), solution("", "5"), c, {});
        QCOMPARE(verdict->outcome, model::Outcome::Yes);
        QCOMPARE(evidence(*verdict)[u"answer_from"].toString(), QStringLiteral("correction"));

        c.parsed.correctionAnswer.clear(); // delivered outside the critique
        c.correctionText = "So the answer is \\boxed{4}.";
        QCOMPARE(loop::answerMatchOfCritique(problem("4"), solution("", "5"), c, {})->outcome,
                 model::Outcome::Yes);
    }

    void stepArithmetic() {
        model::Solution s = solution("2 + 2 = 4\n\n3 * 9 = 26\n\nso 5", "5");
        s.steps = {{0, 9}, {11, 21}, {23, 27}};
        const model::Verdict verdict = loop::stepArithmeticOfSolution(s);
        QCOMPARE(verdict.outcome, model::Outcome::No);
        QCOMPARE(*verdict.step, 1);
        QCOMPARE(evidence(verdict)[u"equations"].toInt(), 2);
        s.steps = {{0, 9}};
        QCOMPARE(loop::stepArithmeticOfSolution(s).outcome, model::Outcome::Yes);
        s.steps = {{23, 27}};
        QCOMPARE(loop::stepArithmeticOfSolution(s).outcome, model::Outcome::Undecided);
        s.steps = {{20, 4000}}; // a damaged row is no crash
        QCOMPARE(loop::stepArithmeticOfSolution(s).outcome, model::Outcome::Undecided);
    }

    void format() {
        model::Critique c;
        c.id = 3;
        model::ParsedCritique& parsed = c.parsed;
        QCOMPARE(QString::fromStdString(loop::formatOfCritique(c).rule),
                 QStringLiteral("incomplete"));
        parsed.conclusion = model::Conclusion::Incorrect;
        parsed.firstErrorStep = 0;
        QCOMPARE(QString::fromStdString(loop::formatOfCritique(c).rule),
                 QStringLiteral("no-correction"));
        c.correctionText = "2 + 2 = 4";
        QCOMPARE(loop::formatOfCritique(c).outcome, model::Outcome::Yes);
        QCOMPARE(loop::formatOfCritique(c).subjectId, 3);
        parsed.flags.add(model::Flag::Leak);
        QCOMPARE(QString::fromStdString(loop::formatOfCritique(c).rule),
                 QStringLiteral("red-flag"));
    }

    void balance_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("good");
        for (const char* text : {"1:1", "2:1", "0:1", "1:0"}) {
            QTest::newRow(text) << QString::fromLatin1(text) << true;
        }
        for (const char* text :
             {"", ":", "1", "1:", "0:0", "-1:1", "1:1:1", "a:b", "9999999999:1"}) {
            QTest::newRow(text) << QString::fromLatin1(text) << false;
        }
    }
    void balance() {
        QFETCH(QString, text);
        QFETCH(bool, good);
        QCOMPARE(loop::parseBalance(text.toStdString()).has_value(), good);
    }

    void cancelKeepsWhatIsCommitted() {
        const QTemporaryDir folder;
        const auto file = write(folder, "many.jsonl", lines(3000));
        auto workspace =
            store::Workspace::create(folder.filePath(QStringLiteral("w.scrit")).toStdString());
        QVERIFY(workspace.has_value());
        loop::ImportJobOptions options;
        options.format.as = "generic";
        options.batchRecords = 100;
        const base::CancelToken cancel;
        const loop::ImportSummary summary = loop::importFiles(
            **workspace, {file, file}, options, [&](const loop::JobProgress&) { cancel.cancel(); },
            cancel);
        QVERIFY(summary.cancelled);
        QVERIFY(!summary.complete());
        QCOMPARE(summary.files.size(), std::size_t{1});
        QVERIFY(summary.total.added >= 100 && summary.total.added < 3000);
        auto reader = (*workspace)->reader();
        const auto status = (*reader)->status();
        QCOMPARE(status->problems, static_cast<std::int64_t>(summary.total.added));
        QCOMPARE(status->unfinishedImports, 1);
        const loop::ImportSummary again = loop::importFiles(**workspace, {file}, options);
        QCOMPARE(again.total.existing, summary.total.added);
        QCOMPARE((*reader)->status()->unfinishedImports, 0);
    }

    void badLinesAreBounded() {
        const QTemporaryDir folder;
        const auto file =
            write(folder, "bad.jsonl", lines(1) + QByteArray("{\"x\":1\n").repeated(50));
        auto workspace =
            store::Workspace::create(folder.filePath(QStringLiteral("w.scrit")).toStdString());
        loop::ImportJobOptions options;
        options.format.as = "generic";
        options.maxBadLines = 10;
        const loop::ImportSummary summary = loop::importFiles(**workspace, {file}, options);
        QVERIFY(summary.complete());
        QCOMPARE(summary.total.bad, std::uint64_t{50});
        QCOMPARE(summary.badLines.size(), std::size_t{10});
        QCOMPARE(summary.badLinesLeftOut, std::uint64_t{40});
        QCOMPARE(summary.badLines[0].line, std::uint64_t{2});
    }

    // A critique that names its solution is parsed against what is stored of it, also where that
    // came in a moment ago; here every line is a transaction of its own.
    void critiquesFollowTheirSolutions() {
        const QTemporaryDir folder;
        QByteArray problems;
        QByteArray critiques;
        for (int i = 0; i < 40; ++i) {
            const QString n = QString::number(i);
            problems += json({{"id", "s" + n},
                              {"problem", "p" + n},
                              {"answer", "1"},
                              {"author", "a"},
                              {"steps", QStringList{"one " + n, "two"}},
                              {"correct", false}});
            for (const char* critic : {"c", "d"}) {
                critiques +=
                    json({{"solution_id", "s" + n}, {"critic", critic}, {"critique", kAllFine}});
            }
        }
        critiques += json({{"solution_id", "nobody"}, {"critic", "c"}, {"critique", kAllFine}});
        auto workspace =
            store::Workspace::create(folder.filePath(QStringLiteral("w.scrit")).toStdString());
        QVERIFY(workspace.has_value());
        loop::ImportJobOptions options;
        options.batchRecords = 1;
        QVERIFY(loop::importFiles(**workspace, {write(folder, "p.jsonl", problems)}, options)
                    .complete());
        const auto file = write(folder, "c.jsonl", critiques);
        const auto first = loop::importCritiqueFiles(**workspace, {file}, options);
        QCOMPARE(first.total.added, std::uint64_t{80});
        QCOMPARE(first.total.bad, std::uint64_t{1});
        const auto second = loop::importCritiqueFiles(**workspace, {file}, options);
        QCOMPARE(second.total.existing, std::uint64_t{80});
        auto reader = (*workspace)->reader();
        // The label was known when they were parsed: every step approved, and the solution is
        // wrong.
        QCOMPARE(*(*reader)->count({store::ListOf::Critiques, "flag:rubber-stamp", {}, false}), 80);
        const auto record = (*reader)->record(store::ListOf::Critiques, 80);
        QCOMPARE(record->solution->externalId, std::string("s39"));
        QCOMPARE(record->critique->parsed.steps.size(), std::size_t{2});
    }

    void fullRowsComeBackAsTheyWere() {
        const QTemporaryDir folder;
        auto from =
            store::Workspace::create(folder.filePath(QStringLiteral("from.scrit")).toStdString());
        QByteArray rows;
        for (const char* critic : {"c", "d"}) {
            rows += json({{"problem", "p"},
                          {"answer", "2"},
                          {"author", "a"},
                          {"solution", "It is 1."},
                          {"critic", critic},
                          {"critique", "No: it is 2."}});
        }
        const auto file = write(folder, "c.jsonl", rows);
        QCOMPARE(loop::importCritiqueFiles(**from, {file}, {}).total.critiques, std::uint64_t{2});
        QVERIFY((*from)
                    ->write([](store::Writer& writer) -> base::Expected<void> {
                        for (const auto kind :
                             {model::SubjectKind::Problem, model::SubjectKind::Solution,
                              model::SubjectKind::Critique}) {
                            model::Verdict verdict;
                            verdict.subject = kind;
                            verdict.subjectId = 1;
                            verdict.verifier = model::verifier::kHuman;
                            verdict.protocol = "test/1";
                            auto said = writer.addVerdict(verdict);
                            model::Annotation annotation;
                            annotation.subject = kind;
                            annotation.subjectId = 1;
                            annotation.annotator = "anna";
                            annotation.kind = "comment";
                            annotation.value = model::name(kind);
                            auto noted = writer.addAnnotation(annotation);
                            if (!said || !noted) {
                                return base::fail(said ? noted.error() : said.error());
                            }
                        }
                        return {};
                    })
                    .has_value());
        loop::ExportJobOptions options;
        options.view = "jsonl-full";
        options.keepLeaks = true;
        options.folder = folder.filePath(QStringLiteral("out")).toStdString();
        QVERIFY(loop::exportDataset(**from, options).has_value());
        auto to =
            store::Workspace::create(folder.filePath(QStringLiteral("to.scrit")).toStdString());
        const auto back = loop::importCritiqueFiles(**to, {options.folder / "train.jsonl"}, {});
        QCOMPARE(back.total.bad, std::uint64_t{0});
        auto before = (*from)->reader();
        auto after = (*to)->reader();
        const auto said = [](store::Reader& reader, std::int64_t id) {
            const auto record = reader.record(store::ListOf::Critiques, id);
            QStringList words;
            for (const model::Verdict& verdict : record->verdicts) {
                words += QString::fromUtf8(model::name(verdict.subject).data());
            }
            for (const model::Annotation& annotation : record->annotations) {
                words += QString::fromStdString(annotation.value);
            }
            words.sort();
            return words;
        };
        for (const std::int64_t id : {1, 2}) {
            QCOMPARE(said(**after, id), said(**before, id));
        }
        QCOMPARE(said(**before, 1).size(), 5); // annotations of problems are not in a record
    }

    // Whether every step was wrongly approved depends on what is known about the solution, and that
    // may change and change back.
    void flagsFollowWhatIsKnown() {
        const QTemporaryDir folder;
        auto workspace =
            store::Workspace::create(folder.filePath(QStringLiteral("w.scrit")).toStdString());
        const auto file = write(folder, "c.jsonl",
                                json({{"problem", "p"},
                                      {"author", "a"},
                                      {"steps", QStringList{"one", "two"}},
                                      {"critic", "c"},
                                      {"critique", kAllFine}}));
        QCOMPARE(loop::importCritiqueFiles(**workspace, {file}, {}).total.critiques,
                 std::uint64_t{1});
        auto reader = (*workspace)->reader();
        for (const auto outcome :
             {model::Outcome::No, model::Outcome::Yes, model::Outcome::No, model::Outcome::Yes}) {
            model::Verdict verdict;
            verdict.subject = model::SubjectKind::Solution;
            verdict.subjectId = 1;
            verdict.verifier = model::verifier::kHuman;
            verdict.protocol = "test/1";
            verdict.outcome = outcome;
            QVERIFY((*workspace)
                        ->write([&](store::Writer& writer) -> base::Expected<void> {
                            const auto stored = writer.addVerdict(verdict);
                            return stored ? base::Expected<void>{} : base::fail(stored.error());
                        })
                        .has_value());
            QVERIFY(loop::verifyWorkspace(**workspace, {}).has_value());
            QCOMPARE(*(*reader)->count({store::ListOf::Critiques, "flag:rubber-stamp", {}, false}),
                     outcome == model::Outcome::No ? 1 : 0);
            QCOMPARE(loop::verifyWorkspace(**workspace, {})->reparsed, std::uint64_t{0});
        }
    }

    void readOnlyWorkspaceIsAnError() {
        const QTemporaryDir folder;
        const auto file = write(folder, "some.jsonl", lines(3));
        const std::string path = folder.filePath(QStringLiteral("w.scrit")).toStdString();
        QVERIFY(store::Workspace::create(path).has_value());
        auto workspace = store::Workspace::open(path, store::OpenMode::ReadOnly);
        QVERIFY(workspace.has_value());
        const loop::ImportSummary summary = loop::importFiles(**workspace, {file}, {});
        QVERIFY(summary.stopped.has_value());
        QCOMPARE(summary.stopped->code, base::ErrorCode::ReadOnly);
        loop::VerifyOptions options;
        options.verifiers = {"nonsense"};
        const auto verified = loop::verifyWorkspace(**workspace, options);
        QVERIFY(!verified.has_value());
        QCOMPARE(verified.error().code, base::ErrorCode::Invalid);
    }
};

SCRIT_TEST(LoopDriversTest)
#include "loop_drivers_test.moc"
