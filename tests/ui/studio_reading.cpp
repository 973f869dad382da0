// SPDX-License-Identifier: GPL-3.0-or-later
// The reading screen of the real main window: quotations, comparison, find, verification,
// transcript.
#include "core/loop/import_driver.h"
#include "core/store/writer.h"
#include "studio_window.h"
#include "tests/support/test_program.h"
#include "ui/models/trace_table_model.h"
#include "ui/pages/traces/record_finder.h"
#include "ui/widgets/answer_label.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/expander.h"
#include "ui/widgets/find_bar.h"
#include "ui/widgets/job_widgets.h"
#include "ui/widgets/outcome_strip.h"
#include "ui/widgets/record_header.h"
#include "ui/widgets/trace_table_view.h"

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>

#include <algorithm>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;
using pages::ReadingView;
using Layer = widgets::StepCard::Layer;

namespace {

constexpr const char* kTranscript = "The **sum** of the candles is `28`, so it holds.";

const QByteArray kProblem =
    R"j({"id": "n1", "problem": "Nina packs 6 boxes with 8 candles each and sells 20 of them. How many are left?", "answer": "28", "solution": "All the boxes together hold 6 * 8 = 48 candles in the end. After the sale 48 - 20 = 28 candles remain on the shelf.\n#### 28", "candidates": [{"id": "n1-a", "author": "student", "steps": ["First count them: 6 * 8 = 46 candles.", "Then 46 - 20 = 26 candles are left. The answer is $\\frac{52}{2}$."], "answer_correct": false, "first_error_step": 0}]})j";

QByteArray critique(const char* id, const char* critic, const char* mode, const char* first) {
    return QByteArray(R"j({"id": ")j") + id + R"j(", "solution_id": "n1-a", "mode": ")j" + mode +
           R"j(", "critic": ")j" + critic +
           R"j(", "critique": "## Critique of Student Solution Steps\n### Critique of Step 1\n)j" +
           first +
           R"j( The step is incorrect.\n### Critique of Step 2\nIt goes on from a wrong number.\n\n## Conclusion of Critique\nThe solution is Incorrect.\nThe first error step number: 1"})j"
           "\n";
}

// One solution with three critiques; the first one quotes the reference in its first step and is
// validated with a transcript.
QString makeWorkspace(const QTemporaryDir& folder, const QString& name) {
    const QString problems = writeFile(folder, QStringLiteral("problems.jsonl"), kProblem + '\n');
    const QString critiques =
        writeFile(folder, QStringLiteral("critiques.jsonl"),
                  critique("k1", "alpha", "contrastive",
                           R"(There are \"6 * 8 = 48 candles in the end\", not 46.)") +
                      critique("k2", "beta", "direct", "Six times eight is 48, not 46.") +
                      critique("k3", "gamma", "direct", "The product 6 * 8 is miscounted."));
    const QString path = folder.filePath(name);
    auto workspace = store::Workspace::create(models::utf8(path));
    if (!workspace) {
        return {};
    }
    const auto problemsDone = loop::importFiles(**workspace, {models::utf8(problems)}, {});
    const auto critiquesDone =
        loop::importCritiqueFiles(**workspace, {models::utf8(critiques)}, {});
    model::Verdict verdict;
    verdict.subjectId = 1;
    verdict.verifier = model::verifier::kSelfValidation;
    verdict.protocol = "self-validation/1";
    verdict.outcome = model::Outcome::Yes;
    verdict.rule = "judged-correct";
    verdict.source = "alpha";
    verdict.evidence = std::string(R"({"transcript": ")") + kTranscript + R"("})";
    model::Verdict bare = verdict;
    bare.subjectId = 2;
    bare.evidence = R"({"votes": 3})";
    const auto written = (*workspace)->write([&](store::Writer& writer) -> base::Expected<void> {
        if (auto added = writer.addVerdict(verdict); !added) {
            return base::fail(added.error());
        }
        if (auto added = writer.addVerdict(bare); !added) {
            return base::fail(added.error());
        }
        return {};
    });
    return problemsDone.total.added > 0 && critiquesDone.total.added == 3 && written ? path
                                                                                     : QString();
}

std::string sourceOf(const widgets::StepCard& card, const render::Highlight& mark) {
    return card.content().text.substr(mark.source.begin, mark.source.size());
}

} // namespace

class TestStudioReading : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void quotedPassageIsMarked();
    void answerMarkIsNoHeading();
    void comparesTwoCritiques();
    void comparisonFollowsTheRecord();
    void findsInTheRecord();
    void findOpensTheTranscript();
    void findSearchesTheNextRecord();
    void escapeClosesFind();
    void verifiesTheFilter();
    void verificationCanBeStopped();
    void transcriptIsShown();
    void otherEvidenceIsNoTranscript();
    void answersAreTypeset();
    void cardsOutOfSightComeLater();

private:
    // Opens a fresh workspace with the first record on screen.
    bool open(Studio& studio) {
        return studio.open(
            makeWorkspace(m_folder, QStringLiteral("r%1.scrit").arg(++m_workspaces)));
    }
    QString settingsFile() const { return m_folder.filePath(QStringLiteral("studio.ini")); }
    static void find(Studio& studio, const QString& words) {
        QTest::keyClick(&studio.traces().table(), Qt::Key_F, Qt::ControlModifier);
        auto* edit = studio.traces().reading().finder().bar().findChild<QLineEdit*>();
        QVERIFY(edit->hasFocus());
        QTest::keyClicks(edit, words);
    }
    static QString count(Studio& studio) {
        return studio.traces().reading().finder().bar().countText();
    }

    QTemporaryDir m_folder;
    int m_workspaces = 0;
};

void TestStudioReading::init() {
    QFile::remove(settingsFile());
}

void TestStudioReading::quotedPassageIsMarked() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    auto& reading = studio.traces().reading();
    widgets::CardStack& reference = reading.column(ReadingView::Reference).stack();
    QVERIFY(reference.card(0)->marks(Layer::Quotes).empty());
    auto& critique = reading.column(ReadingView::Critique).stack();
    QTest::mouseClick(critique.card(critique.cardOfStep(0)), Qt::LeftButton, {}, QPoint(6, 6));
    const auto& marks = reference.card(0)->marks(Layer::Quotes);
    QCOMPARE(marks.size(), std::size_t{1});
    QCOMPARE(QString::fromStdString(sourceOf(*reference.card(0), marks[0])),
             QStringLiteral("6 * 8 = 48 candles in the end"));
    QVERIFY(marks[0].background.isValid());
    QCOMPARE(reference.card(0)->view().document().highlights().size(), std::size_t{1});
    QTest::keyClick(&studio.traces().table(), Qt::Key_N); // step 2 quotes nothing
    QCOMPARE(reading.selectedStep(), 1);
    QVERIFY(reference.card(0)->marks(Layer::Quotes).empty());
    QVERIFY(reference.card(0)->view().document().highlights().empty());
}

void TestStudioReading::answerMarkIsNoHeading() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    auto& card = *studio.traces().reading().column(ReadingView::Reference).stack().card(0);
    QVERIFY(card.view().document().plainText().endsWith(QStringLiteral("#### 28")));
}

void TestStudioReading::comparesTwoCritiques() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    auto& reading = studio.traces().reading();
    const auto siblings = reading.record()->siblings;
    QCOMPARE(siblings.size(), 3);
    const qint64 own = studio.shown();
    auto& stack = reading.column(ReadingView::Critique).stack();
    const int alone = stack.count();
    QTest::keyClick(&studio.traces().table(), Qt::Key_D);
    QTRY_VERIFY(reading.comparison());
    QCOMPARE(reading.comparison()->right->critique->id, siblings[1].id);
    QVERIFY(stack.count() > alone);
    int aside = 0;
    bool marked = false;
    for (int i = 0; i < stack.count(); ++i) {
        const widgets::CardContent& card = stack.content(i);
        aside += card.aside ? 1 : 0;
        for (const render::Highlight& mark : card.highlights) {
            marked = marked || (card.aside && card.text.substr(mark.source.begin, 3) == "Six");
        }
    }
    QCOMPARE(aside, 1); // only the first step differs
    QVERIFY(marked);
    // The one compared with changes, the one on screen stays and is left out.
    for (const auto& [key, modifier, expected] :
         {std::tuple{Qt::Key_BracketRight, Qt::NoModifier, 2},
          std::tuple{Qt::Key_BracketRight, Qt::NoModifier, 1},
          std::tuple{Qt::Key_BracketLeft, Qt::NoModifier, 2},
          std::tuple{Qt::Key_2, Qt::AltModifier, 1}}) {
        QTest::keyClick(&studio.traces().table(), key, modifier);
        QTRY_COMPARE(reading.comparison()->right->critique->id, siblings[expected].id);
        QCOMPARE(studio.shown(), own);
    }
    auto names = reading.column(ReadingView::Critique).findChildren<QLabel*>();
    QVERIFY(std::any_of(names.begin(), names.end(), [](const QLabel* label) {
        return label->text().contains(QStringLiteral("1 · contrastive · alpha compared with 2"));
    }));
    QTest::keyClick(&studio.traces().table(), Qt::Key_D);
    QVERIFY(!reading.comparison());
    QCOMPARE(stack.count(), alone);
}

void TestStudioReading::comparisonFollowsTheRecord() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    auto& reading = studio.traces().reading();
    QTest::keyClick(&studio.traces().table(), Qt::Key_D);
    QTRY_VERIFY(reading.comparison());
    QTest::keyClick(&studio.traces().table(), Qt::Key_J);
    QTRY_COMPARE(studio.shown(), studio.traces().model().idAt(1));
    QTRY_VERIFY(reading.comparison());
    QCOMPARE(reading.comparison()->left, reading.record());
    QTest::keyClick(&studio.traces().table(), Qt::Key_R); // the raw text leaves it
    QVERIFY(!reading.comparison());
    QVERIFY(reading.isRaw());
    QVERIFY(!studio.window.commands().action(QStringLiteral("reading.compare"))->isChecked());
}

void TestStudioReading::findsInTheRecord() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    auto& reading = studio.traces().reading();
    find(studio, QStringLiteral("CANDLES"));
    int expected = 0;
    for (int i = 0; i < ReadingView::ColumnCount; ++i) {
        auto& stack = reading.column(static_cast<ReadingView::Column>(i)).stack();
        for (int card = 0; card < stack.count(); ++card) {
            expected += static_cast<int>(
                stack.card(card)->view().document().plainText().count(QStringLiteral("candles")));
        }
    }
    QVERIFY(expected >= 4);
    ++expected; // in the transcript
    QTRY_COMPARE(count(studio), QStringLiteral("1 of %1").arg(expected));
    const auto& first = reading.column(ReadingView::Problem).stack().card(0)->marks(Layer::Finds);
    QCOMPARE(first.size(), std::size_t{1});
    auto* edit = reading.finder().bar().findChild<QLineEdit*>();
    QTest::keyClick(edit, Qt::Key_Return);
    QCOMPARE(count(studio), QStringLiteral("2 of %1").arg(expected));
    QTest::keyClick(edit, Qt::Key_F3);
    QCOMPARE(count(studio), QStringLiteral("3 of %1").arg(expected));
    QTest::keyClick(edit, Qt::Key_Return, Qt::ShiftModifier);
    QTest::keyClick(edit, Qt::Key_F3, Qt::ShiftModifier);
    QCOMPARE(count(studio), QStringLiteral("1 of %1").arg(expected));
    QTest::keyClicks(edit, QStringLiteral("xyz"));
    QTRY_COMPARE(count(studio), QStringLiteral("nothing found"));
    QVERIFY(reading.column(ReadingView::Problem).stack().card(0)->marks(Layer::Finds).empty());
}

void TestStudioReading::findOpensTheTranscript() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    auto& outcome = studio.traces().reading().outcome();
    QTest::keyClick(&studio.traces().table(), Qt::Key_O);
    QVERIFY(outcome.isFolded());
    find(studio, QStringLiteral("sum of")); // emphasis ends between the words
    QTRY_COMPARE(count(studio), QStringLiteral("1 of 1"));
    QVERIFY(!outcome.isFolded());
    QVERIFY(outcome.transcript().isOpen());
    QCOMPARE(outcome.transcript().view().document().highlights().size(), std::size_t{1});
}

void TestStudioReading::findSearchesTheNextRecord() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    find(studio, QStringLiteral("miscounted"));
    QTRY_COMPARE(count(studio), QStringLiteral("nothing found"));
    QTest::keyClick(&studio.traces().table(), Qt::Key_J);
    QTest::keyClick(&studio.traces().table(), Qt::Key_J);
    QTRY_COMPARE(count(studio), QStringLiteral("1 of 1"));
}

void TestStudioReading::escapeClosesFind() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    auto& reading = studio.traces().reading();
    find(studio, QStringLiteral("boxes"));
    QTRY_VERIFY(count(studio).startsWith(QStringLiteral("1 of")));
    QTest::keyClick(reading.finder().bar().findChild<QLineEdit*>(), Qt::Key_Escape);
    QVERIFY(!reading.finder().bar().isVisible());
    QVERIFY(studio.traces().table().hasFocus());
    QVERIFY(reading.column(ReadingView::Problem).stack().card(0)->marks(Layer::Finds).empty());
}

void TestStudioReading::verifiesTheFilter() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    studio.filter().setFocus();
    QTest::keyClicks(&studio.filter(), QStringLiteral("critic:alpha"));
    QTest::keyClick(&studio.filter(), Qt::Key_Return);
    QTRY_COMPARE(studio.traces().model().rowCount(), 1);
    QTest::keyClick(&studio.traces().table(), Qt::Key_V, Qt::ControlModifier | Qt::AltModifier);
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.verifyPanel().isVisible(), 30000);
    const QString some = studio.window.verifyPanel().text();
    QVERIFY2(some.contains(QStringLiteral("critic:alpha")), qPrintable(some));
    QVERIFY2(some.contains(QStringLiteral("1 critiques")), qPrintable(some));
    QTest::keyClick(&studio.window.verifyPanel(), Qt::Key_Escape);
    QVERIFY(!studio.window.verifyPanel().isVisible());
    QTest::keyClick(&studio.window, Qt::Key_V, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.verifyPanel().isVisible(), 30000);
    const QString all = studio.window.verifyPanel().text();
    QVERIFY2(all.contains(QStringLiteral("1 solutions · 3 critiques")), qPrintable(all));
}

void TestStudioReading::verificationCanBeStopped() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    studio.window.openFiles(
        {writeFile(m_folder, QStringLiteral("many.jsonl"), manyProblems(9000))});
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.importPanel().isVisible(), 60000);
    studio.window.commands().action(QStringLiteral("traces.verify"))->trigger();
    QVERIFY(studio.window.progress().isVisible());
    QTest::mouseClick(studio.window.progress().findChild<QPushButton*>(), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.verifyPanel().isVisible(), 60000);
    QVERIFY(studio.window.verifyPanel().text().contains(QStringLiteral("stopped")));
    QVERIFY(!studio.window.progress().isVisible());
}

void TestStudioReading::transcriptIsShown() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    auto& outcome = studio.traces().reading().outcome();
    widgets::Expander& transcript = outcome.transcript();
    QVERIFY(!transcript.isHidden() && !transcript.isOpen());
    QVERIFY(outcome.factsText().contains(QStringLiteral("rule judged-correct · alpha")));
    QTest::mouseClick(transcript.findChild<QToolButton*>(), Qt::LeftButton);
    QVERIFY(transcript.isOpen() && transcript.view().isVisible());
    QTRY_VERIFY(!transcript.view().visibleRegion().isEmpty()); // scrolled into sight
    QCOMPARE(transcript.view().document().source(), std::string(kTranscript));
    QCOMPARE(transcript.view().document().plainText(),
             QStringLiteral("The sum of the candles is 28, so it holds."));
}

void TestStudioReading::otherEvidenceIsNoTranscript() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    QTest::keyClick(&studio.traces().table(), Qt::Key_J);
    QTRY_COMPARE(studio.shown(), studio.traces().model().idAt(1));
    auto& outcome = studio.traces().reading().outcome();
    QVERIFY(outcome.transcript().isHidden());
    QVERIFY(outcome.factsText().contains(QStringLiteral("Self-validation: ✓")));
}

void TestStudioReading::answersAreTypeset() {
    Studio studio(settingsFile());
    QVERIFY(open(studio));
    const auto labels = studio.traces().reading().outcome().findChildren<widgets::AnswerLabel*>();
    const auto shown = std::find_if(labels.begin(), labels.end(),
                                    [](widgets::AnswerLabel* label) { return label->isVisible(); });
    QVERIFY(shown != labels.end());
    QVERIFY((*shown)->text().contains(QStringLiteral("\\frac{52}{2}")));
    QVERIFY((*shown)->toolTip().contains(QStringLiteral("\\frac{52}{2}")));
    if (render::MathTypesetter(render::MathTypesetterOptions{}).isAvailable()) {
        QTRY_VERIFY_WITH_TIMEOUT((*shown)->isTypeset(), 60000);
    }
}

void TestStudioReading::cardsOutOfSightComeLater() {
    QScrollArea area;
    auto* stack = new widgets::CardStack(nullptr);
    area.setWidget(stack);
    area.setWidgetResizable(true);
    area.resize(300, 200);
    area.show();
    const auto contents = [](int count) {
        std::vector<widgets::CardContent> cards(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            cards[static_cast<std::size_t>(i)].text = "Card " + std::to_string(i);
            cards[static_cast<std::size_t>(i)].steps = {i};
        }
        return cards;
    };
    stack->setCards(contents(60));
    QCOMPARE(stack->count(), 60);
    QVERIFY(stack->isFilling());
    QCOMPARE(stack->cardOfStep(59), 59);
    QTRY_VERIFY(!stack->isFilling());
    const int height = stack->card(59)->geometry().bottom();
    QVERIFY(stack->height() >= height && stack->height() < height + 40);
    stack->setCards(contents(80));
    QVERIFY(stack->isFilling());
    QCOMPARE(stack->card(70)->content().text, std::string("Card 70")); // asking fills the rest
    QVERIFY(!stack->isFilling());
    stack->setCards(contents(2));
    QVERIFY(!stack->isFilling());
    QVERIFY(stack->card(2) == nullptr);
}

SCRIT_WINDOW_TEST(TestStudioReading)
#include "studio_reading.moc"
