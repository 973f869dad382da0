// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/document_builder.h"
#include "ui/render/math_cache.h"
#include "ui/render/math_object.h"
#include "ui/render/rich_text.h"
#include "ui/render/source_map.h"

#include <QAbstractTextDocumentLayout>
#include <QFontDatabase>
#include <QFontInfo>
#include <QPainter>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextFrame>
#include <QTextLayout>
#include <QUrl>

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

namespace scrit::ui::render {

RichTextStyle RichTextStyle::fromPalette(const QPalette& palette, const QFont& text) {
    const auto mixed = [](const QColor& a, const QColor& b, double share) {
        const auto part = [share](int x, int y) {
            return static_cast<int>(x + (y - x) * share);
        };
        return QColor(part(a.red(), b.red()), part(a.green(), b.green()), part(a.blue(), b.blue()));
    };
    const QColor ink = palette.color(QPalette::Text);
    const QColor paper = palette.color(QPalette::Base);
    const bool dark = paper.lightness() < ink.lightness();
    RichTextStyle style;
    style.text = text;
    // Sizes in pixels throughout: objects, text and rules must agree on every screen.
    style.text.setPixelSize(QFontInfo(text).pixelSize());
    style.mono = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    style.mono.setPixelSize(style.text.pixelSize());
    style.foreground = ink;
    style.muted = mixed(ink, paper, 0.4);
    style.error = dark ? QColor(0xf0, 0x9a, 0x5a) : QColor(0xb4, 0x53, 0x09);
    style.link = palette.color(QPalette::Link);
    if (dark && style.link.lightness() < 160)
        style.link = QColor(0x7a, 0xb0, 0xff);
    style.codeBackground = mixed(paper, ink, dark ? 0.09 : 0.055);
    style.rule = mixed(paper, ink, 0.25);
    style.selection = palette.color(QPalette::Highlight);
    style.selectedText = palette.color(QPalette::HighlightedText);
    return style;
}

class RichTextDocument::Private {
public:
    Private(RichTextDocument* owner, MathTypesetter* t) : q(owner), typesetter(t) {
        document.setUndoRedoEnabled(false);
        document.setDocumentMargin(0);
        document.setIndentWidth(22);
    }

    void rebuild();
    void buildMarkdown(std::string_view shown);
    void addNotice();
    void place();
    void requestPending();
    void arrived(const QList<MathKey>& keys);
    void reformat(const std::vector<std::size_t>& indices);
    void widthChanged();
    [[nodiscard]] const SourceMap& map() const;
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
    bool truncated = false;
    MarkdownSource prepared;
    std::vector<PlacedFormula> formulas;
    std::vector<std::size_t> order; // formulas by position
    // Their backgrounds are painted here and not by Qt, which would put them over the highlights.
    std::vector<std::pair<int, int>> codeSpans;
    std::vector<int> codeBlocks;
    int pending = 0;
    ClosedDocument document;
    MathObject object{formulas, style, nullptr};
    QMetaObject::Connection connection;
    std::vector<Highlight> highlights;
    mutable std::optional<SourceMap> sourceMap;
};

// Where formulas and code stand, after the document was built.
void RichTextDocument::Private::place() {
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        const bool codeBlock = block.blockFormat().hasProperty(QTextFormat::BlockCodeFence);
        if (codeBlock)
            codeBlocks.push_back(block.position());
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            const QTextFragment fragment = it.fragment();
            const QTextCharFormat format = fragment.charFormat();
            if (format.fontFixedPitch() && !codeBlock)
                codeSpans.emplace_back(fragment.position(),
                                       fragment.position() + fragment.length());
            if (format.objectType() != MathObject::kObjectType)
                continue;
            // Neighbouring characters of one format are one fragment; formats of formulas differ.
            const auto index =
                static_cast<std::size_t>(format.intProperty(MathObject::kIndexProperty));
            formulas[index].position = fragment.position();
            order.push_back(index);
        }
    }
}

void RichTextDocument::Private::buildMarkdown(std::string_view shown) {
    prepared = prepareMarkdown(shown);
    formulas.resize(prepared.formulas.size());
    for (std::size_t i = 0; i < formulas.size(); ++i) {
        formulas[i].formula = prepared.formulas[i];
        if (typesetter)
            formulas[i].result =
                typesetter->find({formulas[i].formula.tex, formulas[i].formula.display});
    }
    const std::string& text = prepared.text.text();
    buildDocument(
        document, QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())), style,
        static_cast<int>(formulas.size()), document.textWidth(),
        [this](int i) { return formulas[static_cast<std::size_t>(i)].formula.display; },
        [this](int i, const QTextCharFormat& base, qreal pixels, qreal available) {
            PlacedFormula& formula = formulas[static_cast<std::size_t>(i)];
            formula.textPixels = pixels;
            formula.available = document.textWidth() > 0 ? available : 0;
            return object.measure(static_cast<std::size_t>(i), base);
        });
    place();
    if (document.textWidth() > 0 && !document.rootFrame()->childFrames().isEmpty())
        widthChanged(); // columns of tables are known only now
}

void RichTextDocument::Private::rebuild() {
    if (typesetter && pending > 0)
        typesetter->cancel(group);
    pending = 0;
    sourceMap.reset();
    formulas.clear();
    order.clear();
    codeSpans.clear();
    codeBlocks.clear();
    prepared = {};
    const std::string& whole = visible.empty() ? source : visible;
    std::string_view shown = whole;
    const std::size_t limit = all ? kMaxShownBytes : kFirstShownBytes;
    truncated = shown.size() > limit;
    if (truncated) {
        std::size_t cut = shown.rfind('\n', limit);
        if (cut == shown.npos || cut < limit / 2)
            cut = limit;
        while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0U) == 0x80U)
            --cut; // not inside a character
        shown = shown.substr(0, cut);
    }
    document.setDefaultFont(plain ? style.mono : style.text);
    document.documentLayout()->registerHandler(MathObject::kObjectType, &object);
    if (plain) {
        document.setPlainText(
            QString::fromUtf8(shown.data(), static_cast<qsizetype>(shown.size())));
        prepared.text.append(shown, 0);
    } else {
        buildMarkdown(shown);
    }
    if (truncated)
        addNotice();
    requestPending();
}

void RichTextDocument::Private::addNotice() {
    const auto size = [](std::size_t bytes) {
        return bytes < 1024 * 1024
                   ? tr("%1 KB").arg((bytes + 1023) / 1024)
                   : tr("%1 MB").arg(static_cast<double>(bytes) / (1024 * 1024), 0, 'f', 1);
    };
    QTextCursor cursor(&document);
    cursor.movePosition(QTextCursor::End);
    QTextCharFormat text;
    text.setForeground(style.muted);
    cursor.insertBlock(QTextBlockFormat(), text);
    const std::size_t limit = all ? kMaxShownBytes : kFirstShownBytes;
    cursor.insertText(tr("The first %1 of %2 are shown.").arg(size(limit), size(source.size())),
                      text);
    if (all)
        return;
    text.setForeground(style.link);
    text.setAnchor(true);
    text.setAnchorHref(QStringLiteral("scrit:show-all"));
    cursor.insertText(QStringLiteral(" "));
    cursor.insertText(tr("Show all"), text);
}

void RichTextDocument::Private::requestPending() {
    std::vector<MathKey> keys;
    for (const PlacedFormula& formula : formulas)
        if (!formula.result)
            keys.push_back({formula.formula.tex, formula.formula.display});
    pending = static_cast<int>(keys.size());
    if (!typesetter || keys.empty()) {
        QObject::disconnect(connection);
        pending = 0;
        return;
    }
    if (group == 0)
        group = typesetter->newGroup();
    QObject::disconnect(connection);
    connection =
        QObject::connect(typesetter, &MathTypesetter::typeset, q,
                         [this](const QList<MathKey>& arrivedKeys) { arrived(arrivedKeys); });
    typesetter->request(group, keys, priority);
}

void RichTextDocument::Private::arrived(const QList<MathKey>& keys) {
    const std::unordered_set<MathKey, MathKeyHash> set(keys.begin(), keys.end());
    std::vector<std::size_t> changed;
    for (std::size_t i = 0; i < formulas.size(); ++i) {
        PlacedFormula& formula = formulas[i];
        if (formula.result)
            continue;
        const MathKey key{formula.formula.tex, formula.formula.display};
        if (!set.contains(key))
            continue;
        formula.result = typesetter->find(key);
        if (formula.result)
            changed.push_back(i);
    }
    if (changed.empty())
        return;
    pending -= static_cast<int>(changed.size());
    if (pending <= 0)
        QObject::disconnect(connection);
    Q_EMIT q->aboutToReflow();
    reformat(changed);
    Q_EMIT q->reflowed();
}

void RichTextDocument::Private::reformat(const std::vector<std::size_t>& indices) {
    QTextCursor cursor(&document);
    cursor.beginEditBlock();
    for (const std::size_t index : indices) {
        const PlacedFormula& formula = formulas[index];
        if (formula.position < 0)
            continue;
        cursor.setPosition(formula.position);
        cursor.setPosition(formula.position + 1, QTextCursor::KeepAnchor);
        cursor.setCharFormat(object.measure(index, cursor.charFormat()));
    }
    cursor.endEditBlock();
}

// Formulas that have to shrink, or no longer have to.
void RichTextDocument::Private::widthChanged() {
    std::vector<std::size_t> changed;
    for (const std::size_t index : order) {
        PlacedFormula& formula = formulas[index];
        const qreal before =
            std::exchange(formula.available, availableWidth(document.findBlock(formula.position),
                                                            document.textWidth()));
        const bool limited = before <= 0 || formula.width >= before - 1.5 || !formula.tip.isEmpty();
        if (formula.width > formula.available || (limited && formula.available != before))
            changed.push_back(index);
    }
    if (!changed.empty())
        reformat(changed);
}

int RichTextDocument::Private::formulaAt(int position) const {
    const auto found =
        std::lower_bound(order.begin(), order.end(), position,
                         [this](std::size_t i, int p) { return formulas[i].position < p; });
    return found != order.end() && formulas[*found].position == position ? static_cast<int>(*found)
                                                                         : -1;
}

const SourceMap& RichTextDocument::Private::map() const {
    if (!sourceMap)
        sourceMap.emplace(prepared, document.toRawText(), [this](int p) { return formulaAt(p); });
    return *sourceMap;
}

std::vector<QRectF> RichTextDocument::Private::rectsOf(int begin, int end) const {
    std::vector<QRectF> rects;
    if (begin >= end)
        return rects;
    for (QTextBlock block = document.findBlock(begin); block.isValid() && block.position() < end;
         block = block.next()) {
        const QPointF origin = document.documentLayout()->blockBoundingRect(block).topLeft();
        const QTextLayout* layout = block.layout();
        for (int i = 0; i < layout->lineCount(); ++i) {
            const QTextLine line = layout->lineAt(i);
            const int from = std::max(begin - block.position(), line.textStart());
            const int to = std::min(end - block.position(), line.textStart() + line.textLength());
            if (from >= to)
                continue;
            const qreal left = line.cursorToX(from);
            const qreal right = line.cursorToX(to);
            if (right > left)
                rects.emplace_back(origin.x() + left, origin.y() + line.y(), right - left,
                                   line.height());
        }
    }
    return rects;
}

void RichTextDocument::Private::paintHighlights(QPainter& painter, const QRectF& clip) const {
    if (highlights.empty())
        return;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    for (const Highlight& highlight : highlights) {
        const auto [begin, end] = map().positionsOf(highlight.source);
        for (const QRectF& rect : rectsOf(begin, end)) {
            if (!rect.intersects(clip))
                continue;
            if (highlight.background.isValid()) {
                painter.setPen(Qt::NoPen);
                painter.setBrush(highlight.background);
                painter.drawRoundedRect(rect.adjusted(-2, -1, 2, 1), 3, 3);
            }
            if (highlight.underline.isValid())
                painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 2),
                                 highlight.underline);
        }
    }
    painter.restore();
}

void RichTextDocument::Private::paintCode(QPainter& painter, const QRectF& clip) const {
    for (const int position : codeBlocks) {
        const QRectF rect =
            document.documentLayout()->blockBoundingRect(document.findBlock(position));
        const qreal side = style.text.pixelSize() * 0.4;
        if (rect.intersects(clip))
            painter.fillRect(QRectF(rect.left() - side, rect.top(),
                                    document.textWidth() - rect.left() + side, rect.height()),
                             style.codeBackground);
    }
    for (const auto& [begin, end] : codeSpans)
        for (const QRectF& rect : rectsOf(begin, end))
            if (rect.intersects(clip))
                painter.fillRect(rect.adjusted(-1, 0, 1, 0), style.codeBackground);
}

void RichTextDocument::Private::paintQuoteBars(QPainter& painter, const QRectF& clip) const {
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        const int level = block.blockFormat().intProperty(QTextFormat::BlockQuoteLevel);
        if (level <= 0)
            continue;
        const QRectF rect = document.documentLayout()->blockBoundingRect(block);
        if (!rect.intersects(clip))
            continue;
        const int pixels = style.text.pixelSize();
        for (int i = 0; i < level; ++i)
            painter.fillRect(QRectF(i * pixels + 2, rect.top(), 3, rect.height()), style.rule);
    }
}

RichTextDocument::RichTextDocument(MathTypesetter* typesetter, QObject* parent)
    : QObject(parent), d(std::make_unique<Private>(this, typesetter)) {
    d->style = RichTextStyle::fromPalette(QPalette(), QFont());
}

RichTextDocument::~RichTextDocument() {
    if (d->typesetter && d->pending > 0)
        d->typesetter->cancel(d->group);
}

void RichTextDocument::setStyle(const RichTextStyle& style) {
    if (d->style == style)
        return;
    d->style = style;
    if (!d->source.empty())
        d->rebuild();
}

const RichTextStyle& RichTextDocument::style() const {
    return d->style;
}

void RichTextDocument::setMarkdown(std::string_view utf8, MathPriority priority) {
    d->source = utf8;
    d->visible.clear();
    if (!base::isValidUtf8(utf8) || utf8.find('\0') != utf8.npos)
        d->visible = base::makeVisibleUtf8(utf8);
    d->priority = priority;
    d->plain = false;
    d->all = false;
    d->highlights.clear();
    d->rebuild();
}

void RichTextDocument::setPlainText(std::string_view utf8) {
    d->source = utf8;
    d->visible.clear();
    if (!base::isValidUtf8(utf8) || utf8.find('\0') != utf8.npos)
        d->visible = base::makeVisibleUtf8(utf8);
    d->plain = true;
    d->all = false;
    d->highlights.clear();
    d->rebuild();
}

const std::string& RichTextDocument::source() const {
    return d->source;
}

QString RichTextDocument::plainText() const {
    QString out;
    const QString raw = d->document.toRawText();
    for (qsizetype i = 0; i < raw.size(); ++i) {
        const int formula =
            raw[i] == QChar::ObjectReplacementCharacter ? d->formulaAt(static_cast<int>(i)) : -1;
        if (formula >= 0)
            out +=
                QString::fromStdString(d->formulas[static_cast<std::size_t>(formula)].formula.tex);
        else if (raw[i] == QChar::ParagraphSeparator || raw[i] == QChar::LineSeparator)
            out += u'\n';
        else if (raw[i] != QChar(0xfdd0) && raw[i] != QChar(0xfdd1))
            out += raw[i];
    }
    return out;
}

void RichTextDocument::setHighlights(std::vector<Highlight> highlights) {
    d->highlights = std::move(highlights);
}

const std::vector<Highlight>& RichTextDocument::highlights() const {
    return d->highlights;
}

void RichTextDocument::setTextWidth(qreal width) {
    if (width == d->document.textWidth())
        return;
    d->document.setTextWidth(width);
    d->widthChanged();
}

qreal RichTextDocument::textWidth() const {
    return d->document.textWidth();
}

qreal RichTextDocument::height() const {
    return d->document.size().height();
}

qreal RichTextDocument::idealWidth() const {
    return d->document.idealWidth();
}

void RichTextDocument::paint(QPainter& painter, const QRectF& clip,
                             const QTextCursor* selection) const {
    d->paintQuoteBars(painter, clip);
    d->paintCode(painter, clip);
    d->paintHighlights(painter, clip);
    QAbstractTextDocumentLayout::PaintContext context;
    context.clip = clip;
    context.palette.setColor(QPalette::Text, d->style.foreground);
    if (selection && selection->hasSelection()) {
        QAbstractTextDocumentLayout::Selection selected;
        selected.cursor = *selection;
        selected.format.setBackground(d->style.selection);
        selected.format.setForeground(d->style.selectedText);
        context.selections.append(selected);
    }
    painter.save();
    painter.setClipRect(clip, Qt::IntersectClip);
    d->document.documentLayout()->draw(&painter, context);
    painter.restore();
}

bool RichTextDocument::isPending() const {
    return d->pending > 0;
}

bool RichTextDocument::isTruncated() const {
    return d->truncated;
}

void RichTextDocument::showAll() {
    if (d->all || !d->truncated)
        return;
    Q_EMIT aboutToReflow();
    d->all = true;
    d->rebuild();
    Q_EMIT reflowed();
}

QRectF RichTextDocument::rectOf(base::Span source) const {
    const auto [begin, end] = d->map().positionsOf(source);
    QRectF all;
    for (const QRectF& rect : d->rectsOf(begin, end))
        all |= rect;
    return all;
}

base::Span RichTextDocument::sourceSpan(int begin, int end) const {
    return d->map().sourceOf(begin, end);
}

QString RichTextDocument::selectedSource(const QTextCursor& selection) const {
    if (!selection.hasSelection())
        return {};
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
    if (position < 0)
        return {};
    // The nearest cursor position is on either side of the character that was hit.
    for (const int at : {position, position - 1}) {
        const int index = d->formulaAt(at);
        if (index < 0)
            continue;
        const auto rects = d->rectsOf(at, at + 1);
        if (rects.empty() || !rects.front().contains(point))
            continue;
        const PlacedFormula& formula = d->formulas[static_cast<std::size_t>(index)];
        const QString tex = QString::fromStdString(formula.formula.tex).left(600);
        return formula.tip.isEmpty() ? tex : formula.tip + QStringLiteral("\n\n") + tex;
    }
    for (const Highlight& highlight : d->highlights) {
        const auto [begin, end] = d->map().positionsOf(highlight.source);
        if (!highlight.toolTip.isEmpty() && position >= begin && position <= end)
            return highlight.toolTip;
    }
    return linkAt(point).toString();
}

QUrl RichTextDocument::linkAt(const QPointF& point) const {
    const QUrl url(d->document.documentLayout()->anchorAt(point));
    const QString scheme = url.scheme();
    return scheme == QLatin1String("http") || scheme == QLatin1String("https") ? url : QUrl();
}

QTextDocument* RichTextDocument::textDocument() const {
    return &d->document;
}

} // namespace scrit::ui::render
