// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

using namespace cli_support;

// Files that cannot be read, vanish or shrink, through the program: the exit code, one line that
// says what happened, and nothing half-imported without a mark.
class CliBadInputTest : public QObject {
    Q_OBJECT

    static constexpr unsigned kNobody = 65534;

    QTemporaryDir m_folder;

    [[nodiscard]] QString path(const char* name) const {
        return m_folder.filePath(QLatin1String(name));
    }
    [[nodiscard]] static QStringList words(const char* text) {
        return QString::fromLatin1(text).split(QLatin1Char(' '));
    }
    [[nodiscard]] QString fresh(const char* name) const {
        QString workspace = path(name);
        if (const Result made = runScrit({QStringLiteral("new"), workspace}); made.code != 0) {
            qFatal("%s", made.err.constData());
        }
        return workspace;
    }
    static int shown(const QJsonObject& json, const char* key) {
        return json[QLatin1String(key)].toInt(-1);
    }
    static QJsonObject status(const QString& workspace) {
        return runScrit({QStringLiteral("status"), workspace, QStringLiteral("--json")}).json();
    }
    static QString errorCode(const QJsonObject& importJson, int file = 0) {
        return importJson[u"files"]
            .toArray()[file]
            .toObject()[u"error"]
            .toObject()[u"code"]
            .toString();
    }
    static QStringList import(const QString& workspace, const QStringList& files) {
        return QStringList{QStringLiteral("import"), workspace} + files +
               words("--as generic --json");
    }

    // Runs the program as somebody who may not do everything, also where the tests run as root. A
    // copy of the program is used, because the build folder may be closed to others.
    [[nodiscard]] Result runAsNobody(const QStringList& arguments) const {
        if (geteuid() != 0) {
            return runScrit(arguments);
        }
        const QString copy = path("scrit-of-nobody");
        if (!QFile::exists(copy) && !QFile::copy(program(), copy)) {
            qFatal("cannot copy the program");
        }
        QProcess process;
        process.setChildProcessModifier([] {
            if (setgroups(0, nullptr) != 0 || setresgid(kNobody, kNobody, kNobody) != 0 ||
                setresuid(kNobody, kNobody, kNobody) != 0) {
                _exit(99);
            }
        });
        process.start(copy, arguments);
        Result result;
        if (process.waitForFinished(60'000)) {
            result.out = process.readAllStandardOutput();
            result.err = process.readAllStandardError();
            result.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
        }
        return result;
    }
    static void setMode(const QString& file, mode_t mode) {
        if (::chmod(file.toLocal8Bit().constData(), mode) != 0) {
            qFatal("chmod");
        }
    }

    // An import that was stopped (SIGSTOP) after some of the file was stored, and not all of it.
    void startAndHold(QProcess& process, const QString& workspace, const QString& file) const {
        process.start(program(), import(workspace, {file}));
        QVERIFY(process.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(shown(status(workspace), "problems") > 0, 60'000);
        QCOMPARE(::kill(static_cast<pid_t>(process.processId()), SIGSTOP), 0);
    }
    static void goOn(QProcess& process, Result& result) {
        QCOMPARE(::kill(static_cast<pid_t>(process.processId()), SIGCONT), 0);
        QVERIFY(process.waitForFinished(120'000));
        result = {process.exitCode(), process.readAllStandardOutput(),
                  process.readAllStandardError()};
    }

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        setMode(m_folder.path(), 0755);
        writeFile(path("good.jsonl"), genericLines(3));
        setMode(path("good.jsonl"), 0644);
    }

    void unreadableFile() {
        const QString workspace = path("unreadable/w.scrit");
        QVERIFY(QDir().mkpath(path("unreadable")));
        setMode(path("unreadable"), 0777);
        const Result made = runAsNobody({QStringLiteral("new"), workspace});
        QVERIFY2(made.code == 0, made.err.constData());
        writeFile(path("secret.jsonl"), genericLines(5, 100));
        setMode(path("secret.jsonl"), 0);
        const Result result =
            runAsNobody(import(workspace, {path("secret.jsonl"), path("good.jsonl")}));
        QCOMPARE(result.code, 1);
        QVERIFY2(result.isOneErrorLine() && result.err.contains("secret.jsonl"),
                 result.err.constData());
        QCOMPARE(errorCode(result.json()), QStringLiteral("permission"));
        QCOMPARE(shown(result.json(), "added"), 3); // of the other file
        const QJsonObject after = status(workspace);
        QCOMPARE(shown(after, "problems"), 3);
        QCOMPARE(shown(after, "unfinished_imports"), 0); // nothing of it was begun
    }

    void workspacesThatAreClosed() {
        const QString closed = fresh("closed.scrit");
        setMode(closed, 0600);
        const QString readable = fresh("readable.scrit");
        setMode(readable, 0644);
        if (geteuid() != 0) { // its owner
            setMode(closed, 0);
            setMode(readable, 0444);
        }
        const Result hidden = runAsNobody({QStringLiteral("status"), closed});
        QCOMPARE(hidden.code, 1);
        QVERIFY2(hidden.isOneErrorLine() && hidden.err.contains("closed.scrit"),
                 hidden.err.constData());
        const Result unwritten = runAsNobody(import(readable, {path("good.jsonl")}));
        QCOMPARE(unwritten.code, 1);
        QVERIFY2(unwritten.isOneErrorLine() && unwritten.err.contains("readable.scrit"),
                 unwritten.err.constData());
        QCOMPARE(runAsNobody({QStringLiteral("status"), readable}).code, 0);
        QCOMPARE(shown(status(readable), "problems"), 0);
        QVERIFY(QDir().mkpath(path("shut")));
        setMode(path("shut"), 0555);
        const Result made = runAsNobody({QStringLiteral("new"), path("shut/new.scrit")});
        QCOMPARE(made.code, 1);
        QVERIFY2(made.isOneErrorLine() && made.err.contains("new.scrit"), made.err.constData());
        QVERIFY(QDir(path("shut")).isEmpty(QDir::Files | QDir::Hidden));
        setMode(path("shut"), 0755);
    }

    void directories() {
        const QString workspace = fresh("directories.scrit");
        QVERIFY(QDir().mkpath(path("folder")));
        for (const char* command : {"import", "import-critiques"}) {
            const Result result =
                runScrit({QLatin1String(command), workspace, path("folder"), words("--json")[0]});
            QCOMPARE(result.code, 1);
            QVERIFY2(result.isOneErrorLine() && result.err.contains("folder"),
                     result.err.constData());
        }
        QCOMPARE(shown(status(workspace), "unfinished_imports"), 0);
        const Result opened = runScrit({QStringLiteral("status"), path("folder")});
        QCOMPARE(opened.code, 2); // not a workspace at all: the command was called wrongly
        QVERIFY2(opened.isOneErrorLine(), opened.err.constData());
    }

    void emptyFiles() {
        const QString workspace = fresh("empty-input.scrit");
        writeFile(path("nothing.jsonl"), "");
        writeFile(path("blank.jsonl"), "\n \n\r\n");
        for (const char* command : {"import", "import-critiques"}) {
            const Result result =
                runScrit({QLatin1String(command), workspace, path("nothing.jsonl"),
                          path("blank.jsonl"), QStringLiteral("--json")});
            QVERIFY2(result.code == 0 && result.err.isEmpty(), result.err.constData());
            QCOMPARE(shown(result.json(), "lines"), 0);
            QCOMPARE(shown(result.json(), "bad"), 0);
        }
        QCOMPARE(shown(status(workspace), "unfinished_imports"), 0);
        writeFile(path("nothing.scrit"), "");
        for (const char* command : {"status", "list", "verify"}) {
            const Result result = runScrit({QLatin1String(command), path("nothing.scrit")});
            QCOMPARE(result.code, 1);
            QVERIFY2(result.isOneErrorLine(), result.err.constData());
        }
        QCOMPARE(QFileInfo(path("nothing.scrit")).size(), 0);
    }

    void aFileThatShrinks() {
        const QString workspace = fresh("shrinking.scrit");
        const QString file = path("shrinking.jsonl");
        const QByteArray lines = genericLines(20'000);
        writeFile(file, lines);
        QProcess process;
        startAndHold(process, workspace, file);
        std::filesystem::resize_file(file.toStdString(), 1000);
        Result result;
        goOn(process, result);
        QCOMPARE(result.code, 1);
        QVERIFY2(result.isOneErrorLine() && result.err.contains("became shorter"),
                 result.err.constData());
        QCOMPARE(errorCode(result.json()), QStringLiteral("io"));
        QVERIFY(shown(result.json(), "added") < 20'000);
        QCOMPARE(shown(result.json(), "bad"), 0); // no half line was taken for one
        QJsonObject after = status(workspace);
        QCOMPARE(shown(after, "problems"), shown(result.json(), "added"));
        QCOMPARE(shown(after, "unfinished_imports"), 1);
        // Once it is whole again, the import adds the rest and the mark goes.
        writeFile(file, lines);
        const Result again = runScrit(import(workspace, {file}));
        QCOMPARE(again.code, 0);
        QCOMPARE(shown(again.json(), "existing"), shown(after, "problems"));
        after = status(workspace);
        QCOMPARE(shown(after, "problems"), 20'000);
        QCOMPARE(shown(after, "unfinished_imports"), 0);
    }

    void aFileThatVanishes() {
        const QString workspace = fresh("vanishing.scrit");
        const QString file = path("vanishing.jsonl");
        writeFile(file, genericLines(20'000));
        QProcess process;
        startAndHold(process, workspace, file);
        QVERIFY(QFile::remove(file));
        Result result;
        goOn(process, result); // an open file stays whole without its name
        QVERIFY2(result.code == 0, result.err.constData());
        QCOMPARE(shown(result.json(), "added"), 20'000);
        const Result gone = runScrit(import(workspace, {file}));
        QCOMPARE(gone.code, 1);
        QVERIFY2(gone.isOneErrorLine() && gone.err.contains("vanishing.jsonl"),
                 gone.err.constData());
        QCOMPARE(errorCode(gone.json()), QStringLiteral("not-found"));
        QCOMPARE(shown(status(workspace), "unfinished_imports"), 0);
    }

    // A pipe that ends in the middle of a line is a whole stream with one bad line.
    void aPipeThatIsClosedEarly_data() {
        QTest::addColumn<bool>("strict");
        QTest::newRow("bad line") << false;
        QTest::newRow("strict") << true;
    }
    void aPipeThatIsClosedEarly() {
        QFETCH(bool, strict);
        const QString workspace = fresh(strict ? "pipe1.scrit" : "pipe0.scrit");
        const QString pipe = path(strict ? "pipe1.jsonl" : "pipe0.jsonl");
        QCOMPARE(mkfifo(pipe.toLocal8Bit().constData(), 0600), 0);
        QProcess process;
        process.start(program(),
                      import(workspace, {pipe}) + (strict ? words("--strict") : QStringList{}));
        QVERIFY(process.waitForStarted());
        const int end = ::open(pipe.toLocal8Bit().constData(), O_WRONLY | O_CLOEXEC);
        QVERIFY(end >= 0);
        QByteArray lines = genericLines(21);
        lines.chop(40);
        QCOMPARE(::write(end, lines.constData(), static_cast<std::size_t>(lines.size())),
                 static_cast<ssize_t>(lines.size()));
        ::close(end);
        QVERIFY(process.waitForFinished(60'000));
        const QByteArray errors = process.readAllStandardError();
        const QJsonObject json = QJsonDocument::fromJson(process.readAllStandardOutput()).object();
        QCOMPARE(process.exitCode(), strict ? 1 : 0);
        QVERIFY2(strict ? errors.count('\n') == 1 && errors.contains("jsonl:21") : errors.isEmpty(),
                 errors.constData());
        QCOMPARE(shown(json, "added"), 20);
        QCOMPARE(shown(json, "bad"), 1);
        const QString reason = json[u"bad_lines"].toArray()[0].toObject()[u"reason"].toString();
        QVERIFY2(reason.contains(QLatin1String("ends in the middle")), qPrintable(reason));
        QCOMPARE(shown(status(workspace), "unfinished_imports"), strict ? 1 : 0);
    }
};

SCRIT_TEST(CliBadInputTest)
#include "cli_bad_input_test.moc"
