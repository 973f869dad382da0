// SPDX-License-Identifier: GPL-3.0-or-later
// Review with others in the real window: packs by file, gold items, answers that are judged
// differently.
#include "core/loop/disagreements.h"
#include "review_support.h"
#include "tests/support/test_program.h"
#include "ui/bridge/answer_service.h"
#include "ui/pages/review/answers_view.h"
#include "ui/widgets/plain_table.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QLineEdit>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;
using pages::AnswersView;
using pages::ReviewPage;

class TestStudioPeople : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void sendsAQueueAndMergesTheAnswers();
    void scoresTheReviewerOnGold();
    void listsAnswersThatAreJudgedDifferently();
    void decidesAnswersByKeys();
    void saysWhenNobodyDisagrees();

private:
    std::unique_ptr<QTemporaryDir> m_folder;

    [[nodiscard]] QString path(const char* name) const {
        return m_folder->filePath(QString::fromLatin1(name));
    }
    static void become(ReviewStudio& studio, const QString& name) {
        QLineEdit& reviewer = studio.review().reviewer();
        reviewer.setFocus();
        reviewer.selectAll();
        QTest::keyClicks(&reviewer, name);
        QTest::keyClick(&reviewer, Qt::Key_Return);
    }
    static void judgeAll(ReviewStudio& studio, int count, int key) {
        studio.judging().focusText();
        for (int i = 0; i < count; ++i) {
            studio.key(key);
            QTRY_VERIFY(studio.judging().progress().mine == i + 1);
            QTRY_VERIFY(studio.judging().phase() != pages::JudgeView::Phase::Waiting);
        }
    }
    // Runs a write on a workspace that nobody has open.
    static bool write(const QString& file,
                      const std::function<base::Expected<void>(store::Writer&)>& work) {
        const auto workspace = store::Workspace::open(models::utf8(file));
        return workspace && (*workspace)->write(work);
    }
    static model::Verdict verdict(std::int64_t solution, std::string_view verifier,
                                  const char* protocol, model::Outcome outcome) {
        model::Verdict out;
        out.subject = model::SubjectKind::Solution;
        out.subjectId = solution;
        out.verifier = verifier;
        out.protocol = protocol;
        out.outcome = outcome;
        return out;
    }
    // Two protocols disagree about solutions 1 and 2, a label and a protocol about 3; all agree
    // about the others.
    [[nodiscard]] QString benchWorkspace() const;
};

QString TestStudioPeople::benchWorkspace() const {
    using model::Outcome;
    const QString file = manyCritiques(*m_folder, 6);
    const bool done = write(file, [](store::Writer& writer) -> base::Expected<void> {
        for (std::int64_t id = 1; id <= 6; ++id) {
            model::Verdict first = verdict(id, model::verifier::kAnswerMatch, "answer-match/2",
                                           id <= 2 ? Outcome::Yes : Outcome::No);
            first.rule = "number";
            first.evidence = R"({"gold":"5","answer":"\\frac{10}{2}","gold_read":"5",)"
                             R"("answer_read":"10/2"})";
            for (const model::Verdict& one :
                 {first,
                  verdict(id, model::verifier::kAnswerMatch, "answer-match/2 strict", Outcome::No),
                  verdict(id, model::verifier::kLabel, "label/answer",
                          id == 3   ? Outcome::Yes
                          : id <= 2 ? Outcome::Undecided
                                    : Outcome::No)}) {
                if (const auto stored = writer.addVerdict(one); !stored) {
                    return base::fail(stored.error());
                }
            }
        }
        return {};
    });
    return done ? file : QString();
}

void TestStudioPeople::sendsAQueueAndMergesTheAnswers() {
    const QString mine = manyCritiques(*m_folder, 4);
    const QString theirs = path("theirs.scrit");
    QVERIFY(QFile::copy(mine, theirs));
    const QString pack = path("q.review.jsonl");
    const QString answers = path("q.answers.jsonl");
    {
        ReviewStudio studio(path("mine.ini"));
        QVERIFY(studio.open(mine));
        studio.window.showPage(QStringLiteral("review"));
        become(studio, QStringLiteral("ada"));
        QVERIFY(studio.openQueue(QStringLiteral("q"), true));
        judgeAll(studio, 4, Qt::Key_A);
        const qint64 queue = studio.review().queues().currentData().toLongLong();
        studio.window.review().writePack(queue, pack, false);
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(pack), 20000);
    }
    {
        ReviewStudio studio(path("theirs.ini"));
        QVERIFY(studio.open(theirs));
        studio.window.showPage(QStringLiteral("review"));
        become(studio, QStringLiteral("bo"));
        studio.window.review().mergePack(pack);
        QTRY_VERIFY_WITH_TIMEOUT(studio.review().queues().count() == 1, 20000);
        studio.action("review.judge")->trigger();
        QVERIFY(studio.waitShown());
        QVERIFY(!studio.review().progressText().isEmpty());
        judgeAll(studio, 4, Qt::Key_D);
        const qint64 queue = studio.review().queues().currentData().toLongLong();
        studio.window.review().writePack(queue, answers, true);
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(answers), 20000);
    }
    ReviewStudio studio(path("mine.ini"));
    QVERIFY(studio.open(mine));
    studio.window.showPage(QStringLiteral("review"));
    models::MergeResult merged;
    int merges = 0;
    connect(&studio.window.review(), &bridge::ReviewService::packMerged, this,
            [&](const models::MergeResult& result) {
                merged = result;
                ++merges;
            });
    studio.action("review.people")->trigger();
    studio.window.review().mergePack(answers);
    QTRY_COMPARE_WITH_TIMEOUT(merges, 1, 20000);
    QCOMPARE(merged.added, qint64{4});
    QCOMPARE(studio.review().tab(), ReviewPage::People);
    pages::PeopleView& people = studio.review().people();
    QTRY_VERIFY2_WITH_TIMEOUT(people.text().contains(QStringLiteral("2 reviewers: ada, bo")),
                              qPrintable(people.text()), 20000);
    QCOMPARE(people.report().disagreements.size(), 4);
    // Once more changes nothing.
    studio.window.review().mergePack(answers);
    QTRY_COMPARE_WITH_TIMEOUT(merges, 2, 20000);
    QCOMPARE(merged.added, qint64{0});
    QCOMPARE(merged.answers, qint64{4});
}

void TestStudioPeople::scoresTheReviewerOnGold() {
    const QString file = manyCritiques(*m_folder, 5);
    QVERIFY(write(file, [](store::Writer& writer) -> base::Expected<void> {
        for (std::int64_t id = 1; id <= 5; ++id) {
            model::Verdict label =
                verdict(id, model::verifier::kLabel, "label/first-error", model::Outcome::No);
            label.step = 1;
            if (const auto stored = writer.addVerdict(label); !stored) {
                return base::fail(stored.error());
            }
        }
        return {};
    }));
    ReviewStudio studio(path("mine.ini"));
    QVERIFY(studio.open(file));
    models::QueueForm form;
    form.name = QStringLiteral("gold");
    form.strategy = models::QueueStrategy::Everything;
    form.size = 0;
    form.blind = true;
    form.gold = 3;
    QVERIFY(studio.openQueue(form));
    QVERIFY(!studio.review().progressText().contains(QStringLiteral("★")));
    // Step 2 is the labelled one: right twice, then "no step is wrong".
    int right = 0;
    while (studio.judging().progress().goldSeen < 3 && studio.judging().progress().mine < 5) {
        const auto before = studio.judging().progress();
        const bool wrong = before.goldSeen == 2;
        studio.key(wrong ? Qt::Key_0 : Qt::Key_2);
        QTRY_VERIFY_WITH_TIMEOUT(studio.judging().progress().mine == before.mine + 1, 20000);
        QTRY_VERIFY(studio.judging().phase() != pages::JudgeView::Phase::Waiting);
        const auto after = studio.judging().progress();
        right += after.goldSeen > before.goldSeen && !wrong ? 1 : 0;
    }
    QCOMPARE(right, 2);
    QCOMPARE(studio.judging().progress().goldSeen, 3);
    QCOMPARE(studio.judging().progress().goldRight, 2);
    QVERIFY2(studio.review().progressText().contains(QStringLiteral("★ 2 of 3")),
             qPrintable(studio.review().progressText()));
}

void TestStudioPeople::listsAnswersThatAreJudgedDifferently() {
    ReviewStudio studio(path("mine.ini"));
    QVERIFY(studio.open(benchWorkspace()));
    studio.window.showPage(QStringLiteral("review"));
    studio.action("review.answers")->trigger();
    AnswersView& view = studio.review().answers();
    const QAbstractItemModelTester sound(&view.model());
    QTRY_VERIFY_WITH_TIMEOUT(!view.isLooking(), 20000);
    // Solution 1 and 2: two protocols; 3: its label against each of them.
    QCOMPARE(view.model().rowCount(), 4);
    QCOMPARE(view.pairs().count(), 4);
    QVERIFY2(view.text().contains(QStringLiteral("0 of 4 decided")), qPrintable(view.text()));
    QVERIFY2(view.text().contains(QStringLiteral("It read 5 against 10/2")),
             qPrintable(view.text()));
    view.undecided().click();
    QTRY_VERIFY_WITH_TIMEOUT(!view.isLooking() && view.model().rowCount() == 8, 20000);
    view.undecided().click();
    QTRY_VERIFY_WITH_TIMEOUT(!view.isLooking() && view.model().rowCount() == 4, 20000);
    // One pair of judges.
    const int protocols = view.pairs().findText(QStringLiteral("answer-match/2 ≠ answer-match/2 "
                                                               "strict"),
                                                Qt::MatchStartsWith);
    QVERIFY(protocols > 0);
    view.pairs().setCurrentIndex(protocols);
    Q_EMIT view.pairs().activated(protocols);
    QTRY_VERIFY_WITH_TIMEOUT(!view.isLooking() && view.model().rowCount() == 2, 20000);
    QCOMPARE(view.pairs().count(), 4);
    QCOMPARE(view.pairs().currentIndex(),
             view.pairs().findText(QStringLiteral("answer-match/2 ≠"), Qt::MatchStartsWith));
    // To the trace of the chosen row.
    view.focusTable();
    QTest::keyClick(&view.table(), Qt::Key_Down);
    studio.key(Qt::Key_T);
    QTRY_VERIFY_WITH_TIMEOUT(studio.traces().isVisible() && studio.traces().model().rowCount() == 1,
                             20000);
    QTRY_COMPARE_WITH_TIMEOUT(studio.shown(), qint64{2}, 20000);
    QCOMPARE(studio.traces().reading().record()->kind, models::ListKind::Solutions);
}

void TestStudioPeople::decidesAnswersByKeys() {
    const QString file = benchWorkspace();
    {
        ReviewStudio studio(path("mine.ini"));
        QVERIFY(studio.open(file));
        studio.window.showPage(QStringLiteral("review"));
        become(studio, QStringLiteral("ada"));
        studio.action("review.answers")->trigger();
        AnswersView& view = studio.review().answers();
        QTRY_VERIFY_WITH_TIMEOUT(!view.isLooking() && view.model().rowCount() == 4, 20000);
        view.focusTable();
        studio.key(Qt::Key_Y);
        studio.key(Qt::Key_N);
        QTRY_VERIFY2_WITH_TIMEOUT(view.text().contains(QStringLiteral("2 of 4 decided")),
                                  qPrintable(view.text()), 20000);
        QCOMPARE(view.table().currentIndex().row(), 2);
        QCOMPARE(view.model().rowAt(0)->decided, std::optional(true));
        QCOMPARE(view.model().rowAt(1)->decided, std::optional(false));
        QCOMPARE(view.model().rowAt(1)->decidedBy, QStringLiteral("ada"));
        // Row 3 and 4 are the same answer.
        studio.key(Qt::Key_Y);
        QTRY_COMPARE_WITH_TIMEOUT(view.model().rowAt(3)->decided, std::optional(true), 20000);
        studio.key(Qt::Key_Z, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(view.model().rowAt(2)->decided, std::optional<bool>(), 20000);
        QCOMPARE(view.table().currentIndex().row(), 2);
        studio.key(Qt::Key_N); // typed and left at once: it is stored before the window is gone
    }
    const auto workspace = store::Workspace::open(models::utf8(file));
    QVERIFY(workspace.has_value());
    const auto reader = (*workspace)->reader();
    const auto correct = [&](std::int64_t id) {
        return (*reader)->record(store::ListOf::Solutions, id)->solutionCorrect;
    };
    QCOMPARE(correct(1), std::optional(true));
    QCOMPARE(correct(2), std::optional(false)); // the answer match said yes
    QCOMPARE(correct(3), std::optional(false)); // the label said yes
}

void TestStudioPeople::saysWhenNobodyDisagrees() {
    ReviewStudio studio(path("mine.ini"));
    QVERIFY(studio.open(manyCritiques(*m_folder, 2)));
    studio.window.showPage(QStringLiteral("review"));
    studio.action("review.answers")->trigger();
    AnswersView& view = studio.review().answers();
    QTRY_VERIFY_WITH_TIMEOUT(!view.isLooking(), 20000);
    QVERIFY(!view.table().isVisible());
    QVERIFY(!studio.action("review.answer-right")->isEnabled());
    QCOMPARE(studio.review().tab(), ReviewPage::Answers); // needs no queue
}

SCRIT_WINDOW_TEST(TestStudioPeople)
#include "studio_people.moc"
