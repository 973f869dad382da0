// SPDX-License-Identifier: GPL-3.0-or-later
#include "critique_text.h"
#include "tests/support/test_program.h"

#include <QtTest>

using namespace scrit;

class ParserTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void reads_data();
    void reads();
    void firstErrorField_data();
    void firstErrorField();
    void conclusions_data();
    void conclusions();
    void stepWording_data();
    void stepWording();
    void cuts_data();
    void cuts();
    void parts();
    void corrections_data();
    void corrections();
    void boundsStepsByTheSolution();
    void findsQuotedSentences();
};

namespace {

constexpr const char* kScrit =
    "## Critique of Student Solution Steps\n"
    "### Critique of Step 1\nThe sum is right. This step is correct.\n"
    "### Critique of Step 2\nThis step is incorrect: 3 * 4 is 12, not 11.\n\n"
    "## Conclusion of Critique\nThe solution is Incorrect.\n"
    "The first error step number: 2\n\n"
    "## Correction of Student Solution\n===CORRECTION_START===\n"
    "Add.\n\nMultiply: 12.\n\nTherefore, the final answer is \\boxed{12}.\n"
    "===CORRECTION_END===";

} // namespace

void ParserTest::reads_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const QByteArray& text, const char* expected) {
        QTest::newRow(name) << text << QByteArray(expected);
    };
    const QByteArray scrit(kScrit);
    row("the SCRIT form", scrit, "0:correct 1:incorrect | incorrect | 1 | []");
    row("CRLF", QByteArray(scrit).replace("\n", "\r\n"),
        "0:correct 1:incorrect | incorrect | 1 | []");
    row("other heading levels", QByteArray(scrit).replace("## ", "# ").replace("#### ", "## "),
        "0:correct 1:incorrect | incorrect | 1 | []");
    row("lower case", scrit.toLower().replace("correction_start", "CORRECTION_START"),
        "0:correct 1:incorrect | incorrect | 1 | []");
    row("bold headings",
        "**Critique of Student Solution Steps**\n\n**Critique of Step 1**\nThis step is "
        "correct.\n\n"
        "**Critique of Step 2:** This step is wrong.\n\n**Conclusion of Critique**\n"
        "The solution is **Incorrect**.\n**The first error step number:** 2\n",
        "0:correct 1:incorrect | incorrect | 1 | [no-correction]");
    row("full-width colons",
        "Step 1\xEF\xBC\x9A"
        "Correct.\nStep 2\xEF\xBC\x9A"
        "Wrong.\nConclusion\xEF\xBC\x9A The solution is "
        "incorrect.\nFirst error step\xEF\xBC\x9A 2",
        "0:correct 1:incorrect | incorrect | 1 | [no-correction]");
    row("wrapped in a markdown fence", "```markdown\n" + scrit + "\n```",
        "0:correct 1:incorrect | incorrect | 1 | []");
    row("correct",
        "### Critique of Step 1\nThis step is correct.\n## Conclusion of Critique\nThe solution is "
        "Correct.\nThe first error step number: -1\n## Correction of Student Solution\nThe student "
        "solution is correct. The final answer is \\boxed{4}.",
        "0:correct | correct | -1 | []");
    row("judgements in boxes (DeepCritic)",
        "**Critique of Step 1**:\n\nFine.\n\n**Judgement**: The correctness of Step 1 is: "
        "\\boxed{1}\n\n"
        "**Critique of Step 2**:\n\nBad.\n\n**Judgement**: The correctness of Step 2 is: "
        "\\\\boxed{-1}",
        "0:correct 1:incorrect | - | 1 | [no-conclusion,no-correction]");
    row("one judged step does not name the first error",
        "**Critique of Step 3**:\nBad.\n**Judgement**: \\boxed{-1}",
        "2:incorrect | - | - | [no-conclusion,no-first-error-step,no-correction]");
    row("paragraph tags count from 0 (ProcessBench)",
        "<paragraph_0>\nThis is correct.\n</paragraph_0>\n<paragraph_1>\nThis is incorrect.\n"
        "</paragraph_1>\nThe earliest error is in the paragraph above: \\boxed{1}",
        "0:correct 1:incorrect | - | 1 | [no-conclusion,no-correction]");
    row("quoted sentences (MathCritique)",
        "Step sentence: 2+2=4\nCorrectness of the step: Correct\nExplanation: The sum holds.\n\n"
        "Step sentence: 4*2=9\n\nCorrectness of the step: Wrong\n\nExplanation: It is 8.\n\n"
        "Correctness of the final answer: Wrong\nExplanation: Off by one.\n",
        "0:correct 1:incorrect | incorrect | 1 | [no-correction]");
    row("a field that says both is not a verdict",
        "Step sentence: a\nCorrectness of the step: Correct for the equation but wrong in context\n"
        "Correctness of the final answer: Wrong",
        "0:unstated | incorrect | - | [no-first-error-step,no-correction]");
    row("prose with fields (MR-GSM8K)",
        "Step-by-step Evaluation: Step 1: The student correctly adds. Step 2: The student "
        "incorrectly "
        "doubles.\n\nFinal Judgement: wrong\n\nFirst Error Step: Step 2\n\nError Analysis: "
        "Doubling.",
        "0:correct 1:incorrect | incorrect | 1 | [no-correction]");
    row("restated steps are not criticised steps",
        "Step 1: Ann has 3.\nStep 2: Bob has 4.\n\nStep-by-step Evaluation: Step 1 is "
        "correct.\nStep 2 is "
        "incorrect.\nFinal Judgement: wrong\nFirst Error Step: 2\nError Analysis: x",
        "0:correct 1:incorrect | incorrect | 1 | [no-correction]");
    row("steps in running text",
        "Step-by-step Evaluation: The start is fine. However, in step 3, they incorrectly add.\n"
        "Final Judgement: wrong\nFirst Error Step: 3",
        "2:incorrect | incorrect | 2 | [no-correction]");
    row("numbered list under a heading",
        "Step-by-step Evaluation:\n1. Correct.\n2. Incorrect, 5 is odd.\n\nFinal Judgement: "
        "wrong\nFirst "
        "Error Step: 2",
        "0:correct 1:incorrect | incorrect | 1 | [no-correction]");
    row("a numbered list of remarks is no list of steps",
        "1. The wording is correct.\n2. The tone is fine.\n\nTherefore, the solution is correct.",
        "| correct | - | [no-steps,no-first-error-step]");
    row("Step 2 and 3",
        "Step 1: Correct.\nStep 2 and 3: Incorrect.\nFirst error step: Step 2 and 3\nConclusion: "
        "The "
        "solution is wrong.",
        "0:correct 1:incorrect 2:incorrect | incorrect | 1 | [no-correction]");
    row("ranges", "Steps 1-3 are correct.\nSteps 4, 5 and 6 are wrong.",
        "0:correct 1:correct 2:correct 3:incorrect 4:incorrect 5:incorrect | - | - | "
        "[no-conclusion,no-first-error-step,no-correction]");
    row("number words", "Step One: Correct.\nStep Two: Wrong.\nThe first error occurs in step two.",
        "0:correct 1:incorrect | - | 1 | [no-conclusion,no-correction]");
    row("two conclusions",
        "Step 1: Correct.\n## Conclusion of Critique\nThe solution is Correct.\nThe solution is "
        "Incorrect.\nThe first error step number: 1",
        "0:correct | - | 0 | [no-conclusion,conflicting-conclusions,no-correction]");
    row("conclusion against step",
        "Step 1: Correct.\n## Conclusion of Critique\nThe solution is Incorrect.\nThe first error "
        "step "
        "number: -1",
        "0:correct | incorrect | -1 | [conclusion-contradicts-step,no-correction]");
    row("two numbers",
        "Step 1: Correct.\nConclusion: The solution is incorrect.\nFirst error step: 1\nFirst "
        "error step: "
        "2",
        "0:correct | incorrect | 1 | [several-first-error-steps,no-correction]");
    row("out of order", "Step 2: Wrong.\nStep 1: Correct.\nConclusion: wrong",
        "0:correct | incorrect | - | [no-first-error-step,no-correction]");
    row("goes back", "Step 1: Fine.\nStep 3: Wrong.\nStep 2: Correct.",
        "0:unstated 2:incorrect 1:correct | - | - | "
        "[steps-out-of-order,no-conclusion,no-first-error-step,no-correction]");
    row("cut in a heading", "### Critique of Step 1\nThis step is correct.\n### Critique of St",
        "0:correct | - | - | [no-conclusion,no-first-error-step,no-correction,truncated]");
    row("cut in a sentence", "### Critique of Step 1\nThis step is correct because 2 +",
        "0:correct | - | - | [no-conclusion,no-first-error-step,no-correction,truncated]");
    row("cut in the correction", scrit.left(scrit.indexOf("Therefore, the final")),
        "0:correct 1:incorrect | incorrect | 1 | "
        "[correction-not-closed,no-correction-answer,truncated]");
    row("nothing to find", "I like this approach a lot.",
        "| - | - | [no-steps,no-conclusion,no-first-error-step,no-correction]");
    row("empty", "", "| - | - | [empty,no-steps,no-conclusion,no-first-error-step,no-correction]");
    row("a step critique may quote steps",
        "### Critique of Step 1\nStep 1: Ann has 3. That is right.\nCorrection: none needed.\n"
        "### Critique of Step 2\nThis uses Step 1: three. This step is correct.\n"
        "## Conclusion of Critique\nThe solution is Correct.\nThe first error step number: -1",
        "0:correct 1:correct | correct | -1 | []");
    row("verdict first",
        "Conclusion: The solution is incorrect.\n\nStep 1: Correct.\nStep 2: Wrong.\nFirst error "
        "step: 2",
        "0:correct 1:incorrect | incorrect | 1 | [no-correction]");
    row("an overall verdict line behind plain steps",
        "Step 1: Correct.\nStep 2: Wrong.\n\nVerdict: incorrect",
        "0:correct 1:incorrect | incorrect | - | [no-first-error-step,no-correction]");
}

void ParserTest::reads() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    const model::ParsedCritique parsed = critique::parseCritique(viewOf(text));
    QCOMPARE(bytesOf(critique::summary(parsed)), expected);
    QCOMPARE(critique::spanFault(parsed, viewOf(text)), std::string());
    QCOMPARE(parsed.parser, std::string(critique::kParserProtocol));
    QVERIFY(parsed.flags.empty());
}

void ParserTest::firstErrorField_data() {
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("step"); // "-" for not found
    const auto row = [](const char* value, const char* step) {
        QTest::newRow(value) << QByteArray(value) << QByteArray(step);
    };
    row("3", "2");
    row("Step 3", "2");
    row("**3**", "2");
    row("3.", "2");
    row("step 3 (the sum)", "2");
    row("3rd", "2");
    row("third step", "2");
    row("three", "2");
    row("\\boxed{3}", "2");
    row("Step 2 and 3", "1");
    row("2 (the student wrote 35)", "1");
    row("The $50 in Step 2", "1");
    row("<paragraph_2>", "2");
    row("-1", "-1");
    row("\xE2\x88\x92"
        "1",
        "-1");
    row("-1 (no error)", "-1");
    row("None", "-1");
    row("none.", "-1");
    row("N/A", "-1");
    row("no error", "-1");
    row("Not applicable", "-1");
    row("\n-1", "-1");
    row("\n\nStep 3", "2");
    row("0", "-");
    row("-2", "-");
    row("2.5", "-");
    row("99999999999999999999", "-");
    row("unknown", "-");
    row("?", "-");
    row("", "-");
}

void ParserTest::firstErrorField() {
    QFETCH(QByteArray, value);
    QFETCH(QByteArray, step);
    const QByteArray text = "Conclusion: The solution is wrong.\nFirst error step: " + value + "\n";
    const auto parsed = critique::parseCritique(viewOf(text));
    QCOMPARE(parsed.firstErrorStep ? QByteArray::number(*parsed.firstErrorStep) : QByteArray("-"),
             step);
}

void ParserTest::conclusions_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* text, const char* expected) {
        QTest::newRow(text) << QByteArray(text) << QByteArray(expected);
    };
    row("Therefore, the model response contains no error.", "correct");
    row("Therefore, the model response contains an error.", "incorrect");
    row("Therefore, the model response contains two errors.", "incorrect");
    row("The response does not contain any errors.", "correct");
    row("The solution doesn't have any mistakes.", "correct");
    row("Overall, the student's solution is not correct.", "incorrect");
    row("The solution is entirely correct.", "correct");
    row("The solution is partially correct.", "-");
    row("The solution provided by the student is flawed.", "incorrect");
    row("There are no errors in the solution.", "correct");
    row("There is an error in the student's solution.", "incorrect");
    row("All the steps are correct.", "correct");
    row("Not all steps are correct.", "incorrect");
    row("The final answer is correct.", "-");
    row("The final answer is incorrect.", "incorrect");
    row("The correct solution is 5.", "-");
    row("I check whether the solution is correct.", "-");
    row("If the solution is correct, say so.", "-");
    row("Is the solution correct? The solution is wrong?", "-");
    row("The formula in the solution is correct.", "-");
    row("While the solution is valid, it is long.", "-");
    row("The solution is correct so far. Therefore, the solution is wrong.", "incorrect");
    row("Therefore the solution is right. Thus the solution is wrong.", "-");
    row("Final Judgement: correct", "correct");
    row("**Final Judgment:** Incorrect.", "incorrect");
    row("Final Judgement:\nwrong", "incorrect");
    row("Final Judgement: wrong\nFinal Judgement: correct", "-");
    row("## Conclusion of Critique\nIncorrect", "incorrect");
    row("## Conclusion\nThe solution is **Correct**.", "correct");
    row("Correctness of the final answer: Wrong", "incorrect");
}

void ParserTest::conclusions() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    const auto parsed = critique::parseCritique(viewOf(text));
    QCOMPARE(parsed.conclusion ? bytesOf(model::name(*parsed.conclusion)) : QByteArray("-"),
             expected);
}

void ParserTest::stepWording_data() {
    QTest::addColumn<QByteArray>("text"); // of step 3
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* text, const char* expected) {
        QTest::newRow(text) << QByteArray(text) << QByteArray(expected);
    };
    row("Correct", "correct");
    row("Incorrect. The sum is 5.", "incorrect");
    row("Incorrect, based on Step 2.", "incorrect");
    row("Correct answer should be 5.", "unstated");
    row("No errors here.", "correct");
    row("Error in setting up the equation.", "incorrect");
    row("This step is correct.", "correct");
    row("This step is not correct.", "incorrect");
    row("The step contains a mistake.", "incorrect");
    row("It makes no mistake.", "correct");
    row("The student correctly adds 2 and 3.", "correct");
    row("The student correctly adds, but incorrectly doubles.", "incorrect");
    row("The student correctly adds. However, she forgets to halve.", "unstated");
    row("The student does not correctly add.", "incorrect");
    row("The sum is wrong.", "incorrect");
    row("The error made in Step 2 is repeated.", "unstated");
    row("Step 2 is incorrect.", "unstated");
    row("The previous step is wrong.", "unstated");
    row("This step is correct although step 2 is wrong.", "correct");
    row("Ann has 4 apples.", "unstated");
    row("Is this step correct?", "unstated");
    row("4 + 4 = 8. This is where the error occurs.", "incorrect");
    row("The student miscalculates the sum.", "incorrect");
    row("\xE2\x9C\x93", "correct");
    row("\xE2\x9D\x8C 4 is odd", "incorrect");
    row("This step is correct. This step is incorrect.", "unstated");
    row("This step is unnecessary.", "unstated");
    row("This step is mostly correct.", "unstated");
}

void ParserTest::stepWording() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    for (const char* heading :
         {"### Critique of Step 3\n", "Step 3: ", "**Step 3** - ", "## Step 3\n\n"}) {
        const QByteArray whole = heading + text;
        const auto parsed = critique::parseCritique(viewOf(whole));
        QCOMPARE(parsed.steps.size(), std::size_t{1});
        QCOMPARE(parsed.steps[0].index, 2);
        QCOMPARE(bytesOf(model::name(parsed.steps[0].verdict)), expected);
    }
}

void ParserTest::cuts_data() {
    QTest::addColumn<QByteArray>("tail");
    QTest::newRow("chat template") << QByteArray("<|im_end|>\n<|im_start|>user\nNext?");
    QTest::newRow("end of sequence") << QByteArray("</s> Step 1: again");
    QTest::newRow("answer residue") << QByteArray("\n## 1196\n## 12");
    QTest::newRow("bare hashes") << QByteArray("\n###\nStep 1: x");
    QTest::newRow("answer line") << QByteArray("\nThe answer is: 5");
    QTest::newRow("next task") << QByteArray(
        "\nAct as a grade school math teacher and score this.");
    QTest::newRow("instruction") << QByteArray("\nBelow is an instruction that describes a task.");
    QTest::newRow("next question") << QByteArray("\n\nQuestion: Bob has 4 hens.");
    QTest::newRow("repeated critique") << QByteArray("\nStep-by-step Evaluation: Step 1: Correct.");
    QTest::newRow("repeated fields")
        << QByteArray("\nFinal Judgement: correct\nFirst Error Step: 1");
    QTest::newRow("restarted steps") << QByteArray("\nStep 1: Correct.\nStep 2: Correct.");
    QTest::newRow("code headings") << QByteArray("\n## compute the total\ntotal = 3");
}

void ParserTest::cuts() {
    QFETCH(QByteArray, tail);
    const QByteArray critiqueText =
        "Step 1: Correct.\nStep 2: Wrong.\n\nFinal Judgement: wrong\nFirst Error "
        "Step: 2\nError Analysis: 3 * 4 is 12.\nIt is not 11.";
    const QByteArray whole = critiqueText + tail;
    const auto parsed = critique::parseCritique(viewOf(whole));
    QCOMPARE(parsed.usedEnd, static_cast<std::size_t>(critiqueText.size()));
    QCOMPARE(bytesOf(critique::summary(parsed)),
             QByteArray("0:correct 1:incorrect | incorrect | 1 | [no-correction]"));
}

void ParserTest::parts() {
    const std::string text =
        std::string("## Reference Analysis\nKey idea.\n\n### Pitfalls\nStep 1: no.\n\n") + kScrit +
        "\n\n## Math Problem\nNext one.";
    const auto parsed = critique::parseCritique(text);
    QCOMPARE(bytesOf(critique::summary(parsed)),
             QByteArray("0:correct 1:incorrect | incorrect | 1 | []"));
    QCOMPARE(bytesOf(base::slice(text, *parsed.referenceAnalysis)),
             QByteArray("## Reference Analysis\nKey idea.\n\n### Pitfalls\nStep 1: no."));
    QCOMPARE(bytesOf(base::slice(text, parsed.steps[1].span)),
             QByteArray("### Critique of Step 2\nThis step is incorrect: 3 * 4 is 12, not 11."));
    QCOMPARE(bytesOf(base::slice(text, *parsed.conclusionSpan)),
             QByteArray("## Conclusion of Critique\nThe solution is Incorrect.\nThe first error "
                        "step number: 2"));
    QCOMPARE(bytesOf(base::slice(text, *parsed.correction)),
             QByteArray("Add.\n\nMultiply: 12.\n\nTherefore, the final answer is \\boxed{12}."));
    QCOMPARE(bytesOf(parsed.correctionAnswer), QByteArray("12"));
    QCOMPARE(bytesOf(text.substr(parsed.usedEnd)), QByteArray("\n\n## Math Problem\nNext one."));
}

void ParserTest::corrections_data() {
    QTest::addColumn<QByteArray>("tail");
    QTest::addColumn<QByteArray>("correction");
    QTest::addColumn<QByteArray>("answer");
    const auto row = [](const char* name, const char* tail, const char* correction,
                        const char* answer) {
        QTest::newRow(name) << QByteArray(tail) << QByteArray(correction) << QByteArray(answer);
    };
    row("section without markers",
        "## Correction of Student Solution\nStep 1: a.\nStep 2: \\boxed{3}",
        "Step 1: a.\nStep 2: \\boxed{3}", "3");
    row("markers without section",
        "===CORRECTION_START===\n\\boxed{3}\n===CORRECTION_END===", "\\boxed{3}", "3");
    row("loose markers",
        "**=== Correction Start ===**\n\\boxed{3}\n== CORRECTION END ==", "\\boxed{3}", "3");
    row("introduction is not part of it",
        "## Correction of Student Solution\nHere it is:\n===CORRECTION_START===\n\\boxed{3}\n"
        "===CORRECTION_END===\nBye.",
        "\\boxed{3}", "3");
    row("end marker only", "## Correction\n\\boxed{3}\n===CORRECTION_END===", "\\boxed{3}", "3");
    row("headings inside",
        "===CORRECTION_START===\n## Step 1\nx\n## Conclusion\n\\boxed{3}\n"
        "===CORRECTION_END===",
        "## Step 1\nx\n## Conclusion\n\\boxed{3}", "3");
    row("empty", "===CORRECTION_START===\n===CORRECTION_END===", "-", "");
    row("no answer", "===CORRECTION_START===\nI give up\n===CORRECTION_END===", "I give up", "");
}

void ParserTest::corrections() {
    QFETCH(QByteArray, tail);
    QFETCH(QByteArray, correction);
    QFETCH(QByteArray, answer);
    const QByteArray text =
        "### Critique of Step 1\nWrong.\n## Conclusion of Critique\nThe solution is "
        "Incorrect.\nThe first error step number: 1\n" +
        tail;
    const auto parsed = critique::parseCritique(viewOf(text));
    QCOMPARE(parsed.correction ? bytesOf(base::slice(viewOf(text), *parsed.correction))
                               : QByteArray("-"),
             correction);
    QCOMPARE(bytesOf(parsed.correctionAnswer), answer);
    QCOMPARE(parsed.steps.size(), std::size_t{1});
}

void ParserTest::boundsStepsByTheSolution() {
    const std::string solution = "Add.\n\nStop.";
    const auto steps = critique::splitSteps(solution);
    const std::string text =
        "Step 1: Correct.\nStep 2: Wrong.\nStep 3: Wrong.\nStep 0: x\nFirst error step: 7";
    QCOMPARE(bytesOf(critique::summary(critique::parseCritique(text, {solution, steps}))),
             QByteArray("0:correct 1:incorrect | - | - | "
                        "[step-out-of-range,no-conclusion,no-first-error-step,no-correction]"));
    // a numbered list that walks through the known steps
    const std::string list = "1. Correct.\n2. Incorrect.\n";
    QCOMPARE(critique::parseCritique(list).steps.size(), std::size_t{0});
    QCOMPARE(critique::parseCritique(list, {solution, steps}).steps.size(), std::size_t{2});
}

void ParserTest::findsQuotedSentences() {
    const std::string solution = "Let us see:\n\nAnn has 3 + 4 = <<3+4=7>>7 red apples.\nBob has "
                                 "twice as many as Ann. So he has 7 * 2 = "
                                 "<<7*2=14>>14 apples.\nThe answer is 14.";
    const auto steps = critique::splitSteps(solution);
    QCOMPARE(steps.size(), std::size_t{3});
    const std::string text =
        "Step sentence: Ann has 3 + 4 = 7 apples.\nCorrectness of the step: Correct\n"
        "Step sentence: Bob has twice as many as Ann.\nCorrectness of the step: Correct\n"
        "Step sentence: So he has 7 * 2 = 14 apples.\nCorrectness of the step: Wrong\n"
        "Step sentence: Cats are nice animals indeed.\nCorrectness of the step: Wrong\n"
        "Correctness of the final answer: Wrong";
    const auto parsed = critique::parseCritique(text, {solution, steps});
    QCOMPARE(bytesOf(critique::summary(parsed)),
             QByteArray("0:correct 1:correct 1:incorrect ?:incorrect | incorrect | 1 | "
                        "[step-not-matched,no-correction]"));
}

SCRIT_TEST(ParserTest)
#include "critique_parser_test.moc"
