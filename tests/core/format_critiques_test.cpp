// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/critique_importer.h"
#include "format_support.h"
#include "tests/support/test_program.h"

#include <QTest>

using namespace scrit;
using namespace scrit::format;
using namespace scrit::format::testing;

namespace {

constexpr const char* kText =
    "## Critique of Student Solution Steps\\n### Critique of Step 1\\nWrong sum.\\n"
    "## Conclusion of Critique\\nThe solution is Incorrect.\\n"
    "The first error step number: 1\\n";

std::string record(std::string_view members) {
    return "{\"critique\":\"" + std::string(kText) + "\"," + std::string(members) + "}\n";
}

} // namespace

class FormatCritiquesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void scritById();
    void scritWithSolution();
    void mathCritique();
    void mrGsm8k();
    void unknownSubjectIsABadLine_data();
    void unknownSubjectIsABadLine();
    void badValues_data();
    void badValues();
    void keysTellCritiquesApart();
    void completeFillsKeyAndParse();
};

void FormatCritiquesTest::scritById() {
    const Folder folder;
    const auto all = importAllCritiques(folder.write(
        "c.jsonl",
        record(R"("id":"k1","solution_id":"s1","reference_id":"s2","mode":"contrastive",)"
               R"("critic":"C","round":2,"self_validation":{"text":"T","verdict":"correct",)"
               R"("critic":"V"})")));
    QCOMPARE(all.items.size(), 1U);
    const ImportedCritique& item = all.items[0];
    QVERIFY(!item.subject);
    QCOMPARE(qs(item.solutionRef), QStringLiteral("s1"));
    QCOMPARE(qs(item.referenceRef), QStringLiteral("s2"));
    QCOMPARE(qs(item.critique.externalId), QStringLiteral("k1"));
    QVERIFY(item.critique.mode == model::CritiqueMode::Contrastive);
    QCOMPARE(item.critique.round, 2);
    QVERIFY(item.critique.key.empty());
    QCOMPARE(item.verdicts.size(), 1U);
    QCOMPARE(qs(item.verdicts[0].verifier), QStringLiteral("self_validation"));
    QCOMPARE(qs(item.verdicts[0].protocol), QStringLiteral("recorded/1"));
    QVERIFY(item.verdicts[0].outcome == model::Outcome::Yes);
    QCOMPARE(qs(item.verdicts[0].evidence), QStringLiteral(R"({"text":"T"})"));
    QCOMPARE(qs(item.verdicts[0].source), QStringLiteral("V"));
}

void FormatCritiquesTest::scritWithSolution() {
    const Folder folder;
    const auto all = importAllCritiques(folder.write(
        "c.jsonl", record(R"("problem":"P","steps":["1+1=3","so \\boxed{3}"],"mode":"direct")")));
    QCOMPARE(all.items.size(), 1U);
    const ImportedCritique& item = all.items[0];
    QVERIFY(item.subject.has_value());
    QCOMPARE(item.subject->solutions.size(), 1U);
    QCOMPARE(item.critique.key,
             critiqueKey(item.subject->solutions[0].solution.key, item.critique));
    QVERIFY(item.critique.parsed.conclusion == model::Conclusion::Incorrect);
    QCOMPARE(item.critique.parsed.firstErrorStep, std::optional<int>(0));
    QCOMPARE(qs(item.critique.critic), QStringLiteral("unknown"));
}

void FormatCritiquesTest::mathCritique() {
    const Folder folder;
    const auto all = importAllCritiques(folder.write(
        "m.jsonl",
        record(R"("id":"m-1","problem":"P","solution":"S\n\nT","refined_solution":"\\boxed{1}",)"
               R"("labels":{"step_verdicts":["Wrong"]},"critic":"C","source":"MC/math")")));
    QVERIFY2(all.bad.empty(), all.bad.empty() ? "" : all.bad[0].reason.c_str());
    const ImportedCritique& item = all.items[0];
    QCOMPARE(qs(item.critique.correctionText), QStringLiteral("\\boxed{1}"));
    QCOMPARE(qs(item.critique.parsed.correctionAnswer),
             QStringLiteral("1")); // read beside the text
    QCOMPARE(qs(item.critique.source), QStringLiteral("MC/math"));
    QCOMPARE(qs(item.subject->problem.source), QStringLiteral("MC/math"));
    QCOMPARE(item.subject->solutions[0].solution.steps.size(), 2U);
    QCOMPARE(item.verdicts.size(), 1U);
    QCOMPARE(qs(item.verdicts[0].verifier), QStringLiteral("recorded_parse"));
    QCOMPARE(qs(item.verdicts[0].evidence), QStringLiteral(R"({"step_verdicts":["Wrong"]})"));
}

void FormatCritiquesTest::mrGsm8k() {
    const Folder folder;
    const auto all = importAllCritiques(folder.write(
        "m.jsonl",
        record(
            R"("id":"m-1","problem":"P","steps":["a","#### 5"],"reference_solution":"R\n#### 60",)"
            R"("labels":{"first_error":0,"answer_correct":"wrong","error_reason":"why"},)"
            R"("recorded_parse":{"error_step_pred":"1"},"critic":"C","source":"MR")")));
    QVERIFY2(all.bad.empty(), all.bad.empty() ? "" : all.bad[0].reason.c_str());
    const ImportedCritique& item = all.items[0];
    const ImportedSolution& solution = item.subject->solutions[0];
    QCOMPARE(qs(item.subject->problem.referenceAnswer), QStringLiteral("60"));
    QCOMPARE(labelOf(solution, "label/first-error")->step, std::optional<int>(0));
    QVERIFY(labelOf(solution, "label/answer")->outcome == model::Outcome::No);
    QCOMPARE(qs(labelOf(solution, "label/answer")->source), QStringLiteral("MR"));
}

void FormatCritiquesTest::unknownSubjectIsABadLine_data() {
    QTest::addColumn<QString>("members");
    QTest::newRow("nothing") << QStringLiteral(R"("id":"x","labels":{},"solver":"S")");
    QTest::newRow("problem only") << QStringLiteral(R"("problem":"P")");
    QTest::newRow("solution only") << QStringLiteral(R"("solution":"S","mode":"direct")");
}

void FormatCritiquesTest::unknownSubjectIsABadLine() {
    QFETCH(QString, members);
    const Folder folder;
    const auto all = importAllCritiques(folder.write("c.jsonl", record(members.toStdString())));
    QVERIFY(all.result);
    QCOMPARE(all.items.size(), 0U);
    QCOMPARE(all.bad.size(), 1U);
    QVERIFY2(qs(all.bad[0].reason).contains(QStringLiteral("nor a solution_id are in the record")),
             all.bad[0].reason.c_str());
}

void FormatCritiquesTest::badValues_data() {
    QTest::addColumn<QString>("members");
    QTest::addColumn<QString>("reason");
    QTest::newRow("mode") << QStringLiteral(R"("solution_id":"s","mode":"fast")")
                          << QStringLiteral("field \"mode\" should be direct");
    QTest::newRow("round") << QStringLiteral(R"("solution_id":"s","round":-1)")
                           << QStringLiteral("field \"round\" should be 0 or more");
    QTest::newRow("verdict")
        << QStringLiteral(R"("solution_id":"s","self_validation":{"verdict":"maybe"})")
        << QStringLiteral("field \"self_validation.verdict\" should be correct");
    QTest::newRow("steps") << QStringLiteral(R"("problem":"P","steps":[])")
                           << QStringLiteral("field \"steps\" is empty");
}

void FormatCritiquesTest::badValues() {
    QFETCH(QString, members);
    QFETCH(QString, reason);
    const Folder folder;
    ImportOptions options;
    options.as = "scrit";
    const auto all =
        importAllCritiques(folder.write("c.jsonl", record(members.toStdString())), options);
    QCOMPARE(all.bad.size(), 1U);
    QVERIFY2(qs(all.bad[0].reason).contains(reason), all.bad[0].reason.c_str());
}

void FormatCritiquesTest::keysTellCritiquesApart() {
    model::Critique one;
    one.text = "t";
    one.critic = "c";
    model::Critique two = one;
    QCOMPARE(critiqueKey("s", one), critiqueKey("s", two));
    QVERIFY(critiqueKey("s", one) != critiqueKey("t", two));
    two.round = 1;
    QVERIFY(critiqueKey("s", one) != critiqueKey("s", two));
    two = one;
    two.mode = model::CritiqueMode::Direct;
    QVERIFY(critiqueKey("s", one) != critiqueKey("s", two));
}

// What the driver does once it has found the solution behind a solution_id.
void FormatCritiquesTest::completeFillsKeyAndParse() {
    model::Critique critique;
    critique.text =
        "Step 1 is correct.\nThe solution is Correct.\nThe first error step number: 2\n";
    model::Solution solution;
    solution.key = "k";
    solution.text = "a\n\nb";
    solution.steps = {{0, 1}, {3, 4}};
    completeCritique(critique, solution, std::nullopt);
    QCOMPARE(critique.key, critiqueKey("k", critique));
    QVERIFY(!critique.parsed.parser.empty());
    QVERIFY(critique.parsed.flags.has(model::Flag::VerdictStepMismatch));
}

SCRIT_TEST(FormatCritiquesTest)
#include "format_critiques_test.moc"
