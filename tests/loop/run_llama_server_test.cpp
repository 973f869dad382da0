// SPDX-License-Identifier: GPL-3.0-or-later
// A whole `scrit run` whose models are answered by the real llama-server, with a tiny model of
// random weights: it speaks gibberish, so every critique is a named problem, but all of the way
// there is real. Skipped where the server is not installed: packaging/llama-server/fetch brings it.
#include "tests/loop/cli_support.h"
#include "tests/support/llama_server.h"
#include "tests/support/test_program.h"
#include "tests/support/tiny_gguf.h"

#include <QDirIterator>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace cli_support;

namespace {

// Running processes whose command line names the model file.
QList<qint64> serversOf(const QString& model) {
    QList<qint64> found;
    QDirIterator processes(QStringLiteral("/proc"), QDir::Dirs | QDir::NoDotAndDotDot);
    while (processes.hasNext()) {
        const QString folder = processes.next();
        const qint64 pid = processes.fileName().toLongLong();
        const QList<QByteArray> words = contentsOf(folder + QStringLiteral("/cmdline")).split('\0');
        // `scrit` itself has the model's file only in the workspace.
        if (pid > 0 && words.contains(QFile::encodeName(model))) {
            found.append(pid);
        }
    }
    return found;
}

} // namespace

class RunLlamaServerTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    QString m_workspace = m_dir.filePath(QStringLiteral("w.scrit"));
    QString m_model = m_dir.filePath(QStringLiteral("tiny.gguf"));

    QStringList runOfOne() const {
        return {QStringLiteral("run"),       m_workspace,
                QStringLiteral("--critic"),  QStringLiteral("tiny"),
                QStringLiteral("--student"), QStringLiteral("tiny"),
                QStringLiteral("--limit"),   QStringLiteral("1"),
                QStringLiteral("--json")};
    }

private Q_SLOTS:
    void initTestCase() {
        const QString server = QString::fromStdString(scrit::testing::realLlamaServer());
        if (server.isEmpty()) {
            QSKIP("llama-server is not installed: packaging/llama-server/fetch brings it");
        }
        qputenv("XDG_RUNTIME_DIR", m_dir.path().toUtf8());
        QVERIFY(scrit::testing::writeTinyGguf(m_model.toStdString()).has_value());
        QCOMPARE(runScrit({QStringLiteral("new"), m_workspace}).code, 0);
        const QString samples =
            QStringLiteral(SCRIT_SOURCE_DIR "/resources/samples/problems.jsonl");
        QCOMPARE(runScrit({QStringLiteral("import"), m_workspace, samples}).code, 0);
        const Result added =
            runScrit({QStringLiteral("model"), QStringLiteral("add"), m_workspace,
                      QStringLiteral("tiny"), QStringLiteral("--gguf"), m_model,
                      QStringLiteral("--program"), server, QStringLiteral("--slots"),
                      QStringLiteral("2"), QStringLiteral("--arg=-t 1 -np 2 -c 8192")});
        QVERIFY2(added.code == 0, added.err.constData());
    }

    // The server is killed while it answers: it is started again, what was under way is asked
    // again, and every item comes to its end.
    void aRunSurvivesTheDeathOfItsServer() {
        QProcess run;
        run.start(program(), runOfOne());
        QVERIFY(run.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(!serversOf(m_model).isEmpty(), 60'000);
        const qint64 first = serversOf(m_model).constFirst();
        // An answer is there, so that the server is in the middle of its work.
        QByteArray progress;
        while (!progress.contains("\"done\":1") && run.waitForReadyRead(60'000)) {
            progress += run.readAllStandardOutput();
        }
        const bool killed =
            run.state() == QProcess::Running && kill(static_cast<pid_t>(first), SIGKILL) == 0;
        QVERIFY(run.waitForFinished(240'000));
        QVERIFY2(run.exitCode() == 0, run.readAllStandardError().constData());
        if (!killed) {
            QWARN("the run was over before its server could be killed");
        }

        const QJsonObject status =
            runScrit({QStringLiteral("status"), m_workspace, QStringLiteral("--json")}).json();
        const QJsonObject items = status.value(QLatin1String("items")).toObject();
        QCOMPARE(items.value(QLatin1String("planned")).toInt(), 0);
        QCOMPARE(items.value(QLatin1String("running")).toInt(), 0);
        QCOMPARE(items.value(QLatin1String("failed")).toInt(), 0);
        // Each critique that was asked for is stored, readable or not, and its validation is ended.
        const int pairs = status.value(QLatin1String("pairs")).toInt();
        QVERIFY(pairs >= 2);
        QCOMPARE(status.value(QLatin1String("critiques")).toInt(), pairs);
        QCOMPARE(items.value(QLatin1String("done")).toInt() +
                     items.value(QLatin1String("skipped")).toInt(),
                 1 + 1 + 2 * pairs); // solved, selected, criticised and validated
        QVERIFY(serversOf(m_model).isEmpty());
    }

    // Asking for the same again is answered from what is stored, without a server.
    void theSameRunAgainAsksNothing() {
        const Result again = runScrit(runOfOne());
        QVERIFY2(again.code == 0, again.err.constData());
        QVERIFY(!again.jsonLines().isEmpty());
        const QJsonObject last = again.jsonLines().constLast();
        QVERIFY2(last.value(QLatin1String("requests")).toInt() == 0, again.out.constData());
    }
};

SCRIT_TEST(RunLlamaServerTest)
#include "run_llama_server_test.moc"
