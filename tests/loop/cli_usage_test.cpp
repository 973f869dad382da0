// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <array>

using namespace cli_support;

namespace {

constexpr std::array kCommands{"new",
                               "import",
                               "import-critiques",
                               "verify",
                               "status",
                               "list",
                               "show",
                               "export",
                               "report",
                               "evaluate",
                               "run",
                               "resume",
                               "runs",
                               "evolve",
                               "rounds",
                               "sweep",
                               "review plan",
                               "review next",
                               "review annotate",
                               "review undo",
                               "review stats",
                               "review pack",
                               "review merge",
                               "review adjudicate",
                               "answers disagreements",
                               "demo",
                               "doctor",
                               "answers extract",
                               "answers check",
                               "critique parse",
                               "steps split",
                               "model add",
                               "model list",
                               "model show",
                               "model check",
                               "model serve",
                               "model stop",
                               "model remove",
                               "completion",
                               "train",
                               "answers decide"};

} // namespace

// Help, bad usage, manual page, completion, doctor: what needs no workspace.
class CliUsageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void helpListsEveryCommand() {
        const Result result = runScrit({QStringLiteral("--help")});
        QCOMPARE(result.code, 0);
        for (const char* command : kCommands) {
            QVERIFY2(result.out.contains(QByteArray("\n  ") + command + " "), command);
        }
        const QByteArray listed = result.out.left(result.out.indexOf("\nOptions:"));
        std::size_t lines = 0;
        for (const QByteArray& line : listed.split('\n')) {
            lines += line.startsWith("  ") && line.size() > 2 && line[2] != ' ' ? 1U : 0U;
        }
        QCOMPARE(lines, kCommands.size()); // a new command is named above, too
        QVERIFY(!result.out.contains("\n  man "));
    }

    void everyHelpEndsWithExamples_data() {
        QTest::addColumn<QStringList>("words");
        for (const char* command : kCommands) {
            QTest::newRow(command) << QString::fromLatin1(command).split(QLatin1Char(' '));
        }
    }
    void everyHelpEndsWithExamples() {
        QFETCH(QStringList, words);
        const Result result = runScrit(words + QStringList{QStringLiteral("--help")});
        QCOMPARE(result.code, 0);
        QVERIFY(result.out.startsWith("Usage: scrit " + words.join(QLatin1Char(' ')).toUtf8()));
        const qsizetype examples = result.out.lastIndexOf("\nExamples:\n");
        QVERIFY(examples > 0);
        QVERIFY(result.out.indexOf("scrit", examples) > 0);
        QVERIFY(!result.out.mid(examples + 1).contains("\n\n"));
        QCOMPARE(runScrit(QStringList{QStringLiteral("help")} + words).out, result.out);
    }

    void badUsage_data() {
        QTest::addColumn<QStringList>("words");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* words, const char* says) {
            QTest::newRow(words) << QString::fromLatin1(words).split(QLatin1Char(' '))
                                 << QByteArray(says);
        };
        row("impotr w.scrit", "did you mean import?");
        row("answers chekc", "did you mean check?");
        row("frobnicate", "scrit --help");
        row("import w.scrit", "FILE is missing");
        row("status", "W.scrit is missing");
        row("status w.scrit --jsn", "did you mean --json?");
        row("status w.scrit extra", "\"extra\" is not expected");
        row("import w.scrit f --as gsm9k", "did you mean gsm8k?");
        row("export w.scrit --view opnai-chat --out d", "did you mean openai-chat?");
        row("export w.scrit --out d", "--view is missing");
        row("list w.scrit --limit x", "--limit");
        row("import w.scrit f --map problem", "field=key");
        row("import w.scrit f --map nonsense=key", "no field");
        row("export w.scrit --view csv --out d --balance 1", "balance");
        row("list w.scrit --columns id,sorce", "did you mean source?");
        row("answers", "scrit answers --help");
    }
    void badUsage() {
        QFETCH(QStringList, words);
        QFETCH(QByteArray, says);
        const Result result = runScrit(words);
        QCOMPARE(result.code, 2);
        QVERIFY2(result.isOneErrorLine(), result.err.constData());
        QVERIFY2(result.err.contains(says), result.err.constData());
        QVERIFY(result.out.isEmpty());
    }

    void noCommandShowsHelp() {
        const Result result = runScrit({});
        QCOMPARE(result.code, 2);
        QVERIFY(result.err.startsWith("Usage: scrit COMMAND"));
    }

    void escapesWhatItRepeats() {
        const Result result = runScrit({QStringLiteral("\x1b[31mred\nline")});
        QCOMPARE(result.code, 2);
        QVERIFY(!result.err.contains('\x1b'));
        QVERIFY(result.isOneErrorLine());
    }

    void manualPage() {
        const Result result = runScrit({QStringLiteral("man")});
        QCOMPARE(result.code, 0);
        QVERIFY(result.out.contains(".TH SCRIT 1"));
        for (const char* section : {".SH NAME", ".SH COMMANDS", ".SH FILTERS", ".SH EXIT STATUS"}) {
            QVERIFY2(result.out.contains(section), section);
        }
        QVERIFY(result.out.contains("scrit import\\-critiques"));
    }

    void completionIsValidShell_data() {
        QTest::addColumn<QString>("shell");
        QTest::newRow("bash") << QStringLiteral("bash");
        QTest::newRow("zsh") << QStringLiteral("zsh");
        QTest::newRow("fish") << QStringLiteral("fish");
    }
    void completionIsValidShell() {
        QFETCH(QString, shell);
        const Result result = runScrit({QStringLiteral("completion"), shell});
        QCOMPARE(result.code, 0);
        QVERIFY(result.out.contains("import-critiques"));
        QVERIFY(result.out.contains("openai-chat"));
        QProcess check;
        check.start(shell, {QStringLiteral("-n")});
        if (!check.waitForStarted()) {
            QSKIP("this shell is not installed");
        }
        check.write(result.out);
        check.closeWriteChannel();
        QVERIFY(check.waitForFinished());
        QCOMPARE(check.exitCode(), 0);
    }

    void bashCompletes() {
        const QByteArray script =
            "COMP_WORDS=(scrit import w --as re); COMP_CWORD=4; _scrit; echo \"${COMPREPLY[*]}\"\n"
            "COMP_WORDS=(scrit answers ''); COMP_CWORD=2; _scrit; echo \"${COMPREPLY[*]}\"\n"
            "COMP_WORDS=(scrit imp); COMP_CWORD=1; _scrit; echo \"${COMPREPLY[*]}\"\n";
        QProcess bash;
        bash.start(QStringLiteral("bash"), {});
        QVERIFY(bash.waitForStarted());
        bash.write(runScrit({QStringLiteral("completion"), QStringLiteral("bash")}).out + script);
        bash.closeWriteChannel();
        QVERIFY(bash.waitForFinished());
        QCOMPARE(bash.readAllStandardOutput(),
                 QByteArray(
                     "realcritic\nextract check disagreements decide\nimport import-critiques\n"));
    }

    void doctor() {
        const Result result = runScrit({QStringLiteral("doctor"), QStringLiteral("--json")});
        const QJsonObject checks = result.json()[u"checks"].toObject();
        for (const char* name : {"scrit", "sqlite", "ginac", "threads", "memory", "disk",
                                 "resources", "mathjax", "gpu", "llama-server", "vllm", "sbatch"}) {
            QVERIFY2(checks[QLatin1String(name)].toObject().contains(u"found"), name);
        }
        QVERIFY(checks[u"resources"].toObject()[u"found"].toBool());
        QCOMPARE(result.code, result.json()[u"ok"].toBool() ? 0 : 1);
        QVERIFY(runScrit({QStringLiteral("doctor")}).out.contains("sqlite"));
    }

    void fullStandardOutputIsAnError() {
        if (!QFile::exists(QStringLiteral("/dev/full"))) {
            QSKIP("no /dev/full here");
        }
        QProcess process;
        process.setStandardOutputFile(QStringLiteral("/dev/full"));
        process.start(program(), {QStringLiteral("man")});
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 1);
        QVERIFY(process.readAllStandardError().startsWith("scrit: cannot write"));
    }
};

SCRIT_TEST(CliUsageTest)
#include "cli_usage_test.moc"
