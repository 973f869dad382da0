// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/round_values.h"
#include "ui/widgets/chart_panel.h"

#include <QStackedWidget>

class QGridLayout;
class QLabel;
class QListWidget;
class QPushButton;

namespace scrit::ui::widgets {
class ChartView;
class FactList;
class FunnelChart;
class Segmented;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// The charts of the Rounds page, a few at a time. Shows values and tells what was chosen in them.
// UI thread.
class ChartTabs final : public QStackedWidget {
    Q_OBJECT
public:
    enum Tab { Scores, Validation, Data, Training, TabCount };
    explicit ChartTabs(QWidget* parent = nullptr);

    // What is drawn: the series that is looked at and one of its rounds among all series.
    struct Shown {
        models::SeriesInfos all;
        QString series;
        models::SeriesDetail detail;
        qint64 round = 0;
        QString set; // frozen set; empty: the first one
    };
    void setShown(const Shown& shown);
    void showTab(Tab tab);
    [[nodiscard]] Tab tab() const { return static_cast<Tab>(currentIndex()); }
    // Which of the two protocols of error identification.
    [[nodiscard]] models::ScoreKind ei() const;
    // The button that says how many of the series are drawn, and its list of them.
    [[nodiscard]] QPushButton& choose() const { return *m_choose; }
    [[nodiscard]] QListWidget& choice() const { return *m_choice; }
    // By object name: ccByRound, eiByRound, ccByDataset, eiByDataset, validation, firstError,
    // funnel, composition, scaling, loss.
    [[nodiscard]] widgets::ChartPanel* panel(const QString& name) const;
    // The chart that has the focus, else the first one in sight.
    [[nodiscard]] widgets::ChartPanel* chosenPanel() const;
    void focusChart();

Q_SIGNALS:
    void queryChosen(const scrit::ui::models::ListQuery& query);
    void writeWanted(scrit::ui::widgets::ChartPanel* panel, scrit::ui::widgets::ChartFile format);
    void eiChanged();

private:
    QWidget* buildScores();
    void buildChoice(QWidget* page);
    void fillChoice();
    QWidget* buildValidation();
    QWidget* buildData();
    QWidget* buildTraining();
    widgets::ChartPanel* addChart(const char* name, QWidget* parent);
    widgets::ChartPanel* addPanel(const char* name, QWidget* chart,
                                  widgets::ChartPanel::Table table, QWidget* parent);
    void setChart(const char* name, const models::ChartValue& value);
    void fill(); // the tab in sight
    void fillScores();
    void fillValidation();
    void fillData();
    void fillTraining();

    Shown m_shown;
    QVector<widgets::ChartPanel*> m_panels;
    widgets::Segmented* m_ei = nullptr;
    widgets::Segmented* m_which = nullptr;
    QPushButton* m_choose = nullptr;
    QListWidget* m_choice = nullptr;
    QStringList m_wanted; // series that people chose; empty: the newest
    QGridLayout* m_scores = nullptr;
    widgets::FunnelChart* m_funnel = nullptr;
    QVector<std::optional<models::ListQuery>> m_funnelQueries;
    QLabel* m_funnelEmpty = nullptr;
    QLabel* m_changes = nullptr;
    widgets::FactList* m_facts = nullptr;
    QLabel* m_error = nullptr;
};

} // namespace scrit::ui::pages
