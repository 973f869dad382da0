// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/answer_label.h"

#include "ui/models/visible_text.h"
#include "ui/widgets/small_widgets.h"
#include "ui/widgets/theme.h"

#include <QPainter>
#include <QResizeEvent>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace scrit::ui::widgets {

AnswerLabel::AnswerLabel(render::MathTypesetter* typesetter, QWidget* parent)
    : QWidget(parent), m_formula(typesetter), m_words(plainLabel({}, this)) {
    m_words->setWordWrap(true);
    m_words->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_words);
    connect(&m_formula, &render::MathLine::arrived, this, &AnswerLabel::arrange);
}

void AnswerLabel::setAnswer(const std::string& answer, models::Mark mark) {
    m_mark = mark;
    m_text = models::labelText(answer);
    m_formula.setTex(render::texOfAnswer(answer));
    m_words->setText(text());
    QPalette palette = m_words->palette();
    palette.setColor(QPalette::WindowText,
                     mark == models::Mark::None ? tokens().text : tokens().mark(mark));
    m_words->setPalette(palette);
    setToolTip(render::texOfAnswer(answer).empty() ? QString() : m_text.toHtmlEscaped());
    setAccessibleName(text());
    arrange();
}

QString AnswerLabel::markPrefix() const {
    return m_mark == models::Mark::None ? QString() : models::markText(m_mark) + QLatin1Char(' ');
}

QString AnswerLabel::text() const {
    return markPrefix() + m_text;
}

bool AnswerLabel::isTypeset() const {
    return m_formula.isReady() && m_words->isHidden();
}

void AnswerLabel::arrange() {
    const qreal room = width() - fontMetrics().horizontalAdvance(markPrefix());
    const bool fits =
        m_formula.isReady() && m_formula.size(font()).width() <= std::max(120.0, room);
    m_words->setVisible(!fits);
    updateGeometry();
    update();
}

QSize AnswerLabel::sizeHint() const {
    if (m_words->isVisibleTo(this)) {
        return QWidget::sizeHint();
    }
    const QSizeF formula = m_formula.size(font());
    return {static_cast<int>(std::ceil(formula.width())) +
                fontMetrics().horizontalAdvance(markPrefix()) + 2,
            std::max(fontMetrics().height(), static_cast<int>(std::ceil(formula.height())) + 4)};
}

QSize AnswerLabel::minimumSizeHint() const {
    return m_words->isVisibleTo(this) ? QWidget::minimumSizeHint() : QSize(40, sizeHint().height());
}

void AnswerLabel::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (event->size().width() != event->oldSize().width()) {
        arrange();
    }
}

void AnswerLabel::paintEvent(QPaintEvent*) {
    if (!isTypeset()) {
        return;
    }
    const Tokens& t = tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_mark == models::Mark::None ? t.text : t.mark(m_mark));
    painter.drawText(rect(), Qt::AlignLeft | Qt::AlignVCenter, markPrefix());
    m_formula.paint(
        painter,
        {static_cast<qreal>(fontMetrics().horizontalAdvance(markPrefix())), height() / 2.0}, font(),
        m_mark == models::Mark::None ? t.text : t.mark(m_mark));
}

} // namespace scrit::ui::widgets
