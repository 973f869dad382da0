// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/loop/cli_support.h"
#include "tests/support/test_program.h"

#include <QTemporaryDir>
#include <QTest>

using namespace cli_support;

// The filters for pipes: shapes, order, bad lines, answers while the input stays open.
class CliPipeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void stepsSplit() {
        const Result result =
            runScrit({QStringLiteral("steps"), QStringLiteral("split")},
                     "{\"id\":\"a\",\"text\":\"Step 1: 2+2=4\\nStep 2: done\"}\n");
        QCOMPARE(result.code, 0);
        QCOMPARE(result.out,
                 QByteArray("{\"id\":\"a\",\"steps\":[{\"begin\":0,\"end\":13},{\"begin\":14,"
                            "\"end\":26}]}\n"));
    }

    void answersExtract() {
        const Result result =
            runScrit({QStringLiteral("answers"), QStringLiteral("extract")},
                     "{\"id\":1,\"text\":\"So \\\\boxed{42}.\"}\n{\"id\":2,\"text\":\"\"}\n");
        QCOMPARE(result.code, 0);
        const QList<QJsonObject> lines = result.jsonLines();
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines[0][u"id"].toInt(), 1);
        QCOMPARE(lines[0][u"answer"].toString(), QStringLiteral("42"));
        QCOMPARE(lines[0][u"rule"].toString(), QStringLiteral("boxed"));
        QVERIFY(lines[1].contains(u"answer") && lines[1][u"answer"].isNull());
    }

    void answersCheck_data() {
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<QString>("verdict");
        QTest::newRow("equal") << QByteArray(R"({"id":1,"gold":"1/2","pred":"0.5"})") << "equal";
        QTest::newRow("different")
            << QByteArray(R"({"id":1,"gold":"3","pred":"4"})") << "different";
        QTest::newRow("nothing") << QByteArray(R"({"id":1,"gold":"3","pred":""})") << "any";
        QTest::newRow("numbers") << QByteArray(R"({"id":1,"gold":3,"pred":3.0})") << "equal";
        QTest::newRow("config")
            << QByteArray(
                   R"({"id":1,"gold":"B","pred":"seven","config":{"choices":["six","seven"],"note":1}})")
            << "equal";
    }
    void answersCheck() {
        QFETCH(QByteArray, input);
        QFETCH(QString, verdict);
        const Result result =
            runScrit({QStringLiteral("answers"), QStringLiteral("check")}, input + "\n");
        QCOMPARE(result.code, 0);
        const QJsonObject out = result.json();
        if (verdict != QLatin1String("any")) {
            QCOMPARE(out[u"verdict"].toString(), verdict);
        }
        QCOMPARE(out.keys(), (QStringList{QStringLiteral("gold_answer"), QStringLiteral("id"),
                                          QStringLiteral("ms"), QStringLiteral("pred_answer"),
                                          QStringLiteral("rule"), QStringLiteral("verdict")}));
    }

    void configOfOthers() {
        const auto check = [](const char* config) {
            return runScrit({QStringLiteral("answers"), QStringLiteral("check")},
                            R"({"id":1,"gold":"B","pred":"not A but rather B, 7 times","config":)" +
                                QByteArray(config) + "}\n");
        };
        const Result letters =
            check(R"({"match_types":["NativeLetters"],"precision":6,"language":"english"})");
        QVERIFY2(letters.code == 0 && letters.err.isEmpty(), letters.err.constData());
        QCOMPARE(letters.json()[u"verdict"].toString(), QStringLiteral("equal"));
        const Result unknown = check(R"({"match_types":["latex","runes"],"via":"a note"})");
        QCOMPARE(unknown.code, 0);
        QVERIFY2(unknown.isOneErrorLine() && unknown.err.contains("via") &&
                     unknown.err.contains("runes"),
                 unknown.err.constData());
    }

    void critiqueParse() {
        const QByteArray text = critiqueText(false, "84");
        QJsonObject input{{QStringLiteral("id"), 7},
                          {QStringLiteral("critique"), QString::fromUtf8(text)},
                          {QStringLiteral("steps"),
                           QJsonArray{QStringLiteral("We add."), QStringLiteral("42 + 42 = 85")}}};
        const Result result = runScrit({QStringLiteral("critique"), QStringLiteral("parse")},
                                       QJsonDocument(input).toJson(QJsonDocument::Compact) + "\n");
        QCOMPARE(result.code, 0);
        const QJsonObject out = result.json();
        QCOMPARE(out[u"id"].toInt(), 7);
        QCOMPARE(out[u"conclusion"].toString(), QStringLiteral("incorrect"));
        QCOMPARE(out[u"first_error_step"].toInt(-9), 1);
        QCOMPARE(out[u"answer"].toString(), QStringLiteral("84"));
        const QJsonArray steps = out[u"steps"].toArray();
        QCOMPARE(steps.size(), 2);
        QCOMPARE(steps[0].toObject()[u"index"].toInt(-9), 0);
        const QJsonObject second = steps[1].toObject();
        QVERIFY(
            text.mid(second[u"begin"].toInt(), second[u"end"].toInt() - second[u"begin"].toInt())
                .contains("The sum is wrong."));
        QCOMPARE(text.mid(out[u"correction_begin"].toInt(),
                          out[u"correction_end"].toInt() - out[u"correction_begin"].toInt()),
                 out[u"correction"].toString().toUtf8());
        QVERIFY(out[u"problems"].isArray());
        QVERIFY(out[u"flags"].isArray());
    }

    void nothingFoundIsNull() {
        const QJsonObject out = runScrit({QStringLiteral("critique"), QStringLiteral("parse")},
                                         "{\"id\":null,\"critique\":\"Hm.\"}\n")
                                    .json();
        for (const char* key : {"id", "conclusion", "first_error_step", "correction", "answer"}) {
            QVERIFY2(out.contains(QLatin1String(key)) && out[QLatin1String(key)].isNull(), key);
        }
    }

    // A bad line is answered in its place, the others all the same, and the exit code says so.
    void badLines() {
        const QByteArray input = "{\"id\":1,\"text\":\"a\"}\n"
                                 "{\"id\":2,\"text\":\n"
                                 "[1]\n"
                                 "\n"
                                 "{\"id\":3}\n"
                                 "{\"id\":4,\"text\":[]}\n"
                                 "{\"id\":5,\"text\":\"\xff\xfe\"}\n"
                                 "{\"id\":6,\"text\":\"b\"}"; // no line end
        const Result result = runScrit({QStringLiteral("steps"), QStringLiteral("split")}, input);
        QCOMPARE(result.code, 1);
        const QList<QJsonObject> lines = result.jsonLines();
        QCOMPARE(lines.size(), 7);
        QVERIFY(lines[0].contains(u"steps"));
        QVERIFY(lines[1].contains(u"error") && !lines[1].contains(u"id"));
        QVERIFY(lines[2].contains(u"error"));
        QCOMPARE(lines[3][u"id"].toInt(), 3);
        QVERIFY(lines[3][u"error"].toString().contains(QLatin1String("text")));
        QCOMPARE(lines[4][u"id"].toInt(), 4);
        QCOMPARE(lines[5][u"id"].toInt(), 5); // repaired visibly, as imports do
        QVERIFY(lines[5].contains(u"steps"));
        QVERIFY(lines[6].contains(u"steps"));
        QCOMPARE(result.err, QByteArray("scrit: 4 of 7 lines could not be answered: each has an "
                                        "\"error\"\n"));
    }

    void repairsAreVisible() {
        const Result result = runScrit({QStringLiteral("answers"), QStringLiteral("extract")},
                                       "{\"id\":\"\xff\",\"text\":\"So \\\\boxed{\xfe}.\"}\n");
        QVERIFY2(result.code == 0 && result.err.isEmpty(), result.err.constData());
        QCOMPARE(result.json()[u"id"].toString(), QStringLiteral("\\xff"));
        QCOMPARE(result.json()[u"answer"].toString(), QStringLiteral("\\xfe"));
    }

    void deepNestingIsNoCrash() {
        const QByteArray deep =
            "{\"id\":" + QByteArray(200'000, '[') + QByteArray(200'000, ']') + "}\n";
        const Result result = runScrit({QStringLiteral("steps"), QStringLiteral("split")}, deep);
        QCOMPARE(result.code, 1);
        QVERIFY(result.json().contains(u"error"));
    }

    void orderIsKept() {
        constexpr int kLines = 3000;
        QByteArray input;
        for (int i = 0; i < kLines; ++i) {
            // Lines of very different cost.
            input += "{\"id\":" + QByteArray::number(i) + ",\"text\":\"" +
                     QByteArray("Step. ").repeated(i % 97 == 0 ? 2000 : 1) + "\"}\n";
        }
        const QList<QJsonObject> lines =
            runScrit({QStringLiteral("steps"), QStringLiteral("split")}, input).jsonLines();
        QCOMPARE(lines.size(), kLines);
        for (int i = 0; i < kLines; ++i) {
            QCOMPARE(lines[i][u"id"].toInt(), i);
        }
    }

    // A program that writes one line and waits gets its answer before it closes the pipe.
    void answersWhileInputIsOpen() {
        QProcess process;
        process.start(program(), {QStringLiteral("steps"), QStringLiteral("split")});
        QVERIFY(process.waitForStarted());
        for (int i = 0; i < 3; ++i) {
            process.write("{\"id\":" + QByteArray::number(i) + ",\"text\":\"a\"}\n");
            QTRY_VERIFY_WITH_TIMEOUT(process.canReadLine(), 20'000);
            QCOMPARE(QJsonDocument::fromJson(process.readLine()).object()[u"id"].toInt(), i);
        }
        process.closeWriteChannel();
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 0);
    }

    // Many lines, more than a buffer holds, and a single one.
    void fullDiskIsAnError_data() {
        QTest::addColumn<int>("lines");
        QTest::newRow("one") << 1;
        QTest::newRow("many") << 20'000;
    }
    void fullDiskIsAnError() {
        QFETCH(int, lines);
        if (!QFile::exists(QStringLiteral("/dev/full"))) {
            QSKIP("no /dev/full here");
        }
        QTemporaryDir folder;
        writeFile(folder.filePath(QStringLiteral("in")),
                  QByteArray("{\"id\":1,\"text\":\"a\",\"critique\":\"b\",\"gold\":\"1\",\"pred\":"
                             "\"1\"}\n")
                      .repeated(lines));
        for (const char* command :
             {"answers extract", "answers check", "critique parse", "steps split"}) {
            QProcess process;
            process.setStandardInputFile(folder.filePath(QStringLiteral("in")));
            process.setStandardOutputFile(QStringLiteral("/dev/full"));
            process.start(program(), QString::fromLatin1(command).split(QLatin1Char(' ')));
            QVERIFY(process.waitForFinished());
            QCOMPARE(process.exitCode(), 1);
            const QByteArray err = process.readAllStandardError();
            QVERIFY2(err.startsWith("scrit: cannot write") && err.count('\n') == 1,
                     err.constData());
        }
    }

    // An id is a key to join by.
    void numbersComeBackAsWritten() {
        const Result result =
            runScrit({QStringLiteral("answers"), QStringLiteral("check")},
                     "{\"x\":{\"id\":7},\"id\": 123456789012345678901234567890 ,\"gold\":"
                     "123456789012345678901234567890,\"pred\":123456789012345678901234567891}\n"
                     "{\"gold\":1,\"pred\":1,\"id\":1.50}\n"
                     "{\"id\":\"1.50\",\"gold\":1e999,\"pred\":1}\n"
                     "{\"id\":2.0}\n");
        QCOMPARE(result.code, 1);
        const QList<QByteArray> lines = result.out.split('\n');
        QCOMPARE(lines.size(), 5);
        QVERIFY2(lines[0].startsWith("{\"id\":123456789012345678901234567890,\"verdict\":"
                                     "\"different\""),
                 lines[0].constData());
        QVERIFY2(lines[1].startsWith("{\"id\":1.50,\"verdict\":\"equal\""), lines[1].constData());
        QVERIFY2(lines[2].startsWith("{\"id\":\"1.50\",\"verdict\":"), lines[2].constData());
        QCOMPARE(lines[3], QByteArray("{\"id\":2.0,\"error\":\"\\\"gold\\\" is missing\"}"));
    }

    // Offsets count in a text that the answer has when it is not the one given.
    void textsThatWereMadeVisible() {
        const QByteArray input = "{\"id\":1,\"text\":\"\xff a\\n\\n\\ud800 b\"}\n"
                                 "{\"id\":2,\"text\":\"a\\n\\nb\"}\n";
        const QList<QJsonObject> lines =
            runScrit({QStringLiteral("steps"), QStringLiteral("split")}, input).jsonLines();
        QCOMPARE(lines.size(), 2);
        const QByteArray text = lines[0][u"text"].toString().toUtf8();
        QCOMPARE(text, QByteArray("\\xff a\n\n\\ud800 b"));
        const QJsonObject last = lines[0][u"steps"].toArray().last().toObject();
        QCOMPARE(text.mid(last[u"begin"].toInt()), QByteArray("\\ud800 b"));
        QVERIFY(!lines[1].contains(u"text"));
        const QJsonObject parsed =
            runScrit({QStringLiteral("critique"), QStringLiteral("parse")},
                     "{\"critique\":\"Step 1 is \xff.\",\"solution\":\"s\"}\n")
                .json();
        QCOMPARE(parsed[u"text"].toString(), QStringLiteral("Step 1 is \\xff."));
    }

    // What the critique counts and what the solution has are two things.
    void statedSteps() {
        const auto parse = [](const char* critique) {
            const QJsonObject input{
                {QStringLiteral("critique"), QString::fromLatin1(critique)},
                {QStringLiteral("steps"),
                 QJsonArray{QStringLiteral("We add one and two. It gives three in all."),
                            QStringLiteral("Then we double the three and get seven.")}}};
            return runScrit({QStringLiteral("critique"), QStringLiteral("parse")},
                            QJsonDocument(input).toJson(QJsonDocument::Compact) + "\n")
                .json();
        };
        const QJsonObject quoted =
            parse("Step sentence: We add one and two.\nCorrectness of the step: Correct\n"
                  "Step sentence: It gives three in all.\nCorrectness of the step: Correct\n"
                  "Step sentence: Then we double the three and get seven.\n"
                  "Correctness of the step: Wrong\nCorrectness of the final answer: Wrong\n");
        QCOMPARE(quoted[u"first_error_step"].toInt(-9), 1);
        QCOMPARE(quoted[u"stated_first_error"].toInt(-9), 2);
        QList<int> steps;
        for (const auto& step : quoted[u"steps"].toArray()) {
            steps << step[u"index"].toInt(-9) << step[u"stated_step"].toInt(-9);
        }
        QCOMPARE(steps, (QList<int>{0, 0, 0, 1, 1, 2}));
        const QJsonObject beyond = parse("Step 1: Fine.\nStep 3: Wrong.\nFirst Error Step: 3");
        QVERIFY(beyond[u"first_error_step"].isNull());
        QCOMPARE(beyond[u"stated_first_error"].toInt(-9), 2);
    }

    void interruptedIsThree() {
        QProcess process;
        process.start(program(), {QStringLiteral("steps"), QStringLiteral("split")});
        QVERIFY(process.waitForStarted());
        process.write("{\"id\":1,\"text\":\"a\"}\n");
        QTRY_VERIFY_WITH_TIMEOUT(process.canReadLine(), 20'000);
        process.terminate();
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(process.exitCode(), 3);
    }
};

SCRIT_TEST(CliPipeTest)
#include "cli_pipe_test.moc"
