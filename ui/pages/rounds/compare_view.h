// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/critique_comparison.h"
#include "ui/models/round_values.h"
#include "ui/pages/page.h"

#include <QWidget>

#include <array>

class QComboBox;
class QLabel;
class QPushButton;
class QSplitter;

namespace scrit::ui::models {
class ItemChangeModel;
}
namespace scrit::ui::widgets {
class PlainTable;
class ReadingColumn;
class Segmented;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

// Two rounds on the same items: what was fixed, what was broken, what stayed; and of each item the
// problem, the candidate and both critiques beside one another, with the words that differ. Asks
// the service only while it is on screen. UI thread.
class CompareView final : public QWidget {
    Q_OBJECT
public:
    explicit CompareView(PageContext& context, QWidget* parent);
    // Offers the rounds that are evaluated, those of `series` first, and keeps what was chosen.
    void setSeries(const models::SeriesInfos& all, const QString& series, const QString& set);
    // Compares anew what is chosen.
    void refresh();
    void focusFirst();
    void saveState() const;

    using Kind = models::ItemChange::Kind;
    static constexpr std::array<Kind, 4> kKinds{Kind::Fixed, Kind::Broken, Kind::StillRight,
                                                Kind::StillWrong};
    enum Column { Problem, Candidate, Before, After, ColumnCount };
    [[nodiscard]] QComboBox& before() const { return *m_before; }
    [[nodiscard]] QComboBox& after() const { return *m_after; }
    [[nodiscard]] widgets::Segmented& scores() const { return *m_score; }
    [[nodiscard]] widgets::Segmented& kinds() const { return *m_kinds; }
    [[nodiscard]] widgets::PlainTable& items() const { return *m_table; }
    [[nodiscard]] models::ItemChangeModel& model() const { return *m_model; }
    [[nodiscard]] widgets::ReadingColumn& column(Column column) const { return *m_columns[column]; }
    [[nodiscard]] int count(Kind kind) const; // of the chosen figure
    [[nodiscard]] QString summary() const;
    // The item that is read; null: none.
    [[nodiscard]] const models::ItemChange* item() const;
    void showItemInTraces();
    void showListInTraces();

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildBar();
    QWidget* buildReading();
    struct Offer {
        QString name; // of a round
        qint64 evaluation = 0;
        bool own = false; // of the series that is looked at
    };
    [[nodiscard]] static QVector<Offer> offersOf(const models::SeriesInfos& all,
                                                 const QString& series, const QString& set);
    static void offer(QComboBox& box, const QVector<Offer>& offers);
    void showComparison(const models::RoundComparison& comparison);
    void fillSummary();
    void fillList();
    void showItem(int row);
    void showPair(const models::CritiqueComparisonPtr& pair);
    void clearReading();
    void selectStep(Column from, int index);
    [[nodiscard]] models::ScoreKind score() const;

    PageContext& m_context;
    QComboBox* m_before;
    QComboBox* m_after;
    widgets::Segmented* m_score;
    widgets::Segmented* m_kinds;
    QLabel* m_summary;
    QLabel* m_warning;
    QPushButton* m_all;
    widgets::PlainTable* m_table;
    models::ItemChangeModel* m_model;
    QSplitter* m_splitter = nullptr;
    std::array<widgets::ReadingColumn*, ColumnCount> m_columns{};
    models::RoundComparison m_comparison;
    QString m_seriesName;
    quint64 m_token = 0;
    quint64 m_pairToken = 0;
    bool m_stale = true;
};

} // namespace scrit::ui::pages
