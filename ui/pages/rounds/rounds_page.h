// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/round_values.h"
#include "ui/pages/page.h"
#include "ui/pages/rounds/chart_tabs.h"

class QComboBox;
class QLabel;
class QStackedWidget;

namespace scrit::ui::models {
class RoundTableModel;
}
namespace scrit::ui::widgets {
class EmptyState;
class MessageBar;
class PlainTable;
class Segmented;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

class CompareView;
class EvolveForm;
class EvolveStrip;

// Rounds: a series of self-training, its rounds in a table, and below it charts, or two rounds side
// by side, or the form of a new evolution. What is drawn is made when the page is first shown, and
// nothing is read before. UI thread.
class RoundsPage final : public Page {
    Q_OBJECT
public:
    explicit RoundsPage(PageContext& context, QWidget* parent);
    void workspaceOpened() override;
    void activated() override;
    void saveState() override;
    void showItem(const QString& item) override;
    [[nodiscard]] QVector<KeyHint> keyHints() const override;

    // What is below the header.
    enum Shown { Empty, Charts, Compare, Form };
    [[nodiscard]] Shown shown() const;
    enum Tab { ScoresTab, ValidationTab, DataTab, TrainingTab, CompareTab };
    void showTab(Tab tab);
    void showForm();
    // Only after the page was shown.
    [[nodiscard]] QComboBox& seriesBox() const { return *m_seriesBox; }
    [[nodiscard]] widgets::PlainTable& table() const { return *m_table; }
    [[nodiscard]] ChartTabs& charts() const { return *m_charts; }
    [[nodiscard]] CompareView& compare() const { return *m_compare; }
    [[nodiscard]] EvolveForm& form() const { return *m_form; }
    [[nodiscard]] EvolveStrip& strip() const { return *m_strip; }
    [[nodiscard]] widgets::MessageBar& message() const { return *m_message; }
    // Writes a chart of the page to a file; the name decides: .svg, .png, .csv.
    void writeChart(widgets::ChartPanel& panel, const QString& path);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QAction* addAction(const char* id, const QString& text, const char* key,
                       void (RoundsPage::*run)());
    void addActions();
    void build();
    QWidget* buildHeader();
    QWidget* buildCharts();
    void connectServices();
    void seriesChanged();
    void fill();
    void chooseSeries(const QString& name);
    void chooseRound(int row);
    void leaveForm();
    void startEvolution();
    void stopEvolution();
    void resumeEvolution();
    void showRoundTraces();
    void askWrite(widgets::ChartPanel& panel, widgets::ChartFile format);
    void writeSvg();
    void writePng();
    void writeCsv();
    void writeChosen(widgets::ChartFile format);
    void updateActions();
    void updateState();
    [[nodiscard]] QString set() const;
    [[nodiscard]] const models::SeriesInfo* series() const;

    bool m_built = false;
    QString m_wanted; // series to show once it is known
    qint64 m_round = 0;
    QAction* m_new = nullptr;
    QAction* m_start = nullptr;
    QAction* m_stop = nullptr;
    QAction* m_resume = nullptr;
    QAction* m_traces = nullptr;
    QVector<QAction*> m_writes;
    widgets::Segmented* m_tabs = nullptr;
    QComboBox* m_seriesBox = nullptr;
    QComboBox* m_setBox = nullptr;
    QLabel* m_state = nullptr;
    widgets::MessageBar* m_message = nullptr;
    EvolveStrip* m_strip = nullptr;
    QStackedWidget* m_stack = nullptr;
    widgets::EmptyState* m_empty = nullptr;
    QWidget* m_chartsPage = nullptr;
    models::RoundTableModel* m_model = nullptr;
    widgets::PlainTable* m_table = nullptr;
    ChartTabs* m_charts = nullptr;
    CompareView* m_compare = nullptr;
    EvolveForm* m_form = nullptr;
};

} // namespace scrit::ui::pages
