// SPDX-License-Identifier: GPL-3.0-or-later
// Each line of Overview's glance leads to what it is about, by mouse and by keys.
#include "rounds_support.h"
#include "studio_window.h"
#include "tests/support/test_program.h"
#include "ui/bridge/export_service.h"
#include "ui/bridge/model_service.h"
#include "ui/bridge/review_service.h"
#include "ui/bridge/round_service.h"
#include "ui/bridge/run_service.h"
#include "ui/models/export_values.h"
#include "ui/pages/export/export_page.h"
#include "ui/pages/models/model_detail.h"
#include "ui/pages/models/models_page.h"
#include "ui/pages/overview/glance.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/pages/review/judge_view.h"
#include "ui/pages/review/review_page.h"
#include "ui/pages/rounds/rounds_page.h"
#include "ui/pages/runs/run_view.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/widgets/plain_table.h"

#include <QComboBox>

using namespace scrit;
using namespace scrit::ui;
using namespace scrit::test;

namespace {

struct OverviewStudio : Studio {
    using Studio::Studio;

    template<typename PageType>
    [[nodiscard]] PageType& page(const char* id) const {
        return static_cast<PageType&>(*window.page(QString::fromLatin1(id)));
    }
    [[nodiscard]] pages::OverviewPage& overview() const {
        return page<pages::OverviewPage>("overview");
    }
    bool openOverview(const QString& path) {
        settings.setValue(QStringLiteral("page"), QStringLiteral("overview"));
        window.start(path);
        return QTest::qWaitFor([this] { return overview().glance() != nullptr; }, 20000);
    }
    // The line that begins with these words, once it is there; null: it did not come.
    [[nodiscard]] pages::GlanceRow* row(const QString& words) const {
        pages::GlanceRow* found = nullptr;
        static_cast<void>(QTest::qWaitFor(
            [&] {
                for (pages::GlanceRow* one : overview().glance()->rows()) {
                    if (one->accessibleName().startsWith(words)) {
                        found = one;
                    }
                }
                return found != nullptr;
            },
            20000));
        return found;
    }
};

} // namespace

class TestStudioOverview : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void linesLeadToTheirItems_data();
    void linesLeadToTheirItems();
    void queuesOpen();
    void arrowsAndTabMoveBetweenLines();

private:
    QString settingsFile() const { return m_folder.filePath(QStringLiteral("studio.ini")); }
    QString copy() {
        const QString path = m_folder.filePath(QStringLiteral("w%1.scrit").arg(++m_copies));
        return QFile::copy(m_path, path) ? path : QString();
    }
    QTemporaryDir m_folder;
    QString m_path;
    QVector<qint64> m_runs;
    int m_copies = 0;
};

void TestStudioOverview::initTestCase() {
    m_path = m_folder.filePath(QStringLiteral("rounds.scrit"));
    const RoundsWorkspace made(m_path);
    m_runs = QVector<qint64>(made.runs.begin(), made.runs.end());
}

void TestStudioOverview::init() {
    QFile::remove(settingsFile());
}

void TestStudioOverview::linesLeadToTheirItems_data() {
    QTest::addColumn<bool>("byMouse");
    QTest::newRow("mouse") << true;
    QTest::newRow("keys") << false;
}

void TestStudioOverview::linesLeadToTheirItems() {
    QFETCH(bool, byMouse);
    OverviewStudio studio(settingsFile());
    QVERIFY(studio.openOverview(copy()));
    const auto choose = [&](const QString& words) {
        studio.window.showPage(QStringLiteral("overview"));
        pages::GlanceRow* row = studio.row(words);
        if (row == nullptr) {
            return false;
        }
        if (byMouse) {
            QTest::mouseClick(row, Qt::LeftButton);
        } else {
            row->setFocus();
            QTest::keyClick(row, Qt::Key_Return);
        }
        return true;
    };
    // The older series and the older run: neither is what the page shows by itself.
    QVERIFY(choose(QStringLiteral("demo: round")));
    auto& rounds = studio.page<pages::RoundsPage>("rounds");
    QVERIFY(rounds.isVisible());
    QTRY_COMPARE(rounds.seriesBox().currentText(), QStringLiteral("demo"));
    QTRY_COMPARE(studio.window.rounds().detail().series, QStringLiteral("demo"));
    QVERIFY(choose(QStringLiteral("direct: round")));
    QTRY_COMPARE(rounds.seriesBox().currentText(), QStringLiteral("direct"));
    auto& runs = studio.page<pages::RunsPage>("runs");
    const qint64 run = m_runs.at(m_runs.size() - 2);
    QVERIFY(choose(QStringLiteral("%1 ").arg(run)));
    QVERIFY(runs.isVisible());
    QTRY_COMPARE(runs.view().runId(), run);
    QVERIFY(choose(QStringLiteral("demo-2: OpenAI"))); // the model, not the export of that name
    auto& models = studio.page<pages::ModelsPage>("models");
    QVERIFY(models.isVisible());
    QTRY_VERIFY(models.detail().text().startsWith(QStringLiteral("demo-2")));
    const auto& past = studio.window.exports().past();
    QTRY_VERIFY(past.size() > 1);
    const models::PastExport wanted = past.at(1);
    const auto glanceRows = studio.overview().glance()->rows();
    studio.window.showPage(QStringLiteral("overview"));
    pages::GlanceRow* second = nullptr;
    for (pages::GlanceRow* one : glanceRows) {
        if (one->toolTip().startsWith(wanted.folder.toHtmlEscaped())) {
            second = one;
        }
    }
    QVERIFY(second != nullptr);
    if (byMouse) {
        QTest::mouseClick(second, Qt::LeftButton);
    } else {
        second->setFocus();
        QTest::keyClick(second, Qt::Key_Space);
    }
    auto& exporting = studio.page<pages::ExportPage>("export");
    QVERIFY(exporting.isVisible());
    QTRY_VERIFY(exporting.past().isVisible());
    QTRY_COMPARE(exporting.past().currentIndex().row(), 1);
}

void TestStudioOverview::queuesOpen() {
    OverviewStudio studio(settingsFile());
    QVERIFY(studio.openOverview(copy()));
    for (const char* name : {"first", "second", "third"}) {
        models::QueueForm form;
        form.name = QString::fromLatin1(name);
        form.size = 5;
        studio.window.review().createQueue(form);
    }
    QTRY_COMPARE_WITH_TIMEOUT(studio.window.review().queues().size(), 3, 20000);
    auto& review = studio.page<pages::ReviewPage>("review");
    for (const char* name : {"first", "third", "second"}) {
        studio.window.showPage(QStringLiteral("overview"));
        pages::GlanceRow* row = studio.row(QString::fromLatin1(name) + QLatin1Char(':'));
        QVERIFY(row != nullptr);
        row->setFocus();
        QTest::keyClick(row, Qt::Key_Enter);
        QVERIFY(review.isVisible());
        QTRY_COMPARE(review.queues().currentText(), QString::fromLatin1(name));
        QCOMPARE(review.tab(), pages::ReviewPage::Judge);
        QTRY_VERIFY_WITH_TIMEOUT(review.judging().phase() == pages::JudgeView::Phase::Showing,
                                 20000);
    }
}

void TestStudioOverview::arrowsAndTabMoveBetweenLines() {
    OverviewStudio studio(settingsFile());
    QVERIFY(studio.openOverview(copy()));
    QVERIFY(studio.row(QStringLiteral("demo: round")) != nullptr);
    const auto rows = studio.overview().glance()->rows();
    rows[0]->setFocus();
    QTest::keyClick(rows[0], Qt::Key_Tab);
    QVERIFY(rows[1]->hasFocus());
    QTest::keyClick(rows[1], Qt::Key_Up);
    QVERIFY(rows[0]->hasFocus());
}

SCRIT_WINDOW_TEST(TestStudioOverview)
#include "studio_overview.moc"
