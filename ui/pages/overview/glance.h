// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/words.h"
#include "ui/pages/overview/row_button.h"
#include "ui/pages/page.h"

#include <QVector>
#include <QWidget>

#include <functional>

class QLabel;
class QVBoxLayout;

namespace scrit::ui::widgets {
class ChartView;
}

namespace scrit::ui::pages {

// A line about something that goes on or has ended: a mark, its name, words at the right, and a bar
// where there is a share. It leads to what it is about.
class GlanceRow final : public RowButton {
    Q_OBJECT
public:
    explicit GlanceRow(QWidget* parent = nullptr);
    // A negative share: no bar.
    void setContent(models::Mark mark, const QString& name, const QString& words, double share,
                    const QString& toolTip);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    models::Mark m_mark = models::Mark::None;
    QString m_words;
    double m_share = -1;
};

// What is under way in the workspace, below the figures of Overview: the latest series with a small
// chart, the latest runs, queues of reviewers, models and exports; each line leads to
// what it is about. Made once the figures stand;
// each part says what to do where there is nothing. UI thread.
class Glance final : public QWidget {
    Q_OBJECT
public:
    explicit Glance(PageContext& context, QWidget* parent);
    // Asks for what nobody else asks for.
    void refresh();
    // A line each.
    [[nodiscard]] QString text() const;
    [[nodiscard]] widgets::ChartView& chart() const { return *m_chart; }
    [[nodiscard]] QVector<GlanceRow*> rows() const;

private:
    // A heading with lines below it.
    struct Part {
        QVBoxLayout* lines = nullptr;
        QLabel* nothing = nullptr;
        QVector<GlanceRow*> rows;
        QStringList items; // that the rows lead to
        QString page;
    };
    struct Line {
        models::Mark mark = models::Mark::None;
        QString name;
        QString words;
        double share = -1;
        QString toolTip;
        QString item; // see Page::showItem()
    };
    void addPart(Part& part, QVBoxLayout* column, const QString& title, const QString& page,
                 const QString& nothing);
    // Nothing is only said to be there once it is `known`.
    void fill(Part& part, const QVector<Line>& lines, bool known);
    void fillRounds();
    void fillRuns();
    void fillQueues();
    void fillModels();
    void fillExports();

    PageContext& m_context;
    widgets::ChartView* m_chart;
    Part m_rounds;
    Part m_runs;
    Part m_queues;
    Part m_models;
    Part m_exports;
};

} // namespace scrit::ui::pages
