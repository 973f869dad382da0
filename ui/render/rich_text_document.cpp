// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/math_cache.h"
#include "ui/render/rich_text_private.h"
#include "ui/render/text_pieces.h"

#include <QAbstractTextDocumentLayout>
#include <QFontDatabase>
#include <QFontInfo>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextDocumentFragment>
#include <QTextFrame>

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

namespace scrit::ui::render {

namespace {

constexpr qreal kIndentWidth = 22;

} // namespace

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
    if (dark && style.link.lightness() < 160) {
        style.link = QColor(0x7a, 0xb0, 0xff);
    }
    style.codeBackground = mixed(paper, ink, dark ? 0.09 : 0.055);
    style.rule = mixed(paper, ink, 0.25);
    style.selection = palette.color(QPalette::Highlight);
    style.selectedText = palette.color(QPalette::HighlightedText);
    return style;
}

RichTextDocument::Private::Private(RichTextDocument* owner, MathTypesetter* t)
    : q(owner), typesetter(t) {
    document.setUndoRedoEnabled(false);
    document.setDocumentMargin(0);
    document.setIndentWidth(kIndentWidth);
    more.setSingleShot(true);
    more.setInterval(0);
    QObject::connect(&more, &QTimer::timeout, q, [this] {
        appendPiece();
        Q_EMIT q->reflowed();
    });
    moreFormulas.setSingleShot(true);
    moreFormulas.setInterval(0);
    QObject::connect(&moreFormulas, &QTimer::timeout, q, [this] { placeArrived(); });
}

void RichTextDocument::Private::setText(std::string_view utf8, bool isPlain) {
    source = utf8;
    visible.clear();
    if (!base::isValidUtf8(utf8) || utf8.find('\0') != std::string_view::npos) {
        visible = base::makeVisibleUtf8(utf8);
    }
    plain = isPlain;
    all = false;
    highlights.clear();
    rebuild();
}

// Where formulas and code stand, from a document position on.
void RichTextDocument::Private::place(int from) {
    for (QTextBlock block = document.findBlock(from); block.isValid(); block = block.next()) {
        const bool codeBlock = block.blockFormat().hasProperty(QTextFormat::BlockCodeFence);
        if (codeBlock) {
            codeBlocks.push_back(block.position());
        }
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            const QTextFragment fragment = it.fragment();
            const QTextCharFormat format = fragment.charFormat();
            if (format.fontFixedPitch() && !codeBlock) {
                codeSpans.emplace_back(fragment.position(),
                                       fragment.position() + fragment.length());
            }
            if (format.objectType() != MathObject::kObjectType) {
                continue;
            }
            // Neighbouring characters of one format are one fragment; formats of formulas differ.
            const auto index =
                static_cast<std::size_t>(format.intProperty(MathObject::kIndexProperty));
            formulas[index].position = fragment.position();
            order.push_back(index);
        }
    }
}

void RichTextDocument::Private::buildInto(QTextDocument& target, const Piece& piece) {
    const auto first = static_cast<std::size_t>(piece.firstFormula);
    const std::string& text = piece.prepared.text.text();
    buildDocument(
        target, QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())), style,
        static_cast<int>(piece.prepared.formulas.size()), document.textWidth(),
        [this, first](int i) {
            return formulas[first + static_cast<std::size_t>(i)].formula.display;
        },
        [this, first](int i, const QTextCharFormat& base, qreal pixels, qreal available) {
            const std::size_t index = first + static_cast<std::size_t>(i);
            PlacedFormula& formula = formulas[index];
            formula.textPixels = pixels;
            formula.available = document.textWidth() > 0 ? available : 0;
            return object.measure(index, base);
        });
}

void RichTextDocument::Private::appendMarkdown(Piece& piece, std::string_view text) {
    piece.prepared = prepareMarkdown(text);
    piece.firstFormula = static_cast<int>(formulas.size());
    for (const Formula& formula : piece.prepared.formulas) {
        PlacedFormula& placed = formulas.emplace_back();
        placed.formula = formula;
        if (typesetter) {
            placed.result = typesetter->find({formula.tex, formula.display});
        }
    }
    if (pieces.empty()) {
        buildInto(document, piece);
        return;
    }
    // Built beside the document and then moved to its end: only what is new is laid out.
    ClosedDocument built;
    built.setUndoRedoEnabled(false);
    built.setDocumentMargin(0);
    built.setIndentWidth(kIndentWidth);
    built.setDefaultFont(document.defaultFont());
    buildInto(built, piece);
    QTextCursor cursor(&document);
    cursor.beginEditBlock();
    cursor.movePosition(QTextCursor::End);
    cursor.insertBlock(QTextBlockFormat(), QTextCharFormat());
    piece.begin = cursor.position();
    cursor.insertFragment(QTextDocumentFragment(&built));
    cursor.endEditBlock();
}

void RichTextDocument::Private::appendPiece() {
    // The first one fills what is in sight, and most texts are no longer; a turn has time for half.
    constexpr std::size_t kFirstBytes = std::size_t{12} * 1024;
    constexpr std::size_t kNextBytes = std::size_t{6} * 1024;
    const std::size_t most = pieces.empty() ? kFirstBytes : kNextBytes;
    const std::string_view shown = shownText().substr(0, shownEnd);
    const std::size_t end = pieceEnd(shown, builtEnd, most);
    const std::string_view text = shown.substr(builtEnd, end - builtEnd);
    const std::size_t firstFormula = formulas.size();
    Piece piece;
    piece.source = builtEnd;
    if (plain) {
        const QString words = QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
        if (pieces.empty()) {
            document.setPlainText(words);
        } else {
            QTextCursor cursor(&document);
            cursor.movePosition(QTextCursor::End);
            piece.begin = cursor.position();
            cursor.insertText(words);
        }
        piece.prepared.text.append(text, 0);
    } else {
        appendMarkdown(piece, text);
    }
    piece.end = document.characterCount() - 1;
    const int placedFrom = plain ? piece.end : piece.begin;
    builtEnd = end;
    pieces.push_back(std::move(piece));
    place(placedFrom);
    if (!plain && document.textWidth() > 0 && !document.rootFrame()->childFrames().isEmpty()) {
        widthChanged(); // columns of tables are known only now
    }
    if (builtEnd < shownEnd) {
        more.start();
    } else if (shownEnd < shownText().size()) {
        addNotice();
    }
    requestFrom(firstFormula);
}

// How much is to be shown: cut at the end of a line where one is near, never inside a character.
void RichTextDocument::Private::startPieces() {
    const std::string_view whole = shownText();
    shownEnd = whole.size();
    if (shownEnd > limit()) {
        std::size_t cut = whole.rfind('\n', limit());
        if (cut == std::string_view::npos || cut < limit() / 2) {
            cut = limit();
        }
        while (cut > 0 && (static_cast<unsigned char>(whole[cut]) & 0xC0U) == 0x80U) {
            --cut;
        }
        shownEnd = cut;
    }
}

void RichTextDocument::Private::rebuild() {
    if (typesetter && pending > 0) {
        typesetter->cancel(group);
    }
    QObject::disconnect(connection);
    more.stop();
    moreFormulas.stop();
    waiting.clear();
    pending = 0;
    pieces.clear();
    formulas.clear();
    order.clear();
    codeSpans.clear();
    codeBlocks.clear();
    builtEnd = 0;
    startPieces();
    document.setDefaultFont(plain ? style.mono : style.text);
    document.documentLayout()->registerHandler(MathObject::kObjectType, &object);
    appendPiece();
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
    cursor.insertText(tr("The first %1 of %2 are shown.").arg(size(limit()), size(source.size())),
                      text);
    if (all) {
        return;
    }
    text.setForeground(style.link);
    text.setAnchor(true);
    text.setAnchorHref(QStringLiteral("scrit:show-all"));
    cursor.insertText(QStringLiteral(" "));
    cursor.insertText(tr("Show all"), text);
}

// Asks for the formulas from this one on that are not in memory.
void RichTextDocument::Private::requestFrom(std::size_t firstFormula) {
    std::vector<MathKey> keys;
    for (std::size_t i = firstFormula; i < formulas.size(); ++i) {
        if (!formulas[i].result) {
            keys.push_back({formulas[i].formula.tex, formulas[i].formula.display});
        }
    }
    if (!typesetter || keys.empty()) {
        return;
    }
    if (group == 0) {
        group = typesetter->newGroup();
    }
    if (pending == 0) {
        QObject::disconnect(connection);
        connection =
            QObject::connect(typesetter, &MathTypesetter::typeset, q,
                             [this](const QList<MathKey>& arrivedKeys) { arrived(arrivedKeys); });
    }
    pending += static_cast<int>(keys.size());
    typesetter->request(group, keys, priority);
}

void RichTextDocument::Private::arrived(const QList<MathKey>& keys) {
    const std::unordered_set<MathKey, MathKeyHash> set(keys.begin(), keys.end());
    for (std::size_t i = 0; i < formulas.size(); ++i) {
        PlacedFormula& formula = formulas[i];
        if (formula.result || formula.arrived) {
            continue;
        }
        const MathKey key{formula.formula.tex, formula.formula.display};
        if (!set.contains(key)) {
            continue;
        }
        formula.arrived = typesetter->find(key);
        if (formula.arrived) {
            waiting.push_back(i);
        }
    }
    std::sort(waiting.begin(), waiting.end());
    if (!waiting.empty() && !moreFormulas.isActive()) {
        placeArrived();
    }
}

// Those of one stretch of the text: it is laid out as a whole, from the first formula to the last.
void RichTextDocument::Private::placeArrived() {
    constexpr int kStretch = 4096; // characters: more than most texts have
    const int end = formulas[waiting.front()].position + kStretch;
    const auto last = std::find_if(waiting.begin(), waiting.end(), [this, end](std::size_t index) {
        return formulas[index].position >= end;
    });
    const std::vector<std::size_t> changed(waiting.begin(), last);
    waiting.erase(waiting.begin(), last);
    for (const std::size_t index : changed) {
        formulas[index].result = std::move(formulas[index].arrived);
    }
    pending -= static_cast<int>(changed.size());
    if (pending <= 0) {
        QObject::disconnect(connection);
    }
    if (!waiting.empty()) {
        moreFormulas.start();
    }
    Q_EMIT q->aboutToReflow();
    reformat(changed);
    Q_EMIT q->reflowed();
}

void RichTextDocument::Private::reformat(const std::vector<std::size_t>& indices) {
    QTextCursor cursor(&document);
    cursor.beginEditBlock();
    for (const std::size_t index : indices) {
        const PlacedFormula& formula = formulas[index];
        if (formula.position < 0) {
            continue;
        }
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
        if (formula.width > formula.available || (limited && formula.available != before)) {
            changed.push_back(index);
        }
    }
    if (!changed.empty()) {
        reformat(changed);
    }
}

RichTextDocument::RichTextDocument(MathTypesetter* typesetter, QObject* parent)
    : QObject(parent), d(std::make_unique<Private>(this, typesetter)) {
    d->style = RichTextStyle::fromPalette(QPalette(), QFont());
}

RichTextDocument::~RichTextDocument() {
    if (d->typesetter && d->pending > 0) {
        d->typesetter->cancel(d->group);
    }
}

void RichTextDocument::setStyle(const RichTextStyle& style) {
    if (d->style == style) {
        return;
    }
    d->style = style;
    if (!d->source.empty()) {
        d->rebuild();
    }
}

const RichTextStyle& RichTextDocument::style() const {
    return d->style;
}

void RichTextDocument::setMarkdown(std::string_view utf8, MathPriority priority) {
    d->priority = priority;
    d->setText(utf8, false);
}

void RichTextDocument::setPlainText(std::string_view utf8) {
    d->setText(utf8, true);
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
        if (formula >= 0) {
            out +=
                QString::fromStdString(d->formulas[static_cast<std::size_t>(formula)].formula.tex);
        } else if (raw[i] == QChar::ParagraphSeparator || raw[i] == QChar::LineSeparator) {
            out += u'\n';
        } else if (raw[i] != QChar(0xfdd0) && raw[i] != QChar(0xfdd1)) {
            out += raw[i];
        }
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
    if (width == d->document.textWidth()) {
        return;
    }
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

bool RichTextDocument::isPending() const {
    return d->pending > 0;
}

bool RichTextDocument::isTruncated() const {
    return d->shownEnd < d->shownText().size();
}

bool RichTextDocument::isFilling() const {
    return d->builtEnd < d->shownEnd;
}

void RichTextDocument::showAll() {
    if (d->all || !isTruncated()) {
        return;
    }
    const bool complete = !isFilling();
    d->all = true;
    if (complete) { // the notice at the end makes room
        QTextCursor notice(&d->document);
        notice.movePosition(QTextCursor::End);
        notice.setPosition(d->pieces.back().end, QTextCursor::KeepAnchor);
        notice.removeSelectedText();
    }
    d->startPieces();
    d->more.start();
}

QTextDocument* RichTextDocument::textDocument() const {
    return &d->document;
}

} // namespace scrit::ui::render
