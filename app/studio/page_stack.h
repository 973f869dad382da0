// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/page.h"

#include <QStackedWidget>
#include <QStringList>
#include <QTimer>
#include <QVector>

namespace scrit::app {

// The pages of the window, one of them on screen. A page is made when it is first asked for,
// because making widgets is what starting Studio would spend most of its time on; it is then told
// of the workspace that is open. What happens while a page does not exist is kept by the services,
// and the page reads it there. UI thread.
class PageStack final : public QStackedWidget {
    Q_OBJECT
public:
    // `context` outlives the stack.
    PageStack(ui::pages::PageContext& context, QWidget* parent);

    // All places, made or not, in the order of the rail.
    [[nodiscard]] const QVector<ui::pages::PageSpec>& places() const { return m_places; }
    [[nodiscard]] QStringList ids() const;
    // In places(); −1: there is none of that id.
    [[nodiscard]] int placeOf(const QString& id) const;
    [[nodiscard]] bool isMade(const QString& id) const;
    // The page, made now if it was not; null: there is none of that id.
    ui::pages::Page* page(const QString& id);
    // Pages bring their commands along: who lists all commands asks for all pages. They are made
    // one in a turn of the event loop → pageMade() for each, and once where nothing is left to do.
    void makeAll();

    // A workspace was opened, or closed: the pages that are made are told now, others when they are
    // made.
    void tellOpened();
    void tellClosed();
    // Of the pages that are made; what the settings say of the others stays.
    void saveState();

Q_SIGNALS:
    // `all`: no page is left to be made.
    void pageMade(bool all);

private:
    void makeNext();
    // The pages that are made, in the order of the rail.
    [[nodiscard]] QVector<ui::pages::Page*> made() const;

    ui::pages::PageContext& m_context;
    QVector<ui::pages::PageSpec> m_places;
    QVector<ui::pages::Page*> m_pages; // one for each place; null: not made
    QTimer m_next;                     // until the next one is made
};

} // namespace scrit::app
