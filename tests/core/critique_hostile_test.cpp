// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/red_flags.h"
#include "core/critique/target.h"
#include "critique_text.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <random>

using namespace scrit;

// Damaged, repeated and very large texts: nothing may throw, spans must stay in the text, and time
// must stay linear (a quadratic parser would not come back from the large ones).
class HostileTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyPrefix();
    void damaged();
    void repeated_data();
    void repeated();
    void oneLongLine();
    void twentyMegabytes();
    void invalidTextIsNamed();
};

namespace {

const std::string kCritique = "## Reference Analysis\nIdea.\n\n## Critique of Student Solution "
                              "Steps\n### Critique of Step 1\nThis step is "
                              "correct.\n### Critique of Steps 2 and 3\nThe reference solution "
                              "differs; this is wrong.\n\n## Conclusion of "
                              "Critique\nThe solution is Incorrect.\nThe first error step number: "
                              "2\n\n## Correction of Student "
                              "Solution\n===CORRECTION_START===\nAdd \\[ x = 1 \\].\n\nTherefore, "
                              "\\boxed{12}.\n===CORRECTION_END===\n<|im_end|> "
                              "Step sentence: a\nCorrectness of the step: Wrong\nFinal "
                              "Judgement\xEF\xBC\x9A wrong\n<paragraph_3>\n1. a\n";
const std::string kAnySolution = "Add one.\n\nAdd two and three.\n\nStop.";

std::string check(std::string_view text) {
    const auto steps = critique::splitSteps(kAnySolution);
    for (const bool known : {false, true}) {
        const auto parsed = known ? critique::parseCritique(text, {kAnySolution, steps})
                                  : critique::parseCritique(text);
        if (std::string fault = critique::spanFault(parsed, text); !fault.empty()) {
            return fault;
        }
        (void)critique::redFlags(parsed, text, {kAnySolution, steps, false});
        (void)critique::renderTarget(text, parsed);
    }
    return critique::stepFault(critique::splitSteps(text), text).substr(0, 120);
}

std::string filled(std::string_view unit, std::size_t bytes) {
    std::string text;
    text.reserve(bytes + unit.size());
    while (text.size() < bytes) {
        text += unit;
    }
    return text;
}

} // namespace

void HostileTest::everyPrefix() {
    for (std::size_t length = 0; length <= kCritique.size(); length += 2) {
        QCOMPARE(check(std::string_view(kCritique).substr(0, length)), std::string());
        QCOMPARE(check(std::string_view(kCritique).substr(length)), std::string());
    }
}

void HostileTest::damaged() {
    std::mt19937 random(20251122);
    for (int round = 0; round < 600; ++round) {
        std::string text = kCritique;
        for (int change = 0; change < 6; ++change) {
            const std::size_t at = random() % text.size();
            switch (random() % 4) {
            case 0:
                text[at] = static_cast<char>(random() % 256);
                break;
            case 1:
                text.erase(at, random() % 20);
                break;
            case 2:
                text.insert(at, kCritique.substr(random() % kCritique.size(), random() % 60));
                break;
            default:
                text.insert(at, 1, "\n\0:#*=<\\$ 0"[random() % 11]);
                break;
            }
            if (text.empty()) {
                text = "x";
            }
        }
        QCOMPARE(check(text), std::string());
    }
}

void HostileTest::repeated_data() {
    QTest::addColumn<QByteArray>("unit");
    for (const char* unit : {"Step 1: correct\n",
                             "### Critique of Step 1\n",
                             "Step 1 is right. ",
                             "In step 9, ",
                             "#",
                             "# \n",
                             "=",
                             "===CORRECTION_START===",
                             "===CORRECTION_END===\n",
                             "== CORRECTION ",
                             "First error step: 1\n",
                             "Final Judgement:\n",
                             "Step sentence: a b c\n",
                             "Step sentence: add two and three\nCorrectness of the step: "
                             "Wrong\n",
                             "Correctness of the step:\n",
                             "1. a\n",
                             " 1. a\n",
                             "<paragraph_1>",
                             "<",
                             "```\n",
                             "```c\n",
                             "Conclusion: the solution is wrong.\n",
                             "the solution ",
                             "Steps 1-60 ",
                             "Steps 1, ",
                             "step ",
                             "\\boxed{",
                             "\xEF\xBC\x9A",
                             "\xFF",
                             "the reference solution ",
                             "## Reference Analysis\n",
                             "\n",
                             " ",
                             "<|im_end|>"}) {
        QTest::newRow(unit) << QByteArray(unit);
    }
}

void HostileTest::repeated() {
    QFETCH(QByteArray, unit);
    const std::string text =
        filled({unit.constData(), static_cast<std::size_t>(unit.size())}, 120'000);
    QCOMPARE(check(text), std::string());
    QCOMPARE(check("Step 1: wrong\nFinal Judgement: wrong\nError Analysis: x\n" + text),
             std::string());
    QCOMPARE(check("## Correction of Student Solution\n===CORRECTION_START===\n" + text),
             std::string());
}

void HostileTest::oneLongLine() {
    const std::string text =
        "### Critique of Step 1\n" + filled("the student correctly adds ", 2'000'000);
    QCOMPARE(check(text), std::string());
}

void HostileTest::twentyMegabytes() {
    const std::string text = filled(kCritique, 20'000'000);
    const auto parsed = critique::parseCritique(text);
    QCOMPARE(critique::spanFault(parsed, text), std::string());
    QVERIFY(parsed.usedEnd < kCritique.size()); // the rest is run-on text
    const std::string steps =
        filled("### Critique of Step 7\nThis step is wrong, since 3 is odd.\n", 20'000'000);
    QCOMPARE(critique::spanFault(critique::parseCritique(steps), steps), std::string());
}

void HostileTest::invalidTextIsNamed() {
    const auto named = [](std::string_view text) {
        const auto parsed = critique::parseCritique(text);
        return parsed.problems.front() == critique::problem::kInvalidText &&
               parsed.steps.size() == 1;
    };
    QVERIFY(named("Step 1: correct \xC3("));
    QVERIFY(named(std::string_view("Step 1: correct \0 end", 21)));
    QVERIFY(!named("Step 1: correct"));
}

SCRIT_TEST(HostileTest)
#include "critique_hostile_test.moc"
