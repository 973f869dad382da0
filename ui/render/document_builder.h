// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/render/rich_text.h"

#include <QString>
#include <QTextCharFormat>
#include <QTextDocument>

#include <functional>

namespace scrit::ui::render {

// A document that loads nothing: whatever its text names, there is no such resource.
class ClosedDocument : public QTextDocument {
    Q_OBJECT
public:
    using QTextDocument::QTextDocument;

protected:
    QVariant loadResource(int, const QUrl&) override { return {}; }
};

// Makes the character format of formula `index` where text of `base` with `pixels` stands.
using FormulaFormat = std::function<QTextCharFormat(int index, const QTextCharFormat& base,
                                                    qreal pixels, qreal available)>;
// Whether formula `index` goes on a line of its own.
using IsDisplay = std::function<bool(int index)>;

// Fills `document` from prepared Markdown (prepareMarkdown): no HTML, images replaced by their
// alternative text, links only for http and https and followed by their address, placeholders
// replaced by formula objects, fonts and spacing of `style`. UI thread.
void buildDocument(QTextDocument& document, const QString& prepared, const RichTextStyle& style,
                   int formulaCount, qreal width, const IsDisplay& isDisplay,
                   const FormulaFormat& formulaFormat);

// Width that a line of this block may take when the document is `width` wide.
[[nodiscard]] qreal availableWidth(const QTextBlock& block, qreal width);

} // namespace scrit::ui::render
