// SPDX-License-Identifier: GPL-3.0-or-later
#include "screenshots_rounds.h"

#include "rounds_support.h"
#include "screenshots_wait.h"
#include "ui/models/round_models.h"
#include "ui/pages/rounds/compare_view.h"
#include "ui/pages/rounds/evolve_form.h"
#include "ui/pages/rounds/evolve_strip.h"
#include "ui/pages/rounds/rounds_page.h"
#include "ui/widgets/chart_view.h"
#include "ui/widgets/command_registry.h"
#include "ui/widgets/form_widgets.h"
#include "ui/widgets/small_widgets.h"

#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QKeyEvent>
#include <QScrollArea>
#include <QScrollBar>
#include <QToolButton>

namespace scrit::test {

using namespace ui;

namespace {

void open(app::MainWindow& window, const QString& path) {
    window.service().openWorkspace(path);
    waitUntil([&] { return window.service().isOpen() && window.service().info().path == path; });
}

} // namespace

void shootRounds(app::MainWindow& window, const QString& folder,
                 const std::function<void(const char*)>& shoot) {
    auto& page = static_cast<pages::RoundsPage&>(*window.page(QStringLiteral("rounds")));
    const auto run = [&](const char* id) {
        window.commands().action(QString::fromLatin1(id))->trigger();
    };
    const QString empty = folder + QStringLiteral("/fresh.scrit");
    if (!QFile::exists(empty)) {
        must(store::Workspace::create(models::utf8(empty)));
    }
    open(window, empty);
    window.showPage(QStringLiteral("rounds"));
    waitUntil([&] { return window.rounds().isLoaded(); });
    shoot("rounds-empty");
    run("rounds.new");
    shoot("rounds-form-empty");
    const QString path = folder + QStringLiteral("/rounds.scrit");
    if (!QFile::exists(path)) {
        const RoundsWorkspace made(path);
    }
    open(window, path);
    window.showPage(QStringLiteral("rounds"));
    waitUntil([&] { return window.rounds().isLoaded(); });
    page.seriesBox().setCurrentIndex(page.seriesBox().findData(QStringLiteral("demo")));
    Q_EMIT page.seriesBox().activated(page.seriesBox().currentIndex());
    waitUntil([&] { return window.rounds().detail().counts.size() == 4; });
    shoot("rounds-scores");
    auto& view =
        static_cast<widgets::ChartView&>(page.charts().panel(QStringLiteral("ccByRound"))->chart());
    view.setFocus(Qt::TabFocusReason);
    QKeyEvent right(QEvent::KeyPress, Qt::Key_Right, Qt::NoModifier);
    QApplication::sendEvent(&view, &right);
    shoot("rounds-scores-focus");
    run("rounds.validation");
    shoot("rounds-validation");
    run("rounds.data");
    shoot("rounds-data");
    run("rounds.training");
    shoot("rounds-training");
    run("rounds.compare");
    waitUntil([&] { return page.compare().model().rowCount() > 0; });
    shoot("rounds-compare");
    run("rounds.new");
    waitUntil([&] { return !page.form().form().sets.isEmpty(); });
    models::EvolutionForm form = page.form().form();
    form.base = QStringLiteral("demo-3");
    form.trainer = QStringLiteral("command");
    form.commandTemplate = QStringLiteral("llama-factory-lora");
    page.form().setForm(form);
    waitUntil([] { return false; }, 1500);
    shoot("rounds-form");
    for (QToolButton* head : page.form().grid().findChildren<QToolButton*>()) {
        head->click();
    }
    shoot("rounds-form-open");
    auto* area = page.form().findChild<QScrollArea*>();
    area->verticalScrollBar()->setValue(area->verticalScrollBar()->maximum());
    shoot("rounds-form-end");
    run("rounds.scores");
    models::EvolutionStatus status;
    status.series = QStringLiteral("demo");
    status.round = 2;
    status.rounds = 3;
    status.stage = QStringLiteral("critique");
    status.message = QStringLiteral("critiques 210 of 600");
    status.fraction = 0.35;
    status.overall = 0.41;
    page.strip().setStatus(status);
    shoot("rounds-running");
    page.strip().hide();
    window.showPage(QStringLiteral("overview"));
    shoot("rounds-overview");
}

} // namespace scrit::test
