// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QVector>
#include <QWidget>

class QVBoxLayout;

namespace scrit::ui::widgets {

// One place on the rail: an icon above a word, a bar at its left when it is the current one.
class RailButton final : public QAbstractButton {
    Q_OBJECT
public:
    RailButton(const QString& text, const QString& iconName, QWidget* parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    QString m_iconName;
};

// The left rail: places from the top, settings at the bottom. Tab and arrow keys move between them.
class Rail final : public QWidget {
    Q_OBJECT
public:
    explicit Rail(QWidget* parent = nullptr);
    // Returns the index that placeChosen() reports.
    int addPlace(const QString& text, const QString& iconName, bool atBottom);
    void setCurrent(int index);
    void setPlaceEnabled(int index, bool enabled);
    void setPlaceToolTip(int index, const QString& text);

Q_SIGNALS:
    void placeChosen(int index);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QVBoxLayout* m_layout;
    int m_topCount = 0;
    QVector<RailButton*> m_buttons;
};

} // namespace scrit::ui::widgets
