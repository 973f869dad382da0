// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/support/test_program.h"

#include <QCryptographicHash>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>
#include <random>

using namespace cli_support;

namespace {

constexpr int kCritiques = 4000;
constexpr int kKills = 8;

QByteArray critiqueLines() {
    QByteArray lines;
    for (int i = 0; i < kCritiques; ++i) {
        const QJsonObject row{
            {QStringLiteral("problem"), QStringLiteral("Problem %1").arg(i / 8)},
            {QStringLiteral("author"), QStringLiteral("a%1").arg(i % 2)},
            {QStringLiteral("solution"),
             QStringLiteral("A step. ").repeated(40) + QStringLiteral("It is %1.").arg(i % 7)},
            {QStringLiteral("critic"), QStringLiteral("c%1").arg(i % 4)},
            {QStringLiteral("critique"),
             QStringLiteral("## Critique of Student Solution Steps\n### Critique of Step 1\n%1\n"
                            "## Conclusion of Critique\nThe solution is Correct.\n"
                            "The first error step number: -1\n## Correction of Student Solution\n"
                            "Fine: \\boxed{1}.\n")
                 .arg(QStringLiteral("Words. ").repeated(60))}};
        lines += QJsonDocument(row).toJson(QJsonDocument::Compact) + '\n';
    }
    return lines;
}

} // namespace

// Killed in the middle, an export leaves no folder under its name, and one that was there stays
// whole.
class ExportKillTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    QString path(const char* name) const { return m_folder.filePath(QString::fromLatin1(name)); }

    // Every file of an export as its manifest says.
    static bool isWhole(const QString& folder) {
        QFile manifest(folder + QStringLiteral("/manifest.json"));
        if (!manifest.open(QIODevice::ReadOnly)) {
            return false;
        }
        const QJsonArray files =
            QJsonDocument::fromJson(manifest.readAll()).object()[QStringLiteral("files")].toArray();
        for (const auto& file : files) {
            QFile data(folder + QLatin1Char('/') +
                       file.toObject()[QStringLiteral("name")].toString());
            if (!data.open(QIODevice::ReadOnly) ||
                QString::fromLatin1(
                    QCryptographicHash::hash(data.readAll(), QCryptographicHash::Sha256).toHex()) !=
                    file.toObject()[QStringLiteral("sha256")].toString()) {
                return false;
            }
        }
        return !files.isEmpty() && QFile::exists(folder + QStringLiteral("/README.md"));
    }

    QStringList arguments(const char* out, bool force) const {
        QStringList list{QStringLiteral("export"),       path("w.scrit"),
                         QStringLiteral("--view"),       QStringLiteral("sharegpt"),
                         QStringLiteral("--order"),      QStringLiteral("random"),
                         QStringLiteral("--test-share"), QStringLiteral("0.2"),
                         QStringLiteral("--out"),        path(out)};
        if (force) {
            list << QStringLiteral("--force");
        }
        return list;
    }

private Q_SLOTS:
    void initTestCase() {
        writeFile(path("in.jsonl"), critiqueLines());
        QCOMPARE(runScrit({QStringLiteral("new"), path("w.scrit")}).code, 0);
        const Result made =
            runScrit({QStringLiteral("import-critiques"), path("w.scrit"), path("in.jsonl")});
        QVERIFY2(made.code == 0, made.err.constData());
    }

    void killedAtAnyMoment() {
        // How long it takes undisturbed, so that the kills fall all over it.
        QElapsedTimer clock;
        clock.start();
        QCOMPARE(runScrit(arguments("first", false)).code, 0);
        const auto whole = static_cast<int>(clock.elapsed());
        QVERIFY(isWhole(path("first")));
        std::mt19937 random(std::random_device{}());
        int killed = 0;
        for (int i = 0; i < kKills; ++i) {
            const bool force = i % 2 == 1; // over a whole export, or under a new name
            const char* name = force ? "first" : "new";
            QProcess process;
            process.start(program(), arguments(name, force));
            QVERIFY(process.waitForStarted());
            const int after = static_cast<int>(random() % static_cast<unsigned>(whole + 1));
            if (!process.waitForFinished(after)) {
                ::kill(static_cast<pid_t>(process.processId()), SIGKILL);
                process.waitForFinished();
                ++killed;
            }
            QVERIFY2(isWhole(path("first")), qPrintable(QString::number(after)));
            QVERIFY2(!QDir(path("new")).exists() || isWhole(path("new")),
                     qPrintable(QString::number(after)));
            QDir(path("new")).removeRecursively();
        }
        QVERIFY(killed > 0);
        // What is left of them is hidden, and goes with the next export of that name.
        QCOMPARE(runScrit(arguments("new", false)).code, 0);
        QVERIFY(isWhole(path("new")));
        QCOMPARE(runScrit(arguments("first", true)).code, 0);
        QCOMPARE(QDir(m_folder.path())
                     .entryList({QStringLiteral(".*.part.*")}, QDir::Dirs | QDir::Hidden),
                 QStringList());
    }

    void interruptedLeavesNothing() {
        const QStringList before = QDir(m_folder.path()).entryList(QDir::AllEntries | QDir::Hidden);
        QProcess process;
        process.start(program(), arguments("interrupted", false));
        QVERIFY(process.waitForStarted());
        // Its hidden folder shows that it is at work.
        const auto atWork = [&] {
            return !QDir(m_folder.path())
                        .entryList({QStringLiteral(".interrupted.part.*")},
                                   QDir::Dirs | QDir::Hidden)
                        .isEmpty();
        };
        while (!atWork() && !process.waitForFinished(1)) {
        }
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        QVERIFY(process.waitForFinished(60'000));
        if (process.exitCode() == 0) {
            QSKIP("it was ready before the signal came");
        }
        QCOMPARE(process.exitCode(), 3);
        QCOMPARE(QDir(m_folder.path()).entryList(QDir::AllEntries | QDir::Hidden), before);
    }
};

SCRIT_TEST(ExportKillTest)
#include "export_kill_test.moc"
