// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

using namespace cli_support;

// Real data sets and critiques in one workspace: imported, scored, filtered, exported.
class CliSharedDataTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString m_workspace;
    QStringList m_problems;
    QStringList m_critiques;

    [[nodiscard]] Result on(const char* command, const QStringList& more) const {
        return runScrit(QStringList{QString::fromLatin1(command), m_workspace} + more);
    }
    static int shown(const QJsonObject& json, const char* key) {
        return json[QLatin1String(key)].toInt(-1);
    }

private Q_SLOTS:
    void initTestCase() {
        const QDir data(QStringLiteral(SCRIT_SHARED_DIR "/data"));
        if (!data.exists()) {
            QSKIP("the shared data sets are not here");
        }
        for (const char* file :
             {"realcritic/gsm8k.jsonl", "realcritic/math.jsonl", "realcritic/college_math.jsonl",
              "realcritic/arc-challenge.jsonl", "realcritic/mmlu_stem.jsonl", "gsm8k/test.jsonl",
              "gsm8k/model_solutions.jsonl", "math500/dev.jsonl"}) {
            m_problems.append(data.filePath(QLatin1String(file)));
        }
        const QDir errorId(data.filePath(QStringLiteral("error_id")));
        for (const QString& name :
             errorId.entryList({QStringLiteral("*.jsonl")}, QDir::Files, QDir::Name)) {
            m_problems.append(errorId.filePath(name));
        }
        for (const char* file : {"mathcritique", "mr_gsm8k_critiques", "realmistake_math_outputs",
                                 "deepcritic_examples"}) {
            m_critiques.append(
                data.filePath(QStringLiteral("critiques/%1.jsonl").arg(QLatin1String(file))));
        }
        m_workspace = m_folder.filePath(QStringLiteral("all.scrit"));
        QCOMPARE(runScrit({QStringLiteral("new"), m_workspace}).code, 0);
    }

    void importProblems() {
        const Result result = on("import", m_problems + QStringList{QStringLiteral("--json")});
        QVERIFY2(result.code == 0, result.err.constData());
        const QJsonArray files = result.json()[u"files"].toArray();
        QCOMPARE(files.size(), m_problems.size());
        for (const auto& value : files) {
            const QJsonObject file = value.toObject();
            QVERIFY2(shown(file, "lines") > 0 && shown(file, "bad") == 0,
                     qPrintable(file[u"file"].toString()));
            QCOMPARE(shown(file, "lines"),
                     shown(file, "added") + shown(file, "existing") + shown(file, "bad"));
        }
        QCOMPARE(shown(result.json(), "lines"), 1375 + 1319 + 3212 + 302 + 6239);
    }

    void importCritiques() {
        const Result result =
            on("import-critiques", m_critiques + QStringList{QStringLiteral("--json")});
        QVERIFY2(result.code == 0, result.err.constData());
        const QJsonArray files = result.json()[u"files"].toArray();
        QCOMPARE(shown(files[0].toObject(), "bad"), 0);
        QCOMPARE(shown(files[1].toObject(), "bad"), 0);
        QCOMPARE(shown(files[0].toObject(), "lines"), 129);
        QCOMPARE(shown(files[1].toObject(), "lines"), 508);
        // These say neither which problem nor which solution they are about.
        QCOMPARE(shown(files[2].toObject(), "bad"), 457);
        QCOMPARE(shown(files[3].toObject(), "bad"), 2);
    }

    void verify() {
        const Result result = on("verify", {QStringLiteral("--json")});
        QVERIFY2(result.code == 0, result.err.constData());
        qInfo("%s", result.out.constData());
        const QJsonObject status = on("status", {QStringLiteral("--json")}).json();
        qInfo("%s", QJsonDocument(status).toJson(QJsonDocument::Compact).constData());
        QCOMPARE(shown(status, "critiques"), shown(result.json(), "critiques"));
        QVERIFY(shown(status, "solutions_correct") > 3000);
        QVERIFY(shown(status, "solutions_incorrect") > 3000);
        QVERIFY(shown(status, "critiques_parsed") > 0.9 * shown(status, "critiques"));
    }

    void filters_data() {
        QTest::addColumn<QString>("of");
        QTest::addColumn<QString>("filter");
        for (const char* filter :
             {"verdict:incorrect", "first-error:0..1", "-flag:run-on", "flag:run-on",
              "critic:* verdict:incorrect OR verdict:correct", "\"how many\""}) {
            QTest::newRow(filter) << QStringLiteral("critiques") << QString::fromLatin1(filter);
        }
        QTest::newRow("problems") << QStringLiteral("problems") << QStringLiteral("source:gsm8k");
    }
    void filters() {
        QFETCH(QString, of);
        QFETCH(QString, filter);
        const QStringList query{QStringLiteral("--of"), of, QStringLiteral("--filter"), filter};
        const Result count = on("list", query + QStringList{QStringLiteral("--count")});
        QVERIFY2(count.code == 0, count.err.constData());
        QVERIFY(count.out.trimmed().toInt() > 0);
        QCOMPARE(on("list", query + QStringList{QStringLiteral("--json")}).jsonLines().size(),
                 count.out.trimmed().toInt());
    }

    void exports() {
        for (const char* view : {"openai-chat", "jsonl-full"}) {
            const QString folder = m_folder.filePath(QLatin1String(view));
            const Result result =
                on("export", {QStringLiteral("--view"), QLatin1String(view),
                              QStringLiteral("--out"), folder, QStringLiteral("--json")});
            QVERIFY2(result.code == 0, result.err.constData());
            const QJsonObject json = result.json();
            // The critiques of MR-GSM8K have no correction: they are no training targets.
            const bool full = QLatin1String(view) == QLatin1String("jsonl-full");
            QVERIFY(shown(json, "rows") > (full ? 600 : 100));
            int withoutRow = 0;
            for (const auto& count : json[u"without_row"].toObject()) {
                withoutRow += count.toInt();
            }
            QCOMPARE(shown(json, "selected"), shown(json, "rows") + shown(json, "leaks") +
                                                  shown(json, "unparsed") + withoutRow);
        }
    }

    void againAddsNothing() {
        const QJsonObject before = on("status", {QStringLiteral("--json")}).json();
        QCOMPARE(
            shown(on("import", m_problems + QStringList{QStringLiteral("--json")}).json(), "added"),
            0);
        QCOMPARE(
            shown(
                on("import-critiques", m_critiques + QStringList{QStringLiteral("--json")}).json(),
                "added"),
            0);
        QCOMPARE(shown(on("verify", {QStringLiteral("--json")}).json(), "added"), 0);
        QCOMPARE(on("status", {QStringLiteral("--json")}).json(), before);
    }
};

SCRIT_TEST(CliSharedDataTest)
#include "cli_shared_data_test.moc"
