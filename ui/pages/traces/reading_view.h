// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/critique_comparison.h"
#include "ui/widgets/reading_column.h"

#include <QSettings>
#include <QWidget>

#include <array>

class QSplitter;

namespace scrit::ui::widgets {
class OutcomeStrip;
class RecordHeader;
} // namespace scrit::ui::widgets

namespace scrit::ui::pages {

class RecordFinder;

// The reading screen: problem | reference | candidate | critique side by side, the outcome below.
// Where it is narrow, problem and reference stand above one another, so that the two texts that are
// compared keep a readable width. Selecting a step in the candidate or in the critique brings its
// partner beside it and marks what the step critique quotes of the reference. Panes that have
// nothing to show of a record leave their room to the others. UI thread.
class ReadingView final : public QWidget {
    Q_OBJECT
public:
    enum Column { Problem, Reference, Candidate, Critique, ColumnCount };
    static constexpr int kWideFrom = 1500; // pixels from which four columns fit beside one another

    explicit ReadingView(render::MathTypesetter* typesetter, QWidget* parent = nullptr);

    // `row` of `rows`, 0-based; -1 when the record is not in the list.
    void setRecord(const models::TraceRecordPtr& record, int row, int rows);
    void clear();
    [[nodiscard]] const models::TraceRecordPtr& record() const { return m_record; }
    [[nodiscard]] widgets::ReadingColumn& column(Column column) const;
    [[nodiscard]] widgets::OutcomeStrip& outcome() const { return *m_outcome; }
    [[nodiscard]] widgets::RecordHeader& header() const { return *m_header; }

    // Selects a step of the candidate (0-based) with its critique; -1 selects nothing. `from` keeps
    // its place, the other column moves.
    void selectStep(int step, Column from);
    [[nodiscard]] int selectedStep() const { return m_step; }
    void moveStep(int direction);
    void selectFirstError();
    // Scrolls the column with the focus, or the critique, by a page.
    void page(int direction);
    void focusColumn(Column at);
    // The text that is read first: the critique, else the candidate, else the problem.
    void focusText();
    // What takes the focus, in order: the panes that are open, the correction, the verdicts.
    [[nodiscard]] QList<QWidget*> parts() const;
    void setRaw(bool raw);
    [[nodiscard]] bool isRaw() const { return m_raw; }
    // Shows the critique beside another one of the same solution, part by part; null: alone again.
    // Ignored when it is not about the record on screen. A new record, and the raw text, leave it.
    void setComparison(const models::CritiqueComparisonPtr& comparison);
    [[nodiscard]] const models::CritiqueComparisonPtr& comparison() const { return m_comparison; }
    [[nodiscard]] RecordFinder& finder() const { return *m_finder; }
    // Source text of a column; Critique gives the whole raw critique.
    [[nodiscard]] std::string text(Column column) const;

    void saveState(QSettings& settings) const;
    void restoreState(const QSettings& settings);

Q_SIGNALS:
    void siblingChosen(qint64 critiqueId);
    void copied();
    // Other cards are on screen: another record, the raw text, a comparison.
    void contentChanged();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void arrange(bool wide);
    void fillCritique();
    void fillContext();
    void giveRoom(bool folded);
    void cardClicked(Column column, int index);
    void markQuotes(int step);
    [[nodiscard]] Column focusedColumn() const;

    models::TraceRecordPtr m_record;
    models::CritiqueComparisonPtr m_comparison;
    widgets::RecordHeader* m_header;
    QSplitter* m_vertical;
    QSplitter* m_columns;
    QSplitter* m_context; // problem and reference
    std::array<widgets::ReadingColumn*, ColumnCount> m_column{};
    widgets::OutcomeStrip* m_outcome;
    RecordFinder* m_finder;
    int m_row = -1;
    int m_rows = 0;
    int m_step = -1;
    int m_outcomeHeight = 176; // unfolded
    bool m_quoteShown = false; // the reference was scrolled to a passage
    bool m_raw = false;
    bool m_wide = false;
    bool m_arranged = false;
};

} // namespace scrit::ui::pages
