// SPDX-License-Identifier: GPL-3.0-or-later
// From positions in the text of a RichTextDocument to its source and back, and what is at a point.
#include "ui/render/rich_text_private.h"

#include <QAbstractTextDocumentLayout>
#include <QTextCursor>
#include <QTextDocument>
#include <QUrl>

#include <algorithm>
#include <iterator>
#include <utility>

namespace scrit::ui::render {

int RichTextDocument::Private::formulaAt(int position) const {
    const auto found =
        std::lower_bound(order.begin(), order.end(), position,
                         [this](std::size_t i, int p) { return formulas[i].position < p; });
    return found != order.end() && formulas[*found].position == position ? static_cast<int>(*found)
                                                                         : -1;
}

const SourceMap& RichTextDocument::Private::mapOf(const Piece& piece) const {
    if (!piece.map) {
        const QString raw = document.toRawText().mid(piece.begin, piece.end - piece.begin);
        piece.map.emplace(piece.prepared, raw, [this, &piece](int position) {
            const int formula = formulaAt(piece.begin + position);
            return formula < 0 ? -1 : formula - piece.firstFormula;
        });
    }
    return *piece.map;
}

const RichTextDocument::Private::Piece* RichTextDocument::Private::pieceAt(int position) const {
    const auto next = std::upper_bound(pieces.begin(), pieces.end(), position,
                                       [](int p, const Piece& piece) { return p < piece.begin; });
    return next == pieces.begin() ? nullptr : &*std::prev(next);
}

std::pair<int, int> RichTextDocument::Private::positionsOf(base::Span span) const {
    std::pair<int, int> covered{0, 0};
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const Piece& piece = pieces[i];
        const std::size_t end = i + 1 < pieces.size() ? pieces[i + 1].source : builtEnd;
        if (span.end <= piece.source || span.begin >= end) {
            continue;
        }
        const auto [from, to] =
            mapOf(piece).positionsOf({std::max(span.begin, piece.source) - piece.source,
                                      std::min(span.end, end) - piece.source});
        if (from >= to) {
            continue;
        }
        if (covered.first == covered.second) {
            covered.first = piece.begin + from;
        }
        covered.second = piece.begin + to;
    }
    return covered;
}

base::Span RichTextDocument::Private::sourceOf(int begin, int end) const {
    const Piece* first = pieceAt(begin);
    const Piece* last = pieceAt(begin < end ? end - 1 : end);
    if (first == nullptr || last == nullptr) {
        return {};
    }
    if (first == last) {
        const base::Span span = mapOf(*first).sourceOf(begin - first->begin, end - first->begin);
        return {first->source + span.begin, first->source + span.end};
    }
    return {first->source +
                mapOf(*first).sourceOf(begin - first->begin, first->end - first->begin).begin,
            last->source + mapOf(*last).sourceOf(0, end - last->begin).end};
}

std::vector<base::Span> RichTextDocument::find(const QString& words, std::size_t most) const {
    std::vector<base::Span> found;
    const auto add = [&](int begin, int end) {
        const base::Span span = d->sourceOf(begin, end);
        if (!span.empty() && (found.empty() || span.begin >= found.back().end)) {
            found.push_back(span);
        }
    };
    QString text = d->document.toRawText().left(d->pieces.empty() ? 0 : d->pieces.back().end);
    for (QChar& c : text) {
        if (c.isSpace()) {
            c = u' ';
        }
    }
    qsizetype next = words.isEmpty() ? -1 : text.indexOf(words, 0, Qt::CaseInsensitive);
    auto formula = d->order.begin();
    const auto formulasBefore = [&](qsizetype position) {
        for (; formula != d->order.end() && found.size() < most; ++formula) {
            const PlacedFormula& placed = d->formulas[*formula];
            if (placed.position >= position) {
                return;
            }
            if (QString::fromStdString(placed.formula.tex).contains(words, Qt::CaseInsensitive)) {
                add(placed.position, placed.position + 1);
            }
        }
    };
    while (next >= 0 && found.size() < most) {
        formulasBefore(next);
        add(static_cast<int>(next), static_cast<int>(next + words.size()));
        next = text.indexOf(words, next + words.size(), Qt::CaseInsensitive);
    }
    if (!words.isEmpty()) {
        formulasBefore(text.size());
    }
    return found;
}

QRectF RichTextDocument::rectOf(base::Span source) const {
    const auto [begin, end] = d->positionsOf(source);
    QRectF all;
    for (const QRectF& rect : d->rectsOf(begin, end)) {
        all |= rect;
    }
    return all;
}

base::Span RichTextDocument::sourceSpan(int begin, int end) const {
    return d->sourceOf(begin, end);
}

QString RichTextDocument::selectedSource(const QTextCursor& selection) const {
    if (!selection.hasSelection()) {
        return {};
    }
    const auto span = sourceSpan(selection.selectionStart(), selection.selectionEnd());
    const std::string_view text = d->visible.empty() ? d->source : d->visible;
    const auto part = base::slice(text, {std::min(span.begin, text.size()),
                                         std::min(std::max(span.begin, span.end), text.size())});
    return QString::fromUtf8(part.data(), static_cast<qsizetype>(part.size()));
}

int RichTextDocument::positionAt(const QPointF& point) const {
    return d->document.documentLayout()->hitTest(point, Qt::FuzzyHit);
}

QString RichTextDocument::toolTipAt(const QPointF& point) const {
    const int position = d->document.documentLayout()->hitTest(point, Qt::ExactHit);
    if (position < 0) {
        return {};
    }
    // The nearest cursor position is on either side of the character that was hit.
    for (const int at : {position, position - 1}) {
        const int index = d->formulaAt(at);
        if (index < 0) {
            continue;
        }
        const auto rects = d->rectsOf(at, at + 1);
        if (rects.empty() || !rects.front().contains(point)) {
            continue;
        }
        const PlacedFormula& formula = d->formulas[static_cast<std::size_t>(index)];
        const QString tex = QString::fromStdString(formula.formula.tex).left(600);
        return formula.tip.isEmpty() ? tex : formula.tip + QStringLiteral("\n\n") + tex;
    }
    for (const Highlight& highlight : d->highlights) {
        const auto [begin, end] = d->positionsOf(highlight.source);
        if (!highlight.toolTip.isEmpty() && position >= begin && position <= end) {
            return highlight.toolTip;
        }
    }
    return linkAt(point).toString();
}

QUrl RichTextDocument::linkAt(const QPointF& point) const {
    const QUrl url(d->document.documentLayout()->anchorAt(point));
    const QString scheme = url.scheme();
    return scheme == QLatin1String("http") || scheme == QLatin1String("https") ? url : QUrl();
}

} // namespace scrit::ui::render
