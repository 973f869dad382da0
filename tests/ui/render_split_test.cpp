// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "tests/support/test_program.h"
#include "ui/render/markdown_source.h"
#include "ui/render/math_line.h"
#include "ui/render/math_split.h"
#include "ui/render/text_pieces.h"

#include <QTest>

using namespace scrit;
using namespace scrit::ui::render;

namespace {

// The text with "‹tex›" for inline and "«tex»" for display formulas.
QString shown(const std::string& text, const std::vector<Formula>& formulas) {
    QString out = QString::fromStdString(text);
    out.replace(QString::fromUcs4(&kLineBreak, 1), QStringLiteral("/"));
    for (std::size_t i = 0; i < formulas.size(); ++i) {
        const char32_t point = kFirstPlaceholder + static_cast<char32_t>(i);
        const QString tex = QString::fromStdString(formulas[i].tex);
        out.replace(QString::fromUcs4(&point, 1), formulas[i].display
                                                      ? QChar(0xab) + tex + QChar(0xbb)
                                                      : QChar(0x2039) + tex + QChar(0x203a));
    }
    return out;
}

} // namespace

class TestRenderSplit : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void splits_data();
    void splits();
    void spansPointAtTheSource();
    void everyByteHasASource();
    void placeholdersInTheTextAreNeutral();
    void manyUnclosedDelimitersAreCheap();
    void pieces_data();
    void pieces();
    void answersAsFormulas_data();
    void answersAsFormulas();
    void prepares_data();
    void prepares();
};

void TestRenderSplit::splits_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* source, const char* expected) {
        QTest::newRow(name) << QString::fromUtf8(source) << QString::fromUtf8(expected);
    };
    row("parentheses", "so \\(a+b\\) is", "so ‹a+b› is");
    row("brackets", "so \\[a+b\\] is", "so «a+b» is");
    row("dollar", "so $a+b$ is", "so ‹a+b› is");
    row("dollars", "so $$a+b$$ is", "so «a+b» is");
    row("dollars over lines", "$$\na\n+b\n$$", "«a\n+b»");
    row("prices", "costs $5 and $10 today", "costs $5 and $10 today");
    row("price and formula", "costs $5, so $x$ is", "costs $5, so ‹x› is");
    row("price range", "$5-$10", "$5-$10");
    row("closing before digit", "$x$5", "$x$5");
    row("space after opening", "$ x$", "$ x$");
    row("space before closing", "$x $", "$x $");
    row("escaped dollar", "\\$5 and $x$", "\\$5 and ‹x›");
    row("escaped inside", "$\\$5$", "‹\\$5›");
    row("dollars inside braces", "$x \\text{ if $y$ holds}$", "‹x \\text{ if $y$ holds}›");
    row("inline stops at a blank line", "$a\n\nb$", "$a\n\nb$");
    row("inline over a line break", "$a\n+b$", "‹a\n+b›");
    row("unclosed parenthesis", "\\(a + b", "\\(a + b");
    row("opened twice", "\\(a \\(b\\)", "\\(a ‹b›");
    row("escaped backslash", "\\\\(a\\\\)", "\\\\(a\\\\)");
    row("code span", "`$x$` and $y$", "`$x$` and ‹y›");
    row("double backtick code", "`` a ` $x$ `` $y$", "`` a ` $x$ `` ‹y›");
    row("unclosed backtick", "a ` b $x$", "a ` b ‹x›");
    row("code does not cross a blank line", "a ` b\n\n c ` $x$", "a ` b\n\n c ` ‹x›");
    row("fence", "```\n$x$\n```\n$y$", "```\n$x$\n```\n‹y›");
    row("tilde fence", "~~~ tex\n$x$\n~~~\n$y$", "~~~ tex\n$x$\n~~~\n‹y›");
    row("unclosed fence", "```\n$x$", "```\n$x$");
    row("asy", "[asy]\nlabel(\"$x$\");\n[/asy] $y$", "[asy]\nlabel(\"$x$\");\n[/asy] ‹y›");
    row("align", "a\n\\begin{align*}x&=1\\\\y&=2\\end{align*}\nb",
        "a\n«\\begin{align*}x&=1\\\\y&=2\\end{align*}»\nb");
    row("nested environments", "\\begin{align}\\begin{align}x\\end{align}\\end{align}.",
        "«\\begin{align}\\begin{align}x\\end{align}\\end{align}».");
    row("cases in align", "\\begin{align}f=\\begin{cases}1\\\\2\\end{cases}\\end{align}",
        "«\\begin{align}f=\\begin{cases}1\\\\2\\end{cases}\\end{align}»");
    row("displaymath", "\\begin{displaymath}x\\end{displaymath}", "«x»");
    row("unknown environment", "\\begin{itemize}x\\end{itemize}",
        "\\begin{itemize}x\\end{itemize}");
    row("unclosed environment", "\\begin{align}x", "\\begin{align}x");
    row("boxed", "answer \\boxed{\\frac{1}{2}}.", "answer ‹\\boxed{\\frac{1}{2}}›.");
    row("boxed words", "\\boxed{ten apples}", "‹\\boxed{\\text{ten apples}}›");
    row("boxed in dollars", "$\\boxed{7}$", "‹\\boxed{7}›");
    row("unclosed boxed", "\\boxed{7", "\\boxed{7");
    row("pipes", "| $|x|$ | b |", "| ‹|x|› | b |");
    row("empty", "$$ $$ and \\(\\)", "$$ $$ and \\(\\)");
    row("command names are stepped over", "\\frac\\(x\\)", "\\frac‹x›");
    row("row separator with space", "\\[a\\\\[2pt]b\\]", "«a\\\\[2pt]b»");
}

void TestRenderSplit::splits() {
    QFETCH(QString, source);
    QFETCH(QString, expected);
    const SplitText split = splitMath(source.toStdString());
    QCOMPARE(shown(split.text.text(), split.formulas), expected);
}

void TestRenderSplit::spansPointAtTheSource() {
    const std::string text = "Où $x^2$, then \\[ y \\] and \\boxed{3}.";
    const SplitText split = splitMath(text);
    QCOMPARE(split.formulas.size(), std::size_t{3});
    QCOMPARE(std::string(base::slice(text, split.formulas[0].source)), std::string("$x^2$"));
    QCOMPARE(std::string(base::slice(text, split.formulas[1].source)), std::string("\\[ y \\]"));
    QCOMPARE(std::string(base::slice(text, split.formulas[2].source)), std::string("\\boxed{3}"));
}

void TestRenderSplit::everyByteHasASource() {
    const std::string text = "1. a*b\n2. 3*4 $x$\n\n5. é $y$ `z`\n+ 4\n";
    const MarkdownSource prepared = prepareMarkdown(text);
    std::size_t last = 0;
    const std::string& out = prepared.text.text();
    for (std::size_t i = 0; i <= out.size(); ++i) {
        const std::size_t at = prepared.text.sourceOf(i);
        QVERIFY2(at >= last && at <= text.size(), qPrintable(QString::number(i)));
        last = at;
    }
    // What was copied is the same byte there as here.
    for (const char c : {'b', 'z', '5'}) {
        const std::size_t i = out.find(c);
        QCOMPARE(text[prepared.text.sourceOf(i)], c);
    }
}

void TestRenderSplit::placeholdersInTheTextAreNeutral() {
    std::string text = "a ";
    base::appendUtf8(text, kFirstPlaceholder);
    text += " `";
    base::appendUtf8(text, kFirstPlaceholder);
    text += "` $x$";
    const SplitText split = splitMath(text);
    std::string placeholder;
    base::appendUtf8(placeholder, kFirstPlaceholder);
    QCOMPARE(split.formulas.size(), std::size_t{1});
    const std::size_t first = split.text.text().find(placeholder);
    QCOMPARE(first, split.text.text().size() - placeholder.size());
}

void TestRenderSplit::manyUnclosedDelimitersAreCheap() {
    // Quadratic searching would take minutes here, and the test would run into its time limit.
    for (const char* piece :
         {"\\(", "\\[", "$a ", "$$ a", "`", "``a ", "\\begin{align}", "\\boxed{", "[asy]"}) {
        std::string text;
        while (text.size() < 384 * 1024) {
            text += piece;
        }
        const SplitText split = splitMath(text);
        QVERIFY(split.formulas.size() < text.size());
        (void)prepareMarkdown(text.substr(0, 64 * 1024));
    }
}

void TestRenderSplit::prepares_data() {
    QTest::addColumn<QString>("source");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* source, const char* expected) {
        QTest::newRow(name) << QString::fromUtf8(source) << QString::fromUtf8(expected);
    };
    row("line breaks are kept", "a\nb\n\nc", "a/\nb\n\nc");
    row("marked line breaks", "a  \nb\\\nc", "a  /\nb/\nc");
    row("no break before blocks", "a\n# b\n- c\n> d", "a\n# b\n- c\n> d");
    row("tables are left alone", "|a|b|\n|-|-|\n|1|2|", "|a|b|\n|-|-|\n|1|2|");
    row("list from one", "1. a\n2. b\n3. c", "1. a/\n2. b/\n3. c");
    row("list from three", "3. a", "3\\. a");
    row("list with a gap", "1. a\n3. b", "1. a/\n3\\. b");
    row("list broken by a paragraph", "1. a\n\ntext\n\n2. b", "1. a\n\ntext\n\n2\\. b");
    row("list with indented text", "1. a\n\n   text\n\n2. b", "1. a\n\n   text\n\n2. b");
    row("loose list", "1. a\n\n2. b", "1. a\n\n2. b");
    row("other delimiter", "1. a\n2) b", "1. a/\n2\\) b");
    row("product", "3*4*5 and (a)*2", "3\\*4\\*5 and (a)\\*2");
    row("emphasis", "*a* **b** 2 * 3", "*a* **b** 2 * 3");
    row("emphasis of digits", "**3** and *4*", "**3** and *4*");
    row("sum at the start", "+ 5 = 7", "\\+ 5 = 7");
    row("asy becomes code", "a [asy]\nx;\n[/asy]", "a \n````asy\nx;\n````\n");
    row("fence is left alone", "```\n3*4\n1. a\n```\nb", "```\n3*4\n1. a\n```\nb");
    row("code span is left alone", "`3*4` 3*4", "`3*4` 3\\*4");
    row("final answer", "So it is.\n#### 42", "So it is./\n\\#### **42**");
    row("final answer with text behind it", "#### 1,204.5\nb", "\\#### **1,204.5**/\nb");
    row("final answer with a unit", "a\n\n#### 10 dollars\n", "a\n\n\\#### **10 dollars**\n");
    row("final answer as a formula", "#### $x$", "\\#### **‹x›**");
    row("final answer with a sign at its end", "#### 5%", "\\#### 5%");
    row("heading of the fourth level", "#### Step 2\nb", "#### Step 2\nb");
    row("heading at the end", "a\n#### Step 2:", "a\n#### Step 2:");
    row("deeper heading", "##### 42", "##### 42");
}

void TestRenderSplit::prepares() {
    QFETCH(QString, source);
    QFETCH(QString, expected);
    const MarkdownSource prepared = prepareMarkdown(source.toStdString());
    QCOMPARE(shown(prepared.text.text(), prepared.formulas), expected);
}

void TestRenderSplit::pieces_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QList<int>>("ends"); // with pieces of about 20 bytes
    QTest::newRow("short") << QByteArray("aaaa bbbb cccc") << QList<int>{14};
    QTest::newRow("blank line") << QByteArray("aaaa bbbb ccc\n\ndddd eeee ffff gggg hhhh iiii")
                                << QList<int>{15, 44};
    QTest::newRow("blank line further off")
        << QByteArray("aaaa bbbb cccc dddd eeee ffff\n\ngggg hhhh iiii") << QList<int>{31, 45};
    QTest::newRow("line") << QByteArray("aaaa bbbb ccc\ndddd eeee ffff gggg hhhh iii")
                          << QList<int>{14, 42};
    QTest::newRow("space") << QByteArray("aaaa bbbb cccc dddd eeee ffff gggg hhhh iii")
                           << QList<int>{20, 43};
    QTest::newRow("no end of a word")
        << QByteArray(20, 'x').append("\xE2\x82\xAC").append(QByteArray(18, 'y'))
        << QList<int>{20, 41};
    QTest::newRow("not inside a character")
        << QByteArray(19, 'x').append("\xE2\x82\xAC").append(QByteArray(18, 'y'))
        << QList<int>{19, 40};
    QTest::newRow("not inside code")
        << QByteArray("```\naaaa bbbbb\n\ncccc\n```\n\ndddd eeee ffff gggg") << QList<int>{26, 45};
}

void TestRenderSplit::pieces() {
    QFETCH(QByteArray, text);
    QFETCH(QList<int>, ends);
    QList<int> found;
    for (std::size_t at = 0; at < static_cast<std::size_t>(text.size());) {
        at = pieceEnd({text.constData(), static_cast<std::size_t>(text.size())}, at, 20);
        found << static_cast<int>(at);
    }
    QCOMPARE(found, ends);
}

void TestRenderSplit::answersAsFormulas_data() {
    QTest::addColumn<QString>("answer");
    QTest::addColumn<QString>("tex");
    const auto row = [](const char* answer, const char* tex) {
        QTest::newRow(answer) << QString::fromUtf8(answer) << QString::fromUtf8(tex);
    };
    row("\\frac{1}{2}", "\\frac{1}{2}");
    row("$\\frac{1}{2}$", "\\frac{1}{2}");
    row("x^2+1", "x^2+1");
    row("10\\%", "10\\%");
    row("\\$5", "\\$5");
    row("(-\\infty, 3]", "(-\\infty, 3]");
    row("42", "");
    row("3/4", "");
    row("B", "");
    row("$5", "");
    row("$5 and $x^2$", "");
    row("snake_case is a word", "");
    row("a\nb\\frac12", "");
}

void TestRenderSplit::answersAsFormulas() {
    QFETCH(QString, answer);
    QFETCH(QString, tex);
    QCOMPARE(QString::fromStdString(texOfAnswer(answer.toStdString())), tex);
}

SCRIT_TEST(TestRenderSplit)
#include "render_split_test.moc"
