// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

using namespace cli_support;

// What jsonl-full writes comes back as it was: the own workspace knows all of it, a new one exports
// the same bytes.
class CliRoundTripTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    [[nodiscard]] QString path(const char* name) const {
        return m_folder.filePath(QLatin1String(name));
    }
    [[nodiscard]] static QStringList words(const char* text) {
        return QString::fromLatin1(text).split(QLatin1Char(' '));
    }
    [[nodiscard]] Result scrit(const char* command) const {
        return runScrit(words(command), {}, m_folder.path());
    }
    void must(const char* command) const {
        const Result result = scrit(command);
        QVERIFY2(result.code == 0, (QByteArray(command) + ": " + result.err).constData());
    }
    [[nodiscard]] QByteArray bytes(const char* name) const {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        writeFile(path("problems.jsonl"), genericLines(12));
        QByteArray critiques;
        for (int i = 0; i < 12; ++i) {
            const QByteArray n = QByteArray::number(i);
            critiques += critiqueLine("a" + n, "g" + n, critiqueText(i % 2 == 0, "8"));
            critiques +=
                critiqueLine("b" + n, "g" + n, critiqueText(false, QByteArray::number(2 * i)));
        }
        writeFile(path("critiques.jsonl"), critiques);
        must("new w.scrit");
        must("import w.scrit problems.jsonl --source adding");
        must("import-critiques w.scrit critiques.jsonl");
        must("verify w.scrit"); // verdicts of machines, which have no source
        must("verify w.scrit --precision 3");
        must("review plan w.scrit audit --size 4");
        must("review annotate w.scrit audit --annotator ada --valid yes --first-error 1");
        must("review annotate w.scrit audit --annotator ada --valid no");
        // A withdrawal is no judgement.
        QCOMPARE(scrit("status w.scrit --json").json()[u"annotations"].toInt(), 3);
        must("review undo w.scrit audit --annotator ada");
        QCOMPARE(scrit("status w.scrit --json").json()[u"annotations"].toInt(), 2);
        // Its own verdicts follow: older and newer ones of one protocol.
        must("review annotate w.scrit audit --annotator ada --repair-answer 8");
        must("export w.scrit --view jsonl-full --keep-leaks --keep-copies --out one");
        QCOMPARE(bytes("one/train.jsonl").count('\n'), 24);
    }

    void ownWorkspaceKnowsAllOfIt() {
        const Result again = scrit("import-critiques w.scrit one/train.jsonl --json");
        QVERIFY2(again.code == 0, again.err.constData());
        for (const char* key : {"added", "problems", "solutions", "critiques", "verdicts", "bad"}) {
            QCOMPARE(again.json()[QLatin1String(key)].toInt(-1), 0);
        }
        QCOMPARE(again.json()[u"existing"].toInt(), 24);
        const QJsonObject counted = scrit("status w.scrit --json").json();
        QCOMPARE(counted[u"problems"].toInt(), 12);
        // Neither the name of the file nor what it says of a split is taken for anything.
        QCOMPARE(scrit("list w.scrit --of problems --filter source:train --count").out,
                 QByteArray("0\n"));
        QCOMPARE(scrit("list w.scrit --filter split:train --count").out, QByteArray("0\n"));
    }

    void freshWorkspaceExportsTheSame() {
        must("new fresh.scrit");
        must("import-critiques fresh.scrit one/train.jsonl");
        must("export fresh.scrit --view jsonl-full --keep-leaks --keep-copies --out two");
        const QList<QByteArray> one = bytes("one/train.jsonl").split('\n');
        const QList<QByteArray> two = bytes("two/train.jsonl").split('\n');
        QCOMPARE(two.size(), one.size());
        for (qsizetype i = 0; i < one.size(); ++i) {
            QCOMPARE(two[i], one[i]);
        }
    }
};

SCRIT_TEST(CliRoundTripTest)
#include "cli_round_trip_test.moc"
