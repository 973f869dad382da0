// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/welcome/welcome_page.h"

#include "ui/widgets/command_registry.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace scrit::ui::pages {

namespace {

using namespace widgets;

// A row of two lines that is a button: title and what it means, the key at the right.
QPushButton* choice(const QString& title, const QString& note, const QString& keys,
                    const QString& iconName, QWidget* parent) {
    auto* button = new QPushButton(parent);
    button->setProperty("flat", true);
    button->setProperty("tall", true);
    button->setAccessibleName(title);
    button->setAccessibleDescription(note);
    auto* row = new QHBoxLayout(button);
    row->setContentsMargins(space::kOne, 0, space::kOne, 0);
    row->setSpacing(space::kTwo);
    auto* symbol = new QLabel(button);
    symbol->setPixmap(icon(iconName).pixmap(20, 20));
    auto* texts = new QVBoxLayout;
    texts->setSpacing(0);
    texts->addStretch();
    texts->addWidget(plainLabel(title, button));
    texts->addWidget(mutedLabel(note, button));
    texts->addStretch();
    row->addWidget(symbol);
    row->addLayout(texts, 1);
    row->addWidget(mutedLabel(keys, button));
    for (QLabel* label : button->findChildren<QLabel*>()) {
        label->setAttribute(Qt::WA_TransparentForMouseEvents);
    }
    return button;
}

} // namespace

WelcomePage::WelcomePage(QAction* create, QAction* open, QAction* sample, QWidget* parent)
    : QWidget(parent), m_recentBox(new QWidget(this)) {
    auto* outer = new QHBoxLayout(this);
    outer->addStretch();
    auto* column = new QVBoxLayout;
    column->setSpacing(space::kHalf);
    outer->addLayout(column);
    outer->addStretch();
    column->addStretch(2);
    QLabel* title = plainLabel(QStringLiteral("Scrit Studio"), this);
    title->setFont(Theme::current().headingFont(2.0));
    QLabel* line =
        plainLabel(tr("Read, check and curate critiques of mathematical solutions."), this);
    line->setProperty("muted", true);
    column->addWidget(title);
    column->addWidget(line);
    column->addSpacing(space::kThree);
    struct Entry {
        QAction* action;
        QString note;
        QString icon;
    };
    for (const Entry& entry :
         {Entry{sample, tr("Problems, candidates and critiques to look around in"),
                QStringLiteral("traces")},
          Entry{open, tr("A .scrit file made here or by the scrit command"),
                QStringLiteral("folder-open")},
          Entry{create, tr("An empty file to import into"), QStringLiteral("plus")}}) {
        QPushButton* button = choice(entry.action->text(), entry.note,
                                     CommandRegistry::keyText(entry.action), entry.icon, this);
        button->setMinimumWidth(520);
        connect(button, &QPushButton::clicked, entry.action, &QAction::trigger);
        column->addWidget(button);
        if (focusProxy() == nullptr) {
            setFocusProxy(button);
        }
    }
    column->addSpacing(space::kTwo);
    auto* recentLayout = new QVBoxLayout(m_recentBox);
    recentLayout->setContentsMargins(0, 0, 0, 0);
    recentLayout->setSpacing(0);
    recentLayout->addWidget(mutedLabel(tr("Recent"), m_recentBox));
    m_recent = new QVBoxLayout;
    m_recent->setSpacing(0);
    recentLayout->addLayout(m_recent);
    column->addWidget(m_recentBox);
    column->addSpacing(space::kTwo);
    QLabel* drop = mutedLabel(
        tr("Or drop files anywhere on this window: a .scrit opens, JSON Lines, JSON and CSV are "
           "imported. Ctrl+K finds every command."),
        this);
    drop->setWordWrap(true);
    column->addWidget(drop);
    column->addStretch(3);
    m_recentBox->hide();
}

void WelcomePage::setRecent(const QStringList& paths) {
    while (QLayoutItem* item = m_recent->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    constexpr qsizetype kMostShown = 6;
    for (const QString& path : paths.mid(0, kMostShown)) {
        const QFileInfo file(path);
        QString folder = file.absolutePath();
        if (folder.startsWith(QDir::homePath())) {
            folder.replace(0, QDir::homePath().size(), QStringLiteral("~"));
        }
        auto* button = new QPushButton(this);
        button->setProperty("flat", true);
        button->setAccessibleName(path);
        button->setToolTip(path.toHtmlEscaped());
        auto* row = new QHBoxLayout(button);
        row->setContentsMargins(space::kOne, 0, space::kOne, 0);
        row->addWidget(plainLabel(file.completeBaseName(), button));
        row->addWidget(mutedLabel(folder, button), 1);
        for (QLabel* label : button->findChildren<QLabel*>()) {
            label->setAttribute(Qt::WA_TransparentForMouseEvents);
        }
        connect(button, &QPushButton::clicked, this, [this, path] { Q_EMIT recentChosen(path); });
        m_recent->addWidget(button);
    }
    m_recentBox->setVisible(!paths.isEmpty());
}

} // namespace scrit::ui::pages
