// SPDX-License-Identifier: GPL-3.0-or-later
// The Review page of the real window with the real engine, by keys and clicks.
#include "review_support.h"
#include "tests/support/test_program.h"
#include "ui/models/review_record.h"
#include "ui/pages/review/queue_form.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/outcome_strip.h"
#include "ui/widgets/record_header.h"
#include "ui/widgets/review_widgets.h"
#include "ui/widgets/small_widgets.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>

#include <algorithm>
#include <array>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;
using models::Agreement;
using models::Validity;
using pages::JudgeView;
using pages::ReviewPage;

class TestStudioReview : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void startsWithAFormAndACount();
    void judgesByOneKeyEach();
    void returnInTheNameGoesOnJudging();
    void marksTheFirstWrongStep();
    void hidesWhatMachinesSayUntilJudged();
    void recordsKeysTypedAheadInOrder();
    void skipsAndComesBack();
    void takesBackAndEdits();
    void typesNotesWithoutJudging();
    void repairsAnAnswer();
    void followsRemappedKeys();
    void holdsAKeyAndJudgesOnce();
    void fetchesAhead();
    void keepsEverythingOverARestart();
    void saysWhyNothingIsStored();
    void redactsARecord();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    [[nodiscard]] QString settings() const {
        return m_folder->filePath(QStringLiteral("settings.ini"));
    }
    [[nodiscard]] QString many(int count) const { return manyCritiques(*m_folder, count); }
};

void TestStudioReview::init() {
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestStudioReview::startsWithAFormAndACount() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(20)));
    studio.action("go.review")->trigger();
    QTRY_COMPARE(studio.review().tab(), ReviewPage::Form);
    pages::QueueForm& form = studio.review().form();
    QTRY_VERIFY2_WITH_TIMEOUT(form.previewText().contains(QStringLiteral("20 of the 20")),
                              qPrintable(form.previewText()), 20000);
    // Kinds and quotas, counted before anything is stored.
    models::QueueForm wanted = form.form();
    wanted.strategy = models::QueueStrategy::Stratified;
    wanted.quota = models::Quota::Given;
    wanted.quotas = QStringLiteral("even=3, odd=4");
    wanted.blind = false;
    form.setForm(wanted);
    QTRY_VERIFY2_WITH_TIMEOUT(form.previewText().contains(QStringLiteral("odd: 4")),
                              qPrintable(form.previewText()), 20000);
    QVERIFY2(form.previewText().contains(QStringLiteral("even: 3")),
             qPrintable(form.previewText()));
    QVERIFY(studio.window.review().queues().isEmpty());
    wanted.quotas = QStringLiteral("even=three");
    form.setForm(wanted);
    QTRY_VERIFY2_WITH_TIMEOUT(form.previewText().contains(QStringLiteral("no quota")),
                              qPrintable(form.previewText()), 20000);
    QVERIFY(!studio.action("review.create-queue")->isEnabled());
    wanted.quotas = QStringLiteral("even=3, odd=4");
    form.setForm(wanted);
    QTRY_VERIFY_WITH_TIMEOUT(studio.action("review.create-queue")->isEnabled(), 20000);
    form.focusFirst();
    studio.key(Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(studio.waitShown());
    QCOMPARE(studio.review().tab(), ReviewPage::Judge);
    QCOMPARE(studio.judging().progress().items, 7);
    QVERIFY(studio.judging().reading().record() != nullptr);
}

void TestStudioReview::judgesByOneKeyEach() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(6)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), false));
    const auto shown = [&] {
        return studio.judging().item()->position;
    };
    QCOMPARE(shown(), 0);
    for (const int key : {Qt::Key_A, Qt::Key_D, Qt::Key_U}) {
        const qint64 before = shown();
        studio.key(key);
        QTRY_VERIFY_WITH_TIMEOUT(studio.showing() && shown() == before + 1, 20000);
    }
    QCOMPARE(studio.judging().progress().mine, 3);
    const auto items = storedItems(studio, QStringLiteral("q"));
    QCOMPARE(items.size(), std::size_t{6});
    QVERIFY(items[0].mine && items[0].mine->agreement == review::Agreement::Agree);
    QVERIFY(items[1].mine && items[1].mine->agreement == review::Agreement::Disagree);
    QVERIFY(items[2].mine && items[2].mine->agreement == review::Agreement::Unsure);
    QVERIFY(!items[3].mine);
    QVERIFY(items[0].mine->seconds >= 0);
    QTRY_COMPARE(studio.judging().bar().history().history().size(), 3);
    QVERIFY2(studio.review().progressText().contains(QStringLiteral("3 of 6")),
             qPrintable(studio.review().progressText()));
    for (int i = 0; i < 3; ++i) {
        studio.key(Qt::Key_A);
    }
    QTRY_COMPARE_WITH_TIMEOUT(studio.judging().phase(), JudgeView::Phase::Finished, 20000);
    QCOMPARE(studio.judging().progress().mine, 6);
}

void TestStudioReview::returnInTheNameGoesOnJudging() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(6)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), false));
    const auto lines = studio.review().findChildren<QLineEdit*>();
    const auto name = std::find_if(lines.begin(), lines.end(), [](const QLineEdit* one) {
        return one->accessibleName() == QStringLiteral("Your name as a reviewer");
    });
    QVERIFY(name != lines.end());
    (*name)->setFocus();
    QTRY_VERIFY((*name)->hasFocus());
    QTest::keyClick(*name, Qt::Key_Return);
    QTRY_VERIFY(studio.judging().isAncestorOf(QApplication::focusWidget()));
}

void TestStudioReview::marksTheFirstWrongStep() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(6)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), true));
    studio.key(Qt::Key_3);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 1);
    studio.key(Qt::Key_0);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 2);
    // J and K choose, the space bar marks.
    studio.key(Qt::Key_J);
    studio.key(Qt::Key_J);
    studio.key(Qt::Key_J);
    studio.key(Qt::Key_K);
    QCOMPARE(studio.judging().reading().selectedStep(), 1);
    studio.key(Qt::Key_Space);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 3);
    // A step that the candidate has not is refused.
    studio.key(Qt::Key_7);
    QTest::qWait(100);
    QCOMPARE(studio.judging().item()->position, 3);
    // A click on the pad.
    widgets::StepPad& pad = studio.judging().bar().pad();
    QCOMPARE(pad.count(), 3);
    QTest::mouseClick(&pad, Qt::LeftButton, {}, pad.square(0).center());
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 4);
    const auto items = storedItems(studio, QStringLiteral("q"));
    QCOMPARE(items[0].mine->firstError, std::optional<int>(2));
    QCOMPARE(items[1].mine->firstError, std::optional<int>(-1));
    QCOMPARE(items[2].mine->firstError, std::optional<int>(1));
    QCOMPARE(items[3].mine->firstError, std::optional<int>(0));
}

void TestStudioReview::hidesWhatMachinesSayUntilJudged() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(4)));
    QVERIFY(studio.openQueue(QStringLiteral("blind"), true));
    const auto& reading = studio.judging().reading();
    QVERIFY(reading.record()->verdictsHidden);
    QVERIFY(reading.record()->verdicts.empty());
    QVERIFY2(!reading.header().summary().contains(QStringLiteral("validated")),
             qPrintable(reading.header().summary()));
    QVERIFY2(!reading.outcome().factsText().contains(QStringLiteral("alidat")),
             qPrintable(reading.outcome().factsText()));
    // The first one was not let through; calling it right differs.
    studio.key(Qt::Key_A);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 1);
    QTRY_COMPARE(studio.judging().bar().history().history().size(), 1);
    const models::HistoryEntry entry = studio.judging().bar().history().history().first();
    QCOMPARE(entry.judgement.validity, std::optional(Validity::Valid));
    QCOMPARE(entry.validated, std::optional(model::Outcome::No));
    QVERIFY(entry.differs);
    QVERIFY(studio.judging().bar().history().text().contains(QStringLiteral("≠")));
    QVERIFY(reading.record()->verdictsHidden); // the next one
    // Going back shows everything about the judged one.
    const QRect chip = studio.judging().bar().history().chip(0);
    QTest::mouseClick(&studio.judging().bar().history(), Qt::LeftButton, {}, chip.center());
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 0);
    QVERIFY(!reading.record()->verdictsHidden);
    QVERIFY(reading.header().summary().contains(QStringLiteral("rejected")) ||
            reading.header().summary().contains(QStringLiteral("✗")));
}

void TestStudioReview::recordsKeysTypedAheadInOrder() {
    constexpr int kKeys = 500;
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(kKeys)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), true));
    QSignalSpy shown(&studio.judging(), &JudgeView::itemShown);
    // Faster than anything can be stored: the window gets no turn between the keys.
    QWidget* focus = QApplication::focusWidget();
    QVERIFY(focus != nullptr);
    const std::array<Qt::Key, 4> keys{Qt::Key_1, Qt::Key_2, Qt::Key_3, Qt::Key_0};
    for (int i = 0; i < kKeys; ++i) {
        QTest::sendKeyEvent(QTest::Click, focus, keys[static_cast<std::size_t>(i % 4)],
                            QString::number((i + 1) % 4), Qt::NoModifier);
    }
    QVERIFY(studio.judging().waitingKeys() > kKeys / 2);
    QTRY_COMPARE_WITH_TIMEOUT(studio.judging().phase(), JudgeView::Phase::Finished, 120000);
    const auto items = storedItems(studio, QStringLiteral("q"));
    QCOMPARE(items.size(), static_cast<std::size_t>(kKeys));
    for (int i = 0; i < kKeys; ++i) {
        const auto& mine = items[static_cast<std::size_t>(i)].mine;
        QVERIFY2(mine.has_value(), qPrintable(QString::number(i)));
        QCOMPARE(mine->firstError, std::optional<int>(i % 4 == 3 ? -1 : i % 4));
    }
    // Each was on screen before it was judged.
    QCOMPARE(shown.count(), kKeys - 1);
}

void TestStudioReview::skipsAndComesBack() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(3)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), true));
    studio.key(Qt::Key_S);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 1);
    studio.key(Qt::Key_A);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 2);
    studio.key(Qt::Key_A);
    QTRY_COMPARE(studio.judging().phase(), JudgeView::Phase::Finished);
    QCOMPARE(studio.judging().progress().skipped, 1);
    const auto buttons = studio.judging().findChild<widgets::EmptyState*>();
    QVERIFY(buttons->isVisible());
    studio.action("review.skipped")->trigger();
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 0);
    studio.key(Qt::Key_D);
    QTRY_COMPARE(studio.judging().phase(), JudgeView::Phase::Finished);
    QCOMPARE(studio.judging().progress().mine, 3);
    QCOMPARE(studio.judging().progress().skipped, 0);
}

void TestStudioReview::takesBackAndEdits() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(5)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), true));
    for (int i = 0; i < 3; ++i) {
        studio.key(Qt::Key_A);
        QTRY_VERIFY(studio.showing() && studio.judging().item()->position == i + 1);
    }
    studio.key(Qt::Key_Z, Qt::ControlModifier);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 2);
    QVERIFY(!studio.judging().item()->mine);
    QCOMPARE(studio.judging().progress().mine, 2);
    // An earlier one, by a click in the history, is judged otherwise; then work goes on.
    QTRY_COMPARE(studio.judging().bar().history().history().size(), 2);
    widgets::HistoryStrip& strip = studio.judging().bar().history();
    QTest::mouseClick(&strip, Qt::LeftButton, {}, strip.chip(1).center());
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 0);
    QCOMPARE(studio.judging().draft().validity, std::optional(Validity::Valid));
    studio.key(Qt::Key_D);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 2);
    const auto items = storedItems(studio, QStringLiteral("q"));
    QCOMPARE(items[0].mine->validity, std::optional(review::Validity::Invalid));
    QCOMPARE(items[1].mine->validity, std::optional(review::Validity::Valid));
    QVERIFY(!items[2].mine);
    // Back by a key, and nothing to take back at the very start.
    studio.key(Qt::Key_Backspace);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 1);
}

void TestStudioReview::typesNotesWithoutJudging() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(3)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), true));
    studio.key(Qt::Key_C);
    QVERIFY(studio.judging().bar().isNoteOpen());
    QLineEdit& line = studio.judging().bar().noteLine();
    QTRY_COMPARE(QApplication::focusWidget(), &line);
    QTest::keyClicks(&line, QStringLiteral("a sad dud 0 1 2"));
    QCOMPARE(line.text(), QStringLiteral("a sad dud 0 1 2"));
    QTest::keyClick(&line, Qt::Key_Return);
    QVERIFY(!studio.judging().bar().isNoteOpen());
    QCOMPARE(studio.judging().item()->position, 0);
    studio.key(Qt::Key_N);
    QTest::keyClicks(&line, QStringLiteral("check me, algebra"));
    QTest::keyClick(&line, Qt::Key_Return);
    studio.key(Qt::Key_X); // the correction cannot be used
    studio.key(Qt::Key_J);
    studio.key(Qt::Key_Plus);
    QVERIFY2(studio.judging().bar().draftText().contains(QStringLiteral("check me, algebra")),
             qPrintable(studio.judging().bar().draftText()));
    studio.key(Qt::Key_D);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 1);
    QVERIFY(studio.judging().draft().isEmpty());
    const auto items = storedItems(studio, QStringLiteral("q"));
    const review::Judgement& mine = *items[0].mine;
    QCOMPARE(mine.comment, std::string("a sad dud 0 1 2"));
    std::vector<std::string> tags = mine.tags;
    std::sort(tags.begin(), tags.end());
    QCOMPARE(tags, (std::vector<std::string>{"algebra", "check me"}));
    QCOMPARE(mine.correctionUsable, std::optional(false));
    QCOMPARE(mine.steps, (std::map<int, review::StepLabel>{{0, review::StepLabel::Correct}}));
    // Escape leaves the line and keeps nothing.
    studio.key(Qt::Key_C);
    QTest::keyClicks(&line, QStringLiteral("never mind"));
    QTest::keyClick(&line, Qt::Key_Escape);
    QVERIFY(studio.judging().draft().comment.isEmpty());
}

void TestStudioReview::repairsAnAnswer() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(3)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), true));
    studio.key(Qt::Key_G);
    QLineEdit& line = studio.judging().bar().noteLine();
    QTest::keyClicks(&line, QStringLiteral("0"));
    QTest::keyClick(&line, Qt::Key_Return);
    studio.key(Qt::Key_D);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 1);
    const auto reader = studio.window.service().workspace()->reader();
    const auto record = (*reader)->record(store::ListOf::Critiques, 1);
    QVERIFY(record.has_value());
    QCOMPARE(record->problem.referenceAnswer, std::string("0"));
    QVERIFY(std::any_of(record->verdicts.begin(), record->verdicts.end(), [](const auto& verdict) {
        return verdict.verifier == model::verifier::kAnswerMatch;
    }));
}

void TestStudioReview::followsRemappedKeys() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(3)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), true));
    studio.window.commands().setKeys(QStringLiteral("review.agree"), {QKeySequence(Qt::Key_Y)});
    studio.key(Qt::Key_A);
    QTest::qWait(50);
    QCOMPARE(studio.judging().item()->position, 0);
    studio.key(Qt::Key_Y);
    QTRY_VERIFY(studio.showing() && studio.judging().item()->position == 1);
    // Keys of this page do nothing on others.
    studio.window.showPage(QStringLiteral("traces"));
    QTest::keyClick(&studio.traces(), Qt::Key_Y);
    studio.window.showPage(QStringLiteral("review"));
    QTest::qWait(50);
    QCOMPARE(studio.judging().progress().mine, 1);
}

void TestStudioReview::holdsAKeyAndJudgesOnce() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(8)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), true));
    QVERIFY(!studio.action("review.agree")->autoRepeat());
    QVERIFY(!studio.action("review.wrong-here")->autoRepeat());
    QVERIFY(studio.action("review.next-step")->autoRepeat());
}

void TestStudioReview::fetchesAhead() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(30)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), true));
    QTest::qWait(300);
    // The item that comes is on screen in the very turn in which the judgement is stored.
    int ready = 0;
    connect(&studio.window.review(), &bridge::ReviewService::stepDone, &studio.judging(),
            [&] { ready += studio.showing() ? 1 : 0; });
    for (int i = 0; i < 5; ++i) {
        studio.key(Qt::Key_A);
        QTRY_VERIFY(studio.showing() && studio.judging().item()->position == i + 1);
        QTest::qWait(200); // as long as nobody judges faster
    }
    QCOMPARE(ready, 5);
}

void TestStudioReview::keepsEverythingOverARestart() {
    const QString path = many(4);
    {
        ReviewStudio studio(settings());
        QVERIFY(studio.open(path));
        QVERIFY(studio.openQueue(QStringLiteral("q"), true));
        // Typed and left at once: what was asked for is stored before the window is gone.
        studio.key(Qt::Key_A);
        studio.window.close();
    }
    ReviewStudio studio(settings());
    QVERIFY(studio.open(path));
    studio.window.showPage(QStringLiteral("review"));
    QVERIFY(studio.waitShown());
    QCOMPARE(studio.judging().item()->position, 1);
    QCOMPARE(studio.judging().progress().mine, 1);
    QTRY_COMPARE(studio.judging().bar().history().history().size(), 1);
}

void TestStudioReview::saysWhyNothingIsStored() {
    const QString path = many(4);
    {
        ReviewStudio studio(settings());
        QVERIFY(studio.open(path));
        QVERIFY(studio.openQueue(QStringLiteral("q"), true));
        studio.window.close();
    }
    ReviewStudio studio(settings());
    studio.window.service().openWorkspace(path, true);
    QTRY_VERIFY_WITH_TIMEOUT(studio.window.service().isOpen(), 20000);
    studio.window.showPage(QStringLiteral("review"));
    QTRY_VERIFY_WITH_TIMEOUT(studio.showing() || studio.judging().trouble().isVisible(), 20000);
    if (studio.showing()) {
        studio.key(Qt::Key_A);
        studio.key(Qt::Key_A);
        QTRY_VERIFY_WITH_TIMEOUT(studio.judging().trouble().isVisible(), 20000);
        QCOMPARE(studio.judging().item()->position, 0);
        QCOMPARE(studio.judging().waitingKeys(), 0);
    }
    QVERIFY2(studio.judging().trouble().text().contains(QStringLiteral("read")),
             qPrintable(studio.judging().trouble().text()));
}

void TestStudioReview::redactsARecord() {
    auto record = std::make_shared<models::TraceRecord>();
    record->id = 7;
    record->problem.referenceAnswer = "42";
    record->solutionCorrect = false;
    record->labelStep = 1;
    record->arithmetic.resize(1);
    record->validationTranscript = "It holds.";
    record->leaks = {{0, 1}};
    record->verdicts.resize(2);
    record->annotations.resize(1);
    record->siblings.resize(2);
    record->critique.emplace();
    record->critique->parsed.firstErrorStep = 1;
    record->critique->parsed.flags.add(model::Flag::Leak);
    const auto blind = models::reviewRecord(record, true);
    QVERIFY(blind->verdictsHidden && blind->verdicts.empty() && blind->annotations.empty());
    QVERIFY(!blind->solutionCorrect && !blind->labelStep && blind->arithmetic.empty());
    QVERIFY(blind->validationTranscript.empty() && blind->leaks.empty());
    QVERIFY(blind->critique->parsed.flags.empty());
    QCOMPARE(blind->critique->parsed.firstErrorStep, std::optional<int>(1)); // it says so itself
    QCOMPARE(blind->problem.referenceAnswer, std::string("42"));
    const auto open = models::reviewRecord(record, false);
    QCOMPARE(open->verdicts.size(), std::size_t{2});
    QVERIFY(open->siblings.isEmpty());
    QCOMPARE(record->verdicts.size(), std::size_t{2}); // the shared one is as it was
}

SCRIT_WINDOW_TEST(TestStudioReview)
#include "studio_review.moc"
