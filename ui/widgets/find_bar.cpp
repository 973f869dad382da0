// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/find_bar.h"

#include "ui/models/words.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

namespace scrit::ui::widgets {

FindBar::FindBar(QWidget* parent)
    : QFrame(parent), m_row(new QHBoxLayout(this)), m_edit(new QLineEdit(this)),
      m_count(mutedLabel({}, this)) {
    setObjectName(QStringLiteral("strip"));
    setAttribute(Qt::WA_StyledBackground);
    setAccessibleName(tr("Find"));
    m_row->setContentsMargins(space::kOne, space::kHalf, space::kOne, space::kHalf);
    m_row->setSpacing(space::kHalf);
    m_edit->setPlaceholderText(tr("Find in this record"));
    m_edit->setAccessibleName(tr("Find in this record"));
    m_edit->setClearButtonEnabled(true);
    m_edit->setMinimumWidth(200);
    m_edit->setMaximumWidth(360);
    m_edit->installEventFilter(this);
    m_row->addWidget(m_edit, 1);
    m_row->addSpacing(space::kHalf);
    m_row->addWidget(m_count);
    m_buttonsAt = m_row->count();
    m_row->addStretch(1);
    auto* close = new QToolButton(this);
    close->setIcon(icon(QStringLiteral("close")));
    close->setToolTip(tr("Close  (Esc)"));
    close->setAccessibleName(tr("Close"));
    m_row->addWidget(close);
    connect(close, &QToolButton::clicked, this, &FindBar::closeWanted);
    connect(m_edit, &QLineEdit::textChanged, this, &FindBar::wordsChanged);
    hide();
}

void FindBar::addButtons(const QList<QAction*>& actions) {
    for (QAction* action : actions) {
        m_row->insertWidget(m_buttonsAt++, actionButton(action, this));
    }
}

void FindBar::open() {
    show();
    m_edit->setFocus();
    m_edit->selectAll();
}

QString FindBar::words() const {
    return m_edit->text();
}

void FindBar::setCount(int current, int count, bool incomplete) {
    QString text;
    if (!m_edit->text().isEmpty()) {
        text = count == 0 ? tr("nothing found")
                          : tr("%1 of %2").arg(models::grouped(current), models::grouped(count));
        text += incomplete && count > 0 ? QStringLiteral("+") : QString();
    }
    m_count->setText(text);
    m_count->setToolTip(incomplete ? tr("There is more text than is shown: press “Show all” to "
                                        "search it as well")
                                   : QString());
    QPalette palette = m_count->palette();
    palette.setColor(QPalette::WindowText,
                     count == 0 && !text.isEmpty() ? tokens().no : tokens().muted);
    m_count->setPalette(palette);
}

QString FindBar::countText() const {
    return m_count->text();
}

bool FindBar::eventFilter(QObject* watched, QEvent* event) {
    if (watched != m_edit ||
        (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride)) {
        return QFrame::eventFilter(watched, event);
    }
    const auto* press = static_cast<QKeyEvent*>(event);
    const bool enter = press->key() == Qt::Key_Return || press->key() == Qt::Key_Enter;
    if (press->key() != Qt::Key_Escape && !enter) {
        return QFrame::eventFilter(watched, event);
    }
    if (event->type() == QEvent::ShortcutOverride) {
        event->accept(); // these keys are commands outside the bar
        return true;
    }
    if (enter) {
        Q_EMIT matchWanted(press->modifiers().testFlag(Qt::ShiftModifier) ? -1 : 1);
    } else {
        Q_EMIT closeWanted();
    }
    return true;
}

} // namespace scrit::ui::widgets
