// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/filter_edit.h"

#include "ui/widgets/icons.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QCoreApplication>
#include <QInputMethodEvent>
#include <QKeyEvent>
#include <QListWidget>
#include <QMetaMethod>
#include <QPainter>
#include <QStyle>
#include <QStyledItemDelegate>
#include <QTextCharFormat>

#include <algorithm>
#include <utility>

namespace scrit::ui::widgets {

namespace {

constexpr int kPauseMillis = 250;
constexpr int kHistoryKept = 30;
constexpr int kInsertRole = Qt::UserRole;
constexpr int kNoteRole = Qt::UserRole + 1;

constexpr int kOfferMargin = 10;

// Where the note of an offer begins, behind the left margin.
int noteLeft(const QString& text, const QFontMetrics& metrics) {
    constexpr int kLeast = 150;
    return std::max(kLeast, metrics.horizontalAdvance(text) + space::kTwo);
}

int offerWidth(const QListWidgetItem& item, const QFontMetrics& metrics) {
    const QString note = item.data(kNoteRole).toString();
    const int words = note.isEmpty()
                          ? metrics.horizontalAdvance(item.text())
                          : noteLeft(item.text(), metrics) + metrics.horizontalAdvance(note);
    return words + 2 * kOfferMargin + space::kThree; // and a scroll bar
}

class OfferDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option,
                                 const QModelIndex&) const override {
        return {option.rect.width(), space::kRow};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const Tokens& t = tokens();
        if ((option.state & QStyle::State_Selected) != 0) {
            painter->fillRect(option.rect, t.accentTint);
        }
        const QRect box = option.rect.adjusted(kOfferMargin, 0, -kOfferMargin, 0);
        const QString text = index.data().toString();
        painter->setPen(t.text);
        painter->drawText(box, Qt::AlignVCenter | Qt::AlignLeft,
                          option.fontMetrics.elidedText(text, Qt::ElideRight, box.width()));
        const int used = noteLeft(text, option.fontMetrics);
        painter->setPen(t.muted);
        const QRect rest = box.adjusted(used, 0, 0, 0);
        painter->drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                          option.fontMetrics.elidedText(index.data(kNoteRole).toString(),
                                                        Qt::ElideRight, rest.width()));
    }
};

} // namespace

FilterWord filterWordAt(const QString& text, int cursor) {
    FilterWord word;
    bool quoted = false;
    int begin = 0;
    for (int i = 0; i < cursor; ++i) {
        if (text[i] == QLatin1Char('"')) {
            quoted = !quoted;
        } else if (!quoted && (text[i].isSpace() || text[i] == QLatin1Char('('))) {
            begin = i + 1;
        }
    }
    if (begin < cursor && text[begin] == QLatin1Char('-')) {
        ++begin;
    }
    word.begin = begin;
    word.end = cursor;
    const QString typed = text.mid(begin, cursor - begin);
    const qsizetype colon = typed.indexOf(QLatin1Char(':'));
    if (colon > 0 && !typed.startsWith(QLatin1Char('"'))) {
        word.qualifier = typed.left(colon);
        word.typed = typed.mid(colon + 1);
        if (word.typed.startsWith(QLatin1Char('"'))) {
            word.typed.remove(0, 1);
        }
    } else {
        word.typed = typed;
    }
    return word;
}

FilterEdit::FilterEdit(QWidget* parent) : QLineEdit(parent) {
    setPlaceholderText(
        tr("Filter: source:gsm8k mode:contrastive first-error:2..4 -flag:leak \"free text\""));
    setAccessibleName(tr("Filter"));
    setClearButtonEnabled(true);
    if (auto* clear = findChild<QAction*>(QStringLiteral("_q_qlineeditclearaction"))) {
        clear->setIcon(icon(QStringLiteral("close"))); // the style's own does not follow the theme
    }
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPauseMillis);
    connect(&m_pause, &QTimer::timeout, this, [this] {
        // A word that still has completions is not finished: wait for Enter or the next word.
        if (!isOffering()) {
            tellError();
            commit();
        }
    });
    connect(this, &QLineEdit::textEdited, this, [this] { textWasEdited(); });
    connect(this, &QLineEdit::textChanged, this, [this](const QString& text) {
        examine();
        if (text.isEmpty() && !m_committed.isEmpty()) {
            commit(); // the clear button does not count as an edit
        }
    });
    connect(&Theme::current(), &Theme::changed, this, &FilterEdit::colour);
}

void FilterEdit::setSyntax(models::FilterSyntax syntax) {
    m_syntax = std::move(syntax);
    examine();
}

void FilterEdit::setKind(models::ListKind kind) {
    m_kind = kind;
    examine();
}

void FilterEdit::setFilter(const QString& filter) {
    m_committed = filter;
    setText(filter);
    m_pause.stop();
    closeOffers();
    tellError();
}

void FilterEdit::textWasEdited() {
    m_pause.start();
    offer();
}

void FilterEdit::tellError() {
    Q_EMIT errorChanged(m_error ? m_error->message : QString(),
                        m_error ? m_error->advice : QString());
}

void FilterEdit::examine() {
    m_error.reset();
    if (m_syntax.check) {
        m_error = m_syntax.check(text(), m_kind);
    }
    setProperty("invalid", m_error.has_value());
    style()->unpolish(this);
    style()->polish(this);
    colour();
    if (!m_error) {
        tellError(); // an error is told when typing stops
    }
}

void FilterEdit::setError(const models::FilterError& error) {
    m_error = error;
    colour();
    tellError();
}

// QLineEdit has no formats of its own; an input method event without text is how they are set.
void FilterEdit::colour() {
    if (!m_syntax.tokens) {
        return;
    }
    const Tokens& t = tokens();
    QList<QInputMethodEvent::Attribute> attributes;
    const auto add = [&](int begin, int end, const QTextCharFormat& format) {
        attributes.push_back(
            {QInputMethodEvent::TextFormat, begin - cursorPosition(), end - begin, format});
    };
    for (const models::FilterToken& token : m_syntax.tokens(text())) {
        QTextCharFormat format;
        switch (token.kind) {
        case models::FilterToken::Kind::Qualifier:
            format.setForeground(t.accent);
            break;
        case models::FilterToken::Kind::Operator:
            format.setForeground(t.muted);
            format.setFontWeight(QFont::DemiBold);
            break;
        case models::FilterToken::Kind::Value:
        case models::FilterToken::Kind::FreeText:
            format.setForeground(t.text);
            break;
        case models::FilterToken::Kind::Error:
            format.setForeground(t.no);
            break;
        }
        add(token.begin, token.end, format);
    }
    if (m_error && !text().isEmpty()) {
        QTextCharFormat format;
        format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        format.setUnderlineColor(t.no);
        format.setForeground(t.no);
        const int size = static_cast<int>(text().size());
        const int begin = std::clamp(m_error->position, 0, size - 1);
        int end = begin + 1;
        while (end < size && !text()[end].isSpace()) {
            ++end;
        }
        add(begin, end, format);
    }
    QInputMethodEvent formats(QString(), attributes);
    QCoreApplication::sendEvent(this, &formats);
}

void FilterEdit::commit() {
    m_pause.stop();
    if (!m_error && text() != m_committed) {
        m_committed = text();
        Q_EMIT filterChanged(m_committed);
    }
}

void FilterEdit::remember(const QString& filter) {
    const QString line = filter.trimmed();
    if (line.isEmpty()) {
        return;
    }
    m_history.removeAll(line);
    m_history.prepend(line);
    while (m_history.size() > kHistoryKept) {
        m_history.removeLast();
    }
    Q_EMIT historyChanged(m_history);
}

void FilterEdit::offer() {
    m_replacesAll = false;
    const FilterWord word = filterWordAt(text(), cursorPosition());
    if (m_offers != nullptr) {
        m_offers->clear();
    }
    if (word.qualifier.isEmpty()) {
        if (!word.typed.isEmpty()) {
            for (const models::FilterQualifier& one : std::as_const(m_syntax.qualifiers)) {
                if (one.appliesTo(m_kind) && one.name.startsWith(word.typed, Qt::CaseInsensitive)) {
                    addOffer(one.name + QLatin1Char(':'), one.name + QLatin1Char(':'),
                             one.description);
                }
            }
        }
        showOffers(word.begin);
        return;
    }
    for (const models::FilterQualifier& one : std::as_const(m_syntax.qualifiers)) {
        if (one.name != word.qualifier) {
            continue;
        }
        for (const QString& value : one.values) {
            if (value.startsWith(word.typed, Qt::CaseInsensitive) && value != word.typed) {
                addOffer(value, value + QLatin1Char(' '), {});
            }
        }
        if (one.values.isEmpty()) {
            Q_EMIT valuesWanted(one.name, word.typed);
        }
    }
    showOffers(word.end - static_cast<int>(word.typed.size()));
}

void FilterEdit::offerValues(const QString& qualifier, const QStringList& values) {
    const FilterWord word = filterWordAt(text(), cursorPosition());
    if (!hasFocus() || word.qualifier != qualifier) {
        return;
    }
    if (m_offers != nullptr) {
        m_offers->clear();
    }
    for (const QString& value : values) {
        if (value.startsWith(word.typed, Qt::CaseInsensitive) && value != word.typed) {
            addOffer(value, models::quotedFilterValue(value) + QLatin1Char(' '), {});
        }
    }
    m_replacesAll = false;
    showOffers(word.end - static_cast<int>(word.typed.size()));
}

void FilterEdit::offerHistory() {
    if (m_offers != nullptr) {
        m_offers->clear();
    }
    for (const QString& line : std::as_const(m_history)) {
        addOffer(line, line, {});
    }
    m_replacesAll = true;
    showOffers(0);
}

void FilterEdit::addOffer(const QString& text, const QString& insert, const QString& note) {
    if (m_offers == nullptr) {
        m_offers = new QListWidget(window());
        m_offers->setObjectName(QStringLiteral("popup"));
        m_offers->setFocusPolicy(Qt::NoFocus);
        m_offers->setItemDelegate(new OfferDelegate(m_offers));
        m_offers->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        m_offers->setAccessibleName(tr("Completions"));
        connect(m_offers, &QListWidget::itemClicked, this, [this] { accept(); });
    }
    auto* item = new QListWidgetItem(text, m_offers);
    item->setData(kInsertRole, insert);
    item->setData(kNoteRole, note);
}

void FilterEdit::showOffers(int from) {
    if (m_offers == nullptr || m_offers->count() == 0) {
        closeOffers();
        return;
    }
    constexpr int kMostShown = 10;
    constexpr int kLeastWidth = 420;
    const int x = m_replacesAll ? 0 : fontMetrics().horizontalAdvance(text().left(from)) + 6;
    // As wide as its text, up to the window.
    int wide = m_replacesAll ? std::max(kLeastWidth, width()) : kLeastWidth;
    for (int i = 0; i < m_offers->count(); ++i) {
        wide = std::max(wide, offerWidth(*m_offers->item(i), m_offers->fontMetrics()));
    }
    const int room = window()->width() - 2 * space::kOne;
    wide = std::min(wide, room);
    const QPoint corner = mapTo(window(), QPoint(x, height() + 2));
    const int left = std::clamp(corner.x(), space::kOne, space::kOne + room - wide);
    m_offers->setGeometry(left, corner.y(), wide,
                          std::min(kMostShown, m_offers->count()) * space::kRow + 6);
    m_offers->setCurrentRow(-1);
    m_offers->raise();
    m_offers->show();
}

bool FilterEdit::isOffering() const {
    return m_offers != nullptr && m_offers->isVisible();
}

void FilterEdit::closeOffers() {
    if (m_offers != nullptr) {
        m_offers->hide();
    }
}

void FilterEdit::accept() {
    const QListWidgetItem* item = m_offers->currentItem();
    if (item == nullptr) {
        item = m_offers->item(0);
    }
    if (item == nullptr) {
        return;
    }
    const QString insert = item->data(kInsertRole).toString();
    closeOffers();
    if (m_replacesAll) {
        setText(insert);
        commit();
        return;
    }
    const FilterWord word = filterWordAt(text(), cursorPosition());
    int from = word.begin;
    if (!word.qualifier.isEmpty()) {
        from += static_cast<int>(word.qualifier.size()) + 1;
    }
    setSelection(from, word.end - from);
    QLineEdit::insert(insert);
    m_pause.start();
    if (insert.endsWith(QLatin1Char(':'))) {
        offer(); // its values next
    }
}

bool FilterEdit::event(QEvent* event) {
    // Tab accepts a completion instead of leaving, but only while one is chosen or offered.
    if (event->type() == QEvent::KeyPress && isOffering() &&
        static_cast<QKeyEvent*>(event)->key() == Qt::Key_Tab) {
        accept();
        return true;
    }
    return QLineEdit::event(event);
}

void FilterEdit::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Down:
    case Qt::Key_Up:
        if (!isOffering()) {
            if (event->key() == Qt::Key_Down) {
                text().isEmpty() ? offerHistory() : offer();
            }
            return;
        }
        {
            const int count = m_offers->count();
            const int step = event->key() == Qt::Key_Down ? 1 : -1;
            const int row = m_offers->currentRow() < 0 && step < 0 ? 0 : m_offers->currentRow();
            m_offers->setCurrentRow((row + step + count) % count);
        }
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (isOffering() && m_offers->currentItem() != nullptr) {
            accept();
            return;
        }
        closeOffers();
        tellError();
        commit();
        if (!m_error) {
            remember(text());
            Q_EMIT returnPressed();
        }
        return;
    case Qt::Key_Escape:
        if (isOffering()) {
            closeOffers();
            return;
        }
        if (isSignalConnected(QMetaMethod::fromSignal(&FilterEdit::left))) {
            Q_EMIT left();
            return;
        }
        break;
    case Qt::Key_Space:
        if ((event->modifiers() & Qt::ControlModifier) != 0) {
            text().isEmpty() ? offerHistory() : offer();
            return;
        }
        break;
    default:
        break;
    }
    QLineEdit::keyPressEvent(event);
}

void FilterEdit::focusOutEvent(QFocusEvent* event) {
    closeOffers();
    tellError();
    commit();
    QLineEdit::focusOutEvent(event);
}

} // namespace scrit::ui::widgets
