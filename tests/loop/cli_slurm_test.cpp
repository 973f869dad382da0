// SPDX-License-Identifier: GPL-3.0-or-later
// `scrit model …` with a real Slurm. Skipped where slurm-wlm and munge are not installed.
#include "tests/loop/cli_support.h"
#include "tests/support/slurm_cluster.h"
#include "tests/support/test_program.h"
#include "tests/support/tiny_gguf.h"

#include <QTemporaryDir>
#include <QTest>

#include <csignal>
#include <memory>

using namespace cli_support;
using namespace scrit::testing;

class CliSlurmTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    QString m_workspace = m_dir.filePath(QStringLiteral("w.scrit"));
    std::unique_ptr<SlurmCluster> m_cluster;

    Result model(const QString& verb, const QStringList& words) const {
        return runScrit(QStringList{QStringLiteral("model"), verb, m_workspace} + words);
    }
    static QByteArray queue() {
        QProcess squeue;
        squeue.start(QStringLiteral("squeue"), {QStringLiteral("-h")});
        squeue.waitForFinished();
        return squeue.readAllStandardOutput();
    }

private Q_SLOTS:
    void initTestCase() {
        m_cluster =
            std::make_unique<SlurmCluster>(SCRIT_BINARY_DIR "/tests-bin/scrit-slurm-cluster");
        if (m_cluster->isMissing()) {
            QSKIP(m_cluster->problem().c_str());
        }
        QVERIFY2(!m_cluster->config().empty(), m_cluster->problem().c_str());
        qputenv("SLURM_CONF", QByteArray::fromStdString(m_cluster->config()));
        qputenv("XDG_STATE_HOME", m_dir.filePath(QStringLiteral("state")).toUtf8());
        qputenv("XDG_RUNTIME_DIR", m_dir.path().toUtf8());
        QCOMPARE(runScrit({QStringLiteral("new"), m_workspace}).code, 0);
        const QString gguf = m_dir.filePath(QStringLiteral("ok.gguf"));
        QVERIFY(writeTinyGguf(gguf.toStdString()).has_value());
        const Result added = model(QStringLiteral("add"),
                                   {QStringLiteral("pool"), QStringLiteral("--gguf"), gguf,
                                    QStringLiteral("--program"),
                                    QStringLiteral(SCRIT_BINARY_DIR "/tests-bin/fake_llama_server"),
                                    QStringLiteral("--slurm"), QStringLiteral("2"),
                                    QStringLiteral("--slurm"), QStringLiteral("cpus=1")});
        QVERIFY2(added.code == 0, added.err.constData());
    }
    void cleanup() {
        if (m_cluster && !m_cluster->config().empty()) {
            QTRY_COMPARE_WITH_TIMEOUT(queue(), QByteArray(), 30'000);
        }
    }

    void badSettings() {
        for (const char* setting : {"partitoin=x", "cpus=x", "gpu", "partition=a b"}) {
            const Result added =
                model(QStringLiteral("add"),
                      {QStringLiteral("other"), QStringLiteral("--kind"), QStringLiteral("vllm"),
                       QStringLiteral("--model"), QStringLiteral("m"), QStringLiteral("--slurm"),
                       QLatin1String(setting)});
            QCOMPARE(added.code, 2);
            QVERIFY2(added.isOneErrorLine(), added.err.constData());
        }
    }

    void listAndCheck() {
        QVERIFY(model(QStringLiteral("list"), {}).out.contains("Slurm, 2 nodes"));
        const Result checked =
            model(QStringLiteral("check"), {QStringLiteral("pool"), QStringLiteral("--json")});
        QVERIFY2(checked.code == 0, checked.err.constData());
        QVERIFY(checked.json().value(QStringLiteral("ok")).toBool());
        const Result doctor = runScrit({QStringLiteral("doctor")});
        QVERIFY2(doctor.out.contains("Slurm 2"), doctor.out.constData());
    }

    // Served, killed with no chance to tidy up, found again and stopped.
    void servedAndLeftBehind() {
        QProcess serving;
        serving.start(program(), {QStringLiteral("model"), QStringLiteral("serve"), m_workspace,
                                  QStringLiteral("pool"), QStringLiteral("--json")});
        QByteArray last;
        while (
            QJsonDocument::fromJson(last).object().value(QStringLiteral("urls")).toArray().size() <
            2) {
            QVERIFY2(serving.canReadLine() || serving.waitForReadyRead(60'000),
                     serving.readAllStandardError().constData());
            last = serving.readLine();
        }
        serving.kill();
        QVERIFY(serving.waitForFinished());
        QVERIFY(!queue().isEmpty());
        const Result stopped = model(QStringLiteral("stop"), {QStringLiteral("pool")});
        QVERIFY2(stopped.code == 0, stopped.err.constData());
        QVERIFY(stopped.out.contains("Slurm job"));
        QCOMPARE(queue(), QByteArray());
        QCOMPARE(model(QStringLiteral("stop"), {QStringLiteral("pool")}).code, 1);
    }

    void keptAndStopped() {
        const Result kept =
            model(QStringLiteral("serve"), {QStringLiteral("pool"), QStringLiteral("--keep")});
        QVERIFY2(kept.code == 0, kept.err.constData());
        QVERIFY(kept.out.contains("http://localhost:"));
        QVERIFY(!queue().isEmpty());
        QCOMPARE(model(QStringLiteral("stop"), {QStringLiteral("pool")}).code, 0);
    }

    void cleanupTestCase() { m_cluster.reset(); }
};

SCRIT_TEST(CliSlurmTest)
#include "cli_slurm_test.moc"
