// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/chart_value.h"

#include <QtCharts/QChartView>

class QAbstractAxis;
class QAbstractSeries;
class QValueAxis;

namespace scrit::ui::widgets {

// A chart of lines, bars or stacked bars in the theme's colours: Qt Charts draws axes, grid, lines
// and bars; intervals, marks in shapes of their own and the legend are painted over it. The arrow
// keys go from mark to mark, Home and End to the first and the last one of a series; a click or
// Enter emits pointChosen(). UI thread.
class ChartView final : public QChartView {
    Q_OBJECT
public:
    explicit ChartView(QWidget* parent = nullptr);
    // Keeps the mark that the keyboard is at.
    void setValue(const models::ChartValue& value);
    [[nodiscard]] const models::ChartValue& value() const { return m_value; }
    // What the keyboard is at; −1: nothing yet.
    [[nodiscard]] int currentSeries() const { return m_series; }
    [[nodiscard]] int currentPoint() const { return m_point; }
    // Where a mark is, in this widget; null for one that is not there.
    [[nodiscard]] QPointF markPosition(int series, int point) const;
    // The chart without focus and pointer, in the size of this widget, at the painter's origin.
    void paintPicture(QPainter& painter);
    [[nodiscard]] QSize sizeHint() const override { return {420, 260}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {240, 150}; }
    // The words on the axis of categories, as they fit.
    [[nodiscard]] QStringList axisLabels() const;

Q_SIGNALS:
    void pointChosen(const scrit::ui::models::ListQuery& query);
    // The words of the mark that the pointer or the keyboard is at; empty: none.
    void pointNoted(const QString& text);

protected:
    void drawForeground(QPainter* painter, const QRectF& rect) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override; // the page scrolls, not the chart
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool viewportEvent(QEvent* event) override;

private:
    // A mark as it stands on screen.
    struct Mark {
        int series = -1;
        int point = -1;
        QPointF at;
        QPointF low;
        QPointF high;
        QRectF bar; // of bars
    };
    struct LegendEntry {
        int series = 0;
        QRectF box;
    };
    void rebuild();
    void applyTheme();
    void addLines();
    void addBars();
    void addAxes(double left, double right, double bottom, double top);
    [[nodiscard]] QAbstractAxis* makeXAxis(double left, double right) const;
    [[nodiscard]] QValueAxis* makeYAxis(double bottom, double top) const;
    // How the names of categories fit below the axis.
    enum class Names { Whole, Shortened, Turned };
    [[nodiscard]] Names categoryNames() const;
    [[nodiscard]] QStringList shownCategories() const;
    [[nodiscard]] bool isWhole() const; // every x
    [[nodiscard]] QString xTitle() const;
    void dressAxis(QAbstractAxis& axis, const QString& title) const;
    void setMargins();
    [[nodiscard]] double xOf(int series, const models::ChartPoint& point) const; // on the axis
    [[nodiscard]] int ticks() const;     // of y, as there is room
    [[nodiscard]] double factor() const; // of y on the axis
    [[nodiscard]] Mark markOf(int series, int point) const;
    [[nodiscard]] Mark barOf(int series, int point) const;
    [[nodiscard]] Mark markAt(const QPointF& position) const; // series −1: none
    [[nodiscard]] bool isMark(int series, int point) const;
    [[nodiscard]] QVector<LegendEntry> legendEntries() const;
    void moveSeries(int direction);
    void movePoint(int direction);
    void setCurrent(int series, int point);
    void choose(int series, int point);
    void note();
    void paintMarks(QPainter& painter) const;
    void paintLegend(QPainter& painter) const;
    void paintLevel(QPainter& painter) const;
    void paintMark(QPainter& painter, const QPointF& at, int series, bool chosen) const;

    models::ChartValue m_value;
    QVector<QAbstractSeries*> m_drawn; // lines: one of each series; bars: one for all
    int m_series = -1;                 // the keyboard's
    int m_point = -1;
    int m_hoveredSeries = -1;
    int m_hoveredPoint = -1;
    int m_ticks = 0;              // that the axis was made for
    Names m_names = Names::Whole; // the same
    bool m_picture = false;
};

} // namespace scrit::ui::widgets
