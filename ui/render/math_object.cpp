// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/math_object.h"

#include "ui/render/display_list_painter.h"

#include <QFontInfo>
#include <QFontMetricsF>
#include <QHash>
#include <QPainter>
#include <QTextLayout>

#include <algorithm>
#include <cmath>
#include <utility>

namespace scrit::ui::render {

namespace {

constexpr qreal kMathXHeight = 0.442; // of MathJax's TeX font, in em
constexpr qreal kLeastShrink = 0.5;   // smaller than this nobody can read it
constexpr int kMaxSourceChars = 4000;

// The font size whose x-height is nearest to `xHeight` whole pixels, and the x-height it really
// has.
std::pair<int, int> fontOfXHeight(const QFont& font, int xHeight) {
    static QHash<std::pair<QString, int>, std::pair<int, int>> known;
    const std::pair key(font.family(), xHeight);
    if (const auto found = known.constFind(key); found != known.constEnd()) {
        return *found;
    }
    QFont probe = font;
    const auto measured = [&](int pixels) {
        probe.setPixelSize(pixels);
        return QFontMetrics(probe).xHeight();
    };
    const qreal ratio = std::max(0.2, measured(100) / 100.0);
    std::pair<int, int> best(1, measured(1));
    const int guess = static_cast<int>(xHeight / ratio);
    for (int pixels = std::max(1, guess - 1); pixels <= guess + 2; ++pixels) {
        const int got = measured(pixels);
        if (std::abs(got - xHeight) < std::abs(best.second - xHeight)) {
            best = {pixels, got};
        }
    }
    known.insert(key, best);
    return best;
}

void layOut(QTextLayout& layout, qreal width, bool wrap) {
    QTextOption option;
    option.setWrapMode(wrap ? QTextOption::WrapAnywhere : QTextOption::NoWrap);
    layout.setTextOption(option);
    layout.setCacheEnabled(true);
    layout.beginLayout();
    qreal y = 0;
    for (QTextLine line = layout.createLine(); line.isValid(); line = layout.createLine()) {
        line.setLineWidth(wrap ? width : 1e6);
        line.setPosition({0, y});
        y += line.height();
    }
    layout.endLayout();
}

QFont sourceFont(const RichTextStyle& style, qreal textPixels) {
    QFont font = style.mono;
    font.setPixelSize(std::max(6, static_cast<int>(std::round(textPixels * 0.9))));
    return font;
}

QString sourceText(const PlacedFormula& formula) {
    QString text = QString::fromStdString(formula.formula.tex).simplified();
    if (text.size() > kMaxSourceChars) {
        text = text.left(kMaxSourceChars) + QChar(0x2026);
    }
    return text;
}

} // namespace

qreal mathEm(const QFont& font, qreal textPixels) {
    static QHash<QString, qreal> ratios;
    const QString family = font.family();
    auto ratio = ratios.constFind(family);
    if (ratio == ratios.constEnd()) {
        QFont large = font;
        large.setPixelSize(100);
        ratio = ratios.insert(family, QFontMetricsF(large).xHeight() / 100 / kMathXHeight);
    }
    return textPixels * std::clamp(*ratio, 1.0, 1.2);
}

void MathObject::measureSource(PlacedFormula& formula) const {
    formula.showsSource = true;
    const QFont font = sourceFont(m_style, formula.textPixels);
    const QFontMetricsF metrics(font);
    QTextLayout layout(sourceText(formula), font);
    layOut(layout, formula.available, false);
    formula.width = std::ceil(layout.maximumWidth()) + 2;
    formula.ascent = metrics.ascent();
    formula.descent = metrics.descent();
    if (formula.width <= formula.available || formula.available <= 0) {
        return;
    }
    layout.clearLayout();
    layOut(layout, formula.available - 2, true);
    formula.width = formula.available;
    formula.ascent = formula.descent = layout.boundingRect().height() / 2;
}

void MathObject::measureTypeset(PlacedFormula& formula) const {
    const DisplayList& list = formula.result->list;
    formula.showsSource = false;
    formula.em = mathEm(m_style.text, formula.textPixels);
    // A formula has no side bearing of its own; half a pixel keeps italics off the next letter.
    constexpr qreal kSide = 1;
    const qreal width = list.width * formula.em + kSide;
    if (formula.available > 0 && width > formula.available) {
        formula.em *= formula.available / width;
    }
    if (formula.em < kLeastShrink * mathEm(m_style.text, formula.textPixels)) {
        measureSource(formula);
        formula.tip =
            RichTextDocument::tr("This formula is too wide for the column; its source is shown.");
        return;
    }
    formula.width = list.width * formula.em + kSide;
    formula.ascent = list.ascent * formula.em;
    formula.descent = list.descent * formula.em;
    if (formula.formula.display) { // some air above and below
        formula.ascent += formula.textPixels * 0.25;
        formula.descent += formula.textPixels * 0.25;
    }
}

QTextCharFormat MathObject::measure(std::size_t index, const QTextCharFormat& base) {
    PlacedFormula& formula = m_formulas[index];
    formula.tip.clear();
    if (formula.result && formula.result->ok()) {
        measureTypeset(formula);
    } else {
        measureSource(formula);
        if (formula.result) {
            formula.tip = formula.result->error;
        }
    }
    formula.ascent = std::max(formula.ascent, formula.descent);
    const int xHeight = static_cast<int>(std::round(2 * (formula.ascent - formula.descent)));
    const auto [pixels, actual] = fontOfXHeight(m_style.text, xHeight);
    formula.halfXHeight = actual / 2.0;

    QTextCharFormat format;
    format.setObjectType(kObjectType);
    format.setProperty(kIndexProperty, static_cast<int>(index));
    format.setVerticalAlignment(QTextCharFormat::AlignMiddle);
    format.setFontFamilies({m_style.text.family()});
    format.setProperty(QTextFormat::FontPixelSize, pixels);
    if (base.isAnchor()) {
        format.setAnchor(true);
        format.setAnchorHref(base.anchorHref());
    }
    return format;
}

const PlacedFormula* MathObject::formulaOf(const QTextFormat& format) const {
    const int index = format.intProperty(kIndexProperty);
    if (index < 0 || static_cast<std::size_t>(index) >= m_formulas.size()) {
        return nullptr;
    }
    return &m_formulas[static_cast<std::size_t>(index)];
}

QSizeF MathObject::intrinsicSize(QTextDocument*, int, const QTextFormat& format) {
    const PlacedFormula* formula = formulaOf(format);
    return formula ? QSizeF(formula->width, formula->ascent + formula->descent) : QSizeF();
}

void MathObject::drawObject(QPainter* painter, const QRectF& rect, QTextDocument*, int,
                            const QTextFormat& format) {
    const PlacedFormula* formula = formulaOf(format);
    if (!formula) {
        return;
    }
    if (!formula->showsSource) {
        // Where Qt put the baseline, given the alignment font's x-height in whole pixels.
        const qreal baseline = rect.top() + (rect.height() + formula->halfXHeight) / 2;
        paintDisplayList(*painter, formula->result->list, {rect.left(), baseline}, formula->em,
                         m_style.foreground, m_style.text);
        return;
    }
    const bool failed = formula->result != nullptr;
    QTextLayout layout(sourceText(*formula), sourceFont(m_style, formula->textPixels));
    layOut(layout, rect.width(), layout.text().size() > 1 && formula->width >= formula->available);
    painter->save();
    painter->setPen(failed ? m_style.foreground : m_style.muted);
    layout.draw(painter, rect.topLeft() + QPointF(1, 0));
    if (failed && m_style.error.isValid()) {
        painter->setPen(QPen(m_style.error, 1, Qt::DotLine));
        painter->drawLine(rect.bottomLeft(), rect.bottomRight());
    }
    painter->restore();
}

} // namespace scrit::ui::render
