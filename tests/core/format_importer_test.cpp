// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/importer.h"
#include "format_support.h"
#include "tests/support/test_program.h"

#include <QTest>

using namespace scrit;
using namespace scrit::format;
using namespace scrit::format::testing;

namespace {

QString verdictText(const model::Verdict& verdict) {
    QString text = qs(verdict.protocol) + QLatin1Char('=') + qs(model::name(verdict.outcome));
    return verdict.step ? text + QStringLiteral("@%1").arg(*verdict.step) : text;
}

// A record as lines of text, so that a table can say what is expected.
QString describe(const ImportedProblem& item) {
    const model::Problem& problem = item.problem;
    QString text =
        QStringLiteral("problem %1|%2|%3|%4|%5|%6|%7")
            .arg(qs(problem.source), qs(problem.externalId), qs(problem.split), qs(problem.text),
                 qs(problem.referenceAnswer), qs(problem.subject), qs(problem.level));
    for (const std::string& choice : problem.choices) {
        text += QStringLiteral("\n  choice ") + qs(choice);
    }
    for (const ImportedSolution& candidate : item.solutions) {
        const model::Solution& solution = candidate.solution;
        text += QStringLiteral("\n  solution %1|%2|%3|%4 steps%5")
                    .arg(qs(solution.author), qs(solution.externalId), qs(solution.finalAnswer))
                    .arg(solution.steps.size())
                    .arg(solution.stepsGiven ? QStringLiteral(" given") : QString());
        for (const model::Verdict& label : candidate.labels) {
            text += QStringLiteral("|") + verdictText(label);
        }
    }
    return text;
}

QString describeFile(const std::string& path, const ImportOptions& options = {}) {
    const Imported<ImportedProblem> all = importAll(path, options);
    if (!all.result) {
        return QStringLiteral("error: ") + qs(all.result.error().text());
    }
    QStringList lines;
    for (const ImportedProblem& item : all.items) {
        lines << describe(item);
    }
    for (const BadLine& bad : all.bad) {
        lines << QStringLiteral("bad %1: %2").arg(bad.line).arg(qs(bad.reason));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace

class FormatImporterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void formats_data();
    void formats();
    void badLines_data();
    void badLines();
    void givenStepsKeepTheirSpans();
    void fiftyMegabyteLine();
    void invalidBytesStayVisible();
    void numbersBeyond64BitsAreKept();
    void goodLinesAroundBadOnes();
    void layouts_data();
    void layouts();
    void csv();
    void fieldMap();
    void optionsThatMakeNoSense_data();
    void optionsThatMakeNoSense();
    void sourceAndSplitOptionsWin();
    void sameProblemHasTheSameKey();
    void sinkErrorStops();
    void cancelStops();
    void deepNestingIsABadLine();
};

void FormatImporterTest::formats_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("format");
    QTest::addColumn<QString>("expected");

    const auto row = [](const char* tag, const char* name, const char* line, const char* format,
                        const char* expected) {
        QTest::newRow(tag) << QString::fromUtf8(name) << QString::fromUtf8(line)
                           << QString::fromUtf8(format) << QString::fromUtf8(expected);
    };
    row("realcritic, gold from ####", "gsm8k.jsonl",
        R"({"idx":3,"question":" Add 1 and 2. ","gt_cot":"x","gt":"9","answer":"1+2=3\n#### 3","pred":"4",)"
        R"("reasoning":"\n\nIt is 4.\n\n\\boxed{4}","model":"M","previous_score":[false]})",
        "realcritic",
        "problem RealCritic/gsm8k|gsm8k-3||Add 1 and 2.|3||\n"
        "  solution M|gsm8k-3|4|2 steps|label/answer=no");
    row("realcritic, option index", "mmlu.jsonl",
        R"({"idx":0,"question":"Q?","gt_cot":"None","gt":"B","type":"physics","answer":1,"pred":"B",)"
        R"("choices":["(A) one","(B) two"],"reasoning":"The answer is (B).","model":"M","previous_score":[true]})",
        "realcritic",
        "problem RealCritic/mmlu|mmlu-0||Q?|B|physics|\n  choice one\n  choice two\n"
        "  solution M|mmlu-0|B|1 steps|label/answer=yes");
    row("realcritic, choices as an object", "arc.jsonl",
        R"({"idx":1,"question":"Q?","gt_cot":"None","gt":"A","choices":{"text":["x","y"],"label":["A","B"]},)"
        R"("reasoning":"The answer is (A).","model":"M","pred":"A","previous_score":[true]})",
        "realcritic",
        "problem RealCritic/arc|arc-1||Q?|A||\n  choice x\n  choice y\n"
        "  solution M|arc-1|A|1 steps|label/answer=yes");
    row("processbench", "x.jsonl",
        R"({"id":"gsm8k-4","problem":"P","steps":["a","\\boxed{7}"],"label":1,"final_answer_correct":false,)"
        R"("generator":"G"})",
        "processbench",
        "problem ProcessBench/gsm8k|gsm8k-4||P|||\n"
        "  solution G|gsm8k-4|7|2 steps given|label/first-error=no@1|label/answer=no");
    row("processbench, no error and no answer label", "x.jsonl",
        R"({"id":"p-1","problem":"P","steps":["a","Solution: Choice_B"],"label":-1,)"
        R"("final_answer_correct":null,"generator":null,"gold":"B","source":"Mr-Ben/math"})",
        "processbench",
        "problem Mr-Ben/math|p-1||P|B||\n"
        "  solution |p-1|B|2 steps given|label/first-error=yes@-1");
    row("gsm8k problem", "test.jsonl",
        R"({"question":"Q","answer":"He has 3*3=<<3*3=9>>9\n#### 1,009"})", "gsm8k",
        "problem gsm8k|test:1|test|Q|1,009||");
    row("gsm8k model solution", "m.jsonl",
        R"({"id":"s-1","problem":"Q","solution":"So 5\nA: 5","gold":"18","is_correct":false,"model":"M",)"
        R"("reference_solution":"R\nA: 18"})",
        "gsm8k", "problem gsm8k|m:1||Q|18||\n  solution M|s-1|5|2 steps|label/answer=no");
    row("gsm8k model solutions as published", "m.jsonl",
        R"({"question":"Q","ground_truth":"R\n#### 2","6b":{"solution":"A: 2","is_correct":true},)"
        R"("175b":{"solution":"A: 3","is_correct":false}})",
        "gsm8k",
        "problem gsm8k|m:1||Q|2||\n  solution 6b|m:1-6b|2|1 steps|label/answer=yes\n"
        "  solution 175b|m:1-175b|3|1 steps|label/answer=no");
    row("math without answer", "train.jsonl",
        R"({"problem":"P","solution":"So $\\boxed{\\frac{1}{2}}$.","type":"Algebra","level":"Level 5"})",
        "math", "problem MATH|train:1|train|P|\\frac{1}{2}|Algebra|5");
    row("math-500", "dev.jsonl",
        R"({"problem":"P","solution":"\\boxed{2}","answer":"2","subject":"Algebra","level":2,)"
        R"("unique_id":"test/algebra/1.json"})",
        "math", "problem MATH|test/algebra/1.json|test|P|2|Algebra|2");
    row("prm800k phase 2, labelling stopped at the error", "phase2_test.jsonl",
        R"({"labeler":"L","question":{"problem":"P","ground_truth_solution":"R","ground_truth_answer":"4",)"
        R"("pre_generated_steps":["a","b","c\n\n# Answer\n\n5"],"pre_generated_answer":"5"},)"
        R"("label":{"steps":[{"completions":[{"text":"a","rating":1}],"human_completion":null,)"
        R"("chosen_completion":0},{"completions":[{"text":"b","rating":-1},{"text":"b2","rating":0}],)"
        R"("human_completion":null,"chosen_completion":null}],"finish_reason":"found_error"}})",
        "prm800k",
        "problem PRM800K|phase2_test:1|test|P|4||\n"
        "  solution PRM800K generator|phase2_test:1|5|3 steps given|label/first-error=no@1");
    row("prm800k phase 1, a step by a person", "phase1_train.jsonl",
        R"({"question":{"problem":"P","ground_truth_answer":"4"},"label":{"steps":[)"
        R"({"completions":[{"text":"bad","rating":-1}],"human_completion":{"text":"good","rating":null},)"
        R"("chosen_completion":null},{"completions":[{"text":"x","rating":-1},{"text":"# Answer\n\n4",)"
        R"("rating":1}],"human_completion":null,"chosen_completion":1}],"finish_reason":"solution"}})",
        "prm800k",
        "problem PRM800K|phase1_train:1|train|P|4||\n"
        "  solution PRM800K generator|phase1_train:1|4|2 steps given|label/first-error=yes@-1|"
        "label/answer=yes");
    row("prm800k, gave up", "p.jsonl",
        R"({"question":{"problem":"P","ground_truth_answer":"4"},"label":{"steps":[)"
        R"({"completions":[{"text":"x","rating":1}],"human_completion":null,"chosen_completion":0}],)"
        R"("finish_reason":"give_up"}})",
        "prm800k", "problem PRM800K|p:1||P|4||\n  solution PRM800K generator|p:1||1 steps given");
    row("scrit", "problems.jsonl",
        R"({"id":"p1","problem":"P","answer":"3","solution":"R","subject":"s","level":1,"candidates":[)"
        R"({"id":"c1","author":"A","steps":["x","\\boxed{3}"],"answer_correct":true,"first_error_step":0,)"
        R"("note":"right by accident"},{"id":"c2","author":"B","solution":"one\n\ntwo \\boxed{3}"}]})",
        "scrit",
        "problem problems|p1||P|3|s|1\n"
        "  solution A|c1|3|2 steps given|label/answer=yes|label/first-error=no@0\n"
        "  solution B|c2|3|2 steps");
    row("generic, a candidate by a model", "my.jsonl",
        R"({"question":"Q","response":"\\boxed{1}","model":"M","gold":1,"is_correct":"yes","dataset":"D"})",
        "generic", "problem D|my:1||Q|1||\n  solution M|my:1|1|1 steps|label/answer=yes");
    row("generic, the solution is the reference", "my.jsonl",
        R"({"source":"olympiads","problem":"P","solution":"\\boxed{5}"})", "generic",
        "problem olympiads|my:1||P|5||");
}

void FormatImporterTest::formats() {
    QFETCH(QString, name);
    QFETCH(QString, line);
    QFETCH(QString, format);
    QFETCH(QString, expected);
    const Folder folder;
    const std::string path = folder.write(name.toStdString(), line.toStdString() + "\n");
    const base::Expected<std::string> detected = detectFormat(path);
    QVERIFY2(detected, detected ? "" : detected.error().text().c_str());
    QCOMPARE(qs(*detected), format);
    QCOMPARE(describeFile(path), expected);
}

void FormatImporterTest::badLines_data() {
    QTest::addColumn<QString>("format");
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<QString>("reason");
    const auto row = [](const char* tag, const char* format, const QByteArray& line,
                        const char* reason) {
        QTest::newRow(tag) << QString::fromUtf8(format) << line << QString::fromUtf8(reason);
    };
    row("truncated", "generic", R"({"problem": "P", "solu)", "(it ends in the middle)");
    row("trailing comma", "generic", R"({"problem": "P",})", "not valid JSON at column 17");
    row("not an object", "generic", R"([1, 2])", "should be a JSON object, but is a list");
    row("plain text", "generic", "hello", "not valid JSON at column 1");
    row("two objects", "generic", R"({"problem":"P"}{"problem":"P"})",
        "not valid JSON at column 16");
    row("number too big for a number", "prm800k",
        R"({"question":{"problem":"P"},"label":{"steps":[{"completions":[],"chosen_completion":1e999}]}})",
        "should be a whole number");
    row("not a number", "generic", R"({"problem":"P","x":01234567890123456789012})",
        "not valid JSON at column");
    row("raw control character", "generic", "{\"problem\":\"a\tb\"}", "not valid JSON at column");
    row("wrong type", "generic", R"({"problem": 5})",
        "\"problem\" should be text, but is a number");
    row("missing", "generic", R"({"solution": "S"})", "\"problem\" is missing");
    row("null", "generic", R"({"problem": null})", "\"problem\" is null");
    row("null under another key", "generic", R"({"question": null})", "\"question\" is null");
    row("null in a format", "realcritic", R"({"question":null,"gt":"1","reasoning":"r"})",
        "\"question\" is null");
    row("blank", "generic", R"({"problem": " \n "})", "\"problem\" is empty");
    row("twice", "generic", R"({"problem":"P","answer":"1","problem":"Q"})",
        "field \"problem\" occurs twice");
    row("twice, far inside", "generic", R"({"problem":"P","x":[{"a":1,"b":{"c":1,"c":2}}]})",
        "field \"c\" occurs twice");
    row("twice among many", "generic",
        R"({"problem":"P","a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"d":2})",
        "field \"d\" occurs twice");
    row("same key, escaped", "generic", "{\"problem\":\"P\",\"prob\\u006cem\":\"Q\"}",
        "field \"problem\" occurs twice");
    row("step text", "processbench", R"({"problem":"P","steps":["a",3],"label":0})",
        "\"steps[1]\" should be text, but is a number");
    row("no steps", "processbench", R"({"problem":"P","steps":[],"label":0})",
        "\"steps\" is empty");
    row("label past the end", "processbench", R"({"problem":"P","steps":["a"],"label":1})",
        "\"label\" names step 1, but there are 1 steps");
    row("label -2", "processbench", R"({"problem":"P","steps":["a"],"label":-2})", "names step -2");
    row("label 0.5", "processbench", R"({"problem":"P","steps":["a"],"label":0.5})",
        "\"label\" should be a whole number");
    row("no label", "processbench", R"({"problem":"P","steps":["a"]})", "\"label\" is missing");
    row("score", "realcritic",
        R"({"question":"Q","gt":"1","reasoning":"r","model":"M","previous_score":["yes"]})",
        "\"previous_score\" should be a list of true or false");
    row("no ####", "gsm8k", R"({"question":"Q","answer":"42"})",
        "\"answer\" has no line \"#### answer\"");
    row("nested field", "prm800k", R"({"question":{"problem":7},"label":{"steps":[]}})",
        "\"question.problem\" should be text, but is a number");
    row("chosen completion", "prm800k",
        R"({"question":{"problem":"P"},"label":{"steps":[{"completions":[],"chosen_completion":2}]}})",
        "\"label.steps[0].chosen_completion\" names completion 2 of 0");
    row("candidate", "scrit", R"({"problem":"P","candidates":[{"author":"A"}]})",
        "\"candidates[0].solution\" is missing");
    row("candidates", "scrit", R"({"problem":"P","candidates":[1]})",
        "\"candidates[0]\" should be an object, but is a number");
    row("NUL bytes outside text", "generic", QByteArray("{\"problem\":\"P\"}\0\0", 17),
        "not valid JSON at column 16");
}

void FormatImporterTest::badLines() {
    QFETCH(QString, format);
    QFETCH(QByteArray, line);
    QFETCH(QString, reason);
    const Folder folder;
    ImportOptions options;
    options.as = format.toStdString();
    // An object in front keeps the layout "one a line" even where the bad line looks like a list.
    const std::string path =
        folder.write("x.jsonl", "{\"problem\":1}\n" + line.toStdString() + "\n");
    const Imported<ImportedProblem> all = importAll(path, options);
    QVERIFY2(all.result, all.result ? "" : all.result.error().text().c_str());
    QCOMPARE(all.result->lines, 2U);
    QCOMPARE(all.result->bad, 2U);
    QCOMPARE(all.bad[1].line, 2U);
    QCOMPARE(all.bad[1].file, path);
    QVERIFY2(qs(all.bad[1].reason).contains(reason), all.bad[1].reason.c_str());
}

void FormatImporterTest::givenStepsKeepTheirSpans() {
    const Folder folder;
    const std::string path = folder.write(
        "x.jsonl", R"({"id":"a-1","problem":"P","steps":["one\n\nmore","","three"],"label":2})");
    const Imported<ImportedProblem> all = importAll(path);
    QCOMPARE(all.items.size(), 1U);
    const model::Solution& solution = all.items[0].solutions[0].solution;
    QCOMPARE(qs(solution.text), QStringLiteral("one\n\nmore\n\n\n\nthree"));
    QCOMPARE(solution.steps.size(), 3U);
    QCOMPARE(qs(base::slice(solution.text, solution.steps[0])), QStringLiteral("one\n\nmore"));
    QCOMPARE(qs(base::slice(solution.text, solution.steps[1])), QString());
    QCOMPARE(qs(base::slice(solution.text, solution.steps[2])), QStringLiteral("three"));
}

void FormatImporterTest::fiftyMegabyteLine() {
    const Folder folder;
    const std::string big(50U << 20U, 'x');
    const std::string path = folder.write("x.jsonl", "{\"problem\":\"a\"}\n{\"problem\":\"" + big +
                                                         "\"}\n{\"problem\":\"b\"}\n");
    Imported<ImportedProblem> all = importAll(path);
    QCOMPARE(all.items.size(), 3U);
    QCOMPARE(all.items[1].problem.text.size(), big.size());

    ImportOptions options;
    options.maxLineBytes = std::size_t{1} << 20U;
    all = importAll(path, options);
    QCOMPARE(all.items.size(), 2U);
    QCOMPARE(all.bad.size(), 1U);
    QCOMPARE(all.bad[0].line, 2U);
    QCOMPARE(qs(all.bad[0].reason), QStringLiteral("longer than the limit of 1 MiB"));
}

void FormatImporterTest::invalidBytesStayVisible() {
    const Folder folder;
    static constexpr char kLine[] = "{\"problem\":\"a\xFF\xC3(\0b \xC3\xA9\\u0000\\\\\"}";
    const Imported<ImportedProblem> all =
        importAll(folder.write("x.jsonl", {kLine, sizeof kLine - 1}));
    QVERIFY2(all.bad.empty(), all.bad.empty() ? "" : all.bad[0].reason.c_str());
    QCOMPARE(qs(all.items[0].problem.text), QString::fromUtf8("a\\xff\\xc3(␀b é␀\\"));
    QCOMPARE(all.items[0].notes.size(), 1U);
    const Imported<ImportedProblem> clean =
        importAll(folder.write("y.jsonl", "{\"problem\":\"é\"}"));
    QVERIFY(clean.items[0].notes.empty());
}

void FormatImporterTest::numbersBeyond64BitsAreKept() {
    const Folder folder;
    const std::string path = folder.write(
        "x.jsonl",
        "{\"id\":123456789012345678901234567890,\"problem\":\"a\",\"x\":[-1e999]}\n"
        "{\"id\":18446744073709551615,\"problem\":\"b \\ud800 \\uDC00c\",\"answer\":\"\\ud83d"
        "\\ude00\"}\n"
        "{\"id\":\"\\\\ud800 1e999\",\"problem\":\"c\",\"x\":1e999}\n");
    const Imported<ImportedProblem> all = importAll(path);
    QVERIFY2(all.bad.empty(), all.bad.empty() ? "" : all.bad[0].reason.c_str());
    QCOMPARE(all.items.size(), 3U);
    QCOMPARE(qs(all.items[0].problem.externalId), QStringLiteral("123456789012345678901234567890"));
    QVERIFY(all.items[0].notes.empty());
    QCOMPARE(qs(all.items[1].problem.externalId), QStringLiteral("18446744073709551615"));
    QCOMPARE(qs(all.items[1].problem.text), QStringLiteral("b \\ud800 \\uDC00c"));
    QCOMPARE(qs(all.items[1].problem.referenceAnswer), QString::fromUtf8("\xF0\x9F\x98\x80"));
    QCOMPARE(all.items[1].notes.size(), 1U);
    QCOMPARE(qs(all.items[2].problem.externalId), QStringLiteral("\\ud800 1e999"));
    QVERIFY(all.items[2].notes.empty());
}

void FormatImporterTest::goodLinesAroundBadOnes() {
    const Folder folder;
    const std::string path = folder.write(
        "x.jsonl",
        "\n{\"problem\":\"a\"}\r\n  \nnonsense\n{\"problem\":\"b\"}\n{\"problem\":\"c\"");
    QCOMPARE(
        describeFile(path),
        QStringLiteral("problem x|x:2||a|||\nproblem x|x:5||b|||\n"
                       "bad 4: not valid JSON at column 2: syntax error while parsing value - "
                       "invalid literal; last read: 'no'\n"
                       "bad 6: not valid JSON at column 15 (it ends in the middle): syntax error "
                       "while parsing object - unexpected end of input; expected '}'"));
    const Imported<ImportedProblem> all = importAll(path);
    QCOMPARE(all.result->lines, all.result->good + all.result->bad);
    QCOMPARE(all.result->lines, 4U);
}

void FormatImporterTest::layouts_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* tag, const QByteArray& bytes, const char* expected) {
        QTest::newRow(tag) << bytes << QString::fromUtf8(expected);
    };
    row("empty", "", "");
    row("white space", " \n\n", "");
    row("list on one line", R"([{"problem":"a"},{"problem":"b]}\"{"}])",
        "problem x|x:1||a|||\nproblem x|x:1||b]}\"{|||");
    row("pretty list",
        "[\n  {\n    \"problem\": \"a\"\n  },\n  {\n    \"problem\": \"b\"\n  }\n]\n",
        "problem x|x:2||a|||\nproblem x|x:5||b|||");
    row("pretty objects", "{\n  \"problem\": \"a\"\n}\n{\n  \"problem\": \"b\"\n}\n",
        "problem x|x:1||a|||\nproblem x|x:4||b|||");
    row("list that is not closed", "[{\"problem\":\"a\"},\n",
        "problem x|x:1||a|||\n"
        "bad 2: the list is not closed: the file ends in the middle");
    row("list that breaks off in a record", "[{\"problem\":\"a\"},\n{\"problem\":",
        "problem x|x:1||a|||\n"
        "bad 2: the file ends in the middle of this record");
    row("other things in a list", "[{\"problem\":\"a\"}, 5, [1], null]",
        "problem x|x:1||a|||\nbad 1: should be a JSON object, but is a number\n"
        "bad 1: should be a JSON object, but is a list\n"
        "bad 1: should be a JSON object, but is null");
    row("truncated first line", "{\"problem\":\"a\n{\"problem\":\"b\"}\n",
        "problem x|x:2||b|||\nbad 1: not valid JSON at column 14 (it ends in the middle): syntax "
        "error "
        "while parsing value - invalid string: missing closing quote; last read: '\"a'");
    row("keys that say nothing", "{\"foo\":1,\"bar\":2}\n",
        "error: cannot tell the format of PATH (its keys are foo, bar): name the format, or say "
        "which "
        "key holds the problem with a field map");
}

void FormatImporterTest::layouts() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, expected);
    const Folder folder;
    const std::string path = folder.write("x.json", bytes.toStdString());
    QCOMPARE(describeFile(path).replace(qs(path), QStringLiteral("PATH")), expected);
}

void FormatImporterTest::csv() {
    const Folder folder;
    const std::string path =
        folder.write("my.csv", "\xEF\xBB\xBFid,question,response,model,steps,correct\r\n"
                               "1,\"Two\r\nlines, \"\"quoted\"\"\",\\boxed{2},M,,true\r\n"
                               "\r\n"
                               "2,5\" pipe,,M,\"[\"\"a\"\",\"\"b\"\"]\",no\r\n"
                               "3,too,few\r\n"
                               "4,bad flag,x,M,,perhaps\r\n"
                               "5,\"never closed,x,M,,\r\n");
    QCOMPARE(describeFile(path),
             QStringLiteral("problem my|1||Two\r\nlines, \"quoted\"|||\n"
                            "  solution M|1|2|1 steps|label/answer=yes\n"
                            "problem my|2||5\" pipe|||\n"
                            "  solution M|2||2 steps given|label/answer=no\n"
                            "bad 6: 3 cells, but the header has 6\n"
                            "bad 7: field \"correct\" should be true or false\n"
                            "bad 8: a quoted cell that starts in this row is not closed"));
    // Told by its columns where the name says nothing.
    QCOMPARE(describeFile(folder.write("data.txt", "problem;answer\nP;3\n")),
             QStringLiteral("problem data|data:2||P|3||"));
    QVERIFY(describeFile(folder.write("twice.csv", "problem,problem\na,b\n"))
                .contains(QStringLiteral("column \"problem\" occurs twice")));
}

void FormatImporterTest::fieldMap() {
    const Folder folder;
    const std::string path = folder.write(
        "x.jsonl",
        R"({"text":"P","cot":"a \\boxed{3}","who":"W","err":"0","key":"3","problem":"not this"})"
        "\n"
        R"({"cot":"a"})");
    ImportOptions options;
    options.fieldMap = {{"problem", "text"},
                        {"solution", "cot"},
                        {"author", "who"},
                        {"answer", "key"},
                        {"first_error_step", "err"}};
    QCOMPARE(
        describeFile(path, options),
        QStringLiteral("problem x|x:1||P|3||\n  solution W|x:1|3|1 steps|label/first-error=no@0\n"
                       "bad 2: field \"text\" is missing"));
    // Keys of nested objects, and keys that have dots themselves.
    options.fieldMap = {{"problem", "data.in.q"}, {"answer", "a.b"}};
    QCOMPARE(describeFile(folder.write("y.jsonl", R"({"data":{"in":{"q":"P"}},"a.b":"3"})"
                                                  "\n"
                                                  R"({"data.in":{"q":"Q"},"a":{"b":4}})"
                                                  "\n"
                                                  R"({"data":{"in":{"q":null}}})"),
                          options),
             QStringLiteral("problem y|y:1||P|3||\nproblem y|y:2||Q|4||\n"
                            "bad 3: field \"data.in.q\" is null"));
}

void FormatImporterTest::optionsThatMakeNoSense_data() {
    QTest::addColumn<QString>("as");
    QTest::addColumn<QString>("field");
    QTest::addColumn<QString>("message");
    QTest::newRow("format") << QStringLiteral("word") << QString()
                            << QStringLiteral(
                                   "unknown format \"word\": the formats are auto, prm800k");
    QTest::newRow("field") << QStringLiteral("generic") << QStringLiteral("sollution")
                           << QStringLiteral("unknown field \"sollution\" in the field map");
    QTest::newRow("fixed fields") << QStringLiteral("gsm8k") << QStringLiteral("problem")
                                  << QStringLiteral("format \"gsm8k\" has fixed fields");
}

void FormatImporterTest::optionsThatMakeNoSense() {
    QFETCH(QString, as);
    QFETCH(QString, field);
    QFETCH(QString, message);
    const Folder folder;
    ImportOptions options;
    options.as = as.toStdString();
    if (!field.isEmpty()) {
        options.fieldMap[field.toStdString()] = "x";
    }
    const QString text = describeFile(folder.write("x.jsonl", "{\"problem\":\"a\"}"), options);
    QVERIFY2(text.contains(message), qPrintable(text));
}

void FormatImporterTest::sourceAndSplitOptionsWin() {
    const Folder folder;
    ImportOptions options;
    options.source = "mine";
    options.split = "held-out";
    const Imported<ImportedProblem> all =
        importAll(folder.write("test.jsonl", R"({"id":"g-1","problem":"P","steps":["a"],"label":0,)"
                                             R"("source":"theirs"})"),
                  options);
    QCOMPARE(qs(all.items[0].problem.source), QStringLiteral("mine"));
    QCOMPARE(qs(all.items[0].problem.split), QStringLiteral("held-out"));
    QCOMPARE(qs(all.items[0].solutions[0].solution.source), QStringLiteral("mine"));
    QCOMPARE(qs(all.items[0].solutions[0].labels[0].source), QStringLiteral("mine"));
}

// Identity is what a reader sees: the same problem out of two data sets is one problem.
void FormatImporterTest::sameProblemHasTheSameKey() {
    const Folder folder;
    const auto one =
        importAll(folder.write("a.jsonl", R"({"question":" Q? ","answer":"r\n#### 1"})"));
    const auto two = importAll(folder.write(
        "b.jsonl",
        R"({"idx":0,"question":"Q?","gt":"1","reasoning":"S","model":"M","gt_cot":"None"})"));
    const auto other =
        importAll(folder.write("c.jsonl", R"({"question":"Q!","answer":"r\n#### 1"})"));
    QCOMPARE(one.items[0].problem.key, two.items[0].problem.key);
    QVERIFY(one.items[0].problem.key != other.items[0].problem.key);
    QCOMPARE(one.items[0].problem.key.size(), 32U);
    QCOMPARE(two.items[0].solutions[0].solution.key,
             solutionKey(two.items[0].problem.key, two.items[0].solutions[0].solution));
    model::Problem problem;
    problem.text = "Q?";
    problem.choices = {"", "a"};
    model::Problem without = problem;
    without.choices = {"a"};
    QVERIFY(problemKey(problem) != problemKey(without));
}

void FormatImporterTest::sinkErrorStops() {
    const Folder folder;
    const std::string path =
        folder.write("x.jsonl", "{\"problem\":\"a\"}\nbad\n{\"problem\":\"b\"}\n");
    int records = 0;
    ImportSinks sinks;
    sinks.record = [&](ImportedProblem&&, std::uint64_t) -> base::Expected<void> {
        ++records;
        return {};
    };
    sinks.badLine = [&](const BadLine& line) -> base::Expected<void> {
        return base::fail(base::ErrorCode::Parse, "line " + std::to_string(line.line));
    };
    const base::Expected<ImportCounts> result = importFile(path, {}, sinks);
    QVERIFY(!result);
    QCOMPARE(qs(result.error().message), QStringLiteral("line 2"));
    QCOMPARE(records, 1);
}

void FormatImporterTest::cancelStops() {
    const Folder folder;
    const base::CancelToken cancel;
    ImportSinks sinks;
    sinks.record = [&](ImportedProblem&&, std::uint64_t line) -> base::Expected<void> {
        if (line == 2) {
            cancel.cancel();
        }
        return {};
    };
    sinks.badLine = [](const BadLine&) -> base::Expected<void> {
        return {};
    };
    const base::Expected<ImportCounts> result = importFile(
        folder.write("x.jsonl", "{\"problem\":\"a\"}\n{\"problem\":\"b\"}\n{\"problem\":\"c\"}\n"),
        {}, sinks, cancel);
    QVERIFY(!result);
    QCOMPARE(result.error().code, base::ErrorCode::Cancelled);
}

void FormatImporterTest::deepNestingIsABadLine() {
    const Folder folder;
    const std::string deep(2'000'000, '[');
    const std::string path =
        folder.write("x.jsonl", "{\"problem\":\"a\"}\n{\"problem\":\"a\",\"x\":" + deep + "\n");
    const Imported<ImportedProblem> all = importAll(path);
    QCOMPARE(all.items.size(), 1U);
    QCOMPARE(all.bad.size(), 1U);
}

SCRIT_TEST(FormatImporterTest)
#include "format_importer_test.moc"
