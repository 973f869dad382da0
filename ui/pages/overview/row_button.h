// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>

class QPainter;

namespace scrit::ui::pages {

// A line of Overview that leads somewhere: by a click, by Space, by Enter. It shows where the mouse
// and the focus are; what is on it is painted by the classes derived from it. UI thread.
class RowButton : public QAbstractButton {
    Q_OBJECT
public:
    explicit RowButton(QWidget* parent);

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    // The frame of a row that the mouse or the focus is on.
    void paintFrame(QPainter& painter) const;
    // A track with its filled share, 0 to 1.
    static void paintShare(QPainter& painter, const QRectF& track, double share);
};

} // namespace scrit::ui::pages
