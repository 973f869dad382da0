// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>

using namespace cli_support;

// What the program says: errors that name what to do, notes, help, and lists on a terminal.
class CliMessagesTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    [[nodiscard]] QString path(const char* name) const {
        return m_folder.filePath(QLatin1String(name));
    }
    [[nodiscard]] static QStringList words(const char* text) {
        return QString::fromLatin1(text).split(QLatin1Char(' '));
    }
    [[nodiscard]] Result scrit(const char* command, const QByteArray& input = {}) const {
        return runScrit(words(command), input, m_folder.path());
    }
    void must(const char* command) const {
        const Result result = scrit(command);
        QVERIFY2(result.code == 0, (QByteArray(command) + ": " + result.err).constData());
    }
    // What the program prints on a terminal of so many columns.
    [[nodiscard]] QByteArray onTerminal(const char* command, int columns) const {
        const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
        if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0) {
            return {};
        }
        winsize size{};
        size.ws_col = static_cast<unsigned short>(columns);
        size.ws_row = 24;
        ioctl(terminal, TIOCSWINSZ, &size);
        const QString device = QString::fromLocal8Bit(ptsname(terminal));
        const int kept = open(qPrintable(device), O_RDWR | O_NOCTTY); // what is written is not lost
        QProcess process;
        process.setWorkingDirectory(m_folder.path());
        process.setStandardOutputFile(device);
        process.start(program(), words(command));
        process.waitForFinished();
        QByteArray out;
        fcntl(terminal, F_SETFL, O_NONBLOCK);
        std::array<char, 4096> buffer{};
        for (ssize_t got = 0; (got = read(terminal, buffer.data(), buffer.size())) > 0;) {
            out.append(buffer.data(), got);
        }
        close(kept);
        close(terminal);
        return out.replace("\r\n", "\n");
    }

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        writeFile(path("problems.jsonl"), genericLines(12));
        writeFile(path("critiques.jsonl"), critiqueLine("k1", "g3", critiqueText(false, "6")) +
                                               critiqueLine("k2", "g4", critiqueText(true, "8")));
        writeFile(path("bad.jsonl"), genericLines(3) + "{\"id\":\"broken\"\n");
        writeFile(path("strange.jsonl"), "{\"colour\":\"red\"}\n");
        must("new w.scrit");
        must("import w.scrit problems.jsonl --source adding-numbers-of-two-digits");
        must("import-critiques w.scrit critiques.jsonl");
        must("verify w.scrit");
    }

    void errorsInPlainWords_data() {
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* command, int code, const char* says) {
            QTest::newRow(command) << code << QByteArray(says);
        };
        row("list w.scrit --limit -1", 2, "\"-1\" is not a whole number from 0 on");
        row("list w.scrit --limit 2.5", 2, "\"2.5\" is not a whole number from 0 on");
        row("show w.scrit abc", 2, "\"abc\" is not a whole number from 1 on");
        row("show w.scrit 0", 2, "\"0\" is not a whole number from 1 on");
        row("show w.scrit 99999", 1, "scrit list --of critiques shows which there are");
        row("resume w.scrit 5", 1, "scrit runs lists those there are");
        row("resume w.scrit x", 2, "\"x\" is not a whole number from 1 on");
        row("demo --rounds 101", 2, "\"101\" is not a whole number from 1 to 100");
        row("demo --temperature 7", 2, "\"7\" is not a number from 0 to 5");
        row("run w.scrit --max-cost -0.5", 2, "\"-0.5\" is not a number from 0 on");
        row("export w.scrit --view csv --out d --per-source x", 2,
            "\"x\" is not a number that --per-source can be");
        row("list w.scrit --of problems --sort tokens", 2, "use id or source");
        row("list w.scrit --of items --sort source", 2, "it has the order id");
        row("import w.scrit strange.jsonl", 1, "--map problem=KEY");
        row("import-critiques w.scrit strange.jsonl", 1, "--map critique=KEY");
        row("evaluate w.scrit --filter source:nothing", 1, "there is no critique to evaluate");
    }
    void errorsInPlainWords() {
        QFETCH(int, code);
        QFETCH(QByteArray, says);
        const Result result = scrit(QTest::currentDataTag());
        QVERIFY2(result.err.contains(says), result.err.constData());
        QVERIFY2(result.isOneErrorLine(), result.err.constData());
        QCOMPARE(result.code, code);
    }

    void helpHasNoTypesOfALibrary() {
        const QByteArray manual = scrit("man").out;
        for (const char* word : {"NONNEGATIVE", "POSITIVE", "INT in", "FLOAT in", "1797693"}) {
            QVERIFY2(!manual.contains(word), word);
        }
    }

    void groupsHaveExamplesOfTheirOwn_data() {
        QTest::addColumn<bool>("group");
        for (const char* group : {"model", "review", "answers", "critique", "steps"}) {
            QTest::newRow(group) << true;
        }
    }
    void groupsHaveExamplesOfTheirOwn() {
        const QByteArray group = QTest::currentDataTag();
        const QByteArray help = scrit((group + " --help").constData()).out;
        const qsizetype examples = help.indexOf("\nExamples:\n");
        QVERIFY2(examples > 0, help.constData());
        const QList<QByteArray> lines = help.mid(examples + 11).split('\n');
        for (const QByteArray& line : lines) {
            QVERIFY2(line.isEmpty() || line.contains("scrit " + group + " "), line.constData());
        }
    }

    void decontaminationHasNoFieldMap() {
        const Result result =
            scrit("export w.scrit --view csv --out d --decontaminate file:strange.jsonl");
        QCOMPARE(result.code, 2);
        QVERIFY2(!result.err.contains("map") && result.err.contains("problem a line"),
                 result.err.constData());
    }

    void exports() {
        must("export w.scrit --view csv --out csv");
        const Result again = scrit("export w.scrit --view csv --out csv");
        QCOMPARE(again.code, 1);
        QVERIFY2(again.err.contains("--force"), again.err.constData());
        QVERIFY(QDir(m_folder.path()).mkdir(QStringLiteral("mine")));
        writeFile(path("mine/text"), "mine");
        const Result foreign = scrit("export w.scrit --view csv --out mine");
        QVERIFY2(!foreign.err.contains("--force"), foreign.err.constData());
        const Result empty = scrit("export w.scrit --view csv --out none --filter source:nothing");
        QCOMPARE(empty.code, 0);
        QVERIFY2(empty.err.contains("no rows"), empty.err.constData());
        QFile manifest(path("csv/manifest.json"));
        QVERIFY(manifest.open(QIODevice::ReadOnly));
        QVERIFY(!manifest.readAll().contains("created_at")); // the same bytes on every day
    }

    void evaluationSaysWhatIsLeftOut() {
        const Result unlabelled = scrit("evaluate w.scrit");
        QCOMPARE(unlabelled.code, 0);
        QVERIFY2(unlabelled.err.contains("2 left out"), unlabelled.err.constData());
        writeFile(path("labelled.jsonl"),
                  R"({"id":"g3","problem":"What is 1 + 1?","answer":"2","author":"t",)"
                  R"("solution":"1 + 1 = 3\n\nThe answer is 3.","correct":false,)"
                  R"("first_error_step":0})"
                  "\n");
        must("new labelled.scrit");
        must("import labelled.scrit labelled.jsonl");
        writeFile(path("one.jsonl"), critiqueLine("k1", "g3", critiqueText(false, "2")));
        must("import-critiques labelled.scrit one.jsonl");
        const Result result = scrit("evaluate labelled.scrit");
        QCOMPARE(result.code, 0);
        QVERIFY2(result.err.contains("1 critique, 1 judgement") && !result.err.contains("left out"),
                 result.err.constData());
    }

    void strictImport() {
        must("new strict.scrit");
        const Result result = scrit("import strict.scrit bad.jsonl --as generic --strict");
        QCOMPARE(result.code, 1);
        QCOMPARE(result.err.count("bad.jsonl:4"), 1);
        QVERIFY2(result.err.contains("without --strict"), result.err.constData());
        const QByteArray status = scrit("status strict.scrit").out;
        QVERIFY2(status.contains("1 import did not end"), status.constData());
        QVERIFY2(status.contains("--strict"), status.constData());
    }

    void critiquesInAFileOfProblems() {
        writeFile(path("both.jsonl"),
                  R"({"id":"x","problem":"What is 1 + 1?","answer":"2","author":"t",)"
                  R"("solution":"It is 3.","critique":"The sum is wrong."})"
                  "\n");
        must("new problems.scrit");
        const Result rows = scrit("import problems.scrit both.jsonl");
        QVERIFY2(rows.err.contains("scrit import-critiques problems.scrit both.jsonl"),
                 rows.err.constData());
        QVERIFY(scrit("import problems.scrit problems.jsonl").err.isEmpty());
    }

    void listFitsTheTerminal_data() {
        QTest::addColumn<int>("columns");
        for (const int columns : {20, 40, 80, 200}) {
            QTest::addRow("%d", columns) << columns;
        }
    }
    void listFitsTheTerminal() {
        QFETCH(int, columns);
        const QByteArray text = onTerminal("list w.scrit", columns);
        if (text.isEmpty()) {
            QSKIP("no pseudo terminal here");
        }
        const QList<QByteArray> lines = text.split('\n');
        QCOMPARE(lines.size(), 4); // titles, two rows
        for (const QByteArray& line : lines) {
            const QString shown = QString::fromUtf8(line);
            QVERIFY2(shown.size() <= columns, line.constData());
        }
        QVERIFY(lines[1].trimmed().startsWith("1 "));
        QCOMPARE(lines[0].contains("flags"), columns == 200);
        // Somebody else than a terminal gets everything.
        QVERIFY(scrit("list w.scrit").out.contains("adding-numbers-of-two-digits"));
    }

    void completionKnowsValues() {
        const QByteArray script =
            "COMP_WORDS=(scrit list w --filter lev); COMP_CWORD=4; _scrit; echo "
            "\"${COMPREPLY[*]}\"\n"
            "COMP_WORDS=(scrit list w --columns id,exc); COMP_CWORD=4; _scrit; echo "
            "\"${COMPREPLY[*]}\"\n"
            "COMP_WORDS=(scrit run w --recipe scrit-d); COMP_CWORD=4; _scrit; echo "
            "\"${COMPREPLY[*]}\"\n";
        QProcess bash;
        bash.start(QStringLiteral("bash"), {});
        QVERIFY(bash.waitForStarted());
        bash.write(scrit("completion bash").out + script);
        bash.closeWriteChannel();
        QVERIFY(bash.waitForFinished());
        QCOMPARE(bash.readAllStandardOutput(), QByteArray("level:\nid,excerpt\nscrit-direct\n"));
    }

    void mergeNamesAddItems() {
        must("review plan w.scrit audit --size 2");
        must("review pack w.scrit audit --out items.jsonl");
        must("new empty.scrit");
        const Result merged = scrit("review merge empty.scrit items.jsonl");
        QCOMPARE(merged.code, 1);
        QVERIFY2(merged.err.contains("--add-items"), merged.err.constData());
        must("review merge empty.scrit items.jsonl --add-items");
    }

    // Data sets number their items alike.
    void severalSolutionsOfOneId() {
        writeFile(path("other.jsonl"),
                  genericLines(1, 3).replace("What is", "How much is")); // another g3
        writeFile(path("of-g3.jsonl"), critiqueLine("k9", "g3", critiqueText(true, "6")) +
                                           critiqueLine("k10", "g77", critiqueText(true, "6")));
        must("new ids.scrit");
        must("import ids.scrit problems.jsonl other.jsonl");
        const Result result = scrit("import-critiques ids.scrit of-g3.jsonl --as scrit --json");
        QCOMPARE(result.json()[u"added"].toInt(-1), 0);
        const QJsonArray bad = result.json()[u"bad_lines"].toArray();
        QCOMPARE(bad.size(), 2);
        QCOMPARE(bad[0][u"reason"].toString(),
                 QStringLiteral("2 solutions have the id \"g3\": use the key"));
        QVERIFY2(bad[1][u"reason"].toString().contains(QLatin1String("--columns key,external_id")),
                 qPrintable(bad[1][u"reason"].toString()));
        // The list gives the key, and the key is taken.
        const QList<QJsonObject> rows =
            scrit("list ids.scrit --of solutions --json --columns id,key,external_id").jsonLines();
        QByteArray lines;
        for (const QJsonObject& row : rows) {
            if (row[u"external_id"].toString() == QLatin1String("g3")) {
                lines +=
                    critiqueLine("k", row[u"key"].toString().toUtf8(), critiqueText(true, "6"));
            }
        }
        writeFile(path("by-key.jsonl"), lines);
        const Result byKey = scrit("import-critiques ids.scrit by-key.jsonl --as scrit --json");
        QCOMPARE(byKey.json()[u"critiques"].toInt(-1), 2);
        QVERIFY(!scrit("list ids.scrit --json --limit 1").json().contains(u"key"));
    }

    void parsesThatCannotBeRead() {
        must("new parses.scrit");
        must("import parses.scrit problems.jsonl");
        must("import-critiques parses.scrit critiques.jsonl");
        {
            SQLite::Database file(path("parses.scrit").toStdString(), SQLite::OPEN_READWRITE);
            QCOMPARE(file.exec("UPDATE critique_parse SET parts = '{' WHERE critique_id = 1"), 1);
        }
        const Result exported =
            scrit("export parses.scrit --view openai-chat --keep-copies --out chat --json");
        QVERIFY2(exported.code == 0, exported.err.constData());
        QVERIFY2(exported.out.contains("stored-parse-unreadable"), exported.out.constData());
        const Result verified = scrit("verify parses.scrit --json");
        QVERIFY2(verified.code == 0, verified.err.constData());
        QCOMPARE(verified.json()[u"unreadable_parses"].toArray(), QJsonArray{1});
        QVERIFY2(verified.err.contains("critique 1"), verified.err.constData());
        const Result again = scrit("verify parses.scrit --json"); // mended
        QCOMPARE(again.json()[u"unreadable_parses"].toArray(), QJsonArray{});
        QVERIFY(scrit("show parses.scrit 1 --json").out.contains("\"conclusion\":\"incorrect\""));
    }

    void foreignFiles() {
        {
            SQLite::Database file(path("foreign.scrit").toStdString(),
                                  SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            SQLite::Database ours(path("w.scrit").toStdString());
            file.exec("PRAGMA application_id = " +
                      ours.execAndGet("PRAGMA application_id").getString());
            file.exec("PRAGMA user_version = " +
                      ours.execAndGet("PRAGMA user_version").getString());
        }
        const Result result = scrit("list foreign.scrit");
        QCOMPARE(result.code, 1);
        QVERIFY2(result.err.contains("is not a whole workspace") &&
                     result.err.contains("choose a file made by 'scrit new'"),
                 result.err.constData());
    }

    void examplesWorkInEveryShell() {
        const QByteArray manual = scrit("man").out;
        QVERIFY(!manual.contains("echo "));
        QVERIFY(!manual.contains("SEE ALSO"));
        QCOMPARE(manual.count("\\-\\-out sft"), 1);
        QVERIFY(manual.contains("mkdir"));
    }

    void validityInBothWords() {
        must("review plan w.scrit words --size 2");
        must("review annotate w.scrit words --annotator ada --valid invalid");
        const Result line = scrit("review annotate w.scrit words --annotator ada --stdin --json",
                                  "{\"validity\":\"no\"}\n");
        QVERIFY2(line.code == 0, (line.out + line.err).constData());
    }
};

SCRIT_TEST(CliMessagesTest)
#include "cli_messages_test.moc"
