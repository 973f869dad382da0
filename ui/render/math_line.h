// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/render/math_typesetter.h"

#include <QColor>
#include <QFont>
#include <QObject>
#include <QSizeF>

#include <string>
#include <string_view>

class QPainter;

namespace scrit::ui::render {

// The formula of an answer as data sets store them: bare TeX such as "\frac{1}{2}" or "x^2+1",
// with or without dollar signs around it. Empty for what reads as well as it is ("42", "Paris",
// "3/4", "(B)") and for what is longer than an answer. Pure.
[[nodiscard]] std::string texOfAnswer(std::string_view answer);

// One formula inside the interface, where a document would be too much: an answer in a chip or in a
// table of facts. It asks for its formula and tells when it can be drawn; until then, and when the
// formula cannot be typeset, whoever owns it shows the text. UI thread.
class MathLine final : public QObject {
    Q_OBJECT
public:
    // `typesetter` may be null: nothing is ever ready then. It must outlive the line.
    explicit MathLine(MathTypesetter* typesetter, QObject* parent = nullptr);
    ~MathLine() override;

    // Empty: no formula.
    void setTex(const std::string& tex);
    [[nodiscard]] bool isReady() const { return m_result != nullptr && m_result->ok(); }
    // Of the formula beside text of this font; empty until it is ready.
    [[nodiscard]] QSizeF size(const QFont& font) const;
    // With the left end of the formula at `left`, its box centred on the middle of a line of text.
    void paint(QPainter& painter, const QPointF& leftMiddle, const QFont& font,
               const QColor& color) const;

Q_SIGNALS:
    void arrived();

private:
    MathTypesetter* m_typesetter;
    MathGroup m_group = 0;
    MathKey m_key;
    MathResultPtr m_result;
    bool m_waiting = false;
};

} // namespace scrit::ui::render
