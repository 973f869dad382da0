// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/trace_table_view.h"

#include "ui/widgets/theme.h"

#include <QHash>
#include <QHeaderView>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QStaticText>
#include <QStyledItemDelegate>

#include <algorithm>
#include <array>
#include <utility>

namespace scrit::ui::widgets {

namespace {

using Model = models::TraceTableModel;

constexpr int kNoRow = -1;
constexpr int kLeastColumnWidth = 32; // of a column
constexpr int kMostWidth = 800;

class TraceDelegate final : public QStyledItemDelegate {
public:
    explicit TraceDelegate(QTableView* view) : QStyledItemDelegate(view), m_view(view) {}

    [[nodiscard]] int hovered() const { return m_hovered; }
    void setHovered(int row) { m_hovered = row; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Tokens& t = tokens();
        const bool selected = (option.state & QStyle::State_Selected) != 0;
        if (selected) {
            painter->fillRect(option.rect, t.accentTint);
        } else if (index.row() == m_hovered) {
            painter->fillRect(option.rect, t.hover);
        }
        const int first = m_view->horizontalHeader()->logicalIndexAt(0);
        if (selected && m_view->hasFocus() && index.column() == first) {
            painter->fillRect(QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()),
                              t.accent);
        }
        const QRect box = option.rect.adjusted(space::kOne, 0, -space::kOne, 0);
        if (index.data(Model::LoadingRole).toBool()) {
            paintPlaceholder(*painter, box, index);
            return;
        }
        const auto mark = static_cast<models::Mark>(index.data(Model::CellMarkRole).toInt());
        QFont font = option.font;
        QColor ink = t.text;
        if (mark != models::Mark::None) {
            font.setWeight(QFont::Bold);
            ink = t.mark(mark);
        } else if (index.data(Model::DiffersRole).toBool()) {
            ink = t.no;
            font.setWeight(QFont::DemiBold);
        } else if (index.column() != Model::Excerpt && index.column() != Model::FirstError) {
            ink = t.muted;
        }
        painter->setFont(font);
        painter->setPen(ink);
        const QStaticText& text = laidOut(index, font, box.width());
        const bool right = (index.data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight) != 0;
        const bool centre = (index.data(Qt::TextAlignmentRole).toInt() & Qt::AlignHCenter) != 0;
        const qreal room = box.width() - text.size().width();
        painter->drawStaticText(QPointF(box.left() + (right    ? room
                                                      : centre ? room / 2
                                                               : 0),
                                        box.top() + (box.height() - text.size().height()) / 2),
                                text);
    }

private:
    // Cells keep their text cut and shaped: moving by one row draws all that are in sight, and
    // cutting an excerpt costs more than drawing it.
    struct Cell {
        QString words;
        QFont font;
        int width = -1;
        QStaticText text;
    };

    [[nodiscard]] const QStaticText& laidOut(const QModelIndex& index, const QFont& font,
                                             int width) const {
        constexpr qsizetype kMostCells = 4096;
        if (m_cells.size() > kMostCells) {
            m_cells.clear();
        }
        Cell& cell = m_cells[{index.row(), index.column()}];
        const QString words = index.data().toString();
        if (cell.width != width || cell.words != words || cell.font != font) {
            cell.words = words;
            cell.font = font;
            cell.width = width;
            cell.text.setTextFormat(Qt::PlainText);
            cell.text.setText(QFontMetrics(font).elidedText(words, Qt::ElideRight, width));
            cell.text.prepare({}, font);
        }
        return cell.text;
    }

    // A bar where words will stand; its length varies so that the row does not look like a rule.
    static void paintPlaceholder(QPainter& painter, const QRect& box, const QModelIndex& index) {
        const int length =
            std::min(box.width(), 24 + (index.row() * 37 + index.column() * 53) % 90);
        painter.save();
        painter.setPen(Qt::NoPen);
        painter.setBrush(tokens().border);
        painter.drawRoundedRect(QRect(box.left(), box.center().y() - 3, length, 6), 3, 3);
        painter.restore();
    }
    QTableView* m_view;
    int m_hovered = kNoRow;
    mutable QHash<QPair<int, int>, Cell> m_cells; // by row and column
};

struct Width {
    Model::Column column;
    int width;
};
constexpr std::array kWidths{
    Width{Model::Candidate, 44},    Width{Model::Source, 120},   Width{Model::Subject, 96},
    Width{Model::Level, 64},        Width{Model::Student, 128},  Width{Model::Critic, 128},
    Width{Model::Mode, 88},         Width{Model::Round, 56},     Width{Model::FirstError, 60},
    Width{Model::Label, 60},        Width{Model::Validated, 60}, Width{Model::Answer, 76},
    Width{Model::FlagsRaised, 128}, Width{Model::Tokens, 64},    Width{Model::CritiqueCount, 72},
};

} // namespace

TraceTableView::TraceTableView(QWidget* parent) : QTableView(parent) {
    setAccessibleName(tr("Traces"));
    setItemDelegate(new TraceDelegate(this));
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setShowGrid(false);
    setWordWrap(false);
    setMouseTracking(true);
    setTabKeyNavigation(false);
    setCornerButtonEnabled(false);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollMode(QAbstractItemView::ScrollPerItem);
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setMinimumSectionSize(16);
    verticalHeader()->setDefaultSectionSize(std::max(space::kRow, fontMetrics().height() + 6));
    QHeaderView* header = horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionsClickable(true);
    header->setSectionsMovable(true);
    header->setMinimumSectionSize(kLeastColumnWidth);
    header->setStretchLastSection(true);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    header->setFont(Theme::current().smallFont());
    connect(header, &QHeaderView::sectionResized, this, &TraceTableView::columnResized);
    connect(header, &QHeaderView::sectionHandleDoubleClicked, this, [this](int section) {
        if (m_wanted.contains(section)) { // all of it, on request
            setColumnWidth(section, std::clamp(m_wanted[section], kLeastColumnWidth, kMostWidth));
        }
    });
    connect(header, &QHeaderView::sectionClicked, this, &TraceTableView::headerClicked);
    connect(header, &QWidget::customContextMenuRequested, this,
            [this, header](const QPoint& at) { columnMenu()->popup(header->mapToGlobal(at)); });
    connect(&Theme::current(), &Theme::changed, this, [this] { viewport()->update(); });
    // What says little at first sight is one click away.
    m_hidden = {QStringLiteral("subject"), QStringLiteral("level"), QStringLiteral("round"),
                QStringLiteral("tokens")};
}

void TraceTableView::setTraceModel(models::TraceTableModel* model) {
    m_model = model;
    setModel(model);
    m_fitting = true;
    for (const Width& width : kWidths) {
        setColumnWidth(width.column, width.width);
    }
    m_fitting = false;
    connect(model, &QAbstractItemModel::modelReset, this, [this] {
        m_measured = false;
        applyColumns();
    });
    connect(model, &QAbstractItemModel::dataChanged, this, [this] {
        if (!m_measured && m_model->rowAt(0) != nullptr) {
            measure();
        }
    });
    applyColumns();
}

// What the first rows of a list ask for: they are what is looked at, and say enough of the rest.
void TraceTableView::measure() {
    constexpr int kRows = 100;
    m_measured = true;
    QFont bold = font();
    bold.setWeight(QFont::Bold);
    const QFontMetrics words(bold);
    const QFontMetrics titles(horizontalHeader()->font());
    for (const Width& width : kWidths) {
        const int column = width.column;
        int most =
            titles.horizontalAdvance(m_model->headerData(column, Qt::Horizontal).toString()) +
            space::kOne; // drawn with more around it than a cell
        for (int row = 0; row < std::min(kRows, m_model->rowCount()); ++row) {
            if (m_model->rowAt(row) != nullptr) {
                most = std::max(
                    most, words.horizontalAdvance(m_model->index(row, column).data().toString()));
            }
        }
        m_wanted[column] =
            std::max(most + 2 * space::kOne + 4, horizontalHeader()->sectionSizeHint(column));
    }
    fitColumns();
}

// No column takes more than a share of the table, so that the problem's words keep theirs.
void TraceTableView::fitColumns() {
    constexpr int kParts = 7;
    constexpr int kLeastBound = 128;
    const int bound = std::max(kLeastBound, viewport()->width() / kParts);
    m_fitting = true;
    for (const Width& width : kWidths) {
        if (m_wanted.contains(width.column) && !isColumnHidden(width.column) &&
            !m_chosen.contains(Model::columnName(width.column))) {
            setColumnWidth(width.column,
                           std::clamp(m_wanted[width.column], kLeastColumnWidth, bound));
        }
    }
    m_fitting = false;
}

void TraceTableView::columnResized(int section, int before, int now) {
    const auto column = static_cast<Model::Column>(section);
    if (m_fitting || before == 0 || now == 0 || column == Model::Excerpt || m_model == nullptr) {
        return;
    }
    const QString name = Model::columnName(column);
    if (!m_chosen.contains(name)) {
        m_chosen << name;
    }
}

void TraceTableView::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    if (event->size().width() != event->oldSize().width()) {
        fitColumns();
    }
}

void TraceTableView::applyColumns() {
    for (int i = 0; i < Model::ColumnCount; ++i) {
        const auto column = static_cast<Model::Column>(i);
        setColumnHidden(i, !Model::applies(m_model->kind(), column) ||
                               m_hidden.contains(Model::columnName(column)));
    }
    fitColumns();
}

QMenu* TraceTableView::columnMenu() {
    if (m_menu == nullptr) {
        m_menu = new QMenu(this);
        m_menu->setToolTipsVisible(true);
        connect(m_menu, &QMenu::aboutToShow, this, [this] {
            m_menu->clear();
            for (int i = 0; i < Model::ColumnCount; ++i) {
                const auto column = static_cast<Model::Column>(i);
                if (!Model::applies(m_model->kind(), column) || column == Model::Excerpt) {
                    continue;
                }
                QAction* action = m_menu->addAction(Model::columnTitle(column));
                action->setCheckable(true);
                action->setChecked(!m_hidden.contains(Model::columnName(column)));
                connect(action, &QAction::toggled, this, [this, column](bool shown) {
                    m_hidden.removeAll(Model::columnName(column));
                    if (!shown) {
                        m_hidden << Model::columnName(column);
                    }
                    applyColumns();
                    Q_EMIT columnsChanged();
                });
            }
        });
    }
    return m_menu;
}

QStringList TraceTableView::columnWidths() const {
    QStringList widths;
    for (const Width& width : kWidths) {
        if (m_chosen.contains(Model::columnName(width.column))) {
            widths << Model::columnName(width.column) + QLatin1Char('=') +
                          QString::number(columnWidth(width.column));
        }
    }
    return widths;
}

void TraceTableView::restoreColumns(const QStringList& hidden, const QStringList& widths) {
    m_hidden = hidden;
    for (const QString& entry : widths) {
        const qsizetype equals = entry.indexOf(QLatin1Char('='));
        for (const Width& width : kWidths) {
            const int chosen = entry.mid(equals + 1).toInt();
            // Older settings have the widths of all columns, chosen or not.
            if (Model::columnName(width.column) == entry.left(equals) && chosen != width.width) {
                m_chosen << entry.left(equals);
                setColumnWidth(width.column, std::clamp(chosen, kLeastColumnWidth, kMostWidth));
            }
        }
    }
    applyColumns();
}

void TraceTableView::setSort(models::SortKey key, bool descending) {
    m_sort = key;
    m_descending = descending;
    QHeaderView* header = horizontalHeader();
    for (int i = 0; i < Model::ColumnCount; ++i) {
        models::SortKey of = models::SortKey::Id;
        if (key != models::SortKey::Id && Model::sortKeyOf(static_cast<Model::Column>(i), of) &&
            of == key) {
            header->setSortIndicatorShown(true);
            header->setSortIndicator(i, descending ? Qt::DescendingOrder : Qt::AscendingOrder);
            return;
        }
    }
    header->setSortIndicatorShown(false);
}

// Ascending, descending, then the order in which things came.
void TraceTableView::headerClicked(int section) {
    models::SortKey key = models::SortKey::Id;
    if (!Model::sortKeyOf(static_cast<Model::Column>(section), key)) {
        setSort(m_sort, m_descending); // the header has moved its own arrow
        return;
    }
    bool descending = false;
    if (key == m_sort && !m_descending) {
        descending = true;
    } else if (key == m_sort) {
        key = models::SortKey::Id;
    }
    setSort(key, descending);
    Q_EMIT sortChosen(key, descending);
}

QModelIndex TraceTableView::moveCursor(CursorAction action, Qt::KeyboardModifiers modifiers) {
    if ((action == MoveHome || action == MoveEnd) && model() != nullptr &&
        model()->rowCount() > 0) {
        m_toEnd = m_growing && action == MoveEnd;
        const int column = std::max(0, currentIndex().column());
        return model()->index(action == MoveHome ? 0 : model()->rowCount() - 1, column);
    }
    return QTableView::moveCursor(action, modifiers);
}

void TraceTableView::setGrowing(bool growing) {
    m_growing = growing;
    if (!growing && std::exchange(m_toEnd, false)) {
        setCurrentIndex(
            m_model->index(m_model->rowCount() - 1, std::max(0, currentIndex().column())));
    }
}

void TraceTableView::currentChanged(const QModelIndex& current, const QModelIndex& previous) {
    QTableView::currentChanged(current, previous);
    m_toEnd = m_toEnd && current.row() == m_model->rowCount() - 1;
    if (current.isValid() && current.row() != previous.row()) {
        Q_EMIT currentRowChanged(current.row());
    }
}

void TraceTableView::focusInEvent(QFocusEvent* event) {
    QTableView::focusInEvent(event);
    viewport()->update();
}

void TraceTableView::focusOutEvent(QFocusEvent* event) {
    QTableView::focusOutEvent(event);
    viewport()->update();
}

void TraceTableView::mouseMoveEvent(QMouseEvent* event) {
    QTableView::mouseMoveEvent(event);
    auto* delegate = static_cast<TraceDelegate*>(itemDelegate());
    const int row = rowAt(event->position().toPoint().y());
    if (row != delegate->hovered()) {
        delegate->setHovered(row);
        viewport()->update();
    }
}

void TraceTableView::leaveEvent(QEvent* event) {
    QTableView::leaveEvent(event);
    static_cast<TraceDelegate*>(itemDelegate())->setHovered(kNoRow);
    viewport()->update();
}

} // namespace scrit::ui::widgets
