// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/page_stack.h"

#include "ui/bridge/workspace_service.h"
#include "ui/widgets/command_registry.h"

namespace scrit::app {

using namespace ui;

PageStack::PageStack(pages::PageContext& context, QWidget* parent)
    : QStackedWidget(parent), m_context(context), m_places(pages::pageTable()),
      m_pages(m_places.size()) {
    m_next.setSingleShot(true);
    m_next.setInterval(0);
    connect(&m_next, &QTimer::timeout, this, &PageStack::makeNext);
}

QStringList PageStack::ids() const {
    QStringList ids;
    for (const pages::PageSpec& place : m_places) {
        ids << place.id;
    }
    return ids;
}

int PageStack::placeOf(const QString& id) const {
    return static_cast<int>(ids().indexOf(id));
}

bool PageStack::isMade(const QString& id) const {
    return m_pages.value(placeOf(id)) != nullptr;
}

pages::Page* PageStack::page(const QString& id) {
    const int place = placeOf(id);
    if (place < 0 || m_pages[place] != nullptr) {
        return m_pages.value(place);
    }
    // Its commands stand where they would if all pages had been made in the order of the rail.
    m_context.commands.setPlace(place);
    pages::Page* page = m_places[place].make(m_context, this);
    m_pages[place] = page;
    addWidget(page);
    if (m_context.service.isOpen()) {
        page->workspaceOpened();
    }
    return page;
}

void PageStack::makeAll() {
    m_next.start();
}

void PageStack::makeNext() {
    const qsizetype next = m_pages.indexOf(nullptr);
    if (next >= 0) {
        page(m_places[next].id);
    }
    const bool all = !m_pages.contains(nullptr);
    if (!all) {
        m_next.start();
    }
    Q_EMIT pageMade(all);
}

QVector<pages::Page*> PageStack::made() const {
    QVector<pages::Page*> made = m_pages;
    made.removeAll(nullptr);
    return made;
}

void PageStack::tellOpened() {
    for (pages::Page* one : made()) {
        one->workspaceOpened();
    }
}

void PageStack::tellClosed() {
    for (pages::Page* one : made()) {
        one->workspaceClosed();
    }
}

void PageStack::saveState() {
    for (pages::Page* one : made()) {
        one->saveState();
    }
}

} // namespace scrit::app
