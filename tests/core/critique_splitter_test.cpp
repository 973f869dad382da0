// SPDX-License-Identifier: GPL-3.0-or-later
#include "critique_text.h"
#include "tests/support/test_program.h"

#include <QtTest>

using namespace scrit;

// Steps are shown joined by " ¦ " with line breaks as "/".
class SplitterTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void splits_data();
    void splits();
    void bigInputs();
};

namespace {

QByteArray shown(std::string_view text) {
    QByteArray out;
    for (const base::Span& step : critique::splitSteps(text)) {
        if (!out.isEmpty()) {
            out += " | ";
        }
        const std::string_view part = base::slice(text, step);
        out += QByteArray(part.data(), static_cast<qsizetype>(part.size()))
                   .replace('\r', "")
                   .replace('\n', '/');
    }
    return out;
}

} // namespace

void SplitterTest::splits_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("steps");
    const auto row = [](const char* name, const char* text, const char* steps) {
        QTest::newRow(name) << QByteArray(text) << QByteArray(steps);
    };
    row("empty", "", "");
    row("blank", " \n\t\r\n ", "");
    row("one line", "  2 + 2 = 4 ", "2 + 2 = 4");
    row("paragraphs", "A is 1.\n\nB is 2.\n\n\n\nSo 3.", "A is 1. | B is 2. | So 3.");
    row("paragraphs, CRLF", "A is 1.\r\n\r\nB is\r\n2.\r\n\r\nC.", "A is 1. | B is/2. | C.");
    row("paragraphs, blanks on the empty line", "A.\n  \nB.\n\t\nC.", "A. | B. | C.");
    row("lines", "She has 4 hens.\nThey lay 8 eggs.\n#### 8",
        "She has 4 hens. | They lay 8 eggs. | #### 8");
    row("a wrapped line goes on",
        "She has four hens and each of them lays exactly two eggs on every\nsingle day.\nSo 8.",
        "She has four hens and each of them lays exactly two eggs on every/single day. | So 8.");
    row("lead-in before lines", "Let us go step by step:\n\nFirst 2.\nThen 3.\nThe answer is 3.",
        "Let us go step by step://First 2. | Then 3. | The answer is 3.");
    row("Step k:", "Step 1: add.\nmore\n\nmore\nStep 2: stop.",
        "Step 1: add./more//more | Step 2: stop.");
    row("bold steps", "**Step 1**\n\nadd\n\n**Step 2: end**\n\nstop",
        "**Step 1**//add | **Step 2: end**//stop");
    row("heading steps", "Intro.\n\n## Step 1\nadd\n## Step 2\nstop\n\nThe final answer is 4.",
        "Intro.//## Step 1/add | ## Step 2/stop | The final answer is 4.");
    row("a lone mention is no marker", "As in Step 3, add.\n\nStep 3 is used.\n\nDone.",
        "As in Step 3, add. | Step 3 is used. | Done.");
    row("numbered list", "We do:\n\n1. Add 2.\n   It is 4.\n\n2. Double.\n\nTherefore, 8.",
        "We do://1. Add 2./   It is 4. | 2. Double. | Therefore, 8.");
    row("an outline is not the solution",
        "Plan:\n\n1. Add.\n2. Halve.\n\nFirst add two and two, which makes four.\n\nThen halve: "
        "two.",
        "Plan: | 1. Add./2. Halve. | First add two and two, which makes four. | Then halve: two.");
    row("nested numbers stay", "1. Add\n  1. two\n  2. three\n2. Stop",
        "1. Add/  1. two/  2. three | 2. Stop");
    row("tags", "<paragraph_0>\nA\n\nstill A\n</paragraph_0>\n\n<paragraph_1>\nB\n</paragraph_1>",
        "A//still A | B");
    row("tags without ends", "<paragraph_0> A <paragraph_1> B", "A | B");
    row("display math is whole", "We get\n\\[\n\n x = 1\n\n\\]\nnow.\n\nEnd.",
        "We get/\\[// x = 1//\\]/now. | End.");
    row("dollars are whole", "Then $$\n\na\n\n$$ and\n\nEnd.", "Then $$//a//$$ and | End.");
    row("environment is whole", "\\begin{align}\na\n\nb\n\\end{align}\n\nEnd.",
        "\\begin{align}/a//b/\\end{align} | End.");
    row("fence is whole", "Run\n```python\nx = 1\n\nprint(x)\n```\n\nEnd.",
        "Run/```python/x = 1//print(x)/``` | End.");
    row("an open fence protects nothing", "Run\n```python\nx = 1\n\nprint(x)",
        "Run/```python/x = 1 | print(x)");
    row("an open bracket protects nothing", "Get \\[ x\n\ny\n\nz", "Get \\[ x | y | z");
    row("table in lines", "See:\n| a | b |\n|---|---|\n| 1 | 2 |\nDone.",
        "See: | | a | b |/|---|---|/| 1 | 2 | | Done.");
    row("headings go with what follows", "## Solution\n\n### Part\n\nAdd.\n\nEnd.",
        "## Solution//### Part//Add. | End.");
    row("bold titles go with what follows", "**Adding:**\n\n2 + 2.\n\nEnd.",
        "**Adding:**//2 + 2. | End.");
    row("answer line is no heading", "Add.\n\n#### 4\n\nEnd.", "Add. | #### 4 | End.");
    row("a last title stays with the end", "Add.\n\nStop.\n\n## Notes", "Add. | Stop.//## Notes");
    row("chinese colon",
        "Step 1\xEF\xBC\x9A"
        "add\nStep 2\xEF\xBC\x9A"
        "stop",
        "Step 1\xEF\xBC\x9A"
        "add | Step 2\xEF\xBC\x9A"
        "stop");
}

void SplitterTest::splits() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, steps);
    const std::string_view view(text.constData(), static_cast<std::size_t>(text.size()));
    QCOMPARE(shown(view), steps);
    QCOMPARE(critique::stepFault(critique::splitSteps(view), view), std::string());
}

// Linear time is not timed here, but a quadratic splitter would not come back from these.
void SplitterTest::bigInputs() {
    std::string many;
    for (const std::string_view unit :
         {"\\[", "$$", "```x\n", "\\begin{a}", "1. a\n", "Step 1:\n", "<paragraph_1>", "| \n",
          "\n\n", "**a**\n\n", "\xFF\n", "#### 1\n"}) {
        many.clear();
        while (many.size() < (std::size_t{1} << 19U)) {
            many += unit;
        }
        QCOMPARE(critique::stepFault(critique::splitSteps(many), many).substr(0, 100),
                 std::string());
    }
}

SCRIT_TEST(SplitterTest)
#include "critique_splitter_test.moc"
