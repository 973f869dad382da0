// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/selection.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace scrit::loop;

namespace {

Candidate candidate(std::int64_t id, std::int64_t problem, bool correct,
                    std::string student = "s") {
    return {id, problem, "key-" + std::to_string(id), std::move(student), correct};
}

std::map<std::int64_t, std::int64_t> asMap(const std::vector<Pairing>& pairs) {
    std::map<std::int64_t, std::int64_t> map;
    for (const Pairing& pair : pairs) {
        map[pair.solutionId] = pair.referenceId;
    }
    return map;
}

} // namespace

class LoopSelectionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pairsAsThePaperDoes() {
        // Problem 1: two correct, two incorrect. Problem 2: one of each. Problem 3: correct only.
        const std::vector<Candidate> candidates = {candidate(1, 1, true),  candidate(2, 1, true),
                                                   candidate(3, 1, false), candidate(4, 1, false),
                                                   candidate(5, 2, true),  candidate(6, 2, false),
                                                   candidate(7, 3, true),  candidate(8, 3, true)};
        SelectionCounts counts;
        const auto pairs = asMap(selectAndPair(candidates, {}, counts));
        QCOMPARE(counts.candidates, std::int64_t{8});
        QCOMPARE(counts.oneClassOnly, std::int64_t{2});
        QCOMPARE(counts.withoutReference,
                 std::int64_t{1}); // 5 is the only correct one of its problem
        QCOMPARE(counts.kept, std::int64_t{5});
        QCOMPARE(pairs.at(1), std::int64_t{2}); // a *different* correct one
        QCOMPARE(pairs.at(2), std::int64_t{1});
        for (const std::int64_t incorrect : {3, 4}) {
            QVERIFY(pairs.at(incorrect) == 1 || pairs.at(incorrect) == 2);
        }
        QCOMPARE(pairs.at(6), std::int64_t{5});
        QVERIFY(!pairs.contains(5) && !pairs.contains(7));
    }

    void oneClassCanBeKept() {
        SelectionSettings settings;
        settings.needBothClasses = false;
        SelectionCounts counts;
        const std::vector<Candidate> candidates = {candidate(7, 3, true), candidate(8, 3, true),
                                                   candidate(9, 4, false)};
        const auto pairs = asMap(selectAndPair(candidates, settings, counts));
        QCOMPARE(pairs.size(), std::size_t{2});
        QCOMPARE(counts.withoutReference, std::int64_t{1});
    }

    void capsPerStudentAndClass() {
        std::vector<Candidate> candidates;
        for (std::int64_t problem = 0; problem < 50; ++problem) {
            candidates.push_back(candidate(problem * 3, problem, true, "a"));
            candidates.push_back(candidate(problem * 3 + 1, problem, true, "b"));
            candidates.push_back(candidate(problem * 3 + 2, problem, false, "a"));
        }
        SelectionSettings settings;
        settings.capPerStudentAndClass = 10;
        SelectionCounts counts;
        const std::vector<Pairing> pairs = selectAndPair(candidates, settings, counts);
        QCOMPARE(pairs.size(), std::size_t{30}); // a correct, b correct, a incorrect
        QCOMPARE(counts.overCap, std::int64_t{120});
        QVERIFY(std::is_sorted(pairs.begin(), pairs.end(), [](const Pairing& x, const Pairing& y) {
            return x.solutionId < y.solutionId;
        }));
    }

    void orderDoesNotMatterButTheSeedDoes() {
        std::vector<Candidate> candidates;
        for (std::int64_t id = 0; id < 300; ++id) {
            candidates.push_back(candidate(id, id / 10, id % 3 != 0));
        }
        SelectionSettings settings;
        settings.capPerStudentAndClass = 40;
        SelectionCounts counts;
        const auto first = asMap(selectAndPair(candidates, settings, counts));
        std::shuffle(candidates.begin(), candidates.end(), std::mt19937(3));
        QVERIFY(first == asMap(selectAndPair(candidates, settings, counts)));
        settings.seed = 1;
        QVERIFY(first != asMap(selectAndPair(candidates, settings, counts)));
    }

    void referencesAreSpread() {
        // Many incorrect solutions of one problem must not all get the same reference.
        std::vector<Candidate> candidates;
        for (std::int64_t id = 0; id < 10; ++id) {
            candidates.push_back(candidate(id, 1, true));
        }
        for (std::int64_t id = 10; id < 110; ++id) {
            candidates.push_back(candidate(id, 1, false));
        }
        SelectionCounts counts;
        std::map<std::int64_t, int> uses;
        for (const Pairing& pair : selectAndPair(candidates, {}, counts)) {
            QVERIFY(pair.referenceId < 10 && pair.referenceId != pair.solutionId);
            ++uses[pair.referenceId];
        }
        QCOMPARE(uses.size(), std::size_t{10});
        for (const auto& [reference, count] : uses) {
            QVERIFY2(count < 25, "one reference was taken far too often");
        }
    }

    void theProblemsOwnReferenceServes() {
        // Problem 1 has a reference solution (9) and one wrong student; problem 2 has none of its
        // own; the reference of problem 3 is known to be wrong.
        Candidate own = candidate(9, 1, true, std::string(kReferenceAuthor));
        own.reference = true;
        Candidate wrong = candidate(10, 3, false, std::string(kReferenceAuthor));
        wrong.reference = true;
        const std::vector<Candidate> candidates = {
            candidate(1, 1, false), own,   candidate(5, 2, true),
            candidate(6, 2, false), wrong, candidate(7, 3, false)};
        SelectionCounts counts;
        SelectionSettings settings;
        settings.reference = ReferenceSource::Problem;
        auto pairs = asMap(selectAndPair(candidates, settings, counts));
        QCOMPARE(pairs, (std::map<std::int64_t, std::int64_t>{{1, 9}}));
        QCOMPARE(counts.candidates, std::int64_t{4});
        QCOMPARE(counts.withoutReference, std::int64_t{3});

        settings.reference = ReferenceSource::Either;
        pairs = asMap(selectAndPair(candidates, settings, counts));
        QCOMPARE(pairs, (std::map<std::int64_t, std::int64_t>{{1, 9}, {6, 5}}));
        QCOMPARE(counts.withoutReference, std::int64_t{1}); // 5 has no other correct one
        QCOMPARE(counts.oneClassOnly, std::int64_t{1});     // 7

        settings.reference = ReferenceSource::Solutions; // the paper's: as if they were not there
        pairs = asMap(selectAndPair(candidates, settings, counts));
        QCOMPARE(pairs, (std::map<std::int64_t, std::int64_t>{{6, 5}}));
        QCOMPARE(counts.candidates, std::int64_t{4});
    }

    void nothing() {
        SelectionCounts counts;
        QVERIFY(selectAndPair({}, {}, counts).empty());
        QCOMPARE(counts.kept, std::int64_t{0});
    }
};

SCRIT_TEST(LoopSelectionTest)
#include "loop_selection_test.moc"
