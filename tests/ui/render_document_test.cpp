// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"
#include "ui/render/math_object.h"
#include "ui/render/math_split.h"
#include "ui/render/rich_text.h"

#include <QAbstractTextDocumentLayout>
#include <QApplication>
#include <QClipboard>
#include <QImage>
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextLayout>
#include <QTextList>
#include <QUrl>
#include <QVBoxLayout>

#include <cmath>

using namespace scrit;
using namespace scrit::ui::render;

namespace {

RichTextStyle plainStyle() {
    RichTextStyle style = RichTextStyle::fromPalette(QPalette(Qt::black, Qt::white), QFont());
    style.foreground = Qt::black;
    return style;
}

// The document's blocks, one a line: "=" centred, "•" in a list, "#" heading.
QString outline(const RichTextDocument& document) {
    QStringList out;
    const QTextDocument* text = document.textDocument();
    for (QTextBlock block = text->begin(); block.isValid(); block = block.next()) {
        QString mark;
        if (block.blockFormat().headingLevel() > 0) {
            mark = QStringLiteral("# ");
        } else if (block.textList()) {
            mark = QStringLiteral("* ");
        } else if (block.blockFormat().alignment() & Qt::AlignHCenter) {
            mark = QStringLiteral("= ");
        }
        QString line = block.text();
        line.replace(QChar::ObjectReplacementCharacter, u'$');
        line.replace(QChar::LineSeparator, u'/');
        out << mark + line;
    }
    return out.join(u'\n');
}

QImage painted(const RichTextDocument& document) {
    QImage image(static_cast<int>(document.textWidth()),
                 static_cast<int>(std::ceil(document.height())) + 2, QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    document.paint(painter, image.rect());
    return image;
}

int inkIn(const QImage& image, const QRectF& area) {
    int ink = 0;
    const QRect rect = area.toAlignedRect() & image.rect();
    for (int y = rect.top(); y <= rect.bottom(); ++y) {
        for (int x = rect.left(); x <= rect.right(); ++x) {
            ink += qGray(image.pixel(x, y)) < 128 ? 1 : 0;
        }
    }
    return ink;
}

void waitUntilSettled(const RichTextDocument& document) {
    QTRY_VERIFY_WITH_TIMEOUT(!document.isPending(), 60000);
}

} // namespace

class TestRenderDocument : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void structure_data();
    void structure();
    void nothingIsLoaded();
    void linksAreInertOrShown();
    void sourceStandsInThenSwaps();
    void failureShowsTheSource();
    void baselineIsTheTexts();
    void wideFormulasShrink();
    void highlightsFollowTheSource_data();
    void highlightsFollowTheSource();
    void selectionCopiesTheSource();
    void longTextIsCutAndShownOnDemand();
    void longTextComesInPieces();
    void formulasOfALongTextComeInStretches();
    void invalidBytesAreVisible();
    void readerIsNotScrolled();
    void staleRequestsAreForgotten();

private:
    QTemporaryDir m_cache;
    std::unique_ptr<MathTypesetter> m_typesetter;
};

void TestRenderDocument::initTestCase() {
    MathTypesetterOptions options;
    options.cacheFolder = m_cache.path();
    m_typesetter = std::make_unique<MathTypesetter>(options);
}

void TestRenderDocument::structure_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* source, const char* expected) {
        QTest::newRow(name) << QString::fromUtf8(source) << QString::fromUtf8(expected);
    };
    row("inline", "a $x$ b", "a $ b");
    row("display in a sentence", "a \\[x\\] b", "a\n= $\nb");
    row("display with a full stop", "a\n\\[x\\].\nb", "a\n= $.\nb");
    row("display alone", "\\[x\\]", "= $");
    row("two displays", "\\[x\\]\n\\[y\\]", "= $\n= $");
    row("display in a list", "- a\n  \\[x\\]\n  b\n- c", "* a\n= $\nb\n* c");
    row("line breaks", "a\nb\n\nc", "a/b\nc");
    row("heading", "## H $x$\ntext", "# H $\ntext");
    row("number kept", "3. a", "3. a");
    row("html is text", "<b>a</b> <img src='x'>", "<b>a</b> <img src='x'>");
    row("html block is text", "<div>\na\n</div>", "<div>/a/</div>");
    row("image", "a ![the *alt*](http://x.org/y.png) b", "a [the alt] b");
    row("line breaks in a list", "- a\n  b\n- c", "* a/b\n* c");
    row("kept numbers are lines", "3. a\n4. b", "3. a/4. b");
    row("formula in an image", "![is $x$](x.png)", "[is $]");
    row("indented lines are text", "a\n\n    b\n", "a\nb");
    row("product", "3*4*5", "3*4*5");
    row("entity", "a &lt; b", "a < b");
}

void TestRenderDocument::structure() {
    QFETCH(QString, source);
    QFETCH(QString, expected);
    RichTextDocument document(nullptr);
    document.setTextWidth(400);
    document.setMarkdown(source.toStdString());
    QCOMPARE(outline(document), expected);
}

void TestRenderDocument::nothingIsLoaded() {
    // A file that exists and would be found, were anything looked up.
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("pixel.png"));
    QImage pixel(50, 50, QImage::Format_RGB32);
    pixel.fill(Qt::red);
    QVERIFY(pixel.save(path));
    RichTextDocument document(nullptr);
    document.setStyle(plainStyle());
    document.setTextWidth(400);
    const QString url = QUrl::fromLocalFile(path).toString();
    document.setMarkdown(
        QStringLiteral("![a](%1) ![b](%2) <img src=\"%1\"> [c](%1)").arg(url, path).toStdString());
    QVERIFY(!document.textDocument()->resource(QTextDocument::ImageResource, QUrl(url)).isValid());
    QVERIFY(!document.textDocument()->resource(QTextDocument::ImageResource, QUrl(path)).isValid());
    const QImage image = painted(document);
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            QVERIFY(image.pixel(x, y) != QColor(Qt::red).rgb());
        }
    }
    for (QTextBlock block = document.textDocument()->begin(); block.isValid();
         block = block.next()) {
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            QVERIFY(!it.fragment().charFormat().isImageFormat());
        }
    }
}

void TestRenderDocument::linksAreInertOrShown() {
    RichTextDocument document(nullptr);
    document.setTextWidth(600);
    document.setMarkdown("[bank](https://evil.example/x) and [f](file:///etc/passwd) and "
                         "[a](javascript:x) and [0,1](x) and [s](scrit:show-all)");
    QCOMPARE(outline(document),
             QStringLiteral("bank (https://evil.example/x) and [f](file:///etc/passwd) and "
                            "[a](javascript:x) and [0,1](x) and [s](scrit:show-all)"));
    int anchors = 0;
    const QTextBlock block = document.textDocument()->begin();
    for (auto it = block.begin(); !it.atEnd(); ++it) {
        if (it.fragment().charFormat().isAnchor()) {
            ++anchors;
            QCOMPARE(it.fragment().text(), QStringLiteral("bank"));
        }
    }
    QCOMPARE(anchors, 1);
    QCOMPARE(document.linkAt({5, 5}), QUrl(QStringLiteral("https://evil.example/x")));
    QVERIFY(document.toolTipAt({5, 5}).contains(QStringLiteral("evil.example")));
}

void TestRenderDocument::sourceStandsInThenSwaps() {
    if (!m_typesetter->isAvailable()) {
        QSKIP("this build has no MathJax");
    }
    RichTextDocument document(m_typesetter.get());
    document.setStyle(plainStyle());
    document.setTextWidth(400);
    QSignalSpy before(&document, &RichTextDocument::aboutToReflow);
    QSignalSpy after(&document, &RichTextDocument::reflowed);
    document.setMarkdown("so $\\frac{q}{q+1}$ it is");
    QVERIFY(document.isPending());
    const QImage source = painted(document);
    QVERIFY(inkIn(source, source.rect()) > 50);
    waitUntilSettled(document);
    QCOMPARE(before.count(), 1);
    QCOMPARE(after.count(), 1);
    const QImage typeset = painted(document);
    QVERIFY(source != typeset);
    QCOMPARE(document.plainText(), QStringLiteral("so \\frac{q}{q+1} it is"));
    // The next document has it at once.
    RichTextDocument warm(m_typesetter.get());
    warm.setStyle(plainStyle());
    warm.setTextWidth(400);
    warm.setMarkdown("so $\\frac{q}{q+1}$ it is");
    QVERIFY(!warm.isPending());
    QCOMPARE(painted(warm), typeset);
}

void TestRenderDocument::failureShowsTheSource() {
    if (!m_typesetter->isAvailable()) {
        QSKIP("this build has no MathJax");
    }
    RichTextDocument document(m_typesetter.get());
    document.setTextWidth(400);
    document.setMarkdown("a $\\nosuchthing{x}$ b $y$");
    waitUntilSettled(document);
    const QRectF rect = document.rectOf({2, 20});
    const QString tip = document.toolTipAt(rect.center());
    QVERIFY2(tip.contains(QStringLiteral("Undefined control sequence")), qPrintable(tip));
    QVERIFY2(tip.contains(QStringLiteral("\\nosuchthing{x}")), qPrintable(tip));
    RichTextDocument without(nullptr);
    without.setTextWidth(400);
    without.setMarkdown("a $x$");
    QVERIFY(!without.isPending());
}

void TestRenderDocument::baselineIsTheTexts() {
    if (!m_typesetter->isAvailable()) {
        QSKIP("this build has no MathJax");
    }
    // Under a text's baseline a row of "x" and of upright math letters has no ink, above it has.
    for (const int pixels : {13, 16, 22}) {
        RichTextStyle style = plainStyle();
        style.text.setPixelSize(pixels);
        RichTextDocument document(m_typesetter.get());
        document.setStyle(style);
        document.setTextWidth(600);
        const std::string text =
            "x $\\mathrm{xxx}$ x $\\frac{\\mathrm{H}}{\\mathrm{H}}=\\mathrm{xx}$";
        document.setMarkdown(text);
        waitUntilSettled(document);
        const QImage image = painted(document);
        const QTextLine line = document.textDocument()->begin().layout()->lineAt(0);
        const int baseline = static_cast<int>(std::round(line.y() + line.ascent()));
        const QRectF simple = document.rectOf({2, 16});
        QVERIFY(simple.width() > pixels);
        const auto below = QRectF(simple.left(), baseline + 1, simple.width(), pixels);
        const auto above =
            QRectF(simple.left(), baseline - pixels * 0.4, simple.width(), pixels * 0.4);
        QVERIFY2(inkIn(image, below.adjusted(0, 0, -1, -1)) == 0,
                 qPrintable(QString::number(pixels)));
        QVERIFY(inkIn(image, above) > 0);
        // "=xx" behind the fraction: the last letters stand on the same line.
        const QRectF whole = document.rectOf({19, text.size()});
        const auto tail =
            QRectF(whole.right() - pixels * 0.9, baseline + 1, pixels * 0.8, pixels * 0.3);
        QCOMPARE(inkIn(image, tail), 0);
        QVERIFY(inkIn(image, tail.translated(0, -pixels * 0.3 - 1)) > 0);
    }
}

void TestRenderDocument::wideFormulasShrink() {
    if (!m_typesetter->isAvailable()) {
        QSKIP("this build has no MathJax");
    }
    RichTextDocument document(m_typesetter.get());
    document.setStyle(plainStyle());
    document.setTextWidth(900);
    std::string text = "\\[a";
    for (int i = 0; i < 14; ++i) {
        text += "+bbb";
    }
    text += "\\]";
    document.setMarkdown(text);
    waitUntilSettled(document);
    const qreal natural = document.rectOf({0, text.size()}).width();
    const qreal height = document.height();
    QVERIFY(natural > 300 && natural < 900);
    document.setTextWidth(natural * 0.7);
    QVERIFY(document.rectOf({0, text.size()}).width() <= natural * 0.7 + 1);
    QVERIFY(document.height() < height);
    QVERIFY(document.idealWidth() <= natural * 0.7 + 1);
    document.setTextWidth(natural * 0.3); // unreadable: the source, wrapped
    QVERIFY(document.rectOf({0, text.size()}).width() <= natural * 0.3 + 1);
    QVERIFY(document.toolTipAt(document.rectOf({0, text.size()}).center())
                .contains(QStringLiteral("too wide")));
    document.setTextWidth(900);
    QCOMPARE(document.rectOf({0, text.size()}).width(), natural);
    QCOMPARE(document.height(), height);
}

void TestRenderDocument::highlightsFollowTheSource_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("passage");  // of the source
    QTest::addColumn<QString>("expected"); // as plain text of the document
    const auto row = [](const char* name, const char* source, const char* passage,
                        const char* expected) {
        QTest::newRow(name) << QString::fromUtf8(source) << QString::fromUtf8(passage)
                            << QString::fromUtf8(expected);
    };
    row("prose", "one two three", "two", "two");
    row("emphasis", "one **two** three", "**two**", "two");
    row("inside emphasis", "one **two** three", "two** th", "two th");
    row("formula as a whole", "one $x^2+1$ three", "x^2", "$");
    row("text and formula", "one $x$ three", "ne $x$ th", "ne $ th");
    row("after formulas", "a $x$ b $y$ c \\[z\\] the end", "the end", "the end");
    row("accents", "é à ü word ñ", "word ñ", "word ñ");
    row("heading", "## Step 2\n\nText here", "Text", "Text");
    row("bullets", "- one\n- two\n- three", "two\n- three", "two\nthree");
    row("numbers", "1. one\n2. two", "two", "two");
    row("kept numbers", "4. one\n7. two", "7. two", "7. two");
    row("same words", "the cat and the cat", "and the cat", "and the cat");
    row("table", "|a|b|\n|-|-|\n|cc|dd|", "dd", "dd");
    row("code", "use `x = 1` here", "x = 1", "x = 1");
    row("fence", "a\n\n```py\nx = 1\ny = 2\n```\n\nend", "y = 2", "y = 2");
    row("entity", "a &lt; b &amp; c", "b &amp; c", "b & c");
    row("behind a link", "see [this](https://x.org/abc) now", "now", "now");
    row("escapes", "\\*a\\* b", "b", "b");
    row("product", "3*4*5 = 60", "= 60", "= 60");
    row("mark-up alone", "a ** b", "**", "**");
}

void TestRenderDocument::highlightsFollowTheSource() {
    QFETCH(QString, source);
    QFETCH(QString, passage);
    QFETCH(QString, expected);
    const std::string text = source.toStdString();
    const std::string part = passage.toStdString();
    const std::size_t begin = text.find(part);
    QVERIFY(begin != text.npos);
    RichTextDocument document(nullptr);
    document.setStyle(plainStyle());
    document.setTextWidth(500);
    document.setMarkdown(text);
    const QRectF rect = document.rectOf({begin, begin + part.size()});
    QVERIFY(!rect.isEmpty());
    // Found again by walking all positions: those whose source is inside the passage.
    QString shown;
    const QString raw = document.textDocument()->toRawText();
    for (int i = 0; i < raw.size(); ++i) {
        const auto span = document.sourceSpan(i, i + 1);
        if (span.begin >= begin + part.size() || span.end <= begin) {
            continue;
        }
        if (raw[i] == QChar::ObjectReplacementCharacter) {
            shown += u'$';
        } else if (raw[i] == QChar::ParagraphSeparator) {
            shown += u'\n';
        } else {
            shown += raw[i];
        }
    }
    expected.remove(u'\n');
    shown.remove(u'\n');
    QCOMPARE(shown, expected);
    document.setHighlights(
        {{{begin, begin + part.size()}, QColor(255, 255, 0), {}, QStringLiteral("why")}});
    const QImage image = painted(document);
    QCOMPARE(QColor(image.pixel(rect.left() - 1 < 0 ? 0 : static_cast<int>(rect.left()),
                                static_cast<int>(rect.top()) + 1)),
             QColor(255, 255, 0));
}

void TestRenderDocument::selectionCopiesTheSource() {
    RichTextView view(nullptr);
    view.setMarkdown("so **we** have $x^2$ here");
    view.resize(400, 100);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    QSignalSpy spy(&view, &RichTextView::selectionChanged);
    view.selectAll();
    QCOMPARE(spy.count(), 1);
    QCOMPARE(view.selectedSource(), QStringLiteral("so **we** have $x^2$ here"));
    view.setFocus();
    QTest::keyClick(&view, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QApplication::clipboard()->text(), QStringLiteral("so **we** have $x^2$ here"));
    // A click that selects nothing tells where it was.
    QSignalSpy clicks(&view, &RichTextView::clicked);
    const QPoint formula = view.document().rectOf({15, 20}).center().toPoint();
    QTest::mouseClick(&view, Qt::LeftButton, {}, {2, formula.y()});
    QCOMPARE(clicks.count(), 1);
    QCOMPARE(clicks.first().first().value<std::size_t>(), std::size_t{0});
    QTest::mouseDClick(&view, Qt::LeftButton, {}, {2, formula.y()});
    QCOMPARE(view.selectedSource(), QStringLiteral("so"));
}

void TestRenderDocument::longTextIsCutAndShownOnDemand() {
    std::string text;
    while (text.size() < 3 * RichTextDocument::kFirstShownBytes) {
        text += "A line of prose in a long text.\n\n";
    }
    text += "The very end.";
    RichTextDocument document(nullptr);
    document.setTextWidth(400);
    document.setMarkdown(text);
    QVERIFY(document.isTruncated());
    QTRY_VERIFY(document.plainText().endsWith(RichTextDocument::tr("Show all")));
    QVERIFY(document.plainText().size() < 70 * 1024);
    document.showAll();
    QVERIFY(!document.isTruncated());
    QTRY_VERIFY(document.plainText().endsWith(QStringLiteral("The very end.")));
    QVERIFY(!document.isFilling());
    document.setMarkdown("short");
    QVERIFY(!document.isTruncated());
    // Cutting never splits a character.
    std::string wide(RichTextDocument::kFirstShownBytes - 1, 'x');
    wide += "\xE6\x97\xA5\xE6\x9C\xAC";
    document.setMarkdown(wide);
    QVERIFY(!document.plainText().contains(QChar::ReplacementCharacter));
}

void TestRenderDocument::longTextComesInPieces() {
    std::string text;
    for (int i = 0; text.size() < 60 * 1024; ++i) {
        const std::string number = std::to_string(i);
        text += "Paragraph " + number + " with *some* words and $x_{" + number + "}$.\n\n- item a" +
                number + "\n- item b" + number + "\n\n";
    }
    RichTextDocument document(nullptr);
    document.setStyle(plainStyle());
    document.setTextWidth(400);
    QSignalSpy grown(&document, &RichTextDocument::reflowed);
    document.setMarkdown(text);
    QVERIFY(document.isFilling());
    QVERIFY(document.plainText().size() < 20 * 1024);
    QTRY_VERIFY(!document.isFilling());
    QVERIFY(grown.count() >= 3);
    // The same blocks as each part has on its own.
    const QStringList blocks = outline(document).split(u'\n');
    for (int i = 0; i < blocks.size(); ++i) {
        QVERIFY2(blocks[i].startsWith(i % 3 == 0 ? QStringLiteral("Paragraph %1 ").arg(i / 3)
                                                 : QStringLiteral("* item ")),
                 qPrintable(blocks[i]));
    }
    const QTextBlock last = document.textDocument()->lastBlock().previous().previous();
    QCOMPARE(last.blockFormat().bottomMargin(),
             document.textDocument()->begin().blockFormat().bottomMargin());
    // Bytes and positions meet in every piece.
    for (const char* words : {"item b3\n", "words and", "item a700", "x_{800}"}) {
        const QString sought = QString::fromLatin1(words).trimmed();
        const auto found = document.find(sought, 100000);
        QVERIFY2(!found.empty(), words);
        const base::Span span = found.back();
        QVERIFY2(text.substr(span.begin, span.size()).find(sought.toStdString()) != text.npos,
                 words);
        QVERIFY(document.rectOf(span).height() > 4);
    }
    QCOMPARE(document.find(QStringLiteral("SOME words"), 100000).size(),
             static_cast<std::size_t>(blocks.size() / 3));
    QCOMPARE(document.find(QStringLiteral("some"), 5).size(), std::size_t{5});
    document.setPlainText(text);
    QTRY_VERIFY(!document.isFilling());
    QCOMPARE(document.plainText(), QString::fromStdString(text));
}

void TestRenderDocument::formulasOfALongTextComeInStretches() {
    if (!m_typesetter->isAvailable()) {
        QSKIP("this build has no MathJax");
    }
    std::string text;
    while (text.size() < 30 * 1024) {
        text += "so we have $\\frac{s}{s+1}$ and go on\n\n";
    }
    RichTextDocument document(m_typesetter.get());
    document.setStyle(plainStyle());
    document.setTextWidth(400);
    QSignalSpy stretches(&document, &RichTextDocument::aboutToReflow);
    document.setMarkdown(text);
    QTRY_VERIFY(!document.isFilling());
    waitUntilSettled(document);
    QVERIFY(stretches.count() > 1);
    // In the end nothing tells how it came.
    RichTextDocument warm(m_typesetter.get());
    warm.setStyle(plainStyle());
    warm.setTextWidth(400);
    warm.setMarkdown(text);
    QTRY_VERIFY(!warm.isFilling());
    QVERIFY(!warm.isPending());
    QCOMPARE(document.height(), warm.height());
    QCOMPARE(painted(document), painted(warm));
    // Another text meanwhile: nothing of the old one is put into it.
    RichTextDocument other(m_typesetter.get());
    other.setTextWidth(400);
    std::string late = text;
    while (late.find("s+1") != std::string::npos) {
        late.replace(late.find("s+1"), 3, "s+7");
    }
    QSignalSpy first(&other, &RichTextDocument::aboutToReflow);
    other.setMarkdown(late);
    QTRY_VERIFY(!first.isEmpty());
    other.setMarkdown("short $s$");
    waitUntilSettled(other);
    QCOMPARE(other.plainText(), QStringLiteral("short s"));
}

void TestRenderDocument::invalidBytesAreVisible() {
    RichTextDocument document(nullptr);
    document.setTextWidth(400);
    document.setMarkdown(std::string_view("a \xff b \0 c", 9));
    QVERIFY2(document.plainText().contains(QStringLiteral("xFF"), Qt::CaseInsensitive),
             qPrintable(document.plainText()));
    QVERIFY(document.plainText().contains(QChar(0x2400)));
}

void TestRenderDocument::readerIsNotScrolled() {
    if (!m_typesetter->isAvailable()) {
        QSKIP("this build has no MathJax");
    }
    QScrollArea area;
    area.setWidgetResizable(true);
    auto* content = new QWidget;
    auto* column = new QVBoxLayout(content);
    std::vector<RichTextView*> views;
    for (int i = 0; i < 12; ++i) {
        auto* view = new RichTextView(m_typesetter.get());
        column->addWidget(view);
        views.push_back(view);
    }
    area.setWidget(content);
    area.resize(320, 240);
    area.show();
    QVERIFY(QTest::qWaitForWindowExposed(&area));
    for (std::size_t i = 0; i < views.size(); ++i) {
        views[i]->setMarkdown("Step " + std::to_string(i) + "\n\\[\\frac{\\frac{a}{b}}{\\frac{c}{" +
                              std::to_string(1000 + i) + "}}\\] and then some words after it.");
    }
    QVERIFY(views.back()->document().isPending());
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest);
    const int heightBefore = content->height();
    area.ensureWidgetVisible(views[8], 0, 0);
    const auto where = [&] {
        return views[8]->mapTo(area.viewport(), QPoint()).y();
    };
    area.verticalScrollBar()->setValue(area.verticalScrollBar()->value() + where());
    QCOMPARE(where(), 0);
    for (RichTextView* view : views) {
        waitUntilSettled(view->document());
    }
    QTest::qWait(100);
    QVERIFY(content->height() > heightBefore + 50);
    QVERIFY2(std::abs(where()) <= 2, qPrintable(QString::number(where())));
}

void TestRenderDocument::staleRequestsAreForgotten() {
    if (!m_typesetter->isAvailable()) {
        QSKIP("this build has no MathJax");
    }
    {
        RichTextDocument document(m_typesetter.get());
        document.setTextWidth(300);
        std::string text;
        for (int i = 0; i < 300; ++i) {
            text += "$y_{" + std::to_string(i) + "}$ ";
        }
        document.setMarkdown(text);
        QVERIFY(m_typesetter->statistics().waiting > 250);
        document.setMarkdown("$z$");
        QVERIFY(m_typesetter->statistics().waiting < 20);
        document.setMarkdown(text);
    }
    QVERIFY(m_typesetter->statistics().waiting < 20);
}

SCRIT_WINDOW_TEST(TestRenderDocument)
#include "render_document_test.moc"
