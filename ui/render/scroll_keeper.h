// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>

class QScrollArea;
class QWidget;

namespace scrit::ui::render {

class RichTextView;

// Keeps the line at the top of a scroll area where it is while texts above it change their height.
// One per scroll area, its child, made when first needed. UI thread.
class ScrollKeeper : public QObject {
    Q_OBJECT
public:
    // The keeper of the scroll area around `view`; null when there is none.
    static ScrollKeeper* around(const QWidget* view);
    // Call before a change. From then on the place is kept while the layout settles (which takes Qt
    // several steps) and more changes follow, until some time after the last one or until the
    // reader scrolls.
    void hold();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    explicit ScrollKeeper(QScrollArea* area);
    void restore();
    void release();
    [[nodiscard]] qreal offset() const;

    QScrollArea* m_area;
    QPointer<RichTextView> m_view; // the topmost one in sight
    int m_position = 0;            // in its document
    qreal m_offset = 0;            // of that position from the top of the viewport
    bool m_holding = false;
    bool m_restoring = false;
    QTimer m_release;
};

} // namespace scrit::ui::render
