// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/translated.h"
#include "ui/pages/export/export_page.h"
#include "ui/pages/models/models_page.h"
#include "ui/pages/overview/overview_page.h"
#include "ui/pages/page.h"
#include "ui/pages/review/review_page.h"
#include "ui/pages/rounds/rounds_page.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/pages/settings/settings_page.h"
#include "ui/pages/traces/traces_page.h"

namespace scrit::ui::pages {

namespace {

template<typename SomePage>
Page* make(PageContext& context, QWidget* parent) {
    return new SomePage(context, parent);
}

} // namespace

QVector<PageSpec> pageTable() {
    const auto key = [](const char* text) {
        return QKeySequence(QLatin1String(text));
    };
    const auto id = [](const char* text) {
        return QString::fromLatin1(text);
    };
    return {
        {id("overview"), tr("Overview"), id("overview"), key("Ctrl+1"), false, true,
         make<OverviewPage>},
        {id("traces"), tr("Traces"), id("traces"), key("Ctrl+2"), false, true, make<TracesPage>},
        {id("review"), tr("Review"), id("review"), key("Ctrl+3"), false, true, make<ReviewPage>},
        {id("runs"), tr("Runs"), id("runs"), key("Ctrl+4"), false, true, make<RunsPage>},
        {id("rounds"), tr("Rounds"), id("rounds"), key("Ctrl+5"), false, true, make<RoundsPage>},
        {id("models"), tr("Models"), id("models"), key("Ctrl+6"), false, true, make<ModelsPage>},
        {id("export"), tr("Export"), id("export"), key("Ctrl+7"), false, true, make<ExportPage>},
        {id("settings"), tr("Settings"), id("settings"), key("Ctrl+,"), true, false,
         make<SettingsPage>},
    };
}

} // namespace scrit::ui::pages
