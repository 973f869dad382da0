// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/red_flags.h"
#include "core/critique/target.h"
#include "critique_text.h"
#include "tests/support/test_program.h"

#include <QtTest>

using namespace scrit;

class FlagsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void flags_data();
    void flags();
    void leaks_data();
    void leaks();
    void leakPlaces();
    void targets_data();
    void targets();
    void targetOfScritFormIsASlice();
    void targetsAreCounted();
    void targetParsesBack();
};

namespace {

const std::string kSolution = "Add 2 and 3: 5.\n\nDouble it: 11.\n\nThe answer is 11.";

// A critique in the SCRIT form from one line per step and the other parts.
QByteArray critiqueOf(std::initializer_list<const char*> steps, const char* verdict, int error,
                      const QByteArray& correction) {
    QByteArray text = "## Critique of Student Solution Steps\n";
    int k = 0;
    for (const char* step : steps) {
        text += "### Critique of Step " + QByteArray::number(++k) + "\n" + step + "\n";
    }
    text += "## Conclusion of Critique\nThe solution is " + QByteArray(verdict) +
            ".\nThe first error step number: " + QByteArray::number(error) + "\n";
    if (!correction.isEmpty()) {
        text += "## Correction of Student Solution\n===CORRECTION_START===\n" + correction +
                "\n===CORRECTION_END===";
    }
    return text;
}

const char* const kGood = "This step is correct.";
const char* const kBad = "This step is incorrect.";

} // namespace

void FlagsTest::flags_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("known"); // whether the solution is right: yes, no, empty
    QTest::addColumn<QByteArray>("expected");
    const QByteArray mended = "Add 2 and 3: 5.\n\nDouble it: 10.\n\n\\boxed{10}";
    const auto row = [](const char* name, const QByteArray& text, const char* known,
                        const char* expected) {
        QTest::newRow(name) << text << QByteArray(known) << QByteArray(expected);
    };
    row("clean", critiqueOf({kGood, kBad}, "Incorrect", 2, mended), "no", "");
    row("rubber stamp", critiqueOf({kGood, kGood, kGood}, "Correct", -1, ""), "no", "rubber-stamp");
    row("no stamp on a right solution", critiqueOf({kGood, kGood, kGood}, "Correct", -1, ""), "yes",
        "");
    row("no stamp on an unknown one", critiqueOf({kGood, kGood, kGood}, "Correct", -1, ""), "", "");
    row("all fine, then wrong", critiqueOf({kGood, kGood, kGood}, "Incorrect", -1, mended), "no",
        "all-steps-fine verdict-step-mismatch");
    row("a step that there is not", // the solution has three
        critiqueOf({kGood, kGood, kGood, kBad}, "Incorrect", 4, mended), "no", "");
    row("correct with a step", critiqueOf({kGood}, "Correct", 1, ""), "yes",
        "verdict-step-mismatch");
    row("goes on", critiqueOf({kGood, kBad, kBad}, "Incorrect", 2, mended), "no",
        "steps-after-error");
    row("correction changes step 1",
        critiqueOf({kGood, kBad}, "Incorrect", 2, "Sum: 5.\n\nDouble: 10.\n\n\\boxed{10}"), "no",
        "correction-edits");
    row("markup is no change",
        critiqueOf({kGood, kBad}, "Incorrect", 2,
                   "**Add 2  and 3: 5.**\n\nDouble: 10. \\boxed{10}"),
        "no", "");
    row("correction repeats the error",
        critiqueOf({kGood, kBad}, "Incorrect", 2, QByteArray::fromStdString(kSolution)), "no",
        "correction-unrelated");
    row("leak",
        critiqueOf({kGood, "The reference solution gets 10. This step is incorrect."}, "Incorrect",
                   2, mended),
        "no", "leak");
    row("run-on", critiqueOf({kGood, kBad}, "Incorrect", 2, mended) + "\n<|im_end|>\nNext", "no",
        "run-on");
    row("unreadable", "Nice.", "", "unreadable");
}

void FlagsTest::flags() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, known);
    QFETCH(QByteArray, expected);
    const auto steps = critique::splitSteps(kSolution);
    critique::FlagContext context{kSolution, steps, std::nullopt};
    if (!known.isEmpty()) {
        context.solutionCorrect = known == "yes";
    }
    const auto parsed = critique::parseCritique(viewOf(text), {kSolution, steps});
    QByteArray names;
    for (const model::Flag flag :
         model::flagsIn(critique::redFlags(parsed, viewOf(text), context))) {
        names += (names.isEmpty() ? "" : " ") + bytesOf(model::name(flag));
    }
    QCOMPARE(names, expected);
}

void FlagsTest::leaks_data() {
    QTest::addColumn<bool>("leaks");
    const auto row = [](const char* text, bool leaks) {
        QTest::newRow(text) << leaks;
    };
    row("The Reference Solution uses sums.", true);
    row("This differs from the **reference solution**.", true);
    row("Compared with the correct solution, 3 is too small.", true);
    row("As given above, the sum is 5.", true);
    row("According to the reference, x = 2.", true);
    row("The ground truth is 5.", true);
    row("The given correct solution shows x = 2.", true);
    row("In the reference frame of the train, v = 0.", false);
    row("The correct solution is x = 2.", false);
    row("With reference to step 2, this holds.", false);
    row("The sum above is right.", false);
}

void FlagsTest::leaks() {
    QFETCH(bool, leaks);
    QCOMPARE(!critique::leakSpans(QTest::currentDataTag()).empty(), leaks);
}

void FlagsTest::leakPlaces() {
    const std::string text =
        "## Reference Analysis\nThe reference solution adds.\n\n## Critique of Student Solution "
        "Steps\n### Critique of Step 1\nUnlike the reference solution, this fails.\n"
        "## Conclusion of Critique\nThe solution is Incorrect.\nThe first error step number: 1";
    const auto parsed = critique::parseCritique(text);
    const auto spans = critique::leakSpans(text, parsed);
    QCOMPARE(spans.size(), std::size_t{1});
    QCOMPARE(bytesOf(base::slice(text, spans[0])), QByteArray("the reference solution"));
    QVERIFY(spans[0].begin > parsed.referenceAnalysis->end);
}

void FlagsTest::targets_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("prose form")
        << QByteArray("Step 1 is correct.\nStep 2: Wrong, 12.\nFinal Judgement: wrong\n"
                      "First Error Step: 2\nError Analysis: x\n## 12")
        << QByteArray("## Critique of Student Solution Steps\n\n### Critique of Step 1\n"
                      "Step 1 is correct.\n\n### Critique of Step 2\nWrong, 12.\n\n"
                      "## Conclusion of Critique\nThe solution is Incorrect.\n"
                      "The first error step number: 2");
    QTest::newRow("several steps at once")
        << QByteArray(
               "Steps 1-2: Fine.\nConclusion: The solution is correct.\nFirst error step: none")
        << QByteArray(
               "## Critique of Student Solution Steps\n\n### Critique of Steps 1-2\nFine.\n\n"
               "## Conclusion of Critique\nThe solution is Correct.\nThe first error step number: "
               "-1");
    QTest::newRow("one heading for each step")
        << QByteArray("### Critique of Step 1\nFine.\n### Critique of Step 2\nMaybe.\n"
                      "### Critique of Step 2\nNo, wrong.\nFinal Judgement: wrong\n"
                      "First Error Step: 2")
        << QByteArray("## Critique of Student Solution Steps\n\n### Critique of Step 1\nFine.\n\n"
                      "### Critique of Step 2\nMaybe.\n\nNo, wrong.\n\n"
                      "## Conclusion of Critique\nThe solution is Incorrect.\n"
                      "The first error step number: 2");
    QTest::newRow("stops at the first error")
        << critiqueOf({kGood, kBad, kBad}, "Incorrect", 2, "Add.\n\n\\boxed{10}")
        << QByteArray("## Critique of Student Solution Steps\n\n### Critique of Step 1\n"
                      "This step is correct.\n\n### Critique of Step 2\nThis step is incorrect.\n\n"
                      "## Conclusion of Critique\nThe solution is Incorrect.\n"
                      "The first error step number: 2\n\n## Correction of Student Solution\n"
                      "===CORRECTION_START===\nAdd.\n\n\\boxed{10}\n===CORRECTION_END===");
    QTest::newRow("a second listing is no part")
        << QByteArray("## Critique of Student Solution Steps\n### Critique of Step 1\n"
                      "This step is incorrect.\n### Critique of Step 1\nVery.\n"
                      "## Conclusion of Critique\nThe solution is Incorrect.\n"
                      "The first error step number: 1\n## Correction of Student Solution\n"
                      "===CORRECTION_START===\n\\boxed{10}\n===CORRECTION_END===")
        << QByteArray("## Critique of Student Solution Steps\n\n### Critique of Step 1\n"
                      "This step is incorrect.\n\n## Conclusion of Critique\n"
                      "The solution is Incorrect.\nThe first error step number: 1\n\n"
                      "## Correction of Student Solution\n"
                      "===CORRECTION_START===\n\\boxed{10}\n===CORRECTION_END===");
    QTest::newRow("nothing is invented") << QByteArray("Hm.") << QByteArray("");
}

void FlagsTest::targets() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    QCOMPARE(bytesOf(critique::renderTarget(viewOf(text), critique::parseCritique(viewOf(text)))),
             expected);
}

void FlagsTest::targetOfScritFormIsASlice() {
    const QByteArray form = critiqueOf({kGood, kBad}, "Incorrect", 2, "Add.\n\n\\boxed{10}");
    const QByteArray text = "Sure!\n\n## Reference Analysis\nIdea.\n\n" + form + "\n\n<|im_end|>";
    const auto parsed = critique::parseCritique(viewOf(text));
    QCOMPARE(bytesOf(critique::renderTarget(viewOf(text), parsed)), form);
}

void FlagsTest::targetsAreCounted() {
    const QByteArray text = critiqueOf({kGood, kBad, kBad, kGood}, "Incorrect", 2, "");
    const critique::TargetEdits cut = critique::targetEdits(critique::parseCritique(viewOf(text)));
    QCOMPARE(cut.leftOut, std::size_t{2});
    QCOMPARE(cut.joined, std::size_t{0});
    QVERIFY(!cut.reordered);
    model::ParsedCritique parsed;
    const auto step = [](int index, std::size_t begin) {
        return model::StepCritique{index, model::StepVerdict::Unstated, {begin, begin + 1}};
    };
    parsed.steps = {step(1, 0), step(0, 1), step(1, 2), step(-1, 3)};
    const critique::TargetEdits edits = critique::targetEdits(parsed);
    QCOMPARE(edits.joined, std::size_t{1});
    QCOMPARE(edits.leftOut, std::size_t{0});
    QVERIFY(edits.reordered);
    parsed.usedEnd = 4;
    QCOMPARE(bytesOf(critique::renderTarget("abcd", parsed)),
             QByteArray("## Critique of Student Solution Steps\n\n### Critique of Step 1\nb\n\n"
                        "### Critique of Step 2\na\n\nc"));
}

void FlagsTest::targetParsesBack() {
    const std::string text =
        "Step sentence: a b c\nCorrectness of the step: Correct\nStep sentence: d e f\n"
        "Correctness of the step: Wrong\nCorrectness of the final answer: Wrong";
    const auto parsed = critique::parseCritique(text);
    const std::string target = critique::renderTarget(text, parsed, "a b c\n\nd. \\boxed{7}");
    const auto again = critique::parseCritique(target);
    QCOMPARE(again.firstErrorStep, parsed.firstErrorStep);
    QCOMPARE(again.conclusion, parsed.conclusion);
    QCOMPARE(again.steps.size(), parsed.steps.size());
    QCOMPARE(bytesOf(again.correctionAnswer), QByteArray("7"));
}

SCRIT_TEST(FlagsTest)
#include "critique_flags_test.moc"
