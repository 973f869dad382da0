// SPDX-License-Identifier: GPL-3.0-or-later
// The commands of the Rounds page and their keys, and the charts that are written by them.
#include "ui/bridge/evolution_service.h"
#include "ui/bridge/round_service.h"
#include "ui/bridge/workspace_service.h"
#include "ui/pages/rounds/evolve_form.h"
#include "ui/pages/rounds/rounds_page.h"
#include "ui/widgets/command_registry.h"

#include <QAction>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>

#include <utility>

namespace scrit::ui::pages {

using bridge::EvolutionService;
using widgets::ChartFile;
using widgets::ChartPanel;
using widgets::CommandRegistry;

namespace {

QString suffixOf(ChartFile format) {
    return format == ChartFile::Svg   ? QStringLiteral("svg")
           : format == ChartFile::Png ? QStringLiteral("png")
                                      : QStringLiteral("csv");
}

QString fileNameOf(const QString& title) {
    QString name;
    for (const QChar c : title.toLower()) {
        name += c.isLetterOrNumber() ? c : QLatin1Char('-');
    }
    while (name.contains(QStringLiteral("--"))) {
        name.replace(QStringLiteral("--"), QStringLiteral("-"));
    }
    return name;
}

} // namespace

QAction* RoundsPage::addAction(const char* id, const QString& text, const char* key,
                               void (RoundsPage::*run)()) {
    QList<QKeySequence> keys;
    if (*key != '\0') {
        keys << QKeySequence(QLatin1String(key));
    }
    QAction* action = context().commands.add(
        {QStringLiteral("rounds.") + QLatin1String(id), tr("Rounds"), text, keys}, this,
        Qt::WidgetWithChildrenShortcut);
    connect(action, &QAction::triggered, this, run);
    return action;
}

void RoundsPage::addActions() {
    m_new = addAction("new", tr("New evolution"), "Ctrl+N", &RoundsPage::showForm);
    m_start = addAction("start", tr("Start"), "Ctrl+Return", &RoundsPage::startEvolution);
    m_stop = addAction("stop", tr("Stop"), "Ctrl+Shift+S", &RoundsPage::stopEvolution);
    m_resume = addAction("resume", tr("Resume"), "Ctrl+Shift+R", &RoundsPage::resumeEvolution);
    CommandRegistry::setTip(m_resume,
                            tr("Go on with this series; nothing that was finished is done again"));
    m_traces = addAction("traces", tr("Show the round's critiques"), "Ctrl+T",
                         &RoundsPage::showRoundTraces);
    m_writes << addAction("write-svg", tr("Write the chart as SVG…"), "Ctrl+Shift+G",
                          &RoundsPage::writeSvg)
             << addAction("write-png", tr("Write the chart as PNG…"), "", &RoundsPage::writePng)
             << addAction("write-csv", tr("Write the chart as a table (CSV)…"), "",
                          &RoundsPage::writeCsv);
    struct Place {
        const char* id;
        QString text;
        const char* key;
        Tab tab;
    };
    const QVector<Place> places{
        {"scores", tr("Show scores"), "Alt+1", ScoresTab},
        {"validation", tr("Show self-validation"), "Alt+2", ValidationTab},
        {"data", tr("Show training data"), "Alt+3", DataTab},
        {"training", tr("Show training"), "Alt+4", TrainingTab},
        {"compare", tr("Compare two rounds"), "Alt+5", CompareTab},
    };
    for (const Place& place : places) {
        QAction* action =
            context().commands.add({QStringLiteral("rounds.") + QLatin1String(place.id),
                                    tr("Rounds"),
                                    place.text,
                                    {QKeySequence(QLatin1String(place.key))}},
                                   this, Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, [this, tab = place.tab] {
            if (m_built) {
                showTab(tab);
            }
        });
    }
}

QVector<KeyHint> RoundsPage::keyHints() const {
    return {
        {{QStringLiteral("rounds.scores"), QStringLiteral("rounds.compare")}, tr("parts")},
        {{QStringLiteral("rounds.traces")}, tr("traces")},
        {{QStringLiteral("rounds.write-svg")}, tr("write chart")},
        {{QStringLiteral("rounds.new")}, tr("new evolution")},
    };
}

void RoundsPage::writeChart(ChartPanel& panel, const QString& path) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix == QLatin1String("csv")) {
        context().rounds.writeTable(path, panel.table());
    } else {
        context().rounds.writeFile(path,
                                   suffix == QLatin1String("png") ? panel.png() : panel.svg());
    }
}

void RoundsPage::askWrite(ChartPanel& panel, ChartFile format) {
    const QString suffix = suffixOf(format);
    const QString suggested = QFileInfo(context().service.info().path)
                                  .dir()
                                  .filePath(fileNameOf(panel.title()) + QLatin1Char('.') + suffix);
    QString path = QFileDialog::getSaveFileName(this, tr("Write the chart"), suggested,
                                                QStringLiteral("*.") + suffix);
    if (path.isEmpty()) {
        return;
    }
    if (QFileInfo(path).suffix().toLower() != suffix) {
        path += QLatin1Char('.') + suffix;
    }
    writeChart(panel, path);
}

void RoundsPage::writeChosen(ChartFile format) {
    if (m_built && shown() == Charts) {
        if (ChartPanel* panel = m_charts->chosenPanel()) {
            askWrite(*panel, format);
        }
    }
}

void RoundsPage::writeSvg() {
    writeChosen(ChartFile::Svg);
}

void RoundsPage::writePng() {
    writeChosen(ChartFile::Png);
}

void RoundsPage::writeCsv() {
    writeChosen(ChartFile::Csv);
}

void RoundsPage::updateActions() {
    const bool writable = context().service.isOpen() && !context().service.info().readOnly;
    const EvolutionService& evolution = context().evolution;
    const models::SeriesInfo* here = m_built ? series() : nullptr;
    const bool charts = shown() == Charts;
    m_new->setEnabled(writable && !evolution.isActive());
    m_stop->setEnabled(evolution.isActive());
    m_resume->setVisible(here != nullptr && here->isOpen() && !evolution.isActive());
    m_resume->setEnabled(writable && m_resume->isVisible());
    m_traces->setEnabled(here != nullptr);
    for (QAction* action : std::as_const(m_writes)) {
        action->setEnabled(charts);
    }
    m_start->setEnabled(writable && shown() == Form && !evolution.isActive() && m_form->canStart());
}

} // namespace scrit::ui::pages
