// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/small_widgets.h"

#include "ui/models/visible_text.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/theme.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace scrit::ui::widgets {

QLabel* plainLabel(const QString& text, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setText(text);
    return label;
}

QLabel* mutedLabel(const QString& text, QWidget* parent) {
    QLabel* label = plainLabel(text, parent);
    label->setProperty("muted", true);
    label->setFont(Theme::current().smallFont());
    return label;
}

QToolButton* actionButton(QAction* action, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setDefaultAction(action);
    button->setAutoRaise(true);
    button->setIconSize({space::kIcon, space::kIcon});
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    button->setAccessibleName(action->text());
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

Chip::Chip(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Chip::setContent(models::Mark mark, const QString& lead, const QString& words,
                      const QString& toolTip) {
    m_mark = mark;
    m_lead = lead;
    m_words = words;
    setToolTip(toolTip);
    setAccessibleName(text());
    updateGeometry();
    update();
}

void Chip::setAnswer(const std::string& answer, render::MathTypesetter* typesetter) {
    constexpr std::size_t kMostChars = 40;
    m_answer = models::labelText(answer, kMostChars);
    const std::string tex = render::texOfAnswer(answer);
    if (m_formula == nullptr && !tex.empty()) {
        m_formula = new render::MathLine(typesetter, this);
        connect(m_formula, &render::MathLine::arrived, this, [this] {
            updateGeometry();
            update();
        });
    }
    if (m_formula != nullptr) {
        m_formula->setTex(tex);
    }
    if (!tex.empty()) {
        setToolTip(QStringLiteral("<p>%1</p><p>%2</p>")
                       .arg(models::labelText(answer).toHtmlEscaped(), toolTip().toHtmlEscaped()));
    }
    setAccessibleName(text());
    updateGeometry();
}

bool Chip::showsFormula() const {
    constexpr qreal kWidest = 180;
    constexpr qreal kTallest = 27; // the line that chips stand on is 32 high
    if (m_formula == nullptr || !m_formula->isReady()) {
        return false;
    }
    const QSizeF size = m_formula->size(Theme::current().smallFont());
    return size.width() <= kWidest && size.height() <= kTallest;
}

QString Chip::text() const {
    QStringList parts{m_lead, m_answer, models::markText(m_mark), m_words};
    parts.removeAll(QString());
    return parts.join(QLatin1Char(' '));
}

QSize Chip::sizeHint() const {
    const QFont font = Theme::current().smallFont();
    const QFontMetrics metrics(font);
    QSize size(metrics.horizontalAdvance(text()) + space::kTwo, metrics.height() + 6);
    if (showsFormula()) {
        const QSizeF formula = m_formula->size(font);
        size.rwidth() +=
            static_cast<int>(std::ceil(formula.width())) - metrics.horizontalAdvance(m_answer);
        size.setHeight(std::max(size.height(), static_cast<int>(std::ceil(formula.height())) + 4));
    }
    return size;
}

void Chip::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_mark == models::Mark::None ? t.unknownTint : t.markTint(m_mark));
    painter.drawRoundedRect(rect(), 4, 4);
    const QFont font = Theme::current().smallFont();
    painter.setFont(font);
    const QFontMetrics metrics(font);
    int x = space::kOne;
    const auto draw = [&](const QString& words, const QColor& ink) {
        if (words.isEmpty()) {
            return;
        }
        painter.setPen(ink);
        painter.drawText(QRect(x, 0, width(), height()), Qt::AlignVCenter | Qt::AlignLeft, words);
        x += metrics.horizontalAdvance(words + QLatin1Char(' '));
    };
    draw(m_lead, t.muted);
    if (showsFormula()) {
        m_formula->paint(painter, {static_cast<qreal>(x), height() / 2.0}, font, t.text);
        x += static_cast<int>(std::ceil(m_formula->size(font).width())) +
             metrics.horizontalAdvance(QLatin1Char(' '));
    } else {
        draw(m_answer, t.text);
    }
    draw(models::markText(m_mark), t.mark(m_mark));
    draw(m_words, m_mark == models::Mark::None ? t.text : t.mark(m_mark));
}

Segmented::Segmented(const QStringList& texts, QWidget* parent) : QWidget(parent), m_texts(texts) {
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
}

void Segmented::setTexts(const QStringList& texts) {
    m_texts = texts;
    updateGeometry();
    update();
}

void Segmented::setCurrent(int index) {
    m_current = std::clamp(index, 0, static_cast<int>(m_texts.size()) - 1);
    update();
}

void Segmented::setSecond(int index) {
    m_second = index;
    update();
}

QSize Segmented::sizeHint() const {
    int width = 2;
    for (const QString& text : m_texts) {
        width += fontMetrics().horizontalAdvance(text) + space::kThree;
    }
    return {width, std::max(28, fontMetrics().height() + 10)};
}

QRect Segmented::segment(int index) const {
    int x = 1;
    for (int i = 0; i < index; ++i) {
        x += fontMetrics().horizontalAdvance(m_texts[i]) + space::kThree;
    }
    return {x, 1, fontMetrics().horizontalAdvance(m_texts[index]) + space::kThree, height() - 2};
}

void Segmented::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(hasFocus() ? t.accent : t.borderStrong, 1));
    painter.setBrush(t.sunken);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), space::kRadius,
                            space::kRadius);
    for (int i = 0; i < m_texts.size(); ++i) {
        const QRect box = segment(i);
        if (i == m_current) {
            painter.setPen(QPen(t.borderStrong, 1));
            painter.setBrush(t.surface);
            painter.drawRoundedRect(QRectF(box).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4);
        }
        if (i == m_second && i != m_current) {
            painter.setPen(QPen(t.accent, 1, Qt::DashLine));
            painter.setBrush(t.accentTint);
            painter.drawRoundedRect(QRectF(box).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4);
        }
        painter.setPen(i == m_current || i == m_second ? t.text : t.muted);
        painter.drawText(box, Qt::AlignCenter, m_texts[i]);
    }
}

void Segmented::mousePressEvent(QMouseEvent* event) {
    for (int i = 0; i < m_texts.size(); ++i) {
        if (segment(i).contains(event->position().toPoint()) && i != m_current) {
            setCurrent(i);
            Q_EMIT chosen(i);
        }
    }
}

void Segmented::keyPressEvent(QKeyEvent* event) {
    const int step = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    const int next = m_current + step;
    if (step == 0 || next < 0 || next >= m_texts.size()) {
        QWidget::keyPressEvent(event);
        return;
    }
    setCurrent(next);
    Q_EMIT chosen(next);
}

void Segmented::focusInEvent(QFocusEvent* event) {
    QWidget::focusInEvent(event);
    update();
}

void Segmented::focusOutEvent(QFocusEvent* event) {
    QWidget::focusOutEvent(event);
    update();
}

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent), m_icon(new QLabel(this)), m_message(plainLabel({}, this)),
      m_advice(mutedLabel({}, this)), m_button(new QPushButton(this)) {
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(space::kTwo, space::kOne, space::kOne, space::kOne);
    layout->setSpacing(space::kOne);
    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(m_message);
    texts->addWidget(m_advice);
    m_message->setWordWrap(true);
    m_advice->setWordWrap(true);
    m_advice->setFont(font());
    for (QLabel* label : {m_message, m_advice}) {
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    layout->addWidget(m_icon, 0, Qt::AlignTop);
    layout->addLayout(texts, 1);
    layout->addWidget(m_button, 0, Qt::AlignVCenter);
    auto* dismiss = new QToolButton(this);
    dismiss->setIcon(icon(QStringLiteral("close")));
    dismiss->setAccessibleName(tr("Dismiss"));
    dismiss->setToolTip(tr("Dismiss"));
    layout->addWidget(dismiss, 0, Qt::AlignVCenter);
    connect(dismiss, &QToolButton::clicked, this, [this] {
        hide();
        Q_EMIT dismissed();
    });
    connect(m_button, &QPushButton::clicked, this, &MessageBar::buttonPressed);
    hide();
}

void MessageBar::showMessage(Kind kind, const QString& message, const QString& advice,
                             const QString& button) {
    m_kind = kind;
    const Tokens& t = tokens();
    m_icon->setPixmap(
        tintedPixmap(kind == Kind::Problem ? QStringLiteral("warning") : QStringLiteral("info"),
                     kind == Kind::Problem ? t.no : t.accent, space::kIcon, devicePixelRatioF()));
    m_message->setText(message);
    m_advice->setText(advice);
    m_advice->setVisible(!advice.isEmpty());
    m_button->setText(button);
    m_button->setVisible(!button.isEmpty());
    setAccessibleName(message + QLatin1Char(' ') + advice);
    show();
    update();
}

QString MessageBar::text() const {
    return m_message->text() + QLatin1Char('\n') + m_advice->text();
}

void MessageBar::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.fillRect(rect(), m_kind == Kind::Problem ? t.noTint : t.accentTint);
    painter.fillRect(QRect(0, 0, 3, height()), m_kind == Kind::Problem ? t.no : t.accent);
}

EmptyState::EmptyState(QWidget* parent)
    : QWidget(parent), m_title(plainLabel({}, this)), m_advice(plainLabel({}, this)),
      m_buttons(new QHBoxLayout) {
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(space::kOne);
    layout->addStretch(2);
    layout->addWidget(m_title, 0, Qt::AlignHCenter);
    // Side by side with stretches, so that its height is that of its own width.
    auto* middle = new QHBoxLayout;
    constexpr int kWidest = 560;
    constexpr int kShare = 8;
    m_advice->setMaximumWidth(kWidest);
    middle->addStretch(1);
    middle->addWidget(m_advice, kShare);
    middle->addStretch(1);
    layout->addLayout(middle);
    layout->addSpacing(space::kOne);
    layout->addLayout(m_buttons);
    layout->addStretch(3);
    m_title->setFont(Theme::current().headingFont(1.15));
    m_advice->setProperty("muted", true);
    m_advice->setAlignment(Qt::AlignCenter);
    m_advice->setWordWrap(true);
    m_advice->setMinimumWidth(360);
    m_buttons->setSpacing(space::kOne);
}

void EmptyState::setContent(const QString& title, const QString& advice,
                            const QList<QAction*>& actions) {
    m_title->setText(title);
    m_advice->setText(advice);
    while (QLayoutItem* item = m_buttons->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_buttons->addStretch();
    for (QAction* action : actions) {
        auto* button = new QPushButton(action->text(), this);
        button->setProperty("primary", action == actions.first());
        const auto follow = [button, action] {
            button->setToolTip(action->toolTip());
            button->setEnabled(action->isEnabled());
        };
        follow();
        connect(action, &QAction::changed, button, follow);
        connect(button, &QPushButton::clicked, action, &QAction::trigger);
        m_buttons->addWidget(button);
    }
    m_buttons->addStretch();
}

} // namespace scrit::ui::widgets
