// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/chart_value.h"

#include <QByteArray>
#include <QFrame>
#include <QVector>

#include <functional>

class QLabel;
class QMenu;
class QToolButton;

namespace scrit::ui::widgets {

class ElidedLabel;

enum class ChartFile { Svg, Png, Csv };

// A chart in a box: its title, what the pointer or the keyboard is at, and a menu (also by the
// right button) that writes it as a picture or as a table. Pictures look as on screen, with the
// title, without focus and pointer. Owns the chart. UI thread.
class ChartPanel final : public QFrame {
    Q_OBJECT
public:
    using Table = std::function<QVector<QStringList>()>;
    // `chart` is a ChartView, or any widget that paints itself.
    ChartPanel(QWidget* chart, Table table, QWidget* parent = nullptr);
    void setTitle(const QString& title, const QString& explanation);
    [[nodiscard]] const QString& title() const { return m_titleText; }
    void setNote(const QString& note);
    [[nodiscard]] QWidget& chart() const { return *m_chart; }
    [[nodiscard]] QMenu& menu() const { return *m_menu; }
    [[nodiscard]] bool hasFocusInside() const;
    void focusChart();

    [[nodiscard]] QByteArray svg();
    [[nodiscard]] QByteArray png(); // at twice the size on screen
    [[nodiscard]] QVector<QStringList> table() const { return m_table(); }

Q_SIGNALS:
    void writeWanted(scrit::ui::widgets::ChartFile format);

protected:
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    [[nodiscard]] QSize pictureSize() const;
    [[nodiscard]] int headHeight() const;
    void paintPicture(QPainter& painter);

    QWidget* m_chart;
    Table m_table;
    QString m_titleText;
    ElidedLabel* m_title;
    QToolButton* m_button;
    ElidedLabel* m_note;
    QMenu* m_menu;
};

} // namespace scrit::ui::widgets
