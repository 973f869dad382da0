// SPDX-License-Identifier: GPL-3.0-or-later
#include "screenshots_review.h"

#include "screenshots_wait.h"
#include "ui/pages/export/export_form.h"
#include "ui/pages/export/export_page.h"
#include "ui/pages/export/export_preview.h"
#include "ui/pages/review/audit_view.h"
#include "ui/pages/review/judge_view.h"
#include "ui/pages/review/queue_form.h"
#include "ui/pages/review/review_page.h"
#include "ui/pages/traces/reading_view.h"
#include "ui/widgets/chart_widgets.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/review_widgets.h"

#include <QApplication>
#include <QFile>
#include <QKeyEvent>
#include <QLineEdit>

namespace scrit::test {

namespace {

using namespace ui;

struct Reviewing {
    app::MainWindow& window;
    pages::ReviewPage& page;
    pages::JudgeView& judge;

    void run(const char* id) const { window.commands().action(QString::fromLatin1(id))->trigger(); }
    void waitShown() const {
        waitUntil([this] { return judge.phase() != pages::JudgeView::Phase::Waiting; });
    }
    void judgeAll(int count, int flavour) const {
        for (int i = 0; i < count && judge.phase() == pages::JudgeView::Phase::Showing; ++i) {
            const auto& record = judge.reading().record();
            const int steps =
                static_cast<int>(record->solution ? record->solution->steps.size() : 0);
            const int kind = (i * 7 + flavour * 3) % 10;
            run(kind < 5                ? "review.agree"
                : kind < 8 && steps > 1 ? "review.step-2"
                : kind == 8             ? "review.unsure"
                                        : "review.disagree");
            waitShown();
        }
    }
    void become(const QString& name) const {
        page.reviewer().setText(name);
        Q_EMIT page.reviewer().editingFinished();
        waitShown();
        waitUntil([this] { return judge.phase() == pages::JudgeView::Phase::Showing; }, 4000);
    }
};

void shootQueue(const Reviewing& at, const std::function<void(const char*)>& shoot) {
    at.window.showPage(QStringLiteral("review"));
    waitUntil([&] { return at.page.form().previewText().contains(QStringLiteral(" of the ")); });
    shoot("review-first-queue");
    models::QueueForm form;
    form.name = QStringLiteral("Audit of round 1");
    form.strategy = models::QueueStrategy::Stratified;
    form.strata = {models::Stratum::Source, models::Stratum::Verdict};
    form.size = 60;
    at.page.form().setForm(form);
    waitUntil([] { return false; }, 600);
    waitUntil([&] {
        return at.window.commands().action(QStringLiteral("review.create-queue"))->isEnabled();
    });
    shoot("review-stratified");
    at.run("review.create-queue");
    waitUntil([&] { return at.judge.phase() == pages::JudgeView::Phase::Showing; });
}

void shootJudging(const Reviewing& at, const std::function<void(const char*)>& shoot) {
    shoot("review-blind");
    at.judgeAll(9, 1);
    at.run("review.next-step");
    at.run("review.next-step");
    at.run("review.step-correct");
    shoot("review-judging");
    at.run("review.comment");
    at.judge.bar().noteLine().setText(QStringLiteral("the unit is lost in this step"));
    shoot("review-comment");
    at.judge.bar().noteLine().clear();
    QKeyEvent escape(QEvent::KeyPress, Qt::Key_Escape, Qt::NoModifier);
    QApplication::sendEvent(&at.judge.bar().noteLine(), &escape);
    Q_EMIT at.judge.bar().history().entryChosen(
        at.judge.bar().history().history().first().position);
    at.waitShown();
    shoot("review-edit");
    at.run("review.previous");
    at.waitShown();
    at.judgeAll(40, 2);
    at.run("review.audit");
    waitUntil([&] { return at.page.audit().model().rowCount() > 1; });
    shoot("review-audit");
    at.run("review.judge");
    at.judgeAll(60, 3);
    shoot("review-done");
}

void shootPeople(const Reviewing& at, const std::function<void(const char*)>& shoot) {
    at.become(QStringLiteral("bo"));
    at.judgeAll(60, 5);
    at.run("review.people");
    waitUntil([&] { return !at.page.people().report().figures.isEmpty(); });
    shoot("review-people");
    at.run("review.settle");
    waitUntil([&] { return at.judge.phase() == pages::JudgeView::Phase::Showing; });
    shoot("review-settling");
    at.run("review.people");
}

void shootExport(app::MainWindow& window, const QString& folder,
                 const std::function<void(const char*)>& shoot) {
    auto& page = static_cast<pages::ExportPage&>(*window.page(QStringLiteral("export")));
    window.showPage(QStringLiteral("export"));
    const auto counted = [&page] {
        waitUntil([] { return false; }, 700);
        waitUntil([&page] { return page.preview().preview().whole; });
    };
    counted();
    shoot("export");
    models::ExportForm form = page.form().form();
    form.filter.clear();
    form.nearPercent = 85;
    form.perSource = 200;
    form.testPercent = 10;
    page.form().setForm(form);
    Q_EMIT page.form().changed();
    counted();
    const auto& stages = page.preview().preview().stages;
    for (int row = 0; row < stages.size(); ++row) {
        if (stages[row].name == QStringLiteral("no-mention") && stages[row].dropped > 0) {
            Q_EMIT page.preview().funnel().stageChosen(row);
        }
    }
    shoot("export-dropped");
    page.folder().setText(folder + QStringLiteral("/critic-training-data"));
    window.commands().action(QStringLiteral("export.write"))->trigger();
    waitUntil([&window] { return !window.exports().isWriting(); });
    shoot("export-written");
    page.showPast(true);
    waitUntil([&window] { return !window.exports().past().isEmpty(); });
    page.past().setCurrentIndex(page.past().model()->index(0, 0));
    shoot("export-earlier");
    page.showPast(false);
}

} // namespace

void shootReview(app::MainWindow& window, const QString& folder,
                 const std::function<void(const char*)>& shoot) {
    const QString path = folder + QStringLiteral("/review.scrit");
    QFile::remove(path);
    const QString original = window.service().info().path;
    window.service().closeWorkspace();
    waitUntil([] { return false; }, 300);
    QFile::copy(original, path);
    window.openFiles({path});
    waitUntil([&] { return window.service().info().path == path && window.review().isLoaded(); });
    auto& page = static_cast<pages::ReviewPage&>(*window.page(QStringLiteral("review")));
    const Reviewing at{window, page, page.judging()};
    page.reviewer().setText(QStringLiteral("ada"));
    Q_EMIT page.reviewer().editingFinished();
    shootQueue(at, shoot);
    shootJudging(at, shoot);
    shootPeople(at, shoot);
    shootExport(window, folder, shoot);
    window.openFiles({original});
    waitUntil([&] { return window.service().info().path == original; });
}

} // namespace scrit::test
