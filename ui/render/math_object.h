// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/render/math_split.h"
#include "ui/render/rich_text.h"

#include <QObject>
#include <QTextCharFormat>
#include <QTextObjectInterface>

#include <memory>
#include <vector>

namespace scrit::ui::render {

// Logical pixels per em of mathematics beside text of this font: as tall in the small letters,
// within reason.
[[nodiscard]] qreal mathEm(const QFont& font, qreal textPixels);

// A formula in a document: what it is, where it stands, and how it is drawn at the present width.
struct PlacedFormula {
    Formula formula;
    MathResultPtr result;  // null while it is being typeset
    MathResultPtr arrived; // typeset, and put into the text on a turn of its own
    int position = -1;     // of its object character; -1: not in the document
    qreal textPixels = 16; // font size of the text around it
    qreal available = 0;   // width it may take

    // Made by MathObject::measure().
    bool showsSource = true;
    qreal width = 0;
    qreal ascent = 0;
    qreal descent = 0;
    qreal em = 0;          // of the typeset formula, shrinking included
    qreal halfXHeight = 0; // of the alignment font; Qt puts the object's ascent there
    QString tip;
};

// Draws formulas in a QTextDocument. One per document; UI thread.
//
// Qt aligns an inline object by its lower edge or by its middle only. For ascent a and descent d an
// object of height max(a,d)+d, aligned to the middle, whose character format has a font with an
// x-height of 2(a−d), gets exactly ascent max(a,d) and descent d, so its baseline is the text's.
class MathObject : public QObject, public QTextObjectInterface {
    Q_OBJECT
    Q_INTERFACES(QTextObjectInterface)
public:
    static constexpr int kObjectType = QTextFormat::UserObject + 17;
    static constexpr int kIndexProperty = QTextFormat::UserProperty + 17;

    MathObject(std::vector<PlacedFormula>& formulas, const RichTextStyle& style, QObject* parent)
        : QObject(parent), m_formulas(formulas), m_style(style) {}

    // Computes the box for `formula.available` and returns the format its character must have;
    // other properties are taken from `base`.
    QTextCharFormat measure(std::size_t index, const QTextCharFormat& base);

    QSizeF intrinsicSize(QTextDocument* document, int position, const QTextFormat& format) override;
    void drawObject(QPainter* painter, const QRectF& rect, QTextDocument* document, int position,
                    const QTextFormat& format) override;

private:
    void measureSource(PlacedFormula& formula) const;
    void measureTypeset(PlacedFormula& formula) const;
    [[nodiscard]] const PlacedFormula* formulaOf(const QTextFormat& format) const;

    std::vector<PlacedFormula>& m_formulas;
    const RichTextStyle& m_style;
};

} // namespace scrit::ui::render
