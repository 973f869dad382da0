// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/step_card.h"

#include "ui/models/visible_text.h"
#include "ui/widgets/theme.h"

#include <QEvent>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <utility>

namespace scrit::ui::widgets {

namespace {

constexpr int kMarkWidth = 14; // ✓ or ✗, and a gap before it

} // namespace

StepCard::StepCard(render::MathTypesetter* typesetter, QWidget* parent)
    : QWidget(parent), m_view(new render::RichTextView(typesetter, this)) {
    m_view->setMargin(0);
    m_view->setFocusPolicy(Qt::ClickFocus);
    connect(m_view, &render::RichTextView::clicked, this, [this] { Q_EMIT clicked(); });
    restyle();
}

void StepCard::restyle() {
    render::RichTextStyle style = Theme::current().readingStyle();
    if (m_content.muted) {
        style.foreground = tokens().muted;
    }
    m_view->setStyle(style);
    placeView();
    update();
}

void StepCard::setContent(CardContent content) {
    const bool wasMuted = m_content.muted;
    m_content = std::move(content);
    if (m_content.muted != wasMuted) {
        restyle();
    }
    if (m_content.plain) {
        m_view->setPlainText(m_content.text);
    } else {
        m_view->setMarkdown(m_content.text);
    }
    for (auto& marks : m_marks) {
        marks.clear();
    }
    applyHighlights();
    m_view->setVisible(!m_content.text.empty());
    QStringList spoken{m_content.gutter, m_content.title, m_content.markWord};
    for (const Badge& badge : m_content.badges) {
        spoken << badge.text;
    }
    spoken.removeAll(QString());
    setAccessibleName(spoken.join(QStringLiteral(", ")));
    setEmphasis(Emphasis::None);
    placeView();
    updateGeometry();
    update();
}

void StepCard::applyHighlights() {
    std::vector<render::Highlight> all = m_content.highlights;
    for (const auto& marks : m_marks) {
        all.insert(all.end(), marks.begin(), marks.end());
    }
    m_view->setHighlights(std::move(all));
}

void StepCard::setMarks(Layer layer, std::vector<render::Highlight> marks) {
    auto& kept = m_marks[static_cast<std::size_t>(layer)];
    if (kept.empty() && marks.empty()) {
        return;
    }
    kept = std::move(marks);
    applyHighlights();
}

const std::vector<render::Highlight>& StepCard::marks(Layer layer) const {
    return m_marks[static_cast<std::size_t>(layer)];
}

void StepCard::setEmphasis(Emphasis emphasis) {
    if (m_emphasis != emphasis) {
        m_emphasis = emphasis;
        update();
    }
}

int StepCard::gutterWidth() const {
    return m_content.gutter.isEmpty() ? space::kTwo : space::kGutter;
}

int StepCard::headHeight() const {
    if (m_content.title.isEmpty() && m_content.badges.empty()) {
        return 0;
    }
    return QFontMetrics(Theme::current().smallFont()).height() + 6;
}

QMargins StepCard::bodyMargins() const {
    return {gutterWidth(), space::kOne + headHeight(), space::kTwo - 4, space::kOne};
}

int StepCard::heightForWidth(int width) const {
    const QMargins margins = bodyMargins();
    const int least = 2 * space::kOne + QFontMetrics(Theme::current().readingFont()).height();
    if (m_content.text.empty()) {
        return std::max(headHeight() + 2 * space::kHalf, m_content.gutter.isEmpty() ? 0 : least);
    }
    const int body = m_view->heightForWidth(std::max(40, width - margins.left() - margins.right()));
    const int withMark =
        m_content.mark == models::Mark::None || markStandsBeside() ? least : least + 16;
    return std::max(margins.top() + body + margins.bottom(), withMark);
}

QSize StepCard::sizeHint() const {
    return {320, heightForWidth(320)};
}

void StepCard::placeView() {
    const QMargins margins = bodyMargins();
    m_view->setGeometry(rect().marginsRemoved(margins));
}

void StepCard::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    placeView();
}

bool StepCard::event(QEvent* event) {
    if (event->type() == QEvent::LayoutRequest) {
        Q_EMIT heightChanged();
    } else if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QStringList lines;
        if (help->pos().x() < gutterWidth() && !m_content.markWord.isEmpty()) {
            lines << m_content.markWord;
        }
        if (help->pos().y() < space::kOne + headHeight()) {
            for (const Badge& badge : m_content.badges) {
                lines << badge.toolTip;
            }
        }
        lines.removeAll(QString());
        QToolTip::showText(help->globalPos(), lines.join(QLatin1Char('\n')).toHtmlEscaped(), this);
        return true;
    }
    return QWidget::event(event);
}

void StepCard::mousePressEvent(QMouseEvent* event) {
    QWidget::mousePressEvent(event);
    Q_EMIT clicked();
}

void StepCard::paintEvent(QPaintEvent*) {
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF box = QRectF(rect()).adjusted(4.5, 1.5, -4.5, -1.5);
    if (m_content.aside) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.sunken);
        painter.drawRoundedRect(box, space::kRadius, space::kRadius);
    }
    if (m_emphasis != Emphasis::None) {
        painter.setPen(QPen(t.accent, m_emphasis == Emphasis::Selected ? 1.5 : 1,
                            m_emphasis == Emphasis::Selected ? Qt::SolidLine : Qt::DashLine));
        painter.setBrush(t.accentTint);
        QColor tint = t.accentTint;
        tint.setAlphaF(m_emphasis == Emphasis::Selected ? 0.75F : 0.45F);
        painter.setBrush(tint);
        painter.drawRoundedRect(box, space::kRadius, space::kRadius);
    }
    if (m_content.bar != models::Mark::None) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.mark(m_content.bar));
        painter.drawRoundedRect(QRectF(4, 4, 3, height() - 8), 1.5, 1.5);
    }
    paintGutter(painter);
    paintHead(painter);
}

void StepCard::paintGutter(QPainter& painter) const {
    const Tokens& t = tokens();
    if (m_content.gutter.isEmpty()) {
        return;
    }
    const QFont font = Theme::current().readingFont();
    const int line = QFontMetrics(font).height();
    QFont number = Theme::current().smallFont();
    number.setWeight(QFont::DemiBold);
    painter.setFont(number);
    painter.setPen(m_emphasis == Emphasis::None ? t.muted : t.text);
    const bool beside = markStandsBeside();
    const QRect box(space::kHalf, space::kOne, gutterWidth() - space::kHalf - 6, line);
    painter.drawText(beside ? box.adjusted(0, 0, -kMarkWidth, 0) : box,
                     Qt::AlignRight | Qt::AlignVCenter, m_content.gutter);
    if (m_content.mark != models::Mark::None) {
        QFont mark = font;
        mark.setWeight(QFont::Bold);
        painter.setFont(mark);
        painter.setPen(t.mark(m_content.mark));
        painter.drawText(beside ? box : box.translated(0, line), Qt::AlignRight | Qt::AlignVCenter,
                         models::markText(m_content.mark));
    }
}

// Beside the number, so that a step of one line takes one; below a range of numbers.
bool StepCard::markStandsBeside() const {
    QFont number = Theme::current().smallFont();
    number.setWeight(QFont::DemiBold);
    return QFontMetrics(number).horizontalAdvance(m_content.gutter) <=
           gutterWidth() - space::kHalf - 6 - kMarkWidth;
}

void StepCard::paintHead(QPainter& painter) const {
    const Tokens& t = tokens();
    if (headHeight() == 0) {
        return;
    }
    const QFont font = Theme::current().smallFont();
    const QFontMetrics metrics(font);
    painter.setFont(font);
    int x = gutterWidth();
    const int top = space::kOne - 2;
    for (const Badge& badge : m_content.badges) {
        const QString text = models::markText(badge.mark) +
                             (badge.mark == models::Mark::None ? QString() : QStringLiteral(" ")) +
                             badge.text;
        const QRectF box(x + 0.5, top + 0.5, metrics.horizontalAdvance(text) + 12,
                         metrics.height() + 3);
        const QColor ink = badge.mark == models::Mark::None ? t.muted : t.mark(badge.mark);
        painter.setPen(badge.outlined ? QPen(ink, 1, Qt::DashLine) : QPen(Qt::NoPen));
        painter.setBrush(badge.outlined                     ? QColor(Qt::transparent)
                         : badge.mark == models::Mark::None ? t.unknownTint
                                                            : ink);
        painter.drawRoundedRect(box, 3, 3);
        painter.setPen(badge.outlined || badge.mark == models::Mark::None ? ink
                       : t.dark                                           ? t.window
                                                                          : t.surface);
        painter.drawText(box, Qt::AlignCenter, text);
        x += static_cast<int>(box.width()) + 6;
    }
    if (!m_content.title.isEmpty()) {
        painter.setPen(t.muted);
        const QRect rest(x, top, width() - x - space::kOne, metrics.height() + 4);
        painter.drawText(rest, Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(m_content.title, Qt::ElideRight, rest.width()));
    }
}

} // namespace scrit::ui::widgets
