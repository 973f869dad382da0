// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/render/document_builder.h"
#include "ui/render/math_object.h"
#include "ui/render/rich_text.h"
#include "ui/render/source_map.h"

#include <QTimer>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scrit::ui::render {

// What RichTextDocument is made of. A text is built a piece at a time (text_pieces.h): the first
// one at once, the others on later turns of the event loop, so that no turn takes long. Formulas
// that arrive are put into a stretch of the text at a time, for the same reason.
class RichTextDocument::Private {
public:
    // A part of the source that is in the document.
    struct Piece {
        std::size_t source = 0; // its first byte
        MarkdownSource prepared;
        int firstFormula = 0;
        int begin = 0; // document positions
        int end = 0;
        mutable std::optional<SourceMap> map;
    };

    Private(RichTextDocument* owner, MathTypesetter* t);

    void setText(std::string_view utf8, bool isPlain);
    void rebuild();
    void startPieces();
    void appendPiece();
    void appendMarkdown(Piece& piece, std::string_view text);
    void buildInto(QTextDocument& target, const Piece& piece);
    void addNotice();
    void place(int from);
    void requestFrom(std::size_t firstFormula);
    void arrived(const QList<MathKey>& keys);
    void placeArrived();
    void reformat(const std::vector<std::size_t>& indices);
    void widthChanged();
    [[nodiscard]] std::string_view shownText() const { return visible.empty() ? source : visible; }
    [[nodiscard]] std::size_t limit() const { return all ? kMaxShownBytes : kFirstShownBytes; }
    [[nodiscard]] const SourceMap& mapOf(const Piece& piece) const;
    [[nodiscard]] std::pair<int, int> positionsOf(base::Span span) const;
    [[nodiscard]] base::Span sourceOf(int begin, int end) const;
    [[nodiscard]] const Piece* pieceAt(int position) const;
    [[nodiscard]] int formulaAt(int position) const;
    [[nodiscard]] std::vector<QRectF> rectsOf(int begin, int end) const;
    void paintHighlights(QPainter& painter, const QRectF& clip) const;
    void paintCode(QPainter& painter, const QRectF& clip) const;
    void paintQuoteBars(QPainter& painter, const QRectF& clip) const;

    RichTextDocument* q;
    MathTypesetter* typesetter;
    MathGroup group = 0;
    MathPriority priority = MathPriority::Visible;
    RichTextStyle style;
    std::string source;
    std::string visible; // source with invalid UTF-8 made visible, when that differs
    bool plain = false;
    bool all = false;
    std::vector<Piece> pieces;
    std::size_t shownEnd = 0; // of the text that is to be shown
    std::size_t builtEnd = 0; // of the pieces so far
    QTimer more;              // builds the next piece
    std::vector<PlacedFormula> formulas;
    std::vector<std::size_t> order; // formulas by position
    // Their backgrounds are painted here and not by Qt, which would put them over the highlights.
    std::vector<std::pair<int, int>> codeSpans;
    std::vector<int> codeBlocks;
    std::vector<std::size_t> waiting; // formulas that have arrived, by index
    QTimer moreFormulas;              // puts the next of them into the text
    int pending = 0;
    ClosedDocument document;
    MathObject object{formulas, style, nullptr};
    QMetaObject::Connection connection;
    std::vector<Highlight> highlights;
};

} // namespace scrit::ui::render
