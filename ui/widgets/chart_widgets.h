// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

// Charts of shares, drawn in the theme's colours. UI thread.
namespace scrit::ui::widgets {

// A share with its interval; unknown ones leave a gap that says so.
struct IntervalPoint {
    bool known = false;
    double value = 0; // 0 to 1, as are low and high
    double low = 0;
    double high = 1;
    friend bool operator==(const IntervalPoint&, const IntervalPoint&) = default;
};

struct IntervalRow {
    QString label;
    QString note; // at the right: "n = 120"
    QString toolTip;
    bool strong = false;           // all together
    QVector<IntervalPoint> points; // one of each series
    friend bool operator==(const IntervalRow&, const IntervalRow&) = default;
};

// Rows of shares on one axis from 0 to 100 %: a mark at the value, a line over the interval. Series
// differ in the shape of their mark and in their line, not in colour alone. A click on a row, or
// Enter on the one that the arrow keys chose, emits rowChosen().
class IntervalChart final : public QWidget {
    Q_OBJECT
public:
    explicit IntervalChart(const QString& accessibleName, QWidget* parent = nullptr);
    void setSeries(const QStringList& names);
    void setRows(const QVector<IntervalRow>& rows);
    // "label: series 93 % (88–97), …", a line each.
    [[nodiscard]] QString text() const;
    [[nodiscard]] QRect rowRect(int row) const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void rowChosen(int row);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Frame; // where things stand
    [[nodiscard]] Frame frame() const;
    [[nodiscard]] int rowHeight() const;
    [[nodiscard]] int rowAt(const QPoint& point) const;
    void paintAxis(QPainter& painter, const Frame& frame) const;
    void paintRow(QPainter& painter, const Frame& frame, int row) const;
    void paintLegend(QPainter& painter) const;

    QStringList m_series;
    QVector<IntervalRow> m_rows;
    int m_hovered = -1;
    int m_current = 0;
};

// What is left after each stage of a selection, below one another: a bar for what is left, hatched
// where the stage takes something away, and both as figures. A click, or an arrow key, emits
// stageChosen(); a click, or Enter, also stageActivated().
struct FunnelRow {
    QString title;
    QString toolTip;
    qint64 left = 0;
    qint64 dropped = 0;
    bool off = false;    // switched off: takes nothing away
    bool strong = false; // first and last
    friend bool operator==(const FunnelRow&, const FunnelRow&) = default;
};

class FunnelChart final : public QWidget {
    Q_OBJECT
public:
    explicit FunnelChart(const QString& accessibleName, QWidget* parent = nullptr);
    void setRows(const QVector<FunnelRow>& rows);
    [[nodiscard]] const QVector<FunnelRow>& rows() const { return m_rows; }
    // Greyed while new figures are on their way.
    void setStale(bool stale);
    void setCurrent(int row); // -1: none
    // "title: 1,155 (−23)", a line each.
    [[nodiscard]] QString text() const;
    [[nodiscard]] QRect rowRect(int row) const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void stageChosen(int row);
    void stageActivated(int row);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] int rowHeight() const;
    [[nodiscard]] int rowAt(const QPoint& point) const;
    void paintRow(QPainter& painter, int row) const;
    QVector<FunnelRow> m_rows;
    int m_hovered = -1;
    int m_current = -1;
    bool m_stale = false;
};

} // namespace scrit::ui::widgets
