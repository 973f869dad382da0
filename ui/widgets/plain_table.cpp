// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/plain_table.h"

#include "ui/models/column_table.h"
#include "ui/widgets/theme.h"

#include <QFocusEvent>
#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace scrit::ui::widgets {

namespace {

class PlainDelegate final : public QStyledItemDelegate {
public:
    explicit PlainDelegate(QTableView* view) : QStyledItemDelegate(view), m_view(view) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Tokens& t = tokens();
        const bool selected = (option.state & QStyle::State_Selected) != 0;
        painter->save();
        if (selected) {
            painter->fillRect(option.rect, t.accentTint);
        } else if ((option.state & QStyle::State_MouseOver) != 0) {
            painter->fillRect(option.rect, t.hover);
        }
        if (selected && m_view->hasFocus() && index.column() == 0) {
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()),
                              t.accent);
        }
        QRect box = option.rect.adjusted(space::kOne, 0, -space::kOne, 0);
        const QVariant share = index.data(models::ShareRole);
        if (share.isValid()) {
            paintShare(*painter, box, share.toDouble());
        }
        const auto mark = static_cast<models::Mark>(index.data(models::MarkRole).toInt());
        const QString sign = models::markText(mark);
        painter->setFont(option.font);
        if (!sign.isEmpty()) {
            painter->setPen(t.mark(mark));
            painter->drawText(box, Qt::AlignLeft | Qt::AlignVCenter, sign);
            box.setLeft(box.left() + markWidth(option));
        }
        painter->setPen(index.data(models::MutedRole).toBool() ? t.muted : t.text);
        const auto alignment =
            index.data(Qt::TextAlignmentRole).value<Qt::Alignment>() | Qt::AlignVCenter;
        painter->drawText(
            box, static_cast<int>(alignment) | Qt::TextSingleLine,
            option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, box.width()));
        painter->restore();
    }

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option,
                                 const QModelIndex& index) const override {
        const auto mark = static_cast<models::Mark>(index.data(models::MarkRole).toInt());
        const int signWidth = models::markText(mark).isEmpty() ? 0 : markWidth(option);
        const int words = option.fontMetrics.horizontalAdvance(index.data().toString());
        return {2 * space::kOne + signWidth + words + 1, option.fontMetrics.height()};
    }

private:
    static int markWidth(const QStyleOptionViewItem& option) {
        return option.fontMetrics.horizontalAdvance(QStringLiteral("✓ ")) + 2;
    }

    static void paintShare(QPainter& painter, const QRect& box, double share) {
        const Tokens& t = tokens();
        constexpr int kHeight = 3;
        const QRectF track(box.left(), box.bottom() - kHeight, box.width(), kHeight);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.border);
        painter.drawRoundedRect(track, 1.5, 1.5);
        if (share > 0) {
            painter.setBrush(t.accent);
            painter.drawRoundedRect(QRectF(track.left(), track.top(),
                                           std::max(3.0, track.width() * std::min(share, 1.0)),
                                           kHeight),
                                    1.5, 1.5);
        }
    }

    QTableView* m_view;
};

} // namespace

PlainTable::PlainTable(const QString& accessibleName, QWidget* parent) : QTableView(parent) {
    setAccessibleName(accessibleName);
    setItemDelegate(new PlainDelegate(this));
    setShowGrid(false);
    setWordWrap(false);
    setTabKeyNavigation(false);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setMouseTracking(true);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(std::max(space::kRow + 4, fontMetrics().height() + 10));
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setSectionsClickable(false);
    horizontalHeader()->setMinimumSectionSize(space::kFour);
}

void PlainTable::setWidths(const QVector<int>& widths) {
    m_widths = widths;
    for (int column = 0; column < widths.size(); ++column) {
        if (widths[column] == 0) {
            horizontalHeader()->setSectionResizeMode(column, QHeaderView::Stretch);
        } else {
            setColumnWidth(column, widths[column]);
        }
    }
}

void PlainTable::growWithContents() {
    for (int column = 0; column < m_widths.size(); ++column) {
        if (m_widths[column] != 0) {
            horizontalHeader()->setSectionResizeMode(column, QHeaderView::ResizeToContents);
        }
    }
}

int PlainTable::sizeHintForColumn(int column) const {
    return std::max(m_widths.value(column), QTableView::sizeHintForColumn(column));
}

void PlainTable::setRowsShown(int most) {
    m_rowsShown = most;
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    updateGeometry();
}

QSize PlainTable::sizeHint() const {
    if (m_rowsShown == 0 || model() == nullptr) {
        return QTableView::sizeHint();
    }
    const int rows = std::clamp(model()->rowCount(), 1, m_rowsShown);
    return {200, horizontalHeader()->sizeHint().height() +
                     rows * verticalHeader()->defaultSectionSize() + 2};
}

QSize PlainTable::minimumSizeHint() const {
    return m_rowsShown == 0 ? QSize(120, 60) : QSize(120, sizeHint().height());
}

QModelIndex PlainTable::moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) {
    if ((action == MoveHome || action == MoveEnd) && model() != nullptr &&
        model()->rowCount() > 0) {
        const int column = std::max(0, currentIndex().column());
        return model()->index(action == MoveHome ? 0 : model()->rowCount() - 1, column);
    }
    return QTableView::moveCursor(action, modifiers);
}

void PlainTable::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QTableView::currentChanged(current, previous);
    if (current.row() != previous.row()) {
        Q_EMIT currentRowChanged(current.row());
    }
}

void PlainTable::focusInEvent(QFocusEvent* event) {
    QTableView::focusInEvent(event);
    if (!currentIndex().isValid() && model() != nullptr && model()->rowCount() > 0 &&
        event->reason() != Qt::MouseFocusReason) {
        setCurrentIndex(model()->index(0, 0));
    }
    viewport()->update();
}

void PlainTable::focusOutEvent(QFocusEvent* event) {
    QTableView::focusOutEvent(event);
    viewport()->update();
}

} // namespace scrit::ui::widgets
