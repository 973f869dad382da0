// SPDX-License-Identifier: GPL-3.0-or-later
// Texts beside one another: quotations of the reference, two critiques of one solution.
#include "tests/support/test_program.h"
#include "ui/models/critique_comparison.h"
#include "ui/models/critique_segments.h"
#include "ui/models/quoted_passages.h"

#include <QTest>

using namespace scrit;
using namespace scrit::ui;
using models::ComparedPart;
using models::CritiqueSegment;

class TestStudioTexts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void quotes_data();
    void quotes();
    void quotesAreBounded();
    void comparison_data();
    void comparison();
    void comparisonMarksWords();
    void comparisonIsBounded();
    void answerMarkStaysInTheCritique();
};

void TestStudioTexts::quotes_data() {
    QTest::addColumn<QByteArray>("part");
    QTest::addColumn<QByteArray>("reference");
    QTest::addColumn<QStringList>("passages");
    const QByteArray reference = "The trays hold $14 \\times 12 = 168$ rolls.\nOf these 95 + 9 = "
                                 "104 leave the\nshop, so **64** rolls are left.";
    QTest::newRow("quotation marks") << QByteArray("It says \"leave the shop\" there.") << reference
                                     << QStringList{QStringLiteral("leave the\nshop")};
    QTest::newRow("typographic marks and case")
        << QByteArray("It says “Leave the shop” there.") << reference
        << QStringList{QStringLiteral("leave the\nshop")};
    QTest::newRow("backticks") << QByteArray("See `95 + 9` there.") << reference
                               << QStringList{QStringLiteral("95 + 9")};
    QTest::newRow("mathematics, other delimiters and signs")
        << QByteArray("The product is \\(14 \\cdot 12\\).") << reference
        << QStringList{QStringLiteral("14 \\times 12")};
    QTest::newRow("a long run without marks")
        << QByteArray("We know that of these 95 + 9 = 104 leave.") << reference
        << QStringList{QStringLiteral("Of these 95 + 9 = 104 leave")};
    QTest::newRow("emphasis does not matter")
        << QByteArray("\"so 64 rolls are left\"") << reference
        << QStringList{QStringLiteral("so **64** rolls are left")};
    QTest::newRow("two words are too few")
        << QByteArray("\"the shop\" and \"rolls\"") << reference << QStringList();
    QTest::newRow("stock words") << QByteArray("and so it is that they are of the")
                                 << QByteArray("and so it is that they do") << QStringList();
    QTest::newRow("a quotation that is not there")
        << QByteArray("\"leave the house\"") << reference << QStringList();
    QTest::newRow("the problem says it too") << QByteArray("\"a baker sells rolls\"")
                                             << QByteArray("A baker sells rolls.") << QStringList();
    QTest::newRow("everywhere is nowhere")
        << QByteArray("`x = 1`") << QByteArray("x = 1; x = 1; x = 1; x = 1; x = 1; x = 1")
        << QStringList();
    QTest::newRow("an apostrophe is no quotation mark")
        << QByteArray("It's the trays' number, isn't it") << reference << QStringList();
    QTest::newRow("nothing to quote") << QByteArray("\"a b c d\"") << QByteArray() << QStringList();
}

void TestStudioTexts::quotes() {
    QFETCH(const QByteArray, part);
    QFETCH(const QByteArray, reference);
    QFETCH(const QStringList, passages);
    const std::string text = reference.toStdString();
    QStringList found;
    for (const base::Span span :
         models::quotedPassages(part.toStdString(), text, "A baker sells rolls. How many?")) {
        found << QString::fromStdString(text.substr(span.begin, span.size()));
    }
    QCOMPARE(found, passages);
}

void TestStudioTexts::quotesAreBounded() {
    std::string hostile;
    while (hostile.size() < std::size_t{3} * 1024 * 1024) {
        hostile += "\"a b c\" 1 2 1 2 'x";
    }
    QVERIFY(models::quotedPassages(hostile, hostile, hostile).size() < 100000);
    QVERIFY(models::quotedPassages("\"\xff\xfe 1 2\" $", "\xff\xfe 1 2\xe2\x80", "").size() <= 1);
}

namespace {

CritiqueSegment segment(std::string& text, const std::string& words, CritiqueSegment::Kind kind,
                        int step) {
    CritiqueSegment made;
    made.kind = kind;
    made.span = made.body = {text.size(), text.size() + words.size()};
    if (step >= 0) {
        made.steps = {step};
    }
    text += words + "\n";
    return made;
}

// "0:first words|c:conclusion words" as segments.
std::vector<CritiqueSegment> segments(std::string& text, const QString& spec) {
    std::vector<CritiqueSegment> out;
    for (const QString& part : spec.split(QLatin1Char('|'), Qt::SkipEmptyParts)) {
        const QChar key = part[0];
        out.push_back(segment(text, part.mid(2).toStdString(),
                              key == QLatin1Char('c')   ? CritiqueSegment::Kind::Conclusion
                              : key == QLatin1Char('o') ? CritiqueSegment::Kind::Other
                                                        : CritiqueSegment::Kind::Step,
                              key.isDigit() ? key.digitValue() : -1));
    }
    return out;
}

} // namespace

void TestStudioTexts::comparison_data() {
    QTest::addColumn<QString>("left");
    QTest::addColumn<QString>("right");
    QTest::addColumn<QStringList>("rows"); // left index/right index, "=" where the same
    const auto list = [](const char* rows) {
        return QString::fromLatin1(rows).split(QLatin1Char(' '), Qt::SkipEmptyParts);
    };
    QTest::newRow("the same") << QStringLiteral("0:a b|c:d") << QStringLiteral("0:a  b|c:d")
                              << list("0/0= 1/1=");
    QTest::newRow("by step") << QStringLiteral("0:a|2:b|c:d") << QStringLiteral("1:x|2:y|c:d")
                             << list("0/- -/0 1/1 2/2=");
    QTest::newRow("right only at the end")
        << QStringLiteral("0:a") << QStringLiteral("0:a|1:b|c:d") << list("0/0= -/1 -/2");
    QTest::newRow("another order")
        << QStringLiteral("0:a|1:b") << QStringLiteral("1:b|0:a") << list("0/1= 1/0=");
    QTest::newRow("other parts in turn")
        << QStringLiteral("o:a|o:b") << QStringLiteral("o:a") << list("0/0= 1/-");
    QTest::newRow("nothing on one side")
        << QString() << QStringLiteral("0:a|1:b") << list("-/0 -/1");
}

void TestStudioTexts::comparison() {
    QFETCH(const QString, left);
    QFETCH(const QString, right);
    QFETCH(const QStringList, rows);
    std::string leftText;
    std::string rightText;
    const auto leftSegments = segments(leftText, left);
    const auto rightSegments = segments(rightText, right);
    QStringList found;
    for (const ComparedPart& part :
         models::compareCritiques(leftText, leftSegments, rightText, rightSegments)) {
        const auto index = [](const std::optional<std::size_t>& at) {
            return at ? QString::number(*at) : QStringLiteral("-");
        };
        found << index(part.left) + QLatin1Char('/') + index(part.right) +
                     (part.same ? QStringLiteral("=") : QString());
    }
    QCOMPARE(found, rows);
}

void TestStudioTexts::comparisonMarksWords() {
    std::string left;
    std::string right;
    const auto a = segments(left, QStringLiteral("0:the sum $a + b$ is wrong"));
    const auto b = segments(right, QStringLiteral("0:the sum $a + c$ is quite wrong"));
    const auto parts = models::compareCritiques(left, a, right, b);
    QCOMPARE(parts.size(), std::size_t{1});
    QCOMPARE(parts[0].leftMarks.size(), std::size_t{1});
    QCOMPARE(left.substr(parts[0].leftMarks[0].begin, parts[0].leftMarks[0].size()),
             std::string("$a + b$")); // a formula is one word
    QCOMPARE(parts[0].rightMarks.size(), std::size_t{2});
    QCOMPARE(right.substr(parts[0].rightMarks[1].begin, parts[0].rightMarks[1].size()),
             std::string("quite"));
}

void TestStudioTexts::comparisonIsBounded() {
    std::string left;
    std::string right;
    std::vector<CritiqueSegment> a;
    std::vector<CritiqueSegment> b;
    for (int step = 0; step < 40; ++step) {
        std::string words;
        std::string others;
        for (int i = 0; i < 4000; ++i) {
            words += "w" + std::to_string(i % 97) + " ";
            others += "w" + std::to_string(i % 89) + " ";
        }
        a.push_back(segment(left, words, CritiqueSegment::Kind::Step, step));
        b.push_back(segment(right, others, CritiqueSegment::Kind::Step, step));
    }
    const auto parts = models::compareCritiques(left, a, right, b);
    QCOMPARE(parts.size(), std::size_t{40});
    QVERIFY(!parts.back().same && !parts.back().leftMarks.empty());
}

void TestStudioTexts::answerMarkStaysInTheCritique() {
    const std::string text = "### Notes\n\n#### 42";
    model::ParsedCritique parsed;
    const auto found = models::segmentCritique(text, parsed);
    QVERIFY(!found.empty());
    QCOMPARE(found.back().span.end, text.size());
    const std::string only = "#### 42";
    QCOMPARE(models::segmentCritique(only, parsed).size(), std::size_t{1});
    QCOMPARE(models::segmentCritique("### Notes", parsed).size(), std::size_t{0});
    QCOMPARE(models::segmentCritique("", parsed).size(), std::size_t{0});
}

SCRIT_TEST(TestStudioTexts)
#include "studio_texts.moc"
