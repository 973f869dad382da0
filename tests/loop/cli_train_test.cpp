// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QtTest>

#include <csignal>

using namespace cli_support;

namespace {

// Zombies count as gone: whoever started us may not reap.

qint64 pidIn(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll().trimmed().toLongLong() : 0;
}

} // namespace

// `scrit train` with a program that trains nothing (tests/support/fake_trainer.sh).
class CliTrainTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString path(const char* name) const { return m_folder.filePath(QString::fromLatin1(name)); }

    QStringList arguments(const char* name, const char* mode, const char* pause = "0") const {
        return {QStringLiteral("train"),
                path("w.scrit"),
                QStringLiteral("--trainer"),
                QStringLiteral("command"),
                QStringLiteral("--template"),
                QStringLiteral(SCRIT_SOURCE_DIR "/tests/support/fake_trainer.toml"),
                QStringLiteral("--base"),
                QStringLiteral("base"),
                QStringLiteral("--name"),
                QString::fromLatin1(name),
                QStringLiteral("--trainer-value"),
                QStringLiteral("script=" SCRIT_SOURCE_DIR "/tests/support/fake_trainer.sh"),
                QStringLiteral("--trainer-value"),
                QStringLiteral("mode=") + QLatin1String(mode),
                QStringLiteral("--trainer-value"),
                QStringLiteral("pause=") + QLatin1String(pause),
                QStringLiteral("--json")};
    }
    QList<QJsonObject> trainings() const {
        return runScrit({QStringLiteral("train"), path("w.scrit"), QStringLiteral("--list"),
                         QStringLiteral("--json")})
            .jsonLines();
    }
    static QList<int> lossSteps(const QJsonObject& training) {
        QList<int> steps;
        const QJsonArray losses = training[QStringLiteral("losses")].toArray();
        for (const auto& pair : losses) {
            steps << pair[0].toInt();
        }
        return steps;
    }
    QByteArray models() const {
        return runScrit({QStringLiteral("model"), QStringLiteral("list"), path("w.scrit"),
                         QStringLiteral("--json")})
            .out;
    }

private Q_SLOTS:
    void initTestCase() {
        QByteArray rows;
        for (int i = 0; i < 12; ++i) {
            const QJsonObject row{
                {QStringLiteral("problem"), QStringLiteral("What is %1 + 1?").arg(i)},
                {QStringLiteral("author"), QStringLiteral("student")},
                {QStringLiteral("solution"), QStringLiteral("We add.\n\nIt is %1.").arg(i)},
                {QStringLiteral("critic"), QStringLiteral("critic")},
                {QStringLiteral("critique"),
                 QString::fromUtf8(critiqueText(false, QByteArray::number(i + 1)))}};
            rows += QJsonDocument(row).toJson(QJsonDocument::Compact) + '\n';
        }
        writeFile(path("rows.jsonl"), rows);
        QCOMPARE(runScrit({QStringLiteral("new"), path("w.scrit")}).code, 0);
        QCOMPARE(runScrit({QStringLiteral("import-critiques"), path("w.scrit"), path("rows.jsonl")})
                     .code,
                 0);
        const Result added =
            runScrit({QStringLiteral("model"), QStringLiteral("add"), path("w.scrit"),
                      QStringLiteral("base"), QStringLiteral("--kind"), QStringLiteral("vllm"),
                      QStringLiteral("--model"), QStringLiteral("org/base")});
        QVERIFY2(added.code == 0, added.err.constData());
    }

    void trains() {
        const Result trained = runScrit(arguments("first", "ok"));
        QVERIFY2(trained.code == 0, trained.err.constData());
        const QJsonObject last = trained.jsonLines().last();
        QCOMPARE(last[QStringLiteral("state")].toString(), QStringLiteral("done"));
        QCOMPARE(last[QStringLiteral("model")].toString(), QStringLiteral("first"));
        QCOMPARE(last[QStringLiteral("losses")].toArray().size(), 5);
        QCOMPARE(last[QStringLiteral("settings")][QStringLiteral("rows")].toInt(), 12);
        QVERIFY(models().contains("\"first\""));
        QVERIFY(QFile::exists(path("w.trainings/first/output/model.safetensors")));
    }

    void failsWithTheProgramsWords() {
        const Result failed = runScrit(arguments("broken", "fail"));
        QCOMPARE(failed.code, 1);
        QVERIFY2(failed.isOneErrorLine(), failed.err.constData());
        QVERIFY(failed.err.contains("the dataset is broken"));
        QVERIFY(!models().contains("\"broken\""));
        QCOMPARE(trainings().first()[QStringLiteral("state")].toString(), QStringLiteral("failed"));
        QCOMPARE(lossSteps(trainings().first()), (QList<int>{1, 2, 3}));
    }

    void usage_data() {
        QTest::addColumn<QStringList>("more");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("nothing") << QStringList{} << QByteArray("--trainer is missing");
        QTest::newRow("trainer") << QStringList{QStringLiteral("--trainer"), QStringLiteral("x")}
                                 << QByteArray("x");
        QTest::newRow("base") << QStringList{QStringLiteral("--trainer"), QStringLiteral("command")}
                              << QByteArray("--base is missing");
        QTest::newRow("value")
            << QStringList{QStringLiteral("--trainer"),       QStringLiteral("command"),
                           QStringLiteral("--base"),          QStringLiteral("base"),
                           QStringLiteral("--name"),          QStringLiteral("n"),
                           QStringLiteral("--trainer-value"), QStringLiteral("gpus")}
            << QByteArray("NAME=VALUE");
        QTest::newRow("template") << QStringList{QStringLiteral("--trainer"),
                                                 QStringLiteral("command"),
                                                 QStringLiteral("--base"),
                                                 QStringLiteral("base"),
                                                 QStringLiteral("--name"),
                                                 QStringLiteral("n")}
                                  << QByteArray("a template is missing");
    }
    void usage() {
        QFETCH(QStringList, more);
        QFETCH(QByteArray, says);
        const Result result =
            runScrit(QStringList{QStringLiteral("train"), path("w.scrit")} + more);
        QCOMPARE(result.code, 2);
        QVERIFY2(result.isOneErrorLine() && result.err.contains(says), result.err.constData());
    }

    // SIGKILL while it trains: the program goes with us, and --resume goes on from its checkpoint.
    // Losses are stored as they come, so that the curve has no gap, and no step twice.
    void killedAndResumed() {
        QProcess process;
        process.start(program(), arguments("killed", "hang")); // after step 2
        QVERIFY(process.waitForStarted());
        const QString output = path("w.trainings/killed/output");
        QTRY_VERIFY_WITH_TIMEOUT(
            QFile::exists(output + QStringLiteral("/checkpoint-2/trainer_state.json")), 60000);
        QTRY_COMPARE_WITH_TIMEOUT(lossSteps(trainings().value(0)), (QList<int>{1, 2}), 20000);
        const qint64 trainer = pidIn(output + QStringLiteral("/pid"));
        const qint64 child = pidIn(output + QStringLiteral("/child-pid"));
        QVERIFY(isAlive(trainer) && isAlive(child));
        process.kill();
        QVERIFY(process.waitForFinished());
        QTRY_VERIFY(!isAlive(trainer));
        QTRY_VERIFY(!isAlive(child));
        QVERIFY(!models().contains("\"killed\""));
        const QJsonObject stopped = trainings().first();
        const QString id = QString::number(stopped[QStringLiteral("training")].toInt());
        const Result resumed = runScrit({QStringLiteral("train"), path("w.scrit"),
                                         QStringLiteral("--resume"), id, QStringLiteral("--json")});
        QVERIFY2(resumed.code == 0, resumed.err.constData());
        QCOMPARE(lossSteps(resumed.jsonLines().last()), (QList<int>{1, 2, 3, 4, 5}));
        QVERIFY(models().contains("\"killed\""));
        QFile starts(output + QStringLiteral("/starts"));
        QVERIFY(starts.open(QIODevice::ReadOnly));
        const QByteArray text = starts.readAll();
        QCOMPARE(text.count('\n'), 2);
        QVERIFY(!text.contains("\nstarted at step 0"));
    }

    void interrupted() {
        QProcess process;
        process.start(program(), arguments("stopped", "hang"));
        QVERIFY(process.waitForStarted());
        const QString output = path("w.trainings/stopped/output");
        QTRY_VERIFY_WITH_TIMEOUT(
            QFile::exists(output + QStringLiteral("/checkpoint-2/trainer_state.json")), 60000);
        process.terminate();
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 3);
        QVERIFY(process.readAllStandardError().contains("--resume"));
        QTRY_VERIFY(!isAlive(pidIn(output + QStringLiteral("/pid"))));
        QCOMPARE(trainings().first()[QStringLiteral("state")].toString(),
                 QStringLiteral("stopped"));
        QCOMPARE(lossSteps(trainings().first()), (QList<int>{1, 2}));
    }
};

SCRIT_TEST(CliTrainTest)
#include "cli_train_test.moc"
