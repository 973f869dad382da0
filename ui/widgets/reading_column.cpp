// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/reading_column.h"

#include "ui/models/visible_text.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QClipboard>
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace scrit::ui::widgets {

CardStack::CardStack(render::MathTypesetter* typesetter, QWidget* parent)
    : QWidget(parent), m_typesetter(typesetter) {
    m_later.setSingleShot(true);
    m_later.setInterval(0); // behind the paint events, which are posted
    connect(&m_later, &QTimer::timeout, this, &CardStack::fillForAWhile);
}

void CardStack::setCards(std::vector<CardContent> contents) {
    setUpdatesEnabled(false);
    const std::size_t before = m_filled;
    m_filled = 0;
    m_bottom = space::kHalf;
    m_rest.assign(std::make_move_iterator(contents.begin()),
                  std::make_move_iterator(contents.end()));
    m_stale = false;
    fillUntil(parentWidget() == nullptr || !isVisible() ? 0 : parentWidget()->height());
    for (std::size_t i = m_filled; i < before; ++i) {
        m_cards[i]->hide();
    }
    applyHeight();
    setUpdatesEnabled(true);
}

StepCard* CardStack::addCard() {
    auto* card = new StepCard(m_typesetter, this);
    const int index = static_cast<int>(m_cards.size());
    connect(card, &StepCard::clicked, this, [this, index] { Q_EMIT cardClicked(index); });
    connect(card, &StepCard::heightChanged, this, [this] {
        if (!m_stale) {
            m_stale = true;
            QMetaObject::invokeMethod(this, &CardStack::relayout, Qt::QueuedConnection);
        }
    });
    m_cards.push_back(card);
    return card;
}

void CardStack::fillNext() {
    StepCard* card = m_filled < m_cards.size() ? m_cards[m_filled] : addCard();
    ++m_filled;
    card->setContent(std::move(m_rest.front()));
    m_rest.pop_front();
    const int height = card->heightForWidth(width());
    card->setGeometry(0, m_bottom, width(), height);
    card->show();
    m_bottom += height;
}

void CardStack::fillUntil(int bottom) {
    while (!m_rest.empty() && m_bottom <= bottom) {
        fillNext();
    }
    if (m_rest.empty()) {
        m_later.stop();
    } else {
        m_later.start();
    }
}

void CardStack::fillForAWhile() {
    constexpr int kTurnMillis = 6;
    QElapsedTimer clock;
    clock.start();
    while (!m_rest.empty() && clock.elapsed() < kTurnMillis) {
        fillNext();
    }
    applyHeight();
    if (!m_rest.empty()) {
        m_later.start();
    }
}

// The height of cards that are not filled yet is guessed from the others, so that the scroll bar
// does not jump far.
void CardStack::applyHeight() {
    const int cards = static_cast<int>(m_filled);
    const int guess = cards == 0 ? 60 : (m_bottom - space::kHalf) / cards;
    const int whole = m_bottom + guess * static_cast<int>(m_rest.size()) + space::kOne;
    setMinimumHeight(whole);
    resize(width(), std::max(whole, parentWidget() == nullptr ? 0 : parentWidget()->height()));
}

StepCard* CardStack::card(int index) {
    if (index < 0 || index >= count()) {
        return nullptr;
    }
    if (static_cast<std::size_t>(index) >= m_filled) {
        fillUntil(std::numeric_limits<int>::max());
        applyHeight();
    }
    return m_cards[static_cast<std::size_t>(index)];
}

const CardContent& CardStack::content(int index) const {
    const auto at = static_cast<std::size_t>(index);
    return at < m_filled ? m_cards[at]->content() : m_rest[at - m_filled];
}

int CardStack::cardOfStep(int step) const {
    for (int i = 0; i < count(); ++i) {
        const std::vector<int>& steps = content(i).steps;
        if (std::find(steps.begin(), steps.end(), step) != steps.end()) {
            return i;
        }
    }
    return -1;
}

void CardStack::restyle() {
    for (StepCard* card : m_cards) {
        card->restyle();
    }
    relayout();
}

void CardStack::relayout() {
    m_stale = false;
    m_bottom = space::kHalf;
    for (std::size_t i = 0; i < m_filled; ++i) {
        StepCard* card = m_cards[i];
        const int height = card->heightForWidth(width());
        card->setGeometry(0, m_bottom, width(), height);
        m_bottom += height;
    }
    applyHeight();
}

bool CardStack::event(QEvent* event) {
    if (event->type() == QEvent::LayoutRequest && !m_stale) {
        m_stale = true;
        QMetaObject::invokeMethod(this, &CardStack::relayout, Qt::QueuedConnection);
    }
    return QWidget::event(event);
}

void CardStack::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (event->size().width() != event->oldSize().width()) {
        relayout();
    }
}

bool scrollByKey(QScrollArea& scroll, const QKeyEvent& event) {
    const bool plain = (event.modifiers() & ~(Qt::ControlModifier | Qt::KeypadModifier)) == 0;
    if (!plain || (event.key() != Qt::Key_Home && event.key() != Qt::Key_End)) {
        return false;
    }
    QScrollBar* bar = scroll.verticalScrollBar();
    bar->setValue(event.key() == Qt::Key_Home ? bar->minimum() : bar->maximum());
    return true;
}

ReadingColumn::ReadingColumn(const QString& title, render::MathTypesetter* typesetter,
                             QWidget* parent)
    : QFrame(parent), m_title(title), m_heading(new QWidget(this)),
      m_titleLabel(plainLabel(title, m_heading)), m_subtitle(mutedLabel({}, m_heading)),
      m_copy(new QToolButton(m_heading)), m_collapse(new QToolButton(m_heading)),
      m_scroll(new QScrollArea(this)), m_stack(new CardStack(typesetter, m_scroll)) {
    setAccessibleName(title);
    auto* row = new QHBoxLayout(m_heading);
    row->setContentsMargins(space::kTwo, 0, space::kHalf, 0);
    row->setSpacing(space::kHalf);
    m_titleLabel->setFont(Theme::current().headingFont(0.92));
    row->addWidget(m_titleLabel);
    row->addSpacing(space::kHalf);
    row->addWidget(m_subtitle, 1);
    m_subtitle->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    for (auto [button, name, tip] :
         {std::tuple{m_copy, "copy", tr("Copy the text of this column")},
          std::tuple{m_collapse, "sidebar", tr("Collapse this column")}}) {
        button->setIcon(icon(QLatin1String(name)));
        button->setIconSize({14, 14});
        button->setToolTip(tip);
        button->setAccessibleName(tip + QStringLiteral(": ") + title);
        button->setFocusPolicy(Qt::TabFocus);
        row->addWidget(button);
    }
    m_heading->setFixedHeight(space::kFour - 2);
    m_scroll->setWidgetResizable(true);
    m_scroll->setWidget(m_stack);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::StrongFocus);
    m_scroll->setAccessibleName(title);
    m_scroll->viewport()->setAutoFillBackground(false);
    m_stack->setAutoFillBackground(false);
    m_scroll->installEventFilter(this);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_heading);
    layout->addWidget(m_scroll, 1);
    setMinimumWidth(140);
    connect(m_stack, &CardStack::cardClicked, this, &ReadingColumn::cardClicked);
    connect(m_collapse, &QToolButton::clicked, this, [this] { setCollapsed(!m_collapsed); });
    connect(m_copy, &QToolButton::clicked, this, &ReadingColumn::copyToClipboard);
}

void ReadingColumn::setSubtitle(const QString& text) {
    m_subtitleText = text;
    m_subtitle->setToolTip(text.toHtmlEscaped());
    elideSubtitle();
}

void ReadingColumn::elideSubtitle() {
    m_subtitle->setText(m_subtitle->fontMetrics().elidedText(m_subtitleText, Qt::ElideRight,
                                                             std::max(0, m_subtitle->width())));
}

void ReadingColumn::setCards(std::vector<CardContent> contents) {
    m_copyText.clear();
    m_stack->setCards(std::move(contents));
    m_scroll->verticalScrollBar()->setValue(0);
}

void ReadingColumn::setCopyText(const std::string& text) {
    m_copyText = text;
}

std::string ReadingColumn::copyText() const {
    if (!m_copyText.empty()) {
        return m_copyText;
    }
    std::string all;
    for (int i = 0; i < m_stack->count(); ++i) {
        const std::string& text = m_stack->content(i).text;
        all += (all.empty() || text.empty() ? "" : "\n\n") + text;
    }
    return all;
}

void ReadingColumn::copyToClipboard() {
    const std::string text = copyText();
    QGuiApplication::clipboard()->setText(
        QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())));
    Q_EMIT copied();
}

int ReadingColumn::visibleTop(int index) const {
    const StepCard* card = m_stack->card(index);
    return card == nullptr ? -1 : card->y() - m_scroll->verticalScrollBar()->value();
}

void ReadingColumn::reveal(int index, int y) {
    const StepCard* card = m_stack->card(index);
    if (card == nullptr) {
        return;
    }
    QScrollBar* bar = m_scroll->verticalScrollBar();
    const int viewport = m_scroll->viewport()->height();
    if (y >= 0 && y < viewport) {
        // Beside its partner, unless that would hide the end of a card that fits.
        const int room = std::max(0, viewport - card->height() - space::kOne);
        bar->setValue(card->y() - std::min(y, room));
        return;
    }
    const int top = card->y() - bar->value();
    if (top < 0 || card->height() > viewport) {
        bar->setValue(card->y() - space::kOne);
    } else if (top + card->height() > viewport) {
        bar->setValue(card->y() + card->height() - viewport + space::kOne);
    }
}

void ReadingColumn::scrollPage(int direction) {
    QScrollBar* bar = m_scroll->verticalScrollBar();
    bar->setValue(bar->value() + direction * (bar->pageStep() - space::kThree));
}

void ReadingColumn::hideHeading() {
    m_heading->setFixedHeight(0);
    m_heading->hide();
}

void ReadingColumn::addHeadingWidget(QWidget* widget) {
    auto* row = static_cast<QHBoxLayout*>(m_heading->layout());
    row->insertWidget(row->indexOf(m_copy), widget);
}

void ReadingColumn::setCollapsed(bool collapsed) {
    if (m_collapsed == collapsed) {
        return;
    }
    m_collapsed = collapsed;
    applyCollapse();
    Q_EMIT collapsedChanged(collapsed);
}

void ReadingColumn::setStacked(bool stacked) {
    m_stacked = stacked;
    applyCollapse();
}

void ReadingColumn::applyCollapse() {
    const bool bar = m_collapsed && !m_stacked; // a narrow bar with an upright title
    m_scroll->setVisible(!m_collapsed);
    m_titleLabel->setVisible(!bar);
    m_subtitle->setVisible(!bar && width() > 220);
    m_copy->setVisible(!m_collapsed);
    m_heading->layout()->setContentsMargins(bar ? 2 : space::kTwo, 0, bar ? 2 : space::kHalf, 0);
    m_collapse->setToolTip(m_collapsed ? tr("Show this column") : tr("Collapse this column"));
    setMinimumWidth(bar ? kCollapsedWidth : 140);
    setMaximumWidth(bar ? kCollapsedWidth : QWIDGETSIZE_MAX);
    const int heading = m_heading->height();
    setMaximumHeight(m_collapsed && m_stacked ? heading : QWIDGETSIZE_MAX);
    setMinimumHeight(m_stacked && !m_collapsed ? heading + space::kFour : heading);
    layout()->setAlignment(m_heading, bar ? Qt::AlignTop : Qt::Alignment());
    update();
}

void ReadingColumn::restyle() {
    m_stack->restyle();
    update();
}

void ReadingColumn::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.fillRect(rect(), m_collapsed ? t.sunken : t.surface);
    const int line = m_heading->height();
    if (line > 0) {
        painter.fillRect(QRect(0, 0, width(), line), t.window);
        painter.fillRect(QRect(0, line - 1, width(), 1), t.border);
    }
    if (m_scroll->hasFocus()) {
        painter.fillRect(QRect(0, std::max(0, line - 2), width(), 2), t.accent);
    }
    if (m_collapsed && !m_stacked) {
        painter.setFont(Theme::current().smallFont());
        painter.setPen(t.muted);
        painter.translate(width() / 2.0, line + space::kOne);
        painter.rotate(90);
        painter.drawText(QRect(0, -width() / 2, height() - line - space::kTwo, width()),
                         Qt::AlignVCenter | Qt::AlignLeft, m_title);
    }
}

void ReadingColumn::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    m_subtitle->setVisible(!(m_collapsed && !m_stacked) && width() > 220);
    m_heading->layout()->activate();
    elideSubtitle();
}

void ReadingColumn::mousePressEvent(QMouseEvent* event) {
    if (m_collapsed) {
        setCollapsed(false);
        return;
    }
    m_scroll->setFocus();
    QFrame::mousePressEvent(event);
}

void ReadingColumn::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->position().y() < m_heading->height()) {
        setCollapsed(!m_collapsed);
    }
}

bool ReadingColumn::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_scroll &&
        (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)) {
        update();
    }
    if (watched == m_scroll && event->type() == QEvent::KeyPress &&
        scrollByKey(*m_scroll, *static_cast<QKeyEvent*>(event))) {
        return true;
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace scrit::ui::widgets
