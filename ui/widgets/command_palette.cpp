// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/command_palette.h"

#include "ui/widgets/theme.h"

#include <QApplication>
#include <QGraphicsDropShadowEffect>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QPointer>
#include <QStyledItemDelegate>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace scrit::ui::widgets {

namespace {

class CommandDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option,
                                 const QModelIndex&) const override {
        return {option.rect.width(), 28};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Tokens& t = tokens();
        if ((option.state & QStyle::State_Selected) != 0) {
            painter->save();
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(t.accentTint);
            painter->drawRoundedRect(option.rect.adjusted(4, 0, -4, 0), 5, 5);
            painter->restore();
        }
        const QRect box = option.rect.adjusted(12, 0, -12, 0);
        const QString category = index.data(CommandListModel::CategoryRole).toString();
        const QString keys = index.data(CommandListModel::KeysRole).toString();
        painter->setFont(option.font);
        painter->setPen(t.muted);
        const int categoryWidth = 80;
        painter->drawText(box, Qt::AlignVCenter | Qt::AlignLeft, category);
        painter->drawText(box, Qt::AlignVCenter | Qt::AlignRight, keys);
        painter->setPen(t.text);
        const int keysWidth = option.fontMetrics.horizontalAdvance(keys) + space::kTwo;
        const QRect title = box.adjusted(categoryWidth, 0, -keysWidth, 0);
        painter->drawText(
            title, Qt::AlignVCenter | Qt::AlignLeft,
            option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, title.width()));
    }
};

} // namespace

int fuzzyScore(const QString& pattern, const QString& text) {
    int score = 0;
    qsizetype at = 0;
    qsizetype last = -2;
    for (const QChar letter : pattern) {
        if (letter.isSpace()) {
            continue;
        }
        qsizetype found = -1;
        for (qsizetype i = at; i < text.size(); ++i) {
            if (text[i].toCaseFolded() != letter.toCaseFolded()) {
                continue;
            }
            const bool wordStart = i == 0 || !text[i - 1].isLetterOrNumber();
            if (wordStart || i == last + 1) {
                found = i;
                break;
            }
            if (found < 0) {
                found = i;
            }
        }
        if (found < 0) {
            return -1;
        }
        const bool wordStart = found == 0 || !text[found - 1].isLetterOrNumber();
        score += wordStart ? 8 : found == last + 1 ? 6 : 1;
        last = found;
        at = found + 1;
    }
    return score;
}

CommandListModel::CommandListModel(const CommandRegistry& registry, QObject* parent)
    : QAbstractListModel(parent), m_registry(registry) {}

void CommandListModel::setPattern(const QString& pattern) {
    beginResetModel();
    m_found.clear();
    QVector<std::pair<int, Command>> scored;
    for (const Command& command : m_registry.commands()) {
        if (!command.action->isEnabled()) {
            continue;
        }
        const int score = std::max(
            fuzzyScore(pattern, command.action->text()) * 2,
            fuzzyScore(pattern, command.category + QLatin1Char(' ') + command.action->text()));
        if (score >= 0) {
            scored.push_back({score, command});
        }
    }
    std::stable_sort(scored.begin(), scored.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [score, command] : std::as_const(scored)) {
        m_found.push_back(command);
    }
    endResetModel();
}

QAction* CommandListModel::actionAt(int row) const {
    return row >= 0 && row < m_found.size() ? m_found[row].action : nullptr;
}

int CommandListModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_found.size());
}

QVariant CommandListModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= m_found.size()) {
        return {};
    }
    const Command& command = m_found[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return command.action->text();
    case CategoryRole:
        return command.category;
    case KeysRole:
        return CommandRegistry::keyText(command.action);
    default:
        return {};
    }
}

CommandPalette::CommandPalette(const CommandRegistry& registry, QWidget* window)
    : QFrame(window), m_model(new CommandListModel(registry, this)), m_edit(new QLineEdit(this)),
      m_list(new QListView(this)) {
    setObjectName(QStringLiteral("popup"));
    setAttribute(Qt::WA_StyledBackground);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 6);
    layout->setSpacing(0);
    layout->addWidget(m_edit);
    layout->addWidget(m_list);
    m_edit->setPlaceholderText(tr("Type a command"));
    m_edit->setAccessibleName(tr("Command"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(new CommandDelegate(m_list));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setAccessibleName(tr("Commands"));
    auto* shadow = new QGraphicsDropShadowEffect(this);
    shadow->setBlurRadius(32);
    shadow->setOffset(0, 8);
    shadow->setColor(tokens().shadow);
    setGraphicsEffect(shadow);
    m_edit->installEventFilter(this);
    window->installEventFilter(this);
    connect(m_edit, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_model->setPattern(text);
        m_list->setCurrentIndex(m_model->index(0));
        m_moved = false;
        m_entered = false;
    });
    connect(m_list, &QListView::clicked, this, &CommandPalette::run);
    hide();
}

void CommandPalette::open() {
    if (isVisible()) {
        close();
        return;
    }
    m_before = QApplication::focusWidget();
    m_edit->clear();
    m_model->setPattern({});
    m_list->setCurrentIndex(m_model->index(0));
    place();
    show();
    raise();
    m_edit->setFocus();
    m_entered = false;
    m_moved = false;
    if (!m_whole) {
        Q_EMIT commandsWanted();
    }
}

void CommandPalette::commandsCame(bool all) {
    m_whole = all;
    if (!isVisible()) {
        return;
    }
    refill();
    if (m_entered && m_whole) {
        enter();
    }
}

// What was chosen stays chosen; else it is what fits best.
void CommandPalette::refill() {
    const QAction* chosen = m_moved ? m_model->actionAt(m_list->currentIndex().row()) : nullptr;
    m_model->setPattern(m_edit->text());
    int row = 0;
    for (int i = 0; chosen != nullptr && i < m_model->rowCount(); ++i) {
        row = m_model->actionAt(i) == chosen ? i : row;
    }
    m_list->setCurrentIndex(m_model->index(row));
}

// Who types fast chooses among all commands.
void CommandPalette::enter() {
    m_entered = !m_whole && !m_moved;
    if (!m_entered) {
        run(m_list->currentIndex());
    }
}

void CommandPalette::place() {
    const QWidget* window = parentWidget();
    const int width = std::min(600, window->width() - 2 * space::kTwo);
    const int height = std::min(440, window->height() - 2 * space::kBar);
    setGeometry((window->width() - width) / 2, space::kBar + space::kHalf, width, height);
}

void CommandPalette::close() {
    hide();
    if (m_before != nullptr) {
        m_before->setFocus();
    }
    m_before = nullptr;
}

void CommandPalette::run(const QModelIndex& index) {
    QPointer<QAction> action = m_model->actionAt(index.row());
    close();
    // After the focus is back where it was: many commands act on the focused place.
    QTimer::singleShot(0, this, [action] {
        if (action) {
            action->trigger();
        }
    });
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == parentWidget() && event->type() == QEvent::Resize && isVisible()) {
        place();
    }
    if (watched != m_edit) {
        return QFrame::eventFilter(watched, event);
    }
    if (event->type() == QEvent::FocusOut && isVisible() &&
        QApplication::activePopupWidget() == nullptr) {
        hide();
        m_before = nullptr;
    }
    if (event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        switch (key->key()) {
        case Qt::Key_Escape:
            close();
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            enter();
            return true;
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_PageUp:
        case Qt::Key_PageDown:
            m_moved = true;
            QApplication::sendEvent(m_list, event);
            return true;
        default:
            break;
        }
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace scrit::ui::widgets
