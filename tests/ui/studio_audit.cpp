// SPDX-License-Identifier: GPL-3.0-or-later
// What comes of judging: the audit, disagreements of two reviewers and their settling, in the real
// window with the real engine.
#include "review_support.h"
#include "tests/support/test_program.h"
#include "ui/models/trace_table_model.h"
#include "ui/pages/review/audit_view.h"
#include "ui/pages/review/people_view.h"
#include "ui/widgets/chart_widgets.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/review_widgets.h"

#include <QAbstractItemModelTester>
#include <QLineEdit>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;
using models::Agreement;
using models::Validity;
using pages::JudgeView;
using pages::ReviewPage;

class TestStudioAudit : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void auditsAndLeadsToTraces();
    void settlesDisagreementsOfTwo();
    void modelsAreSound();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    [[nodiscard]] QString settings() const {
        return m_folder->filePath(QStringLiteral("settings.ini"));
    }
    [[nodiscard]] QString many(int count) const { return manyCritiques(*m_folder, count); }
};

void TestStudioAudit::init() {
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestStudioAudit::auditsAndLeadsToTraces() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(12)));
    QVERIFY(studio.openQueue(QStringLiteral("q"), false));
    // Those let through: every other one is accepted. Those held back: none.
    for (int i = 0; i < 12; ++i) {
        studio.key(i % 3 == 0 || i % 2 == 0 ? Qt::Key_A : Qt::Key_D);
        QTRY_VERIFY(studio.judging().progress().mine == i + 1);
        QTRY_VERIFY(studio.judging().phase() != JudgeView::Phase::Waiting);
    }
    studio.action("review.audit")->trigger();
    pages::AuditView& audit = studio.review().audit();
    QTRY_VERIFY2_WITH_TIMEOUT(audit.text().contains(QStringLiteral("50 %")),
                              qPrintable(audit.text()), 20000);
    QVERIFY2(audit.text().contains(QStringLiteral("4 let through, accepted")),
             qPrintable(audit.text()));
    QVERIFY2(audit.text().contains(QStringLiteral("4 let through, not accepted")),
             qPrintable(audit.text()));
    QVERIFY2(audit.text().contains(QStringLiteral("judge ")), qPrintable(audit.text()));
    QCOMPARE(audit.model().rowCount(), 3); // together, even, odd
    const QString text = audit.chart().text();
    QVERIFY2(text.contains(QStringLiteral("even")), qPrintable(text));
    // A bar leads to its critiques.
    QTest::mouseClick(&audit.chart(), Qt::LeftButton, {}, audit.chart().rowRect(1).center());
    QVERIFY(studio.traces().isVisible());
    QTRY_COMPARE_WITH_TIMEOUT(studio.traces().model().rowCount(), 6, 20000);
    studio.action("go.review")->trigger();
    QCOMPARE(studio.review().tab(), ReviewPage::Audit);
    QTRY_VERIFY_WITH_TIMEOUT(audit.model().rowCount() == 3, 20000);
    // So does a row of the table, and each of the four cells.
    QTRY_VERIFY(audit.table().isVisible());
    audit.table().setCurrentIndex(audit.model().index(2, 0));
    audit.table().setFocus();
    QTest::keyClick(&audit.table(), Qt::Key_Return);
    QVERIFY(studio.traces().isVisible());
    QTRY_COMPARE_WITH_TIMEOUT(studio.traces().model().rowCount(), 6, 20000);
}

void TestStudioAudit::settlesDisagreementsOfTwo() {
    ReviewStudio studio(settings());
    QVERIFY(studio.open(many(6)));
    QLineEdit& reviewer = studio.review().reviewer();
    const auto become = [&](const QString& name) {
        reviewer.setFocus();
        reviewer.selectAll();
        QTest::keyClicks(&reviewer, name);
        QTest::keyClick(&reviewer, Qt::Key_Return);
    };
    studio.window.showPage(QStringLiteral("review"));
    become(QStringLiteral("ada"));
    QVERIFY(studio.openQueue(QStringLiteral("q"), true));
    for (int i = 0; i < 6; ++i) {
        studio.key(Qt::Key_A);
        QTRY_VERIFY(studio.judging().progress().mine == i + 1);
        QTRY_VERIFY(studio.judging().phase() != JudgeView::Phase::Waiting);
    }
    become(QStringLiteral("bo"));
    QTRY_VERIFY_WITH_TIMEOUT(studio.showing(), 20000);
    QCOMPARE(studio.judging().progress().mine, 0);
    QCOMPARE(studio.judging().progress().anyone, 6);
    studio.judging().focusText();
    for (int i = 0; i < 6; ++i) {
        studio.key(i < 2 ? Qt::Key_D : Qt::Key_A);
        QTRY_VERIFY(studio.judging().progress().mine == i + 1);
        QTRY_VERIFY(studio.judging().phase() != JudgeView::Phase::Waiting);
    }
    studio.action("review.people")->trigger();
    pages::PeopleView& people = studio.review().people();
    QTRY_COMPARE_WITH_TIMEOUT(people.report().disagreements.size(), 2, 20000);
    QVERIFY2(people.text().contains(QStringLiteral("67 %")), qPrintable(people.text()));
    QVERIFY(studio.action("review.settle")->isEnabled());
    studio.action("review.settle")->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(studio.showing() && studio.judging().isSettling(), 20000);
    const QString sides = studio.judging().bar().sidesText();
    QVERIFY2(sides.contains(QStringLiteral("ada: right")), qPrintable(sides));
    QVERIFY2(sides.contains(QStringLiteral("bo: wrong")), qPrintable(sides));
    studio.key(Qt::Key_D);
    QTRY_VERIFY_WITH_TIMEOUT(studio.showing() && studio.judging().item()->position == 1, 20000);
    studio.key(Qt::Key_A);
    QTRY_COMPARE_WITH_TIMEOUT(studio.review().tab(), ReviewPage::People, 20000);
    QTRY_VERIFY_WITH_TIMEOUT(!people.report().disagreements.isEmpty() &&
                                 people.report().disagreements[0].adjudicated &&
                                 people.report().disagreements[1].adjudicated,
                             20000);
    // The judgements of both are as they were.
    const auto of = [&](const char* who) {
        return *storedItems(studio, QStringLiteral("q"), QString::fromLatin1(who))[0]
                    .mine->validity;
    };
    QCOMPARE(of("ada"), review::Validity::Valid);
    QCOMPARE(of("bo"), review::Validity::Invalid);
}

void TestStudioAudit::modelsAreSound() {
    models::AuditModel audit;
    QAbstractItemModelTester auditTester(&audit);
    models::AuditRow row;
    row.reviewed = 12;
    row.precision = {9, 10, 0.9, 0.6, 0.98, 30};
    audit.setRows({row, row});
    QCOMPARE(audit.index(0, models::AuditModel::Precision).data().toString(),
             QStringLiteral("90 % (60–98)"));
    QCOMPARE(audit.index(0, models::AuditModel::PrecisionMore).data().toString(),
             QStringLiteral("+30"));
    QCOMPARE(audit.index(0, models::AuditModel::Recall).data().toString(), QStringLiteral("–"));
    audit.setRows({});

    models::AgreementModel agreement;
    QAbstractItemModelTester agreementTester(&agreement);
    agreement.setFigures({{QStringLiteral("κ"), QStringLiteral("a, b"), 0.5, 0.25, 0.75, 20, false},
                          {QStringLiteral("%"), QStringLiteral("a, b"), 0.8, 0.6, 0.9, 20, true},
                          {QStringLiteral("α"), QStringLiteral("a, b"), {}, 0, 0, 1, false}});
    QCOMPARE(agreement.index(0, models::AgreementModel::Value).data().toString(),
             QStringLiteral("0.50"));
    QCOMPARE(agreement.index(1, models::AgreementModel::Interval).data().toString(),
             QStringLiteral("60 % to 90 %"));
    QCOMPARE(agreement.index(2, models::AgreementModel::Value).data().toString(),
             QStringLiteral("–"));

    models::DisagreementModel disagreement;
    QAbstractItemModelTester disagreementTester(&disagreement);
    models::Disagreement one;
    one.critiqueId = 3;
    models::Judgement yes;
    yes.validity = Validity::Valid;
    models::Judgement no;
    no.agreement = Agreement::Disagree;
    no.firstError = 2;
    one.sides = {{QStringLiteral("ada"), yes, {}}, {QStringLiteral("bo"), no, {}}};
    disagreement.setItems({one});
    QCOMPARE(disagreement.index(0, models::DisagreementModel::Second).data().toString(),
             QStringLiteral("bo: disagree, step 3"));
    QCOMPARE(disagreement.index(0, models::DisagreementModel::Settled).data().toString(),
             QStringLiteral("open"));
    disagreement.setItems({});
}

SCRIT_WINDOW_TEST(TestStudioAudit)
#include "studio_audit.moc"
