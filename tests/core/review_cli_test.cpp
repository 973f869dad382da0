// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/review_support.h"
#include "tests/loop/cli_support.h"
#include "tests/support/test_program.h"

#include <QElapsedTimer>

#include <SQLiteCpp/SQLiteCpp.h>

#include <random>

using namespace scrit;
using namespace scrit::test;
using cli_support::Result;
using cli_support::runScrit;

namespace {

QString text(const char* latin) {
    return QString::fromLatin1(latin);
}

// As many lines for `annotate --stdin`, each a judgement of the next open item.
QByteArray judgementLines(int count) {
    QByteArray lines;
    for (int i = 0; i < count; ++i) {
        lines += "{\"first_error\":" + QByteArray::number(i % 3) + ",\"tags\":[\"t" +
                 QByteArray::number(i % 2) + "\"],\"seconds\":1}\n";
    }
    return lines;
}

int number(const std::filesystem::path& path, const char* sql) {
    SQLite::Database database(path.string(), SQLite::OPEN_READONLY);
    return database.execAndGet(sql).getInt();
}

} // namespace

// `scrit review` as a user and as a script call it.
class ReviewCliTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;

    std::filesystem::path path(const char* name = "w.scrit") const {
        return inside(*m_folder, name);
    }
    QString file(const char* name = "w.scrit") const {
        return QString::fromStdString(path(name).string());
    }
    void make(int critiques) { workspaceWith(path(), critiques); }
    Result review(QStringList arguments, const QByteArray& input = {}) const {
        arguments.prepend(text("review"));
        return runScrit(arguments, input, m_folder->path());
    }
    void mustDo(const QStringList& arguments) const {
        const Result result = review(arguments);
        QVERIFY2(result.code == 0, result.err.constData());
    }
    QJsonObject stats(const char* name = "w.scrit") const {
        return review({text("stats"), file(name), text("--json")}).json();
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void aReviewFromEndToEnd() {
        make(24);
        const Result planned =
            review({text("plan"), file(), text("audit"), text("--by"), text("source,verdict"),
                    text("--quota"), text("equal"), text("--size"), text("8"), text("--gold"),
                    text("2"), text("--blind"), text("--seed"), text("3"), text("--json")});
        QVERIFY2(planned.code == 0, planned.err.constData());
        QCOMPARE(planned.json()[text("items")].toInt(), 10);
        QCOMPARE(planned.json()[text("shares")].toArray().size(), 4);
        const QStringList ada = {file(), text("audit"), text("--annotator"), text("ada")};
        const Result next = review(QStringList{text("next")} + ada + QStringList{text("--json")});
        const QJsonObject item = next.json()[text("item")].toObject();
        QCOMPARE(item[text("position")].toInt(), 0);
        QVERIFY(item[text("verdicts_hidden")].toBool());
        const QJsonObject record = next.json()[text("record")].toObject();
        QVERIFY(!record.contains(text("verdicts")) && !record.contains(text("annotations")));
        QVERIFY(!record[text("critique")][text("parsed")].toObject().contains(text("flags")));
        const Result shown = review(QStringList{text("next")} + ada);
        QVERIFY(shown.out.contains("[step 0]") && !shown.out.contains("self-validation"));
        // Blind: nobody agrees with what is hidden.
        const Result early =
            review(QStringList{text("annotate")} + ada + QStringList{text("--agree")});
        QCOMPARE(early.code, 2);
        QVERIFY(early.isOneErrorLine());
        const Result judged =
            review(QStringList{text("annotate")} + ada +
                   QStringList{text("--first-error"), text("1"), text("--step"), text("0:correct"),
                               text("--tag"), text("odd"), text("--comment"), text("hm"),
                               text("--seconds"), text("4.5"), text("--json")});
        QVERIFY2(judged.code == 0, judged.err.constData());
        const QJsonObject mine = judged.json()[text("item")][text("judgement")].toObject();
        QCOMPARE(mine[text("first_error")].toInt(), 1);
        QCOMPARE(mine[text("steps")][text("0")].toString(), text("correct"));
        QCOMPARE(mine[text("seconds")].toDouble(), 4.5);
        QCOMPARE(mine[text("implied")].toArray().contains(text("validity")), true);
        QVERIFY(judged.json()[text("machine")].toObject().contains(text("validated")));
        QCOMPARE(judged.json()[text("next")][text("position")].toInt(), 1);
        const Result skipped =
            review(QStringList{text("next")} + ada + QStringList{text("--skip"), text("--json")});
        QCOMPARE(skipped.json()[text("item")][text("position")].toInt(), 2);
        QCOMPARE(skipped.json()[text("progress")][text("skipped")].toInt(), 1);
        const Result many = review(QStringList{text("annotate")} + ada +
                                       QStringList{text("--stdin"), text("--json")},
                                   "{\"validity\":\"valid\"}\n\n{\"position\":1,\"validity\":"
                                   "\"invalid\",\"correction\":\"unusable\"}\n"
                                   "{\"validity\":\"perhaps\"}\n");
        QCOMPARE(many.code, 1); // one line was bad
        QCOMPARE(many.jsonLines().size(), 3);
        QVERIFY(many.jsonLines()[2].contains(text("error")));
        QCOMPARE(many.jsonLines()[1][text("progress")][text("done")].toInt(), 3);
        const Result undone = review(QStringList{text("undo")} + ada + QStringList{text("--json")});
        QCOMPARE(undone.json()[text("item")][text("position")].toInt(), 1);
        const QJsonObject report = stats();
        QCOMPARE(report[text("annotators")][text("ada")][text("done")].toInt(), 2);
        QVERIFY(report[text("audit")].toObject().contains(text("precision")));
        const Result words = review({text("stats"), file(), text("audit")});
        QVERIFY2(words.code == 0 && words.out.contains("precision"), words.err.constData());
        const Result plans = review({text("plan"), file(), text("--json")});
        QCOMPARE(plans.jsonLines().size(), 1);
        QCOMPARE(plans.json()[text("done")].toInt(), 2);
        const Result list = runScrit({text("list"), file(), text("--filter"),
                                      text("tag:odd annotator:ada plan:audit"), text("--count")});
        QCOMPARE(list.out.trimmed(), QByteArray("1"));
    }

    void peopleShareAReview() {
        make(24);
        mustDo({text("plan"), file(), text("audit"), text("--size"), text("6"), text("--blind")});
        mustDo({text("pack"), file(), text("--out"), text("items.jsonl.zst")});
        for (const char* person : {"ada", "bo"}) {
            const QString mine = text(person) + text(".scrit");
            mustDo({text("merge"), mine, text("items.jsonl.zst")}); // makes the workspace
            const Result judged =
                review({text("annotate"), mine, text("audit"), text("--annotator"), text(person),
                        text("--stdin"), text("--json")},
                       judgementLines(6));
            QVERIFY2(judged.code == 0, judged.err.constData());
            if (person == std::string("bo")) {
                mustDo({text("annotate"), mine, text("--annotator"), text("bo"), text("--position"),
                        text("3"), text("--first-error"), text("none"), text("--valid"),
                        text("yes")});
            }
            mustDo({text("pack"), mine, text("--answers"), text("--out"),
                    text(person) + text(".jsonl")});
        }
        const Result merged =
            review({text("merge"), file(), text("bo.jsonl"), text("ada.jsonl"), text("--json")});
        QCOMPARE(merged.code, 0);
        QCOMPARE(merged.jsonLines()[0][text("added")].toInt(), 7);
        QCOMPARE(merged.jsonLines()[1][text("added")].toInt(), 6);
        const Result again = review({text("merge"), file(), text("ada.jsonl"), text("--json")});
        QCOMPARE(again.json()[text("added")].toInt(), 0);
        QCOMPARE(again.json()[text("existing")].toInt(), 6);
        const QJsonArray rows = stats()[text("agreement")][text("rows")].toArray();
        QVERIFY(!rows.isEmpty());
        QCOMPARE(rows[1][text("question")].toString(), text("first-error"));
        QVERIFY(std::abs(rows[1][text("percent")][text("value")].toDouble() - 5.0 / 6) < 1e-9);
        const Result disputes = review({text("adjudicate"), file(), text("--json")});
        QCOMPARE(disputes.jsonLines().size(), 1);
        QCOMPARE(disputes.json()[text("judgements")].toArray().size(), 2);
        const QString critique = QString::number(disputes.json()[text("critique")].toInt());
        mustDo({text("adjudicate"), file(), text("--critique"), critique, text("--annotator"),
                text("eve"), text("--valid"), text("no")});
        QVERIFY(review({text("adjudicate"), file(), text("--json")}).out.isEmpty());
        mustDo({text("adjudicate"), file(), text("--critique"), critique, text("--annotator"),
                text("eve"), text("--undo")});
        const Result side = review({text("adjudicate"), file(), text("audit")});
        QVERIFY(side.out.contains("ada") && side.out.contains("bo") &&
                side.out.contains("1 disagreement"));
    }

    void mistakesAreOneLine_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("code");
        const auto row = [](const char* arguments, int code) {
            QTest::newRow(arguments) << text(arguments).split(QLatin1Char(' ')) << code;
        };
        row("plan W again --filter round:(", 2);
        row("plan W again --filter round:99", 2);
        row("plan W audit", 1);
        row("plan W again --by colour", 2);
        row("plan W again --by round --quota-of round-9=3", 2);
        row("plan W again --gold-item 1:blue", 2);
        row("next W nowhere --annotator ada", 1);
        row("next W audit", 2);
        row("annotate W audit --annotator ada", 2);
        row("annotate W audit --annotator ada --first-error 7", 2);
        row("annotate W audit --annotator ada --step two", 2);
        row("annotate W audit --annotator ada --agree --disagree", 2);
        row("annotate W audit --annotator ada --critique 9999 --agree", 1);
        row("annotate W audit --annotator adjudicated:ada --agree", 2);
        row("undo W audit --annotator ada", 1);
        row("stats W nowhere", 1);
        row("pack W audit --out /nowhere/at/all/pack", 1);
        row("merge W nowhere", 1);
        row("merge W w.scrit", 1);
        row("adjudicate W --critique 1 --agree", 2);
    }
    void mistakesAreOneLine() {
        QFETCH(QStringList, arguments);
        QFETCH(int, code);
        make(6);
        mustDo({text("plan"), file(), text("audit")});
        arguments.replace(1, file());
        const Result result = review(arguments);
        QCOMPARE(result.code, code);
        QVERIFY2(result.isOneErrorLine(), result.err.constData());
        QVERIFY(result.out.isEmpty());
    }

    // A pack that cannot be merged leaves no new workspace.
    void aBadPackMakesNothing() {
        cli_support::writeFile(file("bad.jsonl"), "hello\n");
        QCOMPARE(review({text("merge"), text("new.scrit"), text("bad.jsonl")}).code, 1);
        QCOMPARE(QDir(m_folder->path()).entryList(QDir::Files), QStringList{text("bad.jsonl")});
    }

    // What comes from models and from other people cannot fool the terminal.
    void hostileTexts() {
        const std::string evil = "x\x1b[2J\x1b]0;owned\x07 \xE2\x80\xAE abc \x9b 1";
        {
            const auto workspace = workspaceWith(path(), 2);
            SCRIT_OK(workspace->write([&](store::Writer& writer) -> base::Expected<void> {
                model::Problem problem = makeProblem(evil);
                problem.referenceAnswer = evil;
                model::Solution solution =
                    makeSolution(idOf(writer.addProblem(problem)), evil, evil);
                model::Critique critique =
                    makeCritique(idOf(writer.addSolution(solution)), evil, evil);
                critique.correctionText = evil;
                idOf(writer.addCritique(critique));
                return {};
            }));
            review::PlanRequest request = planCalled("p\x1b[31m\xE2\x80\xAE");
            SCRIT_OK(review::createPlan(*workspace, request));
        }
        const QString id = text("1");
        const auto harmless = [](const QByteArray& out) {
            for (const char c : out) {
                if (static_cast<unsigned char>(c) < 0x20 && c != '\n') {
                    return false;
                }
            }
            return !out.contains("\xE2\x80\xAE") && !out.contains("\xC2\x9B");
        };
        const QStringList ada = {file(), id, text("--annotator"), text("ada")};
        for (const QStringList& arguments :
             {QStringList{text("plan"), file()},
              QStringList{text("next")} + ada + QStringList{text("--position"), text("2")},
              QStringList{text("annotate")} + ada +
                  QStringList{text("--position"), text("2"), text("--valid"), text("no"),
                              text("--tag"), QString::fromUtf8("t\x1b[5m"), text("--comment"),
                              QString::fromUtf8("\x1b[6m\xE2\x80\xAE"), text("--repair-answer"),
                              QString::fromUtf8("\x1b[7m")},
              QStringList{text("next")} + ada + QStringList{text("--position"), text("2")},
              QStringList{text("stats"), file(), id}, QStringList{text("undo")} + ada}) {
            const Result result = review(arguments);
            QVERIFY2(result.code == 0, result.err.constData());
            QVERIFY(!result.out.isEmpty());
            QVERIFY2(harmless(result.out) && harmless(result.err), result.out.constData());
        }
        QVERIFY(harmless(review({text("stats"), file(), QString::fromUtf8("\x1b[2J")}).err));
    }

    // Killed in the middle of judgements: what was answered is there, in order and once.
    void killedWhileJudging() {
        make(200);
        mustDo({text("plan"), file(), text("audit"), text("--size"), text("0")});
        std::mt19937 random(11);
        int answered = 0;
        int kills = 0;
        while (answered < 120 && kills < 40) {
            QProcess process;
            process.start(cli_support::program(),
                          {text("review"), text("annotate"), file(), text("audit"),
                           text("--annotator"), text("ada"), text("--stdin"), text("--json")});
            QVERIFY(process.waitForStarted());
            process.write(judgementLines(200));
            const int lines = 1 + static_cast<int>(random() % 25);
            QByteArray out;
            while (out.count('\n') < lines && process.waitForReadyRead(20'000)) {
                out += process.readAllStandardOutput();
            }
            process.kill();
            QVERIFY(process.waitForFinished());
            out += process.readAllStandardOutput();
            ++kills;
            answered += static_cast<int>(out.count('\n'));
            const int stored = number(path(), "SELECT done FROM review_progress");
            QVERIFY2(
                stored >= answered && stored <= answered + 1,
                qPrintable(QStringLiteral("%1 answered, %2 stored").arg(answered).arg(stored)));
            answered = stored; // one more may have been stored, but not answered
            // One entry a place, in order, and each with all of its rows: step, tag, validity, and
            // agreement where there is a self-validation.
            QCOMPARE(number(path(), "SELECT count(*) FROM review_entry"), stored);
            QCOMPARE(number(path(), "SELECT count(DISTINCT position) FROM review_entry"), stored);
            QCOMPARE(number(path(), "SELECT count(*) FROM review_entry WHERE position <> id - 1"),
                     0);
            QCOMPARE(number(path(), "SELECT count(*) FROM review_entry e WHERE (SELECT count(*) "
                                    "FROM annotation a WHERE a.entry_uid = e.uid) < 3"),
                     0);
            QCOMPARE(number(path(), "SELECT count(*) FROM annotation a WHERE a.entry_uid NOT IN "
                                    "(SELECT uid FROM review_entry)"),
                     0);
            QCOMPARE(number(path(), "SELECT count(*) FROM review_mark"), stored);
            QCOMPARE(number(path(), "SELECT count(*) FROM critique_row WHERE annotated = 1"),
                     stored);
        }
        QVERIFY(answered >= 120);
        qInfo("%d kills, %d judgements", kills, answered);
    }

    // Killed in the middle of a merge: all of it or nothing, and doing it again completes it.
    void killedWhileMerging() {
        make(200);
        mustDo({text("plan"), file(), text("audit"), text("--size"), text("0")});
        mustDo({text("pack"), file(), text("--out"), text("items.jsonl")});
        mustDo({text("merge"), file("away.scrit"), text("items.jsonl")});
        QCOMPARE(review({text("annotate"), file("away.scrit"), text("--annotator"), text("bo"),
                         text("--stdin"), text("--json")},
                        judgementLines(200))
                     .code,
                 0);
        mustDo(
            {text("pack"), file("away.scrit"), text("--answers"), text("--out"), text("bo.jsonl")});
        QElapsedTimer clock;
        clock.start();
        std::filesystem::copy_file(path(), path("timing.scrit"));
        mustDo({text("merge"), file("timing.scrit"), text("bo.jsonl")});
        const auto whole = static_cast<unsigned>(clock.elapsed());
        std::mt19937 random(5);
        int empty = 0;
        for (int round = 0; round < 8; ++round) {
            QProcess process;
            process.setWorkingDirectory(m_folder->path());
            process.start(cli_support::program(),
                          {text("review"), text("merge"), file(), text("bo.jsonl")});
            QVERIFY(process.waitForStarted());
            process.waitForFinished(static_cast<int>(random() % (whole + 1)));
            process.kill();
            process.waitForFinished();
            const int stored = number(path(), "SELECT count(*) FROM review_entry");
            QVERIFY2(stored == 0 || stored == 200, QByteArray::number(stored).constData());
            empty += stored == 0 ? 1 : 0;
        }
        qInfo("%d of 8 merges were killed before their end", empty);
        const Result merged = review({text("merge"), file(), text("bo.jsonl"), text("--json")});
        QCOMPARE(merged.code, 0);
        QCOMPARE(merged.json()[text("added")].toInt() + merged.json()[text("existing")].toInt(),
                 200);
        QCOMPARE(number(path(), "SELECT count(*) FROM review_entry"), 200);
        QCOMPARE(number(path(), "SELECT count(*) FROM review_mark"), 200);
        QCOMPARE(stats()[text("annotators")][text("bo")][text("done")].toInt(), 200);
        QVERIFY(QDir(m_folder->path())
                    .entryList(QDir::Files | QDir::Hidden)
                    .filter(text("part"))
                    .isEmpty());
    }

    void helpHasExamples_data() {
        QTest::addColumn<QString>("command");
        for (const char* command :
             {"plan", "next", "annotate", "undo", "stats", "pack", "merge", "adjudicate"}) {
            QTest::newRow(command) << text(command);
        }
    }
    void helpHasExamples() {
        QFETCH(QString, command);
        const Result help = review({command, text("--help")});
        QCOMPARE(help.code, 0);
        QVERIFY(help.out.contains("Examples:") && help.out.contains("--json"));
        QVERIFY(help.out.contains("scrit review " + command.toUtf8() + " study.scrit") ||
                command == text("merge"));
    }
};

SCRIT_TEST(ReviewCliTest)
#include "review_cli_test.moc"
