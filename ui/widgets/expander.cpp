// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/expander.h"

#include "ui/render/rich_text.h"
#include "ui/widgets/theme.h"

#include <QScrollArea>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <utility>

namespace scrit::ui::widgets {

Expander::Expander(const QString& title, Kind kind, render::MathTypesetter* typesetter,
                   QWidget* parent)
    : QWidget(parent), m_head(new QToolButton(this)), m_typesetter(typesetter), m_kind(kind) {
    m_head->setText(title);
    m_head->setAccessibleName(title);
    m_head->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_head->setArrowType(Qt::RightArrow);
    m_head->setAutoRaise(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(space::kHalf);
    layout->addWidget(m_head, 0, Qt::AlignLeft);
    connect(m_head, &QToolButton::clicked, this, [this] {
        setOpen(!m_open);
        if (m_open) {
            QTimer::singleShot(0, this, [this] { scrollIntoSight(); }); // once it has its height
        }
    });
}

// As much of the text as there is room for, but never without its title.
void Expander::scrollIntoSight() {
    for (QWidget* widget = parentWidget(); widget != nullptr; widget = widget->parentWidget()) {
        if (auto* area = qobject_cast<QScrollArea*>(widget)) {
            area->ensureWidgetVisible(this, 0, space::kOne);
            area->ensureWidgetVisible(m_head, 0, space::kOne);
            return;
        }
    }
}

void Expander::setText(std::string utf8) {
    if (utf8 == m_text) {
        return;
    }
    m_text = std::move(utf8);
    m_stale = true;
    if (m_open) {
        (void)view();
    }
}

render::RichTextView& Expander::view() {
    if (m_view == nullptr) {
        m_view = new render::RichTextView(m_typesetter, this);
        m_view->setMargin(space::kOne);
        m_view->setAccessibleName(m_head->text());
        m_view->setVisible(m_open);
        layout()->addWidget(m_view);
        restyle();
    }
    if (m_stale) {
        m_stale = false;
        if (m_kind == Kind::Markdown) {
            m_view->setMarkdown(m_text);
        } else {
            m_view->setPlainText(m_text);
        }
        m_view->setHighlights({});
    }
    return *m_view;
}

void Expander::setOpen(bool open) {
    if (m_open == open) {
        return;
    }
    m_open = open;
    m_head->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
    view().setVisible(open);
}

void Expander::restyle() {
    if (m_view != nullptr) {
        m_view->setStyle(Theme::current().readingStyle());
    }
}

} // namespace scrit::ui::widgets
