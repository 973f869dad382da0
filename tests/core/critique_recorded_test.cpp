// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/red_flags.h"
#include "core/critique/target.h"
#include "critique_text.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <nlohmann/json.hpp>

#include <fstream>

using namespace scrit;
using nlohmann::json;

// Critiques that language models really wrote, with the labels that were recorded with them. Prints
// the figures and every disagreement.
class RecordedTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyCritique_data();
    void everyCritique();
    void mathCritique();
    void mathCritiqueSentences();
    void mrGsm8k();
    void mrGsm8kRunOn();
    void realMistake();
    void deepCritic();
    void realCriticSolutions_data();
    void realCriticSolutions();
};

namespace {

std::vector<json> records(const std::string& name) {
    std::ifstream in(std::string(SCRIT_SHARED_DIR) + "/data/" + name);
    std::vector<json> found;
    for (std::string line; std::getline(in, line);) {
        found.push_back(json::parse(line));
    }
    return found;
}

#define NEED(list)                                                                                 \
    if ((list).empty()) {                                                                          \
        QSKIP("the shared data folder is not here");                                               \
    }

struct Solution {
    std::string text;
    std::vector<base::Span> steps;
};

Solution solutionOf(const json& record) {
    Solution solution;
    if (record.contains("steps")) {
        for (const std::string step : record["steps"]) {
            const std::size_t begin = solution.text.size();
            solution.text += step;
            solution.steps.push_back({begin, solution.text.size()});
            solution.text += "\n\n";
        }
    } else if (record.contains("solution")) {
        solution.text = record["solution"];
        solution.steps = critique::splitSteps(solution.text);
    }
    return solution;
}

// Agreement of what the texts state with what was recorded.
struct Tally {
    int stated = 0;
    int agree = 0;
    void count(bool same) {
        ++stated;
        agree += same ? 1 : 0;
    }
    [[nodiscard]] bool atLeast97() const { return stated > 0 && agree * 100 >= stated * 97; }
    [[nodiscard]] QByteArray text() const {
        return QByteArray::number(agree) + " of " + QByteArray::number(stated);
    }
};

} // namespace

void RecordedTest::everyCritique_data() {
    QTest::addColumn<QByteArray>("file");
    for (const char* file : {"mathcritique", "mr_gsm8k_critiques", "realmistake_math_outputs",
                             "deepcritic_examples", "metacritique"}) {
        QTest::newRow(file) << QByteArray(file);
    }
}

void RecordedTest::everyCritique() {
    QFETCH(QByteArray, file);
    const auto list = records("critiques/" + file.toStdString() + ".jsonl");
    NEED(list);
    for (const json& record : list) {
        const std::string text = record["critique"];
        const Solution solution = solutionOf(record);
        for (const bool known : {false, true}) {
            const auto parsed = known
                                    ? critique::parseCritique(text, {solution.text, solution.steps})
                                    : critique::parseCritique(text);
            QCOMPARE(critique::spanFault(parsed, text), std::string());
            (void)critique::redFlags(parsed, text, {solution.text, solution.steps, false});
            const std::string target = critique::renderTarget(text, parsed);
            const auto again = critique::parseCritique(target);
            QCOMPARE(again.firstErrorStep, parsed.firstErrorStep);
            QCOMPARE(again.conclusion, parsed.conclusion);
        }
    }
}

void RecordedTest::mathCritique() {
    const auto list = records("critiques/mathcritique.jsonl");
    NEED(list);
    Tally verdicts;
    Tally firstErrors;
    Tally conclusions;
    for (const json& record : list) {
        const auto parsed = critique::parseCritique(record["critique"].get<std::string>());
        std::string expected;
        int first = model::kNoError;
        for (const std::string label : record["labels"]["step_verdicts"]) {
            const bool wrong = label == "Wrong" || label == "Incorrect";
            if (wrong && first == model::kNoError) {
                first = static_cast<int>(expected.size());
            }
            expected += wrong ? 'w' : label == "Correct" ? 'c' : '?';
        }
        std::string got;
        for (const model::StepCritique& step : parsed.steps) {
            got += step.verdict == model::StepVerdict::Incorrect ? 'w'
                   : step.verdict == model::StepVerdict::Correct ? 'c'
                                                                 : '?';
        }
        const std::string id = record["id"];
        verdicts.count(got == expected);
        firstErrors.count(parsed.firstErrorStep == first);
        conclusions.count(parsed.conclusion == model::Conclusion::Incorrect);
        if (got != expected || parsed.firstErrorStep != first ||
            parsed.conclusion != model::Conclusion::Incorrect) {
            qInfo("%s: recorded %s, read %s", id.c_str(), expected.c_str(), got.c_str());
        }
    }
    qInfo("mathcritique: step verdicts %s, first error %s, conclusion %s",
          verdicts.text().constData(), firstErrors.text().constData(),
          conclusions.text().constData());
    QVERIFY(verdicts.atLeast97() && firstErrors.atLeast97() && conclusions.atLeast97());
}

void RecordedTest::mathCritiqueSentences() {
    const auto list = records("critiques/mathcritique.jsonl");
    NEED(list);
    Tally matched;
    Tally ordered;
    for (const json& record : list) {
        const Solution solution = solutionOf(record);
        const auto parsed = critique::parseCritique(record["critique"].get<std::string>(),
                                                    {solution.text, solution.steps});
        int last = 0;
        bool forward = true;
        for (const model::StepCritique& step : parsed.steps) {
            matched.count(step.index != critique::kUnmatchedStep);
            forward = forward && (step.index == critique::kUnmatchedStep || step.index >= last);
            last = std::max(last, step.index);
        }
        ordered.count(forward);
    }
    qInfo("mathcritique: quoted sentences found in the solution %s, in order in %s critiques",
          matched.text().constData(), ordered.text().constData());
    QVERIFY(matched.atLeast97() && ordered.atLeast97());
}

void RecordedTest::mrGsm8k() {
    const auto list = records("critiques/mr_gsm8k_critiques.jsonl");
    NEED(list);
    Tally firstErrors;
    Tally conclusions;
    Tally atError;
    int withSteps = 0;
    for (const json& record : list) {
        const Solution solution = solutionOf(record);
        const auto parsed = critique::parseCritique(record["critique"].get<std::string>(),
                                                    {solution.text, solution.steps});
        const int first = record["labels"]["first_error"];
        const std::string id = record["id"];
        firstErrors.count(parsed.firstErrorStep == first);
        conclusions.count(parsed.conclusion == model::Conclusion::Incorrect);
        if (parsed.firstErrorStep != first || parsed.conclusion != model::Conclusion::Incorrect) {
            qInfo("%s: recorded step %d, read %s", id.c_str(), first,
                  critique::summary(parsed).c_str());
        }
        withSteps += parsed.steps.empty() ? 0 : 1;
        for (const model::StepCritique& step : parsed.steps) {
            if (step.index == first && step.verdict != model::StepVerdict::Unstated) {
                atError.count(step.verdict == model::StepVerdict::Incorrect);
                if (step.verdict == model::StepVerdict::Correct) {
                    qInfo("%s: the critique approves step %d, which it names as the error",
                          id.c_str(), first);
                }
            }
        }
    }
    qInfo("mr_gsm8k: first error %s, conclusion %s, step critiques found in %d of %d, the verdict "
          "on the first "
          "wrong step is \"incorrect\" in %s that state one",
          firstErrors.text().constData(), conclusions.text().constData(), withSteps,
          static_cast<int>(list.size()), atError.text().constData());
    QVERIFY(firstErrors.atLeast97() && conclusions.atLeast97() && atError.atLeast97());
    QVERIFY(withSteps * 100 >= static_cast<int>(list.size()) * 90);
}

// The critiques' own last part is the error analysis, one paragraph in nearly all. What remains
// behind the cut must not look like a part of it.
void RecordedTest::mrGsm8kRunOn() {
    const auto list = records("critiques/mr_gsm8k_critiques.jsonl");
    NEED(list);
    int more = 0;
    int cut = 0;
    int kept = 0;
    for (const json& record : list) {
        const std::string text = record["critique"];
        const auto parsed = critique::parseCritique(text);
        const std::size_t analysis = text.find("Error Analysis:");
        QVERIFY(analysis != std::string::npos && parsed.usedEnd > analysis);
        const std::size_t line = std::min(text.find('\n', analysis), text.size());
        if (base::trimmed(std::string_view(text).substr(line)).empty()) {
            continue;
        }
        ++more;
        const bool isCut = !base::trimmed(std::string_view(text).substr(parsed.usedEnd)).empty();
        cut += isCut ? 1 : 0;
        const std::string_view own =
            std::string_view(text).substr(line, std::max(parsed.usedEnd, line) - line);
        if (!base::trimmed(own).empty()) {
            ++kept;
            const std::string id = record["id"];
            qInfo("%s keeps: %s", id.c_str(), base::excerpt(own, 150).c_str());
        }
        QVERIFY(own.find("\n#") == std::string_view::npos);
        QVERIFY(own.find("Step-by-step Evaluation") == std::string_view::npos);
    }
    qInfo("mr_gsm8k: of %d critiques with text behind the error analysis %d are cut; %d keep more "
          "lines of their own",
          more, cut, kept);
    QVERIFY(cut * 100 >= more * 95);
}

void RecordedTest::realMistake() {
    const auto list = records("critiques/realmistake_math_outputs.jsonl");
    NEED(list);
    Tally tally;
    int unrecorded = 0;
    int readThere = 0;
    for (const json& record : list) {
        const std::string text = record["critique"];
        const std::string id = record["id"];
        const auto parsed = critique::parseCritique(text);
        const json& recorded = record["labels"]["recorded_prediction"];
        if (recorded.is_null()) {
            ++unrecorded;
            readThere += parsed.conclusion ? 1 : 0;
            continue;
        }
        const auto expected =
            recorded == "error" ? model::Conclusion::Incorrect : model::Conclusion::Correct;
        tally.count(parsed.conclusion == expected);
        if (parsed.conclusion != expected) {
            qInfo("%s: recorded %s, read %s", id.c_str(), recorded.get<std::string>().c_str(),
                  critique::summary(parsed).c_str());
        }
        QVERIFY(!parsed.firstErrorStep); // nothing of the kind is stated in these texts
    }
    qInfo("realmistake: conclusion %s; a conclusion was read in %d of %d without a recorded one",
          tally.text().constData(), readThere, unrecorded);
    QVERIFY(tally.atLeast97());
}

void RecordedTest::deepCritic() {
    const auto list = records("critiques/deepcritic_examples.jsonl");
    NEED(list);
    QCOMPARE(
        critique::summary(critique::parseCritique(list[0]["critique"].get<std::string>())),
        std::string("9:incorrect | - | - | [no-conclusion,no-first-error-step,no-correction]"));
    QCOMPARE(critique::summary(critique::parseCritique(list[1]["critique"].get<std::string>())),
             std::string("3:correct | - | - | [no-conclusion,no-first-error-step,no-correction]"));
}

void RecordedTest::realCriticSolutions_data() {
    QTest::addColumn<QByteArray>("file");
    for (const char* file : {"gsm8k", "math", "college_math", "arc-challenge", "mmlu_stem"}) {
        QTest::newRow(file) << QByteArray(file);
    }
}

void RecordedTest::realCriticSolutions() {
    QFETCH(QByteArray, file);
    const auto list = records("realcritic/" + file.toStdString() + ".jsonl");
    NEED(list);
    std::size_t steps = 0;
    std::size_t most = 0;
    int single = 0;
    for (const json& record : list) {
        const std::string text = record["reasoning"];
        const auto found = critique::splitSteps(text);
        QCOMPARE(critique::stepFault(found, text), std::string());
        QCOMPARE(found.empty(), base::trimmed(std::string_view(text)).empty());
        steps += found.size();
        most = std::max(most, found.size());
        single += found.size() == 1 ? 1 : 0;
    }
    qInfo("realcritic %s: %.1f steps on average, at most %d, %d of %d solutions are one step",
          file.constData(), static_cast<double>(steps) / static_cast<double>(list.size()),
          static_cast<int>(most), single, static_cast<int>(list.size()));
}

SCRIT_TEST(RecordedTest)
#include "critique_recorded_test.moc"
