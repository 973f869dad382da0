// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio_support.h"
#include "tests/support/test_program.h"
#include "ui/models/bad_line_model.h"
#include "ui/models/critique_segments.h"
#include "ui/models/text_diff.h"
#include "ui/models/trace_table_model.h"
#include "ui/models/visible_text.h"
#include "ui/models/words.h"
#include "ui/widgets/command_palette.h"
#include "ui/widgets/filter_edit.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

#include <numeric>

using namespace scrit;
using namespace scrit::ui;
using models::DiffRow;

namespace {

std::vector<base::Span> lines(const std::string& text) {
    std::vector<base::Span> spans;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        spans.push_back({begin, end});
        begin = end + 1;
    }
    return spans;
}

// "=same|-old|+new|~old→new", the changed words in brackets.
QString printed(const std::string& before, const std::string& after) {
    const auto marked = [](const std::string& text, base::Span span,
                           const std::vector<base::Span>& marks) {
        std::string out = text.substr(span.begin, span.size());
        for (auto mark = marks.rbegin(); mark != marks.rend(); ++mark) {
            out.insert(mark->end - span.begin, "]");
            out.insert(mark->begin - span.begin, "[");
        }
        return QString::fromStdString(out);
    };
    QStringList rows;
    for (const DiffRow& row : models::diffSteps(before, lines(before), after, lines(after))) {
        const QString o = marked(before, row.oldSpan, row.oldMarks);
        const QString n = marked(after, row.newSpan, row.newMarks);
        switch (row.kind) {
        case DiffRow::Kind::Same:
            rows << QStringLiteral("=") + n;
            break;
        case DiffRow::Kind::Removed:
            rows << QStringLiteral("-") + o;
            break;
        case DiffRow::Kind::Added:
            rows << QStringLiteral("+") + n;
            break;
        case DiffRow::Kind::Changed:
            rows << QStringLiteral("~") + o + QStringLiteral("→") + n;
            break;
        }
    }
    return rows.join(QLatin1Char('|'));
}

models::TraceRow row(qint64 id) {
    models::TraceRow made;
    made.id = id;
    made.source = QStringLiteral("gsm8k");
    made.solutionCorrect = id % 2 == 0;
    made.firstErrorStep = 2;
    made.labelStep = 1;
    made.flags.add(model::Flag::Leak);
    made.excerpt = QStringLiteral("problem %1").arg(id);
    return made;
}

} // namespace

class TestStudioModels : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void diff_data();
    void diff();
    void diffOfHugeTextsIsBounded();
    void segments();
    void segmentsLoseNothing();
    void visibleText_data();
    void visibleText();
    void tableLoadsPagesOnDemand();
    void tableDropsStalePages();
    void tableSaysWhatItMeans();
    void badLines();
    void filterWord_data();
    void filterWord();
    void fuzzy();
};

void TestStudioModels::diff_data() {
    QTest::addColumn<QString>("before");
    QTest::addColumn<QString>("after");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* before, const char* after, const char* rows) {
        QTest::newRow(name) << QString::fromUtf8(before) << QString::fromUtf8(after)
                            << QString::fromUtf8(rows);
    };
    row("same", "a b\nc", "a b\nc", "=a b|=c");
    row("white space", "a  b", "a b", "=a b");
    row("one word", "x\n3 times 9 is 26", "x\n3 times 9 is 27",
        "=x|~3 times 9 is [26]→3 times 9 is [27]");
    row("rewritten", "alpha beta\nend", "one two three\nend", "-alpha beta|+one two three|=end");
    row("added", "a", "a\nb c", "=a|+b c");
    row("removed", "a\nb c", "a", "=a|-b c");
    row("formula is one word", "so $1 + 1 = 3$ holds here", "so $1 + 1 = 2$ holds here",
        "~so [$1 + 1 = 3$] holds here→so [$1 + 1 = 2$] holds here");
    row("money is not a formula", "pay $5 and $10 now", "pay $5 and $12 now",
        "~pay $5 and [$10] now→pay $5 and [$12] now");
    row("empty", "", "a", "+a");
}

void TestStudioModels::diff() {
    QFETCH(QString, before);
    QFETCH(QString, after);
    QFETCH(QString, expected);
    QCOMPARE(printed(models::utf8(before), models::utf8(after)), expected);
}

void TestStudioModels::diffOfHugeTextsIsBounded() {
    std::string before;
    std::string after;
    for (int i = 0; i < 20000; ++i) {
        before += "a" + std::to_string(i) + " ";
        after += "b" + std::to_string(i) + " ";
    }
    const auto rows = models::diffSteps(before, {{0, before.size()}}, after, {{0, after.size()}});
    QCOMPARE(rows.size(), 2U); // nothing in common: removed and added as a whole
}

void TestStudioModels::segments() {
    const std::string text = "Intro\n### Critique of Step 1\nfine\n### Critique of Step 2\nbad\n"
                             "## Conclusion\nIncorrect\nUser: next question";
    model::ParsedCritique parsed;
    const std::size_t one = text.find("### Critique of Step 1");
    const std::size_t two = text.find("### Critique of Step 2");
    const std::size_t conclusion = text.find("## Conclusion");
    parsed.steps = {{0, model::StepVerdict::Correct, {one, two}},
                    {1, model::StepVerdict::Incorrect, {two, conclusion}},
                    {2, model::StepVerdict::Incorrect, {two, conclusion}}};
    parsed.usedEnd = text.find("User:");
    parsed.conclusionSpan = base::Span{conclusion, parsed.usedEnd};
    QStringList printed;
    for (const auto& segment : models::segmentCritique(text, parsed)) {
        QStringList steps;
        for (const int step : segment.steps) {
            steps << QString::number(step);
        }
        printed << QString::number(static_cast<int>(segment.kind)) + QLatin1Char(':') +
                       steps.join(QLatin1Char(',')) + QLatin1Char(':') +
                       QString::fromStdString(std::string(base::slice(text, segment.body)));
    }
    QCOMPARE(printed.join(QLatin1Char('|')),
             QStringLiteral("4::Intro|1:0:fine|1:1,2:bad|2::Incorrect|5::User: next question"));
}

void TestStudioModels::segmentsLoseNothing() {
    // Whatever the spans are, the cards cover the text in order and stay inside it.
    const std::string text = "abcdefghij klmnopqrst uvwxyz";
    for (std::size_t begin = 0; begin < 30; begin += 3) {
        for (std::size_t end = begin; end < 40; end += 4) {
            model::ParsedCritique parsed;
            parsed.steps = {{0, model::StepVerdict::Correct, {begin, end}},
                            {1, model::StepVerdict::Correct, {begin / 2, end + 1}}};
            parsed.usedEnd = 25;
            std::string shown;
            std::size_t last = 0;
            for (const auto& segment : models::segmentCritique(text, parsed)) {
                QVERIFY(segment.span.begin >= last && segment.span.end <= text.size());
                last = segment.span.end;
                shown += base::slice(text, segment.span);
            }
            std::erase(shown, ' ');
            std::string all = text;
            std::erase(all, ' ');
            QCOMPARE(shown, all);
        }
    }
}

void TestStudioModels::visibleText_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("shown");
    QTest::newRow("plain") << QByteArray("2 < 3 <b>x</b>") << QStringLiteral("2 < 3 <b>x</b>");
    QTest::newRow("bidi") << QByteArray("a\xe2\x80\xae"
                                        "b")
                          << QStringLiteral("a\\u202eb");
    QTest::newRow("control") << QByteArray("a\x1b[31m") << QStringLiteral("a\\x1b[31m");
    QTest::newRow("not UTF-8") << QByteArray("a\xff") << QStringLiteral("a\\xFF");
}

void TestStudioModels::visibleText() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, shown);
    QCOMPARE(models::visibleText(bytes.toStdString()).toLower(), shown.toLower());
}

void TestStudioModels::tableLoadsPagesOnDemand() {
    models::TraceTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    QSignalSpy wanted(&model, &models::TraceTableModel::pageWanted);
    models::RowIds ids(1000);
    std::iota(ids.begin(), ids.end(), 1);
    model.setRows(models::ListKind::Critiques, ids, 7);
    wanted.clear();
    const QModelIndex cell = model.index(600, models::TraceTableModel::Excerpt);
    QCOMPARE(cell.data(models::TraceTableModel::LoadingRole).toBool(), true);
    QCOMPARE(cell.data().toString(), QString());
    QCOMPARE(wanted.size(), 1); // asked for once, however often it is painted
    QCOMPARE(wanted[0][0].toULongLong(), 7U);
    QCOMPARE(wanted[0][1].toInt(), 2);
    const auto asked = wanted[0][2].value<models::RowIds>();
    QCOMPARE(asked.first(), 513);
    QCOMPARE(asked.size(), models::TraceTableModel::kPageRows);
    models::TraceRows rows;
    for (const qint64 id : asked) {
        if (id != 520) { // deleted in the meantime
            rows << row(id);
        }
    }
    model.setPage(7, 2, rows);
    QCOMPARE(cell.data().toString(), QStringLiteral("problem 601"));
    QCOMPARE(model.index(519, models::TraceTableModel::Excerpt).data().toString(),
             QStringLiteral("–"));
    QCOMPARE(model.index(520, models::TraceTableModel::Excerpt).data().toString(),
             QStringLiteral("problem 521"));
    QCOMPARE(model.rowOf(601), 600);
    QCOMPARE(model.rowOf(5000), -1);
}

void TestStudioModels::tableDropsStalePages() {
    models::TraceTableModel model;
    model.setRows(models::ListKind::Critiques, {1, 2}, 1);
    model.setRows(models::ListKind::Critiques, {2}, 2);
    model.setPage(1, 0, {row(1), row(2)});
    QVERIFY(model.index(0, 0).data(models::TraceTableModel::LoadingRole).toBool());
    model.setPage(2, 0, {row(2)});
    QCOMPARE(model.index(0, models::TraceTableModel::Excerpt).data().toString(),
             QStringLiteral("problem 2"));
}

void TestStudioModels::tableSaysWhatItMeans() {
    using Table = models::TraceTableModel;
    Table model;
    model.setRows(models::ListKind::Critiques, {1}, 1);
    model.setPage(1, 0, {row(1)});
    const auto cell = [&model](Table::Column column, int role) {
        return model.index(0, column).data(role).toString();
    };
    QCOMPARE(cell(Table::Candidate, Qt::DisplayRole), QStringLiteral("✗"));
    QCOMPARE(cell(Table::Candidate, Qt::AccessibleTextRole), QStringLiteral("Candidate: wrong"));
    QCOMPARE(cell(Table::FirstError, Qt::DisplayRole), QStringLiteral("3")); // people count from 1
    QCOMPARE(cell(Table::Label, Qt::DisplayRole), QStringLiteral("2"));
    QVERIFY(model.index(0, Table::FirstError).data(Table::DiffersRole).toBool());
    QVERIFY(cell(Table::FirstError, Qt::ToolTipRole).contains(QStringLiteral("label says step 2")));
    QCOMPARE(cell(Table::FlagsRaised, Qt::DisplayRole), QStringLiteral("leak"));
}

void TestStudioModels::badLines() {
    models::BadLineModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
    model.setLines({{QStringLiteral("a.jsonl"), 3, QStringLiteral("not JSON")}});
    QCOMPARE(model.text(), QStringLiteral("a.jsonl:3: not JSON\n"));
    QCOMPARE(model.rowCount(), 1);
}

void TestStudioModels::filterWord_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* text, const char* expected) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(expected);
    };
    row("so", "0||so");
    row("mode:direct so", "12||so");
    row("source:gs", "0|source|gs");
    row("-(source:gs", "2|source|gs");
    row("-flag:l", "1|flag|l");
    row("critic:\"a b", "0|critic|a b");
    row("\"a b\" x", "6||x");
}

void TestStudioModels::filterWord() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    const auto word = widgets::filterWordAt(text, static_cast<int>(text.size()));
    QCOMPARE(QString::number(word.begin) + QLatin1Char('|') + word.qualifier + QLatin1Char('|') +
                 word.typed,
             expected);
}

void TestStudioModels::fuzzy() {
    QCOMPARE(widgets::fuzzyScore(QStringLiteral("xyz"), QStringLiteral("Next record")), -1);
    QVERIFY(widgets::fuzzyScore(QStringLiteral("nr"), QStringLiteral("Next record")) >
            widgets::fuzzyScore(QStringLiteral("nr"), QStringLiteral("Zoom in for more")));
    QVERIFY(widgets::fuzzyScore(QString(), QStringLiteral("a")) >= 0);
}

SCRIT_WINDOW_TEST(TestStudioModels)
#include "studio_models.moc"
