// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/loop/run_support.h"
#include "tests/loop/world_support.h"
#include "tests/support/behaviour_server.h"
#include "tests/support/test_program.h"

#include <QDirIterator>
#include <QTest>

using namespace scrit;
using namespace scrit::test;
using namespace scrit::testing;

namespace {

const QByteArray kPlantedKey = "sk-planted-8c1f5a70b9e24d36";

// Files below a folder that hold the key.
QStringList tellingFiles(const QString& folder) {
    QStringList telling;
    QDirIterator files(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (file.open(QIODevice::ReadOnly) && file.readAll().contains(kPlantedKey)) {
            telling << file.fileName();
        }
    }
    return telling;
}

// The command lines of a process and all its descendants.
QByteArray commandLines(qint64 pid) {
    const auto read = [](const QString& path) {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray{};
    };
    const QString process = QStringLiteral("/proc/%1/").arg(pid);
    QByteArray all = read(process + QStringLiteral("cmdline"));
    const QString tasks = process + QStringLiteral("task/");
    for (const QString& task : QDir(tasks).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        for (const QByteArray& child :
             read(tasks + task + QStringLiteral("/children")).split(' ')) {
            all += child.isEmpty() ? QByteArray{} : commandLines(child.toLongLong());
        }
    }
    return all;
}

} // namespace

// An API key that is planted in the environment shows up nowhere, also when everything goes wrong
// and the server repeats it.
class RunSecretsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theKeyIsNowhere() {
        BehaviourOptions options;
        options.latencyMillis = 50;
        options.faults.share = {{Fault::EchoKey, 0.3}};
        BehaviourServer server(options);
        Bench bench(0);
        addWorldProblems(*bench.workspace, 8, true);
        bench.workspace.reset();
        const QString folder = bench.folder.path();
        const QString file = bench.folder.filePath(QStringLiteral("w.scrit"));
        qputenv("SCRIT_TEST_PLANTED_KEY", kPlantedKey);
        qputenv("XDG_STATE_HOME", folder.toUtf8());
        qputenv("XDG_CACHE_HOME", folder.toUtf8());
        QByteArray said;
        const auto scrit = [&](const QStringList& arguments) {
            QProcess process;
            process.setWorkingDirectory(folder);
            process.start(cli_support::program(), arguments);
            while (!process.waitForFinished(20) && process.state() != QProcess::NotRunning) {
                said += commandLines(process.processId());
            }
            QByteArray words = process.readAllStandardOutput() + process.readAllStandardError();
            said += words;
            return words;
        };
        const auto list = [](std::initializer_list<const char*> words) {
            QStringList arguments;
            for (const char* word : words) {
                arguments << QString::fromLatin1(word);
            }
            return arguments;
        };
        const std::string url = server.url();
        scrit(list({"model", "add", "w.scrit", "critic", "--url", url.c_str(), "--model", "critic",
                    "--key-env", "SCRIT_TEST_PLANTED_KEY"}));
        QVERIFY2(scrit(list({"model", "list", "w.scrit"})).contains("critic"), said.constData());
        scrit(list({"model", "check", "w.scrit", "critic"}));
        const QByteArray run = scrit(list({"run", "w.scrit", "--critic", "critic", "--json"}));
        QVERIFY2(run.contains("\"failed\""), run.constData());
        QVERIFY2(run.contains("http-422"), run.constData());
        scrit(list({"resume", "w.scrit", "1", "--retry", "all"}));
        scrit(list({"runs", "w.scrit", "--json"}));
        scrit(list({"status", "w.scrit", "--json"}));
        scrit(list({"list", "w.scrit", "--of", "items", "--json"}));
        scrit(list({"export", "w.scrit", "--view", "jsonl-full", "--out", "out"}));
        scrit(list({"doctor"}));
        const QJsonObject stats =
            QJsonDocument::fromJson(QByteArray::fromStdString(server.stats())).object();
        QVERIFY2(stats[QStringLiteral("authorized")].toInt() > 20, "the key must have been sent");
        QVERIFY(stats[QStringLiteral("faults")][QStringLiteral("echo-key")].toInt() > 5);
        QVERIFY2(!said.contains(kPlantedKey),
                 "the key is in what was printed or in a command line");
        QVERIFY2(said.contains("cannot serve"),
                 "the server's words must be shown, without the key");
        const QStringList telling = tellingFiles(folder);
        QVERIFY2(telling.isEmpty(), qPrintable(telling.join(QStringLiteral(", "))));
        QVERIFY(QFile::exists(file));
    }

    // The search above would find it.
    void theSearchFinds() {
        const QTemporaryDir folder;
        cli_support::writeFile(folder.filePath(QStringLiteral("log")), "a\n" + kPlantedKey + "\n");
        QCOMPARE(tellingFiles(folder.path()).size(), 1);
        QProcess process;
        process.start(QStringLiteral("sleep"), {QStringLiteral("30")});
        QVERIFY(process.waitForStarted());
        QVERIFY(commandLines(QCoreApplication::applicationPid()).contains("sleep"));
        process.kill();
        process.waitForFinished();
    }
};

SCRIT_TEST(RunSecretsTest)
#include "run_secrets_test.moc"
