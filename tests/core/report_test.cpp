// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/report/html.h"
#include "core/report/report.h"
#include "store_support.h"
#include "tests/support/test_program.h"

#include <QRegularExpression>
#include <QXmlStreamReader>

using namespace scrit;
using namespace scrit::report;
using namespace scrit::test;

namespace {

constexpr const char* kEvil = "<script>alert(1)</script>\"'>&\x1b[31m\u202eevil\xff";

QString qs(const std::string& text) {
    return QString::fromStdString(text);
}

std::unique_ptr<store::Reader> readerOf(store::Workspace& workspace) {
    auto reader = workspace.reader();
    if (!reader) {
        qFatal("%s", reader.error().text().c_str());
    }
    return std::move(*reader);
}

// `count` critiques with self-validation, answer match, first errors and people's judgements.
void fill(store::Workspace& workspace, int count, const std::string& name = "critic") {
    const auto written = workspace.write([&](store::Writer& writer) -> base::Expected<void> {
        for (int i = 0; i < count; ++i) {
            auto problem = writer.addProblem(
                makeProblem(name + " problem " + std::to_string(i), i % 3 == 0 ? name : "gsm8k"));
            auto solution = makeSolution(problem->id, name + " solution", name + "-student");
            solution.finalAnswer = std::to_string(i % 2);
            auto stored = writer.addSolution(solution);
            auto critique = makeCritique(stored->id, name + " critique", name);
            critique.parsed.parser = "test/1";
            critique.parsed.conclusion =
                i % 2 == 0 ? model::Conclusion::Correct : model::Conclusion::Incorrect;
            critique.parsed.firstErrorStep = i % 2 == 0 ? model::kNoError : 0;
            if (i % 5 == 0) {
                critique.parsed.flags.add(model::Flag::RubberStamp);
            }
            auto added = writer.addCritique(critique);
            for (const auto verifier :
                 {model::verifier::kSelfValidation, model::verifier::kAnswerMatch}) {
                model::Verdict verdict;
                verdict.subjectId = added->id;
                verdict.verifier = verifier;
                verdict.protocol = "test/1";
                const bool validation = verifier == model::verifier::kSelfValidation;
                verdict.outcome = (validation ? i % 4 != 0 : i % 3 != 0) ? model::Outcome::Yes
                                                                         : model::Outcome::No;
                auto said = writer.addVerdict(verdict);
                if (!said) {
                    return base::fail(said.error());
                }
            }
            if (i < 10) {
                model::Annotation annotation;
                annotation.subjectId = added->id;
                annotation.annotator = name;
                annotation.kind = "agreement";
                annotation.value = i == 1 ? "disagree" : i == 2 ? "unsure" : "agree";
                auto noted = writer.addAnnotation(annotation);
                if (!noted) {
                    return base::fail(noted.error());
                }
            }
        }
        return {};
    });
    if (!written) {
        qFatal("%s", written.error().text().c_str());
    }
}

// Tags that need no end in HTML; everything else of our pages is well-formed.
QString asXml(const std::string& page) {
    QString text = qs(page);
    text.remove(QStringLiteral("<!DOCTYPE html>"));
    text.replace(QRegularExpression(QStringLiteral("<(meta|br)([^>]*)>")),
                 QStringLiteral("<\\1\\2/>"));
    return text;
}

} // namespace

class ReportTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void escapes_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("html");
        QTest::newRow("markup") << QByteArray("<a href='x'>\"&")
                                << QByteArray("&lt;a href=&#39;x&#39;&gt;&quot;&amp;");
        QTest::newRow("ansi") << QByteArray("\x1b[2J") << QByteArray("\\x1b[2J");
        QTest::newRow("bidi") << QByteArray("\u202ea") << QByteArray("\\u202ea");
        QTest::newRow("bytes") << QByteArray("a\xff") << QByteArray("a\\xff");
        QTest::newRow("plain") << QByteArray("\u00e9 1\n") << QByteArray("\u00e9 1\n");
    }
    void escapes() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, html);
        QCOMPARE(QByteArray::fromStdString(escaped(text.toStdString())), html);
    }

    void numbers() {
        QCOMPARE(qs(grouped(1234567)), QStringLiteral("1\u202f234\u202f567"));
        QCOMPARE(qs(grouped(-999)), QStringLiteral("-999"));
        QCOMPARE(qs(percent(0.5138)), QStringLiteral("51.4\u202f%"));
        QCOMPARE(qs(percent(std::nullopt)), QStringLiteral("\u2013"));
        QCOMPARE(qs(coordinate(1.5)), QStringLiteral("1.5"));
        QCOMPARE(qs(coordinate(-0.001)), QStringLiteral("0"));
        QCOMPARE(qs(coordinate(120)), QStringLiteral("120"));
    }

    void figuresAreThoseOfTheRows() {
        const QTemporaryDir folder;
        SCRIT_TRY(workspace, store::Workspace::create(
                                 folder.filePath(QStringLiteral("w.scrit")).toStdString()));
        fill(*workspace, 60);
        const auto reader = readerOf(*workspace);
        SCRIT_TRY(data, readReportData(*reader, {{}, 8, 1}));
        QCOMPARE(data.critiques, 60);
        QCOMPARE(data.noError, 30);
        QCOMPARE(data.firstErrorSteps.at(0), 30);
        QCOMPARE(data.bySource.size(), std::size_t{2});
        QCOMPARE(qs(data.bySource[0].name), QStringLiteral("gsm8k"));
        QCOMPARE(data.bySource[0].decided, 40);
        QCOMPARE(data.bySource[0].validated + data.bySource[1].validated, 45);
        QCOMPARE(data.flags.size(), std::size_t{1});
        QCOMPARE(data.flags[0].second, 12);
        QCOMPARE(data.traces.size(), std::size_t{8});
        QVERIFY(data.audit);
        QCOMPARE(data.unsure, 1);
        // Of the ten judged ones 0, 4 and 8 were rejected, 2 left unsure, 1 passed wrongly.
        QCOMPARE(data.audit->total.precision.n, 6);
        QCOMPARE(data.audit->total.precision.successes, 5);
        QCOMPARE(data.audit->total.recall.n, 5);
        SCRIT_TRY(few, readReportData(*reader, {"source:critic", 3, 1}));
        QCOMPARE(few.critiques, 20);
        QCOMPARE(few.traces.size(), std::size_t{3});
        QVERIFY(!readReportData(*reader, {"colour:red", 1, 1}));
    }

    void pageIsWhole() {
        const QTemporaryDir folder;
        SCRIT_TRY(workspace, store::Workspace::create(
                                 folder.filePath(QStringLiteral("w.scrit")).toStdString()));
        fill(*workspace, 60);
        fill(*workspace, 5, kEvil);
        const auto reader = readerOf(*workspace);
        const DataOptions options{{}, 30, 1};
        SCRIT_TRY(data, readReportData(*reader, options));
        const std::string page = reportPage(data, options, {kEvil, "1.2", 0});
        QCOMPARE(qs(reportPage(data, options, {kEvil, "1.2", 0})), qs(page));
        QXmlStreamReader xml(asXml(page));
        int charts = 0;
        while (!xml.atEnd()) {
            xml.readNext();
            charts += xml.isStartElement() && xml.name() == QLatin1String("svg") ? 1 : 0;
            // Nothing that runs or loads.
            if (xml.isStartElement()) {
                const QString tag = xml.name().toString();
                QVERIFY2(!QStringList({QStringLiteral("script"), QStringLiteral("img"),
                                       QStringLiteral("link"), QStringLiteral("iframe"),
                                       QStringLiteral("use"), QStringLiteral("image")})
                              .contains(tag),
                         qPrintable(tag));
                for (const auto& attribute : xml.attributes()) {
                    const QString name = attribute.name().toString();
                    QVERIFY(!name.startsWith(QLatin1String("on")));
                    QVERIFY(name != QLatin1String("href") ||
                            attribute.value().startsWith(QLatin1Char('#')));
                }
            }
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        QVERIFY(charts > 10);
        QVERIFY(page.find("default-src 'none'") != std::string::npos);
        QVERIFY(page.find("prefers-color-scheme: dark") != std::string::npos);
        QVERIFY(page.find("http://") == std::string::npos &&
                page.find("https://") == std::string::npos);
        QVERIFY(page.find('\x1b') == std::string::npos);
        QVERIFY(page.find("\u202e") == std::string::npos);
        for (const char* id :
             {"funnel", "agreement", "validation", "steps", "flags", "audit", "traces"}) {
            QVERIFY2(page.find("<section id=\"" + std::string(id)) != std::string::npos, id);
        }
    }

    void emptyWorkspace() {
        const QTemporaryDir folder;
        SCRIT_TRY(workspace, store::Workspace::create(
                                 folder.filePath(QStringLiteral("w.scrit")).toStdString()));
        const auto reader = readerOf(*workspace);
        SCRIT_TRY(data, readReportData(*reader, {}));
        const std::string page = reportPage(data, {}, {"empty", "1", 0});
        QXmlStreamReader xml(asXml(page));
        while (!xml.atEnd()) {
            xml.readNext();
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        QVERIFY(page.find("nan") == std::string::npos);
    }
};

SCRIT_TEST(ReportTest)
#include "report_test.moc"
