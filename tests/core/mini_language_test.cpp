// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/critique_parser.h"
#include "core/critique/prompt_template.h"
#include "core/critique/step_splitter.h"
#include "core/critique/target.h"
#include "core/math/answer.h"
#include "core/mini/problems.h"
#include "tests/core/mini_support.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <array>

using namespace scrit;
using namespace scrit::mini;

namespace {

constexpr std::uint64_t kLanguageSeed = 7;
constexpr std::array kTasks{Task::Solve, Task::Direct, Task::Contrastive, Task::Inject};

std::string userText(const Request& request) {
    constexpr std::array<const char*, 4> kPrompts{"student_solve", "direct_critic",
                                                  "contrastive_critic", "bug_injection"};
    const auto prompt =
        critique::shippedPrompt(kPrompts[static_cast<std::size_t>(request.task)]).value();
    critique::PromptFields fields{{"problem", problemText(request.problem)}};
    if (request.task == Task::Direct || request.task == Task::Contrastive) {
        fields["solution"] = solutionText(request.problem, request.student);
    }
    if (request.task == Task::Contrastive) {
        fields["reference"] = solutionText(request.problem, request.reference);
    }
    if (request.task == Task::Inject) {
        fields["solution"] = solutionText(request.problem, request.reference);
    }
    return prompt.render(fields).value().messages.back().content;
}

QString fault(const std::string& text, const std::string& more) {
    return QString::fromStdString(text + "\n--- " + more);
}

int itemNamed(std::string_view name) {
    return itemOf(tokenFromName(name).value()).value();
}

// Without the critiques of steps behind the first error, which exports leave out.
std::vector<Token> untilFirstError(std::vector<Token> answer) {
    std::size_t steps = 0;
    while (answer[3 * steps] == token::kStep) {
        ++steps;
    }
    const auto firstError = firstErrorOf(answer[3 * steps]);
    const std::size_t kept =
        firstError ? std::min(steps, static_cast<std::size_t>(*firstError) + 1) : steps;
    answer.erase(answer.begin() + static_cast<std::ptrdiff_t>(3 * kept),
                 answer.begin() + static_cast<std::ptrdiff_t>(3 * steps));
    return answer;
}

} // namespace

class MiniLanguageTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tokenNames() {
        for (int i = 0; i < vocabularySize(); ++i) {
            const auto one = static_cast<Token>(i);
            QVERIFY(tokenFromName(tokenName(one)) == one);
        }
        QVERIFY(!tokenFromName("[?]"));
        QVERIFY(!tokenFromName("coins"));
        QCOMPARE(tokenName(static_cast<Token>(vocabularySize())), std::string("[?]"));
        QCOMPARE(tokenName(-1), std::string("[?]"));
    }
    void problemTexts() {
        const Problem problem{
            0,
            20,
            {{false, itemNamed("hat")}, {true, itemNamed("ball")}, {false, itemNamed("apple")}}};
        const std::string text = problemText(problem);
        QCOMPARE(text, std::string("Mia has 20 coins. At the market she buys a hat, sells a ball "
                                   "and buys an apple, each at its usual price. How many coins "
                                   "does she have in the end?"));
        QVERIFY(readProblem(text).value() == problem);
        QVERIFY(readProblem("  Mia has 20 coins.\nAt the market she buys a hat, sells a ball and\n"
                            "buys an apple, each at its usual price.\r\nHow many coins does she "
                            "have in the end?\n")
                    .value() == problem);
        Random random(kLanguageSeed);
        for (int i = 0; i < 2000; ++i) {
            const Problem one = nextProblem(random, Split::Train);
            QVERIFY(readProblem(problemText(one)).value() == one);
        }
    }
    void foreignProblems_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("another") << QByteArray("What is 2 + 2?");
        const QByteArray good(
            "Mia has 20 coins. At the market she buys a hat and sells a pen, each "
            "at its usual price. How many coins does she have in the end?");
        QVERIFY(readProblem(good.toStdString()));
        QTest::newRow("more behind") << good + " Why?";
        QTest::newRow("more in front") << "Hello. " + good;
        QTest::newRow("cut") << good.left(80);
        QTest::newRow("an item that is not there") << QByteArray(good).replace("hat", "yacht");
        QTest::newRow("a person who is not there") << QByteArray(good).replace("Mia", "Bob");
        QTest::newRow("her pronoun") << QByteArray(good).replace("she", "he");
        QTest::newRow("a huge start") << QByteArray(good).replace("20", "2000");
        QTest::newRow("a negative start") << QByteArray(good).replace("20", "-20");
        QTest::newRow("bytes") << QByteArray("\xFF\x00 has \xC3", 8);
    }
    void foreignProblems() {
        QFETCH(QByteArray, text);
        const auto read = readProblem(std::string_view(text.data(), std::size_t(text.size())));
        QVERIFY(!read);
        QVERIFY(read.error().code == base::ErrorCode::Invalid);
        QVERIFY(!read.error().retryable);
    }

    void solutionForm() {
        const Problem problem{
            0,
            20,
            {{false, itemNamed("hat")}, {true, itemNamed("pen")}, {false, itemNamed("apple")}}};
        QCOMPARE(solutionText(problem, solutionOf({4, 1, 30})),
                 std::string("Step 1: She buys a hat for 4 coins: 20 - 4 = 16.\n\n"
                             "Step 2: She sells a pen for 1 coin: 16 + 1 = 17.\n\n"
                             "Step 3: She buys an apple for 30 coins: 17 - 30 = -13.\n"
                             "Therefore, the final answer is \\boxed{-13}."));
        // What does not fit shows as it is.
        QCOMPARE(
            solutionText(problem, std::vector<Token>{token::kStep, numberToken(4), token::kBad,
                                                     itemToken(itemNamed("hat")), token::kEnd}),
            std::string("Step 1: She buys a hat for 4 coins: 20 - 4 = 16.\n\n"
                        "[bad] hat [end]"));
        QCOMPARE(solutionText(problem, std::vector<Token>{token::kStep}), std::string("[step]"));
    }
    void solutions() {
        Random random(kLanguageSeed);
        for (int i = 0; i < 3000; ++i) {
            const Request request = anyRequest(random, Task::Solve);
            const std::vector<int> prices = anyPrices(random, request.problem);
            const std::vector<Token> whole = solutionOf(prices);
            QVERIFY(pricesOf(whole) == prices);
            const std::string text = solutionText(request.problem, whole);
            QVERIFY(solutionTokens(request.problem, text).value() == whole);
            // The common code reads the same steps and the same answer in it.
            QCOMPARE(critique::splitSteps(text).size(), prices.size());
            QCOMPARE(math::extractAnswer(text)->text,
                     std::to_string(coinsAfter(request.problem, prices)));
            const ProblemItem item = problemItem(request.problem);
            QVERIFY(critique::splitSteps(item.reference.text) == item.reference.steps);
        }
    }
    void foreignSolutions() {
        const Problem problem{0, 20, {{false, itemNamed("hat")}, {true, itemNamed("pen")}}};
        const std::string good = solutionText(problem, solutionOf({4, 1}));
        QVERIFY(solutionTokens(problem, good));
        QVERIFY(solutionTokens(problem, "\n " + good + "\n"));
        const auto refused = [&](const char* from, const char* to) {
            QString text = QString::fromStdString(good);
            text.replace(QLatin1String(from), QLatin1String(to));
            const auto tokens = solutionTokens(problem, text.toStdString());
            return !tokens && tokens.error().code == base::ErrorCode::Invalid;
        };
        QVERIFY(refused("20 - 4 = 16", "20 - 4 = 17"));
        QVERIFY(refused("a hat", "a cap"));
        QVERIFY(refused("4 coins", "4 coin"));
        QVERIFY(refused("boxed{17}", "boxed{18}"));
        QVERIFY(refused("Therefore", "So"));
        QVERIFY(refused("She", "He"));
        QVERIFY(!solutionTokens(problem, ""));
        QVERIFY(!solutionTokens(problem, good + " Done."));
    }

    // Tokens → text → the same tokens, whatever a model writes.
    void everythingComesBack() {
        Random random(kLanguageSeed);
        for (int i = 0; i < 12000; ++i) {
            const Task task = kTasks[static_cast<std::size_t>(i) % kTasks.size()];
            const Request request = anyRequest(random, task);
            std::vector<Token> answer;
            if (task == Task::Solve || task == Task::Inject) {
                answer = solutionOf(anyPrices(random, request.problem));
            } else {
                answer = anyCritique(random, request);
            }
            if (task == Task::Inject) {
                answer.insert(answer.begin(), {firstErrorToken(1), token::kSolution});
            }
            if (random.chance(0.6)) {
                answer = anyTokens(random, answer);
            }
            const std::string text = answerText(request, answer);
            const auto again = answerTokens(request, text);
            QVERIFY2(again && *again == answer, qPrintable(fault(text, names(answer))));
        }
    }
    // The common parser reads what the tokens state.
    void critiquesAreRead() {
        Random random(kLanguageSeed);
        for (int i = 0; i < 6000; ++i) {
            const Request request =
                anyRequest(random, random.chance(0.5) ? Task::Direct : Task::Contrastive);
            const std::vector<Token> answer = anyCritique(random, request);
            const std::string text = answerText(request, answer);
            const std::string student = solutionText(request.problem, request.student);
            const std::vector<base::Span> steps = critique::splitSteps(student);
            const auto parsed = critique::parseCritique(text, {student, steps});
            const auto note = fault(text, names(answer));
            std::size_t at = 0;
            std::size_t step = 0;
            for (; answer[at] == token::kStep; at += 3, ++step) {
                QVERIFY2(step < parsed.steps.size(), qPrintable(note));
                QCOMPARE(parsed.steps[step].index, static_cast<int>(step));
                QVERIFY2(parsed.steps[step].verdict == (answer[at + 2] == token::kOk
                                                            ? model::StepVerdict::Correct
                                                            : model::StepVerdict::Incorrect),
                         qPrintable(note));
            }
            QVERIFY2(parsed.steps.size() == step, qPrintable(note));
            const auto firstError = firstErrorOf(answer[at]);
            QVERIFY2(parsed.conclusion ==
                         (firstError ? model::Conclusion::Incorrect : model::Conclusion::Correct),
                     qPrintable(note));
            QVERIFY2(parsed.firstErrorStep == firstError.value_or(model::kNoError),
                     qPrintable(note));
            const std::vector<int> prices = firstError ? pricesOf(std::span(answer).subspan(at + 2))
                                                       : pricesOf(request.student);
            QVERIFY2(parsed.correctionAnswer == std::to_string(coinsAfter(request.problem, prices)),
                     qPrintable(note));
            QCOMPARE(parsed.referenceAnalysis.has_value(), request.task == Task::Contrastive);
            QCOMPARE(parsed.usedEnd, text.size());
            if (firstError) {
                const auto correction = base::slice(text, *parsed.correction);
                QCOMPARE(critique::splitSteps(correction).size(), prices.size());
                QVERIFY(solutionTokens(request.problem, correction).value() == solutionOf(prices));
            }
        }
    }
    // What is missing in the tokens is missing in the text.
    void cutCritiquesStayCut() {
        Random random(kLanguageSeed);
        for (int i = 0; i < 2000; ++i) {
            const Request request = anyRequest(random, Task::Direct);
            std::vector<Token> answer = anyCritique(random, request);
            answer.resize(random.below(answer.size()));
            const auto parsed = critique::parseCritique(answerText(request, answer));
            const bool hasVerdict = std::any_of(answer.begin(), answer.end(), [](Token one) {
                return one == token::kNone || firstErrorOf(one);
            });
            QCOMPARE(parsed.conclusion.has_value(), hasVerdict);
            const auto has = [&](std::string_view name) {
                return std::find(parsed.problems.begin(), parsed.problems.end(), name) !=
                       parsed.problems.end();
            };
            if (parsed.conclusion == model::Conclusion::Incorrect) {
                QVERIFY(has(critique::problem::kNoCorrection) ||
                        has(critique::problem::kCorrectionNotClosed));
            }
        }
    }

    void promptsAreRead() {
        Random random(kLanguageSeed);
        for (int i = 0; i < 400; ++i) {
            const Task task = kTasks[static_cast<std::size_t>(i) % kTasks.size()];
            Request request = anyRequest(random, task);
            if (random.chance(0.3) && !request.student.empty()) {
                request.student.resize(1 + random.below(request.student.size() - 1));
            }
            const std::string text = userText(request);
            const auto read = readRequest(text);
            QVERIFY2(read, qPrintable(QString::fromStdString(text)));
            QCOMPARE(static_cast<int>(read->task), static_cast<int>(task));
            QVERIFY(read->problem == request.problem);
            QVERIFY(read->student == request.student);
            QVERIFY(read->reference == request.reference);
            QVERIFY(promptTokens(*read) == promptTokens(request));
        }
    }
    void promptInAnotherWording() {
        Random random(kLanguageSeed);
        const Problem problem = nextProblem(random, Split::Train);
        const auto read =
            readRequest("Please solve this one:\n\n" + problemText(problem) + "\nThanks!");
        QVERIFY(read && read->task == Task::Solve && read->problem == problem);
    }
    void foreignRequests_data() {
        QTest::addColumn<QByteArray>("text");
        const Problem problem{0, 20, {{false, itemNamed("hat")}, {true, itemNamed("pen")}}};
        const QByteArray own = QByteArray::fromStdString(problemText(problem));
        const QByteArray solution =
            QByteArray::fromStdString(solutionText(problem, solutionOf({4, 1})));
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("another problem") << QByteArray("Compute 3 + 4.");
        QTest::newRow("another problem to judge")
            << QByteArray("## Math Problem\nCompute 3 + 4.\n\n## Student Solution\n7");
        QTest::newRow("another solution")
            << QByteArray("## Math Problem\n" + own + "\n\n## Student Solution\nIt is 17.");
        QTest::newRow("a solution of another problem")
            << QByteArray("## Math Problem\n" + own + "\n\n## Student Solution\n" +
                          QByteArray(solution).replace("hat", "cap"));
        QTest::newRow("no solution")
            << QByteArray("## Math Problem\n" + own + "\n\n## Student Solution\n");
        QTest::newRow("another reference")
            << QByteArray("## Math Problem\n" + own + "\n\n## Reference Solution\nIt is 17.\n\n" +
                          "## Student Solution\n" + solution);
        QTest::newRow("a reference alone")
            << QByteArray("## Math Problem\n" + own + "\n\n## Reference Solution\n" + solution);
    }
    void foreignRequests() {
        QFETCH(QByteArray, text);
        const auto read = readRequest(text.toStdString());
        QVERIFY(!read);
        QVERIFY(read.error().code == base::ErrorCode::Invalid);
        QVERIFY(!read.error().retryable);
        QVERIFY(
            QString::fromStdString(read.error().message)
                .contains(QLatin1String("the builtin miniature only knows the shopping problems "
                                        "of its own world")));
    }

    // From a contrastive critique to the row of a training set and back to tokens: the direct
    // critic's prompt, and what the tokens said up to the first error.
    void trainingRows() {
        Random random(kLanguageSeed);
        int rows = 0;
        for (int i = 0; i < 1500; ++i) {
            const Request request = anyRequest(random, Task::Contrastive);
            std::vector<Token> answer = anyCritique(random, request);
            if (answer.front() != token::kStep) {
                continue; // no critique of a step: exports leave it out
            }
            const std::string text = answerText(request, answer);
            answer = untilFirstError(std::move(answer));
            const std::string target = critique::renderTarget(text, critique::parseCritique(text));
            QVERIFY(target.find("Reference") == std::string::npos);
            Request direct = request;
            direct.task = Task::Direct;
            direct.reference.clear();
            const auto sequence = trainingSequence(userText(direct), target);
            QVERIFY2(sequence, qPrintable(QString::fromStdString(target)));
            std::vector<Token> wanted = promptTokens(direct);
            QCOMPARE(sequence->learnedBegin, wanted.size());
            wanted.insert(wanted.end(), answer.begin(), answer.end());
            QVERIFY2(sequence->tokens == wanted, qPrintable(fault(target, names(answer))));
            ++rows;
        }
        QVERIFY(rows > 1000);
    }
    void foreignRows() {
        const Request request{Task::Direct,
                              {0, 20, {{false, itemNamed("hat")}, {true, itemNamed("pen")}}},
                              {},
                              solutionOf({4, 1})};
        const std::string user = userText(request);
        QVERIFY(!trainingSequence("Compute 3 + 4.", "7"));
        QVERIFY(!trainingSequence(user, ""));
        const auto row = trainingSequence(user, "## Critique of Student Solution Steps\n"
                                                "### Critique of Step 1\nAll good.");
        QVERIFY(!row);
        QVERIFY(row.error().message.find("All good.") != std::string::npos);
    }
};

SCRIT_TEST(MiniLanguageTest)
#include "mini_language_test.moc"
