// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/mini/corpus.h"
#include "core/mini/problems.h"
#include "tests/core/mini_support.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <map>
#include <set>

using namespace scrit;
using namespace scrit::mini;

namespace {

constexpr std::uint64_t kSeed = 20250101;

// A document of the corpus, read back from its tokens.
struct Document {
    Token kind = 0;
    Problem problem;
    std::map<Token, std::vector<int>> prices; // by the token that opens the segment
    std::vector<Token> answer;
};

Document documentOf(const Sequence& sequence) {
    Document document;
    document.kind = sequence.tokens.front();
    Token segment = document.kind;
    for (std::size_t i = 1; i < sequence.learnedBegin; ++i) {
        const Token now = sequence.tokens[i];
        if (now >= token::kProblem && now <= token::kSolution) {
            segment = now;
        } else if (const auto item = itemOf(now)) {
            document.problem.trades.push_back({sequence.tokens[i - 1] == token::kSells, *item});
        } else if (const auto number = numberOf(now)) {
            if (segment == token::kProblem) {
                document.problem.start = *number;
            } else {
                document.prices[segment].push_back(*number);
            }
        }
    }
    document.answer.assign(sequence.tokens.begin() +
                               static_cast<std::ptrdiff_t>(sequence.learnedBegin),
                           sequence.tokens.end());
    return document;
}

} // namespace

class MiniWorldTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // The shipped weights know this world: it must not change.
    void isFixed() {
        std::string text;
        std::map<ItemKind, int> kinds;
        std::set<std::string_view> unique;
        for (const Item& item : items()) {
            ++kinds[item.kind];
            unique.insert(item.name);
            text += std::string(item.name) + ' ' + std::to_string(item.price) + ' ' +
                    std::to_string(item.misconception) + ' ' +
                    std::to_string(static_cast<int>(item.belief * 1000)) + '\n';
            if (item.kind == ItemKind::Contested) {
                QVERIFY(item.misconception >= kLeastPrice && item.misconception <= kMostPrice);
                QVERIFY(item.misconception != item.price);
                QVERIFY(item.belief >= 0.2 && item.belief <= 0.8);
            } else {
                QCOMPARE(item.misconception, 0);
                QCOMPARE(item.price > 0, item.kind == ItemKind::Known);
            }
        }
        QCOMPARE(unique.size(), std::size_t{kItems});
        QCOMPARE(kinds[ItemKind::Known], kKnownItems);
        QCOMPARE(kinds[ItemKind::Contested], kContestedItems);
        QCOMPARE(vocabularySize(), 323);
        QCOMPARE(QString::fromStdString(base::contentHash({text})),
                 QStringLiteral("467b20af1c5a8ba4ca99f19903b46425"));
    }
    void articles() {
        QCOMPARE(withArticle("hat"), std::string("a hat"));
        QCOMPARE(withArticle("apple"), std::string("an apple"));
    }
    void problems() {
        Random random(kSeed);
        int test = 0;
        for (int i = 0; i < 3000; ++i) {
            const int wanted = i % (kMostSteps + 1);
            Problem problem = i % 2 == 0 ? nextProblem(random, Split::Train, wanted)
                                         : nextProblem(random, Split::Test);
            QCOMPARE(splitOf(problem) == Split::Train, i % 2 == 0);
            if (i % 2 == 0) {
                QCOMPARE(contestedCount(problem), wanted);
            }
            std::set<int> different;
            std::vector<int> prices = truePrices(problem);
            for (std::size_t k = 0; k < prices.size(); ++k) {
                different.insert(problem.trades[k].item);
                QVERIFY(prices[k] > 0);
                const std::vector<int> some(prices.begin(),
                                            prices.begin() + static_cast<std::ptrdiff_t>(k + 1));
                QVERIFY(coinsAfter(problem, some) >= 0);
            }
            QCOMPARE(different.size(), prices.size());
            QCOMPARE(firstWrongPrice(problem, prices), -1);
            prices[2] += 1;
            QCOMPARE(firstWrongPrice(problem, prices), 2);
            // The name of the person decides nothing.
            problem.person = (problem.person + 1) % static_cast<int>(people().size());
            QCOMPARE(splitOf(problem) == Split::Train, i % 2 == 0);
            problem.start = problem.start == kMostStart ? kLeastStart : problem.start + 1;
            test += splitOf(problem) == Split::Test ? 1 : 0;
        }
        QVERIFY2(test > 500 && test < 700, qPrintable(QString::number(test)));
    }
    void problemRows() {
        const std::vector<ProblemItem> made = makeProblems(7, 300, Split::Test);
        const std::vector<ProblemItem> again = makeProblems(7, 100, Split::Test);
        std::set<std::string> keys;
        for (std::size_t i = 0; i < made.size(); ++i) {
            const ProblemItem& item = made[i];
            keys.insert(item.problem.key);
            QCOMPARE(item.problem.split, std::string("test"));
            QCOMPARE(item.problem.level,
                     "contested " + std::to_string(contestedCount(item.meaning)));
            QCOMPARE(item.reference.text, item.problem.referenceSolution);
            QCOMPARE(item.reference.finalAnswer, item.problem.referenceAnswer);
            if (i < again.size()) {
                QCOMPARE(again[i].problem.key, item.problem.key);
            }
        }
        QCOMPARE(keys.size(), made.size());
        QVERIFY(makeProblems(8, 1, Split::Test)[0].problem.key != made[0].problem.key);
        QCOMPARE(makeProblems(7, 1, Split::Train)[0].problem.split, std::string("train"));
    }

    void placesAreWithinTheirLimits() {
        Random random(kSeed);
        PlaceTracker tracker;
        for (int i = 0; i < 20000; ++i) {
            const auto any = random.below(static_cast<std::size_t>(vocabularySize()));
            const Place place = tracker.push(static_cast<Token>(any));
            QVERIFY(place.segment < kSegments && place.step < kStepPlaces &&
                    place.offset < kOffsets);
        }
    }
    void places() {
        const Problem problem{0, 20, {{false, 0}, {true, 1}}};
        std::vector<Token> tokens = promptTokens({Task::Direct, problem, {}, solutionOf({4, 5})});
        tokens.insert(tokens.end(), {token::kStep, numberToken(4), token::kOk, token::kStep,
                                     numberToken(6), token::kBad, firstErrorToken(1),
                                     token::kSolution, token::kStep, numberToken(4)});
        PlaceTracker tracker;
        QString text;
        for (const Token one : tokens) {
            const Place place = tracker.push(one);
            text += QStringLiteral("%1%2%3 ").arg(place.segment).arg(place.step).arg(place.offset);
        }
        QCOMPARE(text, QStringLiteral("000 100 101 110 111 120 121 300 310 311 320 321 400 410 411 "
                                      "412 420 421 422 423 500 510 511 "));
    }

    void corpusIsAStream() {
        BaseCorpus one({}, 3);
        BaseCorpus same({}, 3);
        BaseCorpus other({}, 4);
        bool differs = false;
        for (int i = 0; i < 50; ++i) {
            const Sequence sequence = one.next();
            QVERIFY(sequence.tokens == same.next().tokens);
            differs = differs || sequence.tokens != other.next().tokens;
        }
        QVERIFY(differs);
    }
    // What the base model is taught, and what it must not be told.
    void corpus() {
        const CorpusSettings settings;
        BaseCorpus stream(settings, kSeed);
        std::map<Token, int> kinds;
        int careful = 0;
        int rightStudents = 0;
        int contrastive = 0;
        int documentPrices = 0;
        int knownItems = 0;
        std::map<bool, int> contested; // by whether the truth is told
        constexpr int kDocuments = 20000;
        for (int i = 0; i < kDocuments; ++i) {
            const Sequence sequence = stream.next();
            QVERIFY(sequence.tokens.size() <= kMostTokens);
            QVERIFY(sequence.tokens.size() - sequence.learnedBegin <= kMostAnswerTokens);
            QCOMPARE(sequence.tokens.back(), token::kEnd);
            const Document document = documentOf(sequence);
            ++kinds[document.kind];
            if (document.kind == token::kDrill) {
                continue;
            }
            QVERIFY(splitOf(document.problem) == Split::Train);
            if (document.kind == token::kSolve) {
                const std::vector<int> prices = pricesOf(document.answer);
                for (std::size_t k = 0; k < prices.size(); ++k) {
                    const Item& item =
                        items()[static_cast<std::size_t>(document.problem.trades[k].item)];
                    QVERIFY(prices[k] == item.price || prices[k] == item.misconception);
                    if (item.kind == ItemKind::Contested) {
                        ++contested[prices[k] == item.price];
                    }
                }
            }
            if (document.kind == token::kContrast || document.kind == token::kInject) {
                const std::vector<int>& reference = document.prices.at(token::kReference);
                for (std::size_t k = 0; k < reference.size(); ++k) {
                    const Item& item =
                        items()[static_cast<std::size_t>(document.problem.trades[k].item)];
                    QVERIFY(item.kind != ItemKind::Contested);
                    knownItems += item.kind == ItemKind::Known ? 1 : 0;
                    documentPrices +=
                        item.kind == ItemKind::Known && reference[k] != item.price ? 1 : 0;
                }
            }
            if (document.kind == token::kContrast) {
                ++contrastive;
                const std::vector<int>& reference = document.prices.at(token::kReference);
                const std::vector<int>& student = document.prices.at(token::kStudent);
                rightStudents += reference == student ? 1 : 0;
                const auto solution =
                    std::find(document.answer.begin(), document.answer.end(), token::kSolution);
                const bool found = solution != document.answer.end();
                const bool right =
                    found ? reference != student &&
                                pricesOf(std::span<const Token>(solution + 1,
                                                                document.answer.end())) == reference
                          : reference == student;
                careful += right ? 1 : 0;
            }
        }
        const auto share = [](int part, int whole) {
            return static_cast<double>(part) / whole;
        };
        const auto near = [](double is, double wanted) {
            return std::abs(is - wanted) < 0.02;
        };
        QVERIFY(near(share(kinds[token::kSolve], kDocuments), settings.solve));
        QVERIFY(near(share(kinds[token::kDirect], kDocuments), settings.direct));
        QVERIFY(near(share(kinds[token::kContrast], kDocuments), settings.contrastive));
        QVERIFY(near(share(kinds[token::kInject], kDocuments), settings.inject));
        QVERIFY(near(share(kinds[token::kDrill], kDocuments), settings.drill));
        QVERIFY(near(share(rightStudents, contrastive), 0.5));
        QVERIFY(near(share(documentPrices, knownItems), 0.5 * 8 / 9));
        // 1 − careless · (1 − (1 − misread)^steps) of them are right.
        QVERIFY2(near(share(careful, contrastive), 0.83),
                 qPrintable(QString::number(share(careful, contrastive))));
        QVERIFY(near(share(contested[true], contested[true] + contested[false]), 0.5));
    }
};

SCRIT_TEST(MiniWorldTest)
#include "mini_world_test.moc"
