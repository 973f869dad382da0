// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/render/document_builder.h"

#include "ui/render/math_object.h"
#include "ui/render/math_split.h"

#include <QFontMetricsF>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextFrame>
#include <QTextList>
#include <QTextTable>
#include <QUrl>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace scrit::ui::render {

namespace {

// md4c's flag for "four spaces make no code block": indented lines of a solution are text. Qt
// passes feature bits through to md4c.
constexpr int kNoIndentedCode = 0x0010;

// One change to the document the Markdown reader made, found first and applied from the end
// backwards, so that positions stay valid.
struct Edit {
    enum class Kind { Image, Link, Formula, Break };
    Kind kind;
    int begin;
    int end;
    int formula = -1;
    QString text; // alternative text or address
    QTextCharFormat format;
};

qreal pixelsOf(const QTextCharFormat& format, const RichTextStyle& style) {
    const int pixels = format.intProperty(QTextFormat::FontPixelSize);
    return pixels > 0 ? pixels : style.text.pixelSize();
}

bool isWebLink(const QString& href) {
    const QUrl url(href, QUrl::StrictMode);
    return url.isValid() && !url.host().isEmpty() &&
           (url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https"));
}

class Builder {
public:
    Builder(QTextDocument& document, const RichTextStyle& style, int formulaCount, qreal width,
            const IsDisplay& isDisplay, const FormulaFormat& formulaFormat)
        : m_document(document), m_style(style), m_formulaCount(formulaCount), m_width(width),
          m_isDisplay(isDisplay), m_formulaFormat(formulaFormat) {}

    void run() {
        styleBlocks();
        // One after the other: alternative texts may hold formulas, and a display formula takes the
        // line breaks around it away.
        for (const Pass pass : {Pass::ImagesAndLinks, Pass::Breaks, Pass::Formulas}) {
            const std::vector<Edit> edits = findEdits(pass);
            for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
                apply(*edit);
            }
        }
    }

    // Frames exist only when the edit block is over.
    void styleTables(QTextFrame* frame);

private:
    void styleBlocks();
    void styleBlock(const QTextBlock& block);
    enum class Pass { ImagesAndLinks, Breaks, Formulas };
    [[nodiscard]] std::vector<Edit> findEdits(Pass pass) const;
    void findMarks(const QTextFragment& fragment, Pass pass, std::vector<Edit>& edits) const;
    void apply(const Edit& edit);
    void applyLink(const Edit& edit);
    void applyFormula(const Edit& edit);
    void isolate(QTextCursor& object);

    QTextDocument& m_document;
    const RichTextStyle& m_style;
    int m_formulaCount;
    qreal m_width;
    const IsDisplay& m_isDisplay;
    const FormulaFormat& m_formulaFormat;
};

void Builder::styleTables(QTextFrame* frame) {
    for (QTextFrame* child : frame->childFrames()) {
        if (auto* table = qobject_cast<QTextTable*>(child)) {
            QTextTableFormat format = table->format();
            format.setBorderCollapse(true);
            format.setBorder(1);
            format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
            format.setBorderBrush(m_style.rule);
            format.setCellPadding(5);
            format.setCellSpacing(0);
            format.setTopMargin(4);
            format.setBottomMargin(8);
            table->setFormat(format);
            for (QTextBlock block = table->firstCursorPosition().block();
                 block.isValid() && block.position() <= table->lastPosition();
                 block = block.next()) {
                QTextBlockFormat cell = block.blockFormat();
                cell.setBottomMargin(0);
                QTextCursor(block).setBlockFormat(cell);
            }
        }
        styleTables(child);
    }
}

void Builder::styleBlock(const QTextBlock& block) {
    const QTextBlockFormat before = block.blockFormat();
    QTextBlockFormat format = before;
    const int pixels = m_style.text.pixelSize();
    const bool code = before.hasProperty(QTextFormat::BlockCodeFence) ||
                      before.hasProperty(QTextFormat::BlockCodeLanguage);
    const int heading = before.headingLevel();
    const int quote = before.intProperty(QTextFormat::BlockQuoteLevel);
    const bool inList = block.textList() != nullptr;
    format.setTopMargin(heading > 0 && block.position() > 0 ? pixels * 0.6 : 0);
    format.setBottomMargin(inList ? pixels * 0.2 : pixels * 0.5);
    if (quote > 0) {
        format.setLeftMargin(quote * pixels);
    }
    if (code) {
        const bool last = !block.next().isValid() ||
                          !block.next().blockFormat().hasProperty(QTextFormat::BlockCodeFence);
        format.setBottomMargin(last ? pixels * 0.5 : 0);
        format.setNonBreakableLines(false);
        format.setLeftMargin(format.leftMargin() + pixels * 0.4);
    } else {
        const qreal extra = std::round(pixels * (m_style.lineHeight - 1) * 0.7);
        format.setLineHeight(extra, QTextBlockFormat::LineDistanceHeight);
    }
    QTextCursor cursor(block);
    cursor.setBlockFormat(format);
    if (heading > 0) {
        constexpr qreal kScale[] = {1, 1.3, 1.18, 1.08, 1, 1, 1};
        cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
        QTextCharFormat text;
        text.setProperty(QTextFormat::FontPixelSize,
                         static_cast<int>(std::round(pixels * kScale[std::clamp(heading, 0, 6)])));
        text.setProperty(QTextFormat::FontSizeAdjustment, 0);
        text.setFontWeight(QFont::DemiBold);
        cursor.mergeCharFormat(text);
    }
}

void Builder::styleBlocks() {
    std::vector<std::pair<int, int>> code;
    for (QTextBlock block = m_document.begin(); block.isValid(); block = block.next()) {
        styleBlock(block);
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            if (it.fragment().charFormat().fontFixedPitch()) {
                code.emplace_back(it.fragment().position(),
                                  it.fragment().position() + it.fragment().length());
            }
        }
    }
    QTextCharFormat mono;
    mono.setFontFamilies({m_style.mono.family()});
    mono.setProperty(QTextFormat::FontPixelSize,
                     static_cast<int>(std::round(m_style.text.pixelSize() * 0.92)));
    QTextCursor cursor(&m_document);
    for (const auto& [begin, end] : code) {
        cursor.setPosition(begin);
        cursor.setPosition(end, QTextCursor::KeepAnchor);
        cursor.mergeCharFormat(mono);
    }
}

void Builder::findMarks(const QTextFragment& fragment, Pass pass, std::vector<Edit>& edits) const {
    const QString text = fragment.text();
    for (qsizetype i = 0; i + 1 < text.size(); ++i) {
        if (!text[i].isHighSurrogate()) {
            continue;
        }
        const char32_t point = QChar::surrogateToUcs4(text[i], text[i + 1]);
        const auto index = static_cast<std::int64_t>(point) - kFirstPlaceholder;
        const int at = fragment.position() + static_cast<int>(i);
        if (pass == Pass::Formulas && index >= 0 && index < m_formulaCount) {
            edits.push_back({Edit::Kind::Formula,
                             at,
                             at + 2,
                             static_cast<int>(index),
                             {},
                             fragment.charFormat()});
        } else if (pass == Pass::Breaks &&
                   point == kLineBreak) { // and the space that the line's end became
            edits.push_back({Edit::Kind::Break,
                             at,
                             at + (i + 2 < text.size() && text[i + 2] == u' ' ? 3 : 2),
                             -1,
                             {},
                             fragment.charFormat()});
        }
        ++i;
    }
}

std::vector<Edit> Builder::findEdits(Pass pass) const {
    std::vector<Edit> edits;
    for (QTextBlock block = m_document.begin(); block.isValid(); block = block.next()) {
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            const QTextFragment fragment = it.fragment();
            const QTextCharFormat format = fragment.charFormat();
            const int begin = fragment.position();
            const int end = begin + fragment.length();
            if (pass != Pass::ImagesAndLinks) {
                findMarks(fragment, pass, edits);
            } else if (format.isImageFormat()) {
                const QString text = format.stringProperty(QTextFormat::ImageAltText);
                // Emphasis in an alternative text makes several images of one.
                const bool more = !edits.empty() && edits.back().kind == Edit::Kind::Image &&
                                  edits.back().end == begin &&
                                  edits.back().format.stringProperty(QTextFormat::ImageName) ==
                                      format.stringProperty(QTextFormat::ImageName);
                if (more) {
                    edits.back().end = end;
                    edits.back().text += text;
                    continue;
                }
                edits.push_back({Edit::Kind::Image, begin, end, -1, text, format});
            } else if (format.isAnchor()) {
                const bool more = !edits.empty() && edits.back().kind == Edit::Kind::Link &&
                                  edits.back().end == begin &&
                                  edits.back().text == format.anchorHref();
                if (more) {
                    edits.back().end = end;
                } else {
                    edits.push_back(
                        {Edit::Kind::Link, begin, end, -1, format.anchorHref(), format});
                }
            }
        }
    }
    return edits;
}

void Builder::applyLink(const Edit& edit) {
    QTextCursor cursor(&m_document);
    cursor.setPosition(edit.begin);
    cursor.setPosition(edit.end, QTextCursor::KeepAnchor);
    const QString shown = cursor.selectedText();
    const bool web = isWebLink(edit.text);
    QTextCharFormat plain;
    plain.setAnchor(web);
    plain.setAnchorHref(web ? edit.text : QString());
    plain.setFontUnderline(web);
    plain.setForeground(web ? m_style.link : m_style.foreground);
    plain.clearProperty(QTextFormat::TextToolTip);
    cursor.mergeCharFormat(plain);
    if (shown == edit.text || shown.isEmpty()) {
        return;
    }
    // "[a](b)" of a text about mathematics is no link: it stays what was written.
    cursor.setPosition(edit.end);
    QTextCharFormat format;
    format.setForeground(web ? m_style.muted : m_style.foreground);
    if (web) {
        QString address = edit.text;
        if (address.size() > 80) {
            address = address.left(80) + QChar(0x2026);
        }
        cursor.insertText(QStringLiteral(" (%1)").arg(address), format);
    } else {
        cursor.insertText(QStringLiteral("](%1)").arg(edit.text), format);
        cursor.setPosition(edit.begin);
        cursor.insertText(QStringLiteral("["), format);
    }
}

void Builder::apply(const Edit& edit) {
    if (edit.kind == Edit::Kind::Formula) {
        applyFormula(edit);
        return;
    }
    if (edit.kind == Edit::Kind::Link) {
        applyLink(edit);
        return;
    }
    QTextCursor cursor(&m_document);
    cursor.setPosition(edit.begin);
    cursor.setPosition(edit.end, QTextCursor::KeepAnchor);
    if (edit.kind == Edit::Kind::Break) {
        // At the end of a list item the item itself ends the line.
        if (cursor.atBlockEnd()) {
            cursor.removeSelectedText();
        } else {
            cursor.insertText(QString(QChar::LineSeparator), edit.format);
        }
        return;
    }
    QTextCharFormat format;
    format.setFontItalic(true);
    format.setForeground(m_style.muted);
    const QString text = edit.text.isEmpty() ? RichTextDocument::tr("image") : edit.text;
    cursor.insertText(QStringLiteral("[%1]").arg(text), format);
}

// Gives the formula behind the cursor a centred paragraph of its own.
void Builder::isolate(QTextCursor& object) {
    const int position = object.position();
    QTextBlock block = m_document.findBlock(position);
    const QTextBlockFormat own = block.blockFormat();
    const int offset = position - block.position();
    const QString text = block.text();
    // Punctuation that ends the sentence stays with the formula.
    qsizetype after = offset + 2;
    while (after < text.size() && after < offset + 4 &&
           QStringView(u".,;:").contains(text[after])) {
        ++after;
    }
    qsizetype rest = after;
    while (rest < text.size() && (text[rest].isSpace() || text[rest] == QChar::LineSeparator)) {
        ++rest;
    }
    qsizetype before = offset;
    while (before > 0 && (text[before - 1].isSpace() || text[before - 1] == QChar::LineSeparator)) {
        --before;
    }

    QTextBlockFormat centred = own;
    QTextBlockFormat following = own;
    if (const QTextList* list = block.textList()) {
        following.setObjectIndex(-1);
        following.setIndent(own.indent() + list->format().indent());
        centred = following;
    }
    centred.setAlignment(Qt::AlignHCenter);
    centred.setTextIndent(0);
    centred.setHeadingLevel(0);

    QTextCursor cursor(&m_document);
    if (rest < text.size()) {
        cursor.setPosition(block.position() + static_cast<int>(after));
        cursor.setPosition(block.position() + static_cast<int>(rest), QTextCursor::KeepAnchor);
        cursor.removeSelectedText();
        cursor.insertBlock(following);
    } else if (rest > after) {
        cursor.setPosition(block.position() + static_cast<int>(after));
        cursor.setPosition(block.position() + static_cast<int>(rest), QTextCursor::KeepAnchor);
        cursor.removeSelectedText();
    }
    cursor.setPosition(block.position() + static_cast<int>(before));
    cursor.setPosition(position, QTextCursor::KeepAnchor);
    cursor.removeSelectedText();
    if (before > 0) {
        cursor.insertBlock(centred);
        object.setPosition(cursor.position());
    } else {
        object.setPosition(cursor.position());
        if (!block.textList()) {
            cursor.setBlockFormat(centred);
        }
    }
}

void Builder::applyFormula(const Edit& edit) {
    QTextCursor cursor(&m_document);
    cursor.setPosition(edit.begin);
    if (m_isDisplay(edit.formula) && !cursor.currentTable()) {
        isolate(cursor);
    }
    const qreal available = availableWidth(cursor.block(), m_width);
    const QTextCharFormat format =
        m_formulaFormat(edit.formula, edit.format, pixelsOf(edit.format, m_style), available);
    cursor.setPosition(cursor.position() + 2, QTextCursor::KeepAnchor);
    cursor.insertText(QString(QChar::ObjectReplacementCharacter), format);
}

} // namespace

qreal availableWidth(const QTextBlock& block, qreal width) {
    const QTextBlockFormat format = block.blockFormat();
    int indent = format.indent();
    if (const QTextList* list = block.textList()) {
        indent += list->format().indent();
    }
    width -= format.leftMargin() + format.rightMargin() + indent * block.document()->indentWidth();
    if (const QTextTable* table = QTextCursor(block).currentTable()) {
        width = width / std::max(1, table->columns()) - 2 * table->format().cellPadding() - 2;
    }
    return std::max<qreal>(width, 40);
}

void buildDocument(QTextDocument& document, const QString& prepared, const RichTextStyle& style,
                   int formulaCount, qreal width, const IsDisplay& isDisplay,
                   const FormulaFormat& formulaFormat) {
    const QTextDocument::MarkdownFeatures features(
        QFlag(static_cast<int>(QTextDocument::MarkdownDialectGitHub) |
              static_cast<int>(QTextDocument::MarkdownNoHTML) | kNoIndentedCode));
    // One edit block around everything, or the layout would follow each paragraph that is read.
    QTextCursor all(&document);
    all.beginEditBlock();
    document.setMarkdown(prepared, features);
    Builder builder(document, style, formulaCount, width, isDisplay, formulaFormat);
    builder.run();
    all.endEditBlock();
    builder.styleTables(document.rootFrame());
}

} // namespace scrit::ui::render
