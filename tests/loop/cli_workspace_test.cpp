// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/workspace.h"
#include "tests/loop/cli_support.h"
#include "tests/support/test_program.h"

#include <QCryptographicHash>
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

using namespace cli_support;

// One workspace from new to export, through the program; then what can go wrong with files.
class CliWorkspaceTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    [[nodiscard]] QString path(const char* name) const {
        return m_folder.filePath(QLatin1String(name));
    }
    [[nodiscard]] static QString word(const char* text) { return QString::fromLatin1(text); }
    [[nodiscard]] Result on(const char* command, const QString& workspace,
                            const QStringList& more = {}) const {
        return runScrit(QStringList{word(command), workspace} + more, {}, m_folder.path());
    }
    [[nodiscard]] static QStringList words(const char* text) {
        return QString::fromLatin1(text).split(QLatin1Char(' '));
    }
    QString fresh(const char* name) const {
        QString workspace = path(name);
        const Result made = on("new", workspace);
        if (made.code != 0) {
            qFatal("%s", made.err.constData());
        }
        return workspace;
    }
    static int shown(const QJsonObject& json, const char* key) {
        return json[QLatin1String(key)].toInt(-1);
    }

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        const QString workspace = fresh("w.scrit");
        writeFile(path("problems.jsonl"),
                  genericLines(60) + "{\"id\":\"broken\"\n" + "\n" + "{\"id\":\"empty\"}\n");
        const Result result =
            on("import", workspace,
               {path("problems.jsonl"), word("--source"), word("adding"), word("--json")});
        QCOMPARE(result.code, 0); // every line is accounted for
        const QJsonObject total = result.json();
        QCOMPARE(shown(total, "lines"), 62);
        QCOMPARE(shown(total, "added"), 60);
        QCOMPARE(shown(total, "existing"), 0);
        QCOMPARE(shown(total, "bad"), 2);
        QCOMPARE(shown(total, "problems"), 60);
        QCOMPARE(shown(total, "solutions"), 60);
        QCOMPARE(shown(total[u"total"].toObject(), "lines"), 62);
        const QJsonObject file = total[u"files"].toArray()[0].toObject();
        QCOMPARE(shown(file, "lines"), 62);
        QCOMPARE(file[u"file"].toString(), path("problems.jsonl"));
        const QJsonArray bad = total[u"bad_lines"].toArray();
        QCOMPARE(bad.size(), 2);
        QCOMPARE(shown(bad[0].toObject(), "line"), 61);
        QCOMPARE(shown(bad[1].toObject(), "line"), 63);
        QVERIFY(!bad[0].toObject()[u"reason"].toString().isEmpty());

        // Solutions 0, 3, 6 … are wrong. Five critiques, and one of a solution that nobody knows.
        writeFile(
            path("critiques.jsonl"),
            critiqueLine("k1", "g3", critiqueText(false, "6")) +
                critiqueLine("k2", "g4", critiqueText(true, "8")) +
                critiqueLine("k3", "g6", critiqueText(true, "13")) + // a rubber stamp
                critiqueLine("k4", "g9", critiqueText(false, "77")) +
                critiqueLine("k5", "g12",
                             "As the reference solution shows, " + critiqueText(false, "24")) +
                critiqueLine("k6", "g5", "I do not know.") +
                critiqueLine("k7", "nobody", critiqueText(true, "1")));
        const Result critiques =
            on("import-critiques", workspace,
               {path("critiques.jsonl"), word("--as"), word("scrit"), word("--json")});
        QCOMPARE(critiques.code, 0);
        QCOMPARE(shown(critiques.json(), "lines"), 7);
        QCOMPARE(shown(critiques.json(), "added"), 6);
        QCOMPARE(shown(critiques.json(), "critiques"), 6);
        QCOMPARE(shown(critiques.json(), "bad"), 1);
        QCOMPARE(shown(critiques.json()[u"bad_lines"].toArray()[0].toObject(), "line"), 7);

        const Result verified = on("verify", workspace, {word("--json")});
        QCOMPARE(verified.code, 0);
        QCOMPARE(shown(verified.json(), "solutions"), 60);
        QCOMPARE(shown(verified.json(), "critiques"), 6);
    }

    void importingAgainAddsNothing() {
        const Result again =
            on("import", path("w.scrit"),
               {path("problems.jsonl"), word("--source"), word("adding"), word("--json")});
        QCOMPARE(shown(again.json(), "added"), 0);
        QCOMPARE(shown(again.json(), "existing"), 60);
        const Result critiques =
            on("import-critiques", path("w.scrit"), {path("critiques.jsonl"), word("--json")});
        QCOMPARE(shown(critiques.json(), "added"), 0);
        QCOMPARE(shown(critiques.json(), "existing"), 6);
    }

    void verifyingAgainAddsNothingAndNewSettingsDo() {
        const QJsonObject again = on("verify", path("w.scrit"), {word("--json")}).json();
        QCOMPARE(shown(again, "added"), 0);
        QCOMPARE(shown(again, "reparsed"), 0);
        const QJsonObject other =
            on("verify", path("w.scrit"), words("--verifier answer_match --precision 3 --json"))
                .json();
        QCOMPARE(shown(other, "added"), 66);
        const QJsonObject count = other[u"verifiers"].toArray()[0].toObject();
        QVERIFY(count[u"protocol"].toString().contains(QLatin1String("precision=3")));
        // The settings of the last verify are in force: the usual ones are stated again, once.
        const QStringList usual = words("--verifier answer_match --json");
        QCOMPARE(shown(on("verify", path("w.scrit"), usual).json(), "added"), 66);
        QCOMPARE(shown(on("verify", path("w.scrit"), usual).json(), "added"), 0);
    }

    void status() {
        const QJsonObject json = on("status", path("w.scrit"), {word("--json")}).json();
        QCOMPARE(shown(json, "problems"), 60);
        QCOMPARE(shown(json, "solutions"), 60);
        QCOMPARE(shown(json, "solutions_correct"), 40);
        QCOMPARE(shown(json, "solutions_incorrect"), 20);
        QCOMPARE(shown(json, "critiques"), 6);
        QCOMPARE(shown(json, "critiques_parsed"), 5);
        QCOMPARE(shown(json, "answer_matched"), 3);
        for (const char* key : {"pairs", "self_validated", "annotations", "would_be_lost"}) {
            QCOMPARE(shown(json, key), 0);
        }
        for (const char* key :
             {"validated_match", "validated_mismatch", "rejected_match", "rejected_mismatch"}) {
            QVERIFY2(json[u"validation_2x2"].toObject().contains(QLatin1String(key)), key);
        }
        for (const char* key : {"planned", "running", "done", "failed", "skipped"}) {
            QCOMPARE(shown(json[u"items"].toObject(), key), 0);
        }
        QVERIFY(json[u"errors"].isObject());
        QVERIFY(on("status", path("w.scrit")).out.contains("critiques"));
    }

    void listByFilter_data() {
        QTest::addColumn<QString>("of");
        QTest::addColumn<QString>("filter");
        QTest::addColumn<int>("count");
        const auto row = [](const char* of, const char* filter, int count) {
            QTest::newRow(filter) << QString::fromLatin1(of) << QString::fromLatin1(filter)
                                  << count;
        };
        row("critiques", "", 6);
        row("critiques", "source:adding", 6);
        row("critiques", "verdict:incorrect", 3);
        row("critiques", "flag:rubber-stamp", 1);
        row("critiques", "flag:leak", 1);
        row("critiques", "-flag:leak verdict:incorrect", 2);
        row("critiques", "answer:match", 3);
        row("critiques", "answer:mismatch", 2);
        row("critiques", "critic:nobody", 0);
        row("solutions", "student:tester", 60);
        row("problems", "source:adding", 60);
    }
    void listByFilter() {
        QFETCH(QString, of);
        QFETCH(QString, filter);
        QFETCH(int, count);
        const QStringList query{word("--of"), of, word("--filter"), filter};
        QCOMPARE(on("list", path("w.scrit"), query + words("--count")).out.trimmed().toInt(),
                 count);
        const Result rows = on("list", path("w.scrit"), query + words("--json"));
        QCOMPARE(rows.code, 0);
        QCOMPARE(rows.jsonLines().size(), count);
    }

    void listShapes() {
        const QList<QJsonObject> rows =
            on("list", path("w.scrit"), words("--json --filter flag:rubber-stamp")).jsonLines();
        QCOMPARE(rows.size(), 1);
        QCOMPARE(rows[0][u"conclusion"].toString(), word("correct"));
        QCOMPARE(shown(rows[0], "first_error_step"), -1);
        QCOMPARE(rows[0][u"correct"].toBool(true), false);
        QCOMPARE(rows[0][u"answer_match"].toString(), word("no"));
        QVERIFY(rows[0][u"flags"].toArray().contains(word("rubber-stamp")));
        QVERIFY(rows[0][u"label"].isNull());
        QCOMPARE(on("list", path("w.scrit"), words("--limit 2 --columns id,critic")).out,
                 QByteArray("id  critic\n 1  tester-critic\n 2  tester-critic\n"));
        QCOMPARE(on("list", path("w.scrit"), words("--of items")).out,
                 QByteArray("id  stage  subject  sample  state  attempts  error\n"));
        QCOMPARE(on("list", path("w.scrit"), words("--of items --columns critic")).code, 2);
        const Result odd =
            on("list", path("w.scrit"), {word("--filter"), word("source:adding colour:red")});
        QCOMPARE(odd.code, 2);
        QVERIFY2(odd.err.contains("column 15"), odd.err.constData());
    }

    void show() {
        const Result text = on("show", path("w.scrit"), words("1"));
        QCOMPARE(text.code, 0);
        for (const char* part :
             {"What is 3 + 3?", "[2] \xE2\x9C\x97 first wrong step (critique)", "The sum is wrong.",
              "matches the reference answer: \xE2\x9C\x93 yes"}) {
            QVERIFY2(text.out.contains(part), part);
        }
        QVERIFY(!text.out.contains('\x1b'));
        const QJsonObject json = on("show", path("w.scrit"), words("1 --json")).json();
        QCOMPARE(json[u"solution_correct"].toBool(true), false);
        QCOMPARE(json[u"critique"].toObject()[u"parsed"].toObject()[u"answer"].toString(),
                 word("6"));
        QCOMPARE(json[u"problem"].toObject()[u"reference_answer"].toString(), word("6"));
        bool arithmetic = false;
        for (const auto& verdict : json[u"verdicts"].toArray()) {
            const QJsonObject object = verdict.toObject();
            if (object[u"verifier"].toString() == QLatin1String("step_arithmetic")) {
                arithmetic = true;
                QCOMPARE(object[u"outcome"].toString(), word("no"));
                QCOMPARE(shown(object, "step"), 1);
                const QJsonObject failed =
                    object[u"evidence"].toObject()[u"failed"].toArray()[0].toObject();
                QCOMPARE(failed[u"expected"].toString(), word("6"));
                QCOMPARE(json[u"solution"].toObject()[u"text"].toString().mid(
                             shown(failed, "begin"), shown(failed, "end") - shown(failed, "begin")),
                         word("3 + 3 = 7"));
            }
        }
        QVERIFY(arithmetic);
        const Result none = on("show", path("w.scrit"), words("99999"));
        QCOMPARE(none.code, 1);
        QVERIFY(none.isOneErrorLine());
    }

    void exportTwiceGivesTheSameBytes() {
        const QStringList query = words("--view openai-chat --balance 1:1 --seed 5 --json");
        const Result first =
            on("export", path("w.scrit"), query + QStringList{word("--out"), path("out1")});
        QCOMPARE(first.code, 0);
        const QJsonObject json = first.json();
        QCOMPARE(shown(json, "selected"), 6);
        QCOMPARE(shown(json, "unparsed"), 1);
        QCOMPARE(shown(json, "leaks"), 1);
        QCOMPARE(shown(json, "unbalanced"), 0);
        QCOMPARE(shown(json, "rows"), 4);
        const QJsonObject file = json[u"files"].toArray()[0].toObject();
        QFile data(path("out1") + QLatin1Char('/') + file[u"name"].toString());
        QVERIFY(data.open(QIODevice::ReadOnly));
        const QByteArray bytes = data.readAll();
        QCOMPARE(bytes.count('\n'), 4);
        QVERIFY(!bytes.contains("reference"));
        QCOMPARE(QString::fromLatin1(
                     QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex()),
                 file[u"sha256"].toString());
        QVERIFY(QFile::exists(path("out1/manifest.json")));
        const Result second =
            on("export", path("w.scrit"), query + QStringList{word("--out"), path("out2")});
        QCOMPARE(second.json()[u"files"], json[u"files"]);

        const Result refused =
            on("export", path("w.scrit"), query + QStringList{word("--out"), path("out1")});
        QCOMPARE(refused.code, 1);
        QVERIFY(refused.isOneErrorLine());
        QCOMPARE(on("export", path("w.scrit"),
                    query + QStringList{word("--force"), word("--out"), path("out1")})
                     .code,
                 0);
        const QJsonObject kept =
            on("export", path("w.scrit"),
               words("--view openai-chat --keep-leaks --json --out") + QStringList{path("out3")})
                .json();
        QCOMPARE(shown(kept, "rows"), 5);
        QCOMPARE(shown(kept, "leaks"), 0);
    }

    // What leaves as jsonl-full comes back as the same problems, solutions and critiques.
    void fullExportComesBack() {
        QCOMPARE(on("export", path("w.scrit"),
                    words("--view jsonl-full --keep-leaks --out") + QStringList{path("full")})
                     .code,
                 0);
        const QString copy = fresh("copy.scrit");
        const QString file = path("full/train.jsonl");
        const Result back = on("import-critiques", copy, {file, word("--json")});
        QVERIFY2(back.code == 0, back.err.constData());
        QCOMPARE(shown(back.json(), "critiques"), 6);
        QCOMPARE(shown(back.json(), "bad"), 0);
        QCOMPARE(shown(on("import-critiques", copy, {file, word("--json")}).json(), "added"), 0);
    }

    void aProblemOfTwoDataSets() {
        const QString workspace = fresh("shared.scrit");
        writeFile(path("shared.jsonl"), genericLines(4));
        for (const char* source : {"first", "second"}) {
            QCOMPARE(on("import", workspace, {path("shared.jsonl"), word("--source"), word(source)})
                         .code,
                     0);
        }
        QCOMPARE(shown(on("status", workspace, {word("--json")}).json(), "problems"), 4);
        for (const char* filter : {"source:first", "source:second"}) {
            QCOMPARE(on("list", workspace,
                        words("--of problems --count --filter") + QStringList{word(filter)})
                         .out,
                     QByteArray("4\n"));
        }
        const Result text = on("show", workspace, words("1 --of problems"));
        QVERIFY2(text.out.contains("also in: second, id g0"), text.out.constData());
        const QJsonObject other = on("show", workspace, words("1 --of problems --json"))
                                      .json()[u"problem"]
                                      .toObject()[u"other_sources"]
                                      .toArray()[0]
                                      .toObject();
        QCOMPARE(other[u"source"].toString(), word("second"));
        QCOMPARE(other[u"external_id"].toString(), word("g0"));
    }

    void strictStops() {
        const QString workspace = fresh("strict.scrit");
        const Result result =
            on("import", workspace, {path("problems.jsonl"), word("--strict"), word("--json")});
        QCOMPARE(result.code, 1);
        QVERIFY2(result.isOneErrorLine() && result.err.contains("problems.jsonl:61"),
                 result.err.constData());
        QCOMPARE(shown(result.json(), "added"), 60); // the good lines before it stay
        QCOMPARE(shown(on("status", workspace, {word("--json")}).json(), "unfinished_imports"), 1);
    }

    void filesThatCannotBeRead() {
        const QString workspace = fresh("files.scrit");
        writeFile(path("empty.jsonl"), "");
        writeFile(path("good.jsonl"), genericLines(3));
        const Result result =
            on("import", workspace,
               {path("nowhere.jsonl"), m_folder.path(), path("empty.jsonl"), path("good.jsonl"),
                word("--as"), word("generic"), word("--json")});
        QCOMPARE(result.code, 1);
        QCOMPARE(result.err.count("scrit: "), 2);
        const QJsonArray files = result.json()[u"files"].toArray();
        QCOMPARE(files.size(), 4);
        QCOMPARE(files[0].toObject()[u"error"].toObject()[u"code"].toString(), word("not-found"));
        QVERIFY(files[1].toObject()[u"error"].isObject());
        QVERIFY(files[2].toObject()[u"error"].isNull());
        QCOMPARE(shown(files[2].toObject(), "lines"), 0);
        QCOMPARE(shown(files[3].toObject(), "added"), 3); // the others go on
    }

    void badWorkspaces() {
        const Result missing = on("status", path("missing.scrit"));
        QCOMPARE(missing.code, 1);
        QVERIFY(missing.isOneErrorLine());
        QVERIFY(!QFile::exists(path("missing.scrit")));
        const Result exists = on("new", path("w.scrit"));
        QCOMPARE(exists.code, 1);
        QVERIFY(exists.isOneErrorLine());
        writeFile(path("text.scrit"), QByteArray("this is no workspace\n").repeated(1000));
        const Result corrupt = on("status", path("text.scrit"));
        QCOMPARE(corrupt.code, 1);
        QVERIFY2(corrupt.isOneErrorLine(), corrupt.err.constData());
    }

    void openTwice() {
        const QString workspace = fresh("twice.scrit");
        const auto held = scrit::store::Workspace::open(workspace.toStdString());
        QVERIFY(held.has_value());
        const Result second = on("import", workspace, {path("problems.jsonl")});
        QCOMPARE(second.code, 1);
        QVERIFY2(second.isOneErrorLine(), second.err.constData());
        QCOMPARE(on("status", workspace, {word("--json")}).code, 0); // reading is possible
    }

    void killedImportIsCompletedByTheNext() {
        const QString whole = fresh("whole.scrit");
        const QString killed = fresh("killed.scrit");
        const QByteArray lines = genericLines(4000);
        writeFile(path("lines.jsonl"), lines);
        const QStringList options = words("--as generic --source many --json");
        QCOMPARE(on("import", whole, QStringList{path("lines.jsonl")} + options).code, 0);

        // A pipe under the file's name gives part of the lines and then nothing.
        QVERIFY(QFile::rename(path("lines.jsonl"), path("later.jsonl")));
        QCOMPARE(mkfifo(path("lines.jsonl").toLocal8Bit().constData(), 0600), 0);
        QProcess process;
        process.start(program(),
                      QStringList{word("import"), killed, path("lines.jsonl")} + options);
        QVERIFY(process.waitForStarted());
        const int pipe =
            ::open(path("lines.jsonl").toLocal8Bit().constData(), O_WRONLY | O_CLOEXEC);
        QVERIFY(pipe >= 0);
        const QByteArray part = genericLines(3300);
        qsizetype written = 0;
        while (written < part.size()) {
            const ssize_t n = ::write(pipe, part.constData() + written,
                                      static_cast<std::size_t>(part.size() - written));
            QVERIFY(n > 0);
            written += n;
        }
        QTRY_VERIFY_WITH_TIMEOUT(
            shown(on("status", killed, {word("--json")}).json(), "problems") > 0, 60'000);
        ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
        QVERIFY(process.waitForFinished());
        ::close(pipe);
        QCOMPARE(process.exitStatus(), QProcess::CrashExit);

        QJsonObject half = on("status", killed, {word("--json")}).json();
        QCOMPARE(shown(half, "problems") % 500, 0); // whole batches
        QVERIFY(shown(half, "problems") < 4000);
        QCOMPARE(shown(half, "unfinished_imports"), 1);
        QVERIFY(QFile::remove(path("lines.jsonl")));
        QVERIFY(QFile::rename(path("later.jsonl"), path("lines.jsonl")));
        const Result again = on("import", killed, QStringList{path("lines.jsonl")} + options);
        QCOMPARE(again.code, 0);
        QCOMPARE(shown(again.json(), "existing"), shown(half, "problems"));
        for (const char* command :
             {"status --json", "list --json --of problems", "list --json --of solutions"}) {
            const QStringList parts = words(command);
            QCOMPARE(on(parts[0].toLatin1().constData(), killed, parts.mid(1)).out,
                     on(parts[0].toLatin1().constData(), whole, parts.mid(1)).out);
        }
    }

    void interruptedImportExitsWithThree() {
        const QString workspace = fresh("interrupted.scrit");
        const QString fifo = path("fifo.jsonl");
        QCOMPARE(mkfifo(fifo.toLocal8Bit().constData(), 0600), 0);
        QProcess process;
        process.start(program(),
                      QStringList{word("import"), workspace, fifo} + words("--as generic --json"));
        QVERIFY(process.waitForStarted());
        const int pipe = ::open(fifo.toLocal8Bit().constData(), O_WRONLY | O_CLOEXEC);
        const QByteArray lines = genericLines(3300);
        QCOMPARE(::write(pipe, lines.constData(), 4096), 4096);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QTest::qWait(200);
        // A pipe that stays open is read until its next line: then the stop is seen.
        ::signal(SIGPIPE, SIG_IGN);
        static_cast<void>(::write(pipe, lines.constData() + 4096, 32'768));
        ::close(pipe);
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 3);
        QVERIFY(process.readAllStandardError().startsWith("scrit: interrupted"));
        QVERIFY(QJsonDocument::fromJson(process.readAllStandardOutput())
                    .object()[u"cancelled"]
                    .toBool());
    }

    void fullDisk() {
        if (geteuid() != 0) {
            QSKIP("only root may mount a small disk");
        }
        const QString disk = path("disk");
        QVERIFY(QDir().mkpath(disk));
        const QByteArray where = disk.toLocal8Bit();
        if (::mount("tmpfs", where.constData(), "tmpfs", 0, "size=2m") != 0) {
            QSKIP("mounting is not allowed here");
        }
        const QString workspace = disk + word("/full.scrit");
        QCOMPARE(on("new", workspace).code, 0);
        writeFile(path("big.jsonl"), genericLines(20'000));
        const Result result =
            on("import", workspace,
               {path("big.jsonl"), word("--as"), word("generic"), word("--json")});
        const Result status = on("status", workspace, {word("--json")});
        QFile filler(disk + word("/filler"));
        if (filler.open(QIODevice::WriteOnly)) {
            while (filler.write(QByteArray(65'536, 'x')) > 0 && filler.flush()) {
            }
        }
        const Result another = on("new", disk + word("/another.scrit"));
        filler.close();
        ::umount2(where.constData(), MNT_DETACH);
        QCOMPARE(another.code, 1);
        QVERIFY2(another.isOneErrorLine() && another.err.contains("free some space") &&
                     !another.err.contains("kept"),
                 another.err.constData());
        QCOMPARE(result.code, 1);
        QVERIFY2(result.isOneErrorLine(), result.err.constData());
        QCOMPARE(result.json()[u"error"].toObject()[u"code"].toString(), word("disk-full"));
        QCOMPARE(status.code, 0);
        QCOMPARE(shown(status.json(), "problems"), shown(result.json(), "added")); // whole batches
        QCOMPARE(shown(status.json(), "unfinished_imports"), 1);                   // and it shows
    }

    // Reading is enough to export; that it was is then noted nowhere.
    void exportsWhileAnotherProgramWrites() {
        const auto held = scrit::store::Workspace::open(path("w.scrit").toStdString(),
                                                        scrit::store::OpenMode::ReadWrite);
        QVERIFY(held.has_value());
        QCOMPARE(on("import", path("w.scrit"), {path("problems.jsonl")}).code, 1);
        const QStringList options{word("--view"), word("jsonl-full"), word("--json")};
        const Result beside =
            on("export", path("w.scrit"), options + QStringList{word("--out"), path("beside")});
        QVERIFY2(beside.code == 0, beside.err.constData());
        QVERIFY2(beside.err.contains("not noted in it"), beside.err.constData());
        QCOMPARE(beside.json()[u"noted"].toBool(true), false);
        QVERIFY(QFile::exists(path("beside/manifest.json")));
    }

    void demo() {
        const QString folder = path("demo");
        const Result first = on("demo", folder, {word("--sample"), word("--json")});
        QVERIFY2(first.code == 0, first.err.constData());
        const QJsonObject json = first.json();
        QVERIFY(shown(json[u"status"].toObject(), "problems") >= 24);
        QVERIFY(shown(json[u"status"].toObject(), "critiques") >= 48);
        QCOMPARE(shown(json[u"critiques"].toObject(), "bad"), 0);
        const Result second = on("demo", folder, {word("--sample"), word("--json")});
        QCOMPARE(shown(second.json()[u"problems"].toObject(), "added"), 0);
        QCOMPARE(shown(second.json()[u"verify"].toObject(), "added"), 0);
        QCOMPARE(second.json()[u"status"], json[u"status"]);
        QVERIFY(on("demo", folder, {word("--sample")}).out.contains("recorded sample"));
    }

    // A copy of the program beside a Studio that notes what it was started with.
    void demoOpensTheStudioBesideIt() {
        QVERIFY(QDir(m_folder.path()).mkdir(word("bin")));
        QVERIFY(QFile::copy(program(), path("bin/scrit")));
        writeFile(path("bin/scrit-studio"), "#!/bin/sh\nprintf '%s\\n' \"$@\" >\"$0.part\"\n"
                                            "mv \"$0.part\" \"$0.opened\"\n");
        QVERIFY(QFile::setPermissions(path("bin/scrit-studio"),
                                      QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        const auto demoWith = [&](const QByteArray& display, const char* options) {
            QProcess process;
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            environment.remove(word("WAYLAND_DISPLAY"));
            environment.insert(word("DISPLAY"), QString::fromLatin1(display));
            process.setProcessEnvironment(environment);
            process.start(path("bin/scrit"),
                          QStringList{word("demo"), path("opened"), word("--sample")} +
                              words(options));
            const bool ended = process.waitForFinished(60'000);
            return ended ? process.exitCode() : -1;
        };
        QCOMPARE(demoWith(":0", "--quiet"), 0); // no terminal: nobody looks
        QCOMPARE(demoWith("", "--open"), 1);
        QVERIFY(!QFile::exists(path("bin/scrit-studio.opened")));
        QCOMPARE(demoWith(":0", "--open --json"), 0);
        QTRY_VERIFY(QFile::exists(path("bin/scrit-studio.opened")));
        QFile opened(path("bin/scrit-studio.opened"));
        QVERIFY(opened.open(QIODevice::ReadOnly));
        QCOMPARE(QString::fromUtf8(opened.readAll()),
                 word("--page\ntraces\n") + path("opened/demo.scrit\n"));
        QVERIFY(QFile::remove(path("bin/scrit-studio")));
        QCOMPARE(demoWith(":0", "--open --no-open"), 2);
    }
};

SCRIT_TEST(CliWorkspaceTest)
#include "cli_workspace_test.moc"
