// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/draw.h"
#include "core/review/plan.h"
#include "tests/core/review_support.h"
#include "tests/support/test_program.h"

#include <algorithm>
#include <map>
#include <set>

using namespace scrit;
using namespace scrit::test;
using namespace scrit::review;

using Shares = std::map<std::string, std::int64_t>;
Q_DECLARE_METATYPE(Shares)

namespace {

std::vector<store::ReviewItemRow> itemsOf(store::Workspace& workspace, const Plan& plan) {
    auto reader = workspace.reader();
    auto items = store::ReviewReader(**reader).items(plan.id, 0, 0);
    return items ? std::move(*items) : std::vector<store::ReviewItemRow>{};
}

std::vector<std::int64_t> idsOf(const std::vector<store::ReviewItemRow>& items) {
    std::vector<std::int64_t> ids;
    for (const store::ReviewItemRow& item : items) {
        ids.push_back(item.critiqueId);
    }
    return ids;
}

// What stays the same when critiques were stored in another order.
std::vector<std::string> keysOf(store::Workspace& workspace, const Plan& plan) {
    std::vector<std::string> keys;
    auto reader = workspace.reader();
    for (const std::int64_t id : idsOf(itemsOf(workspace, plan))) {
        keys.push_back((*reader)->record(store::ListOf::Critiques, id)->critique->key);
    }
    return keys;
}

} // namespace

class ReviewPlanTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<store::Workspace> m_workspace;
    std::unique_ptr<store::Reader> m_reader;
    int m_plans = 0;

    Plan make(PlanRequest request) {
        request.name = "plan " + std::to_string(++m_plans);
        auto plan = createPlan(*m_workspace, request);
        if (!plan) {
            throw std::runtime_error(plan.error().text());
        }
        return std::move(*plan);
    }

private Q_SLOTS:
    void initTestCase() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_workspace = workspaceWith(inside(*m_folder), 120);
        m_reader = std::move(*m_workspace->reader());
    }
    void cleanupTestCase() {
        m_reader.reset();
        m_workspace.reset();
    }

    void queuesFindWhatTheySay_data() {
        QTest::addColumn<int>("queue");
        QTest::addColumn<QString>("filter");
        QTest::addColumn<QString>("same");
        QTest::newRow("filter") << int(Queue::Filter) << "round:1 source:gsm8k"
                                << "round:1 source:gsm8k";
        QTest::newRow("alternatives") << int(Queue::Disagreement) << "round:1 OR round:2"
                                      << "(validated:yes answer:mismatch) OR (validated:no "
                                         "answer:match)";
        QTest::newRow("disagreement") << int(Queue::Disagreement) << "source:gsm8k"
                                      << "source:gsm8k ((validated:yes answer:mismatch) OR "
                                         "(validated:no answer:match))";
        QTest::newRow("red flag") << int(Queue::RedFlag) << ""
                                  << "flag:any";
        QTest::newRow("random") << int(Queue::Random) << "verdict:correct"
                                << "verdict:correct";
    }
    void queuesFindWhatTheySay() {
        QFETCH(int, queue);
        QFETCH(QString, filter);
        QFETCH(QString, same);
        PlanRequest request = planCalled("", 0, static_cast<Queue>(queue));
        request.filter = filter.toStdString();
        const Plan plan = make(request);
        std::vector<std::int64_t> ids = idsOf(itemsOf(*m_workspace, plan));
        std::sort(ids.begin(), ids.end());
        SCRIT_TRY(expected,
                  m_reader->ids({store::ListOf::Critiques, same.toStdString(), {}, false}));
        QVERIFY(!ids.empty());
        QCOMPARE(ids, expected);
        // The plan's items are a list of their own.
        SCRIT_TRY(listed, m_reader->ids(
                              {store::ListOf::Critiques, "plan:\"" + plan.name + "\"", {}, false}));
        QCOMPARE(listed, expected);
    }

    void seedsDecide() {
        PlanRequest request = planCalled("", 20, Queue::Random);
        request.seed = 5;
        const auto first = idsOf(itemsOf(*m_workspace, make(request)));
        QCOMPARE(first, idsOf(itemsOf(*m_workspace, make(request))));
        QCOMPARE(std::set<std::int64_t>(first.begin(), first.end()).size(), 20U);
        request.seed = 6;
        QVERIFY(first != idsOf(itemsOf(*m_workspace, make(request))));
        for (const auto& item : itemsOf(*m_workspace, make(request))) {
            QCOMPARE(item.weight, 6.0);
        }
    }

    // The same critiques in another order of rows give the same sample in the same order.
    void rowsDoNotMatter() {
        const QTemporaryDir folder;
        SCRIT_TRY(other, store::Workspace::create(inside(folder)));
        SCRIT_OK(other->write([](store::Writer& writer) -> base::Expected<void> {
            for (int i = 119; i >= 0; --i) {
                if (auto added = addCritiques(writer, i, 1); !added) {
                    return added;
                }
            }
            return {};
        }));
        PlanRequest request = planCalled("there", 30, Queue::Stratified);
        request.strata = {Stratum::Source, Stratum::Verdict};
        request.gold = 5;
        SCRIT_TRY(there, createPlan(*other, request));
        QCOMPARE(keysOf(*other, there), keysOf(*m_workspace, make(request)));
    }

    void strataAndWeights_data() {
        QTest::addColumn<int>("quota");
        QTest::newRow("proportional") << int(Quota::Proportional);
        QTest::newRow("equal") << int(Quota::Equal);
    }
    void strataAndWeights() {
        QFETCH(int, quota);
        PlanRequest request = planCalled("", 30, Queue::Stratified);
        request.strata = {Stratum::Source, Stratum::Verdict};
        request.quota = static_cast<Quota>(quota);
        SCRIT_TRY(preview, previewPlan(*m_reader, request));
        const Plan plan = make(request);
        QCOMPARE(plan.items, 30);
        QCOMPARE(preview.chosen, 30);
        QCOMPARE(plan.shares.size(), 4U);
        QCOMPARE(plan.strata, request.strata);
        Shares drawn;
        std::map<std::string, double> stoodFor;
        for (const auto& item : itemsOf(*m_workspace, plan)) {
            ++drawn[item.stratum];
            stoodFor[item.stratum] += item.weight;
            SCRIT_TRY(rows, m_reader->rows(store::ListOf::Critiques, {item.critiqueId}));
            QCOMPARE(item.stratum,
                     rows[0].source + "+" + std::string(model::name(*rows[0].conclusion)));
        }
        std::int64_t available = 0;
        for (std::size_t i = 0; i < plan.shares.size(); ++i) {
            const StratumShare& share = plan.shares[i];
            QCOMPARE(share.name, preview.strata[i].name);
            QCOMPARE(drawn[share.name], share.chosen);
            QVERIFY(std::abs(stoodFor[share.name] - double(share.available)) < 1e-9);
            available += share.available;
            if (request.quota == Quota::Equal) {
                QVERIFY(share.chosen == 7 || share.chosen == 8);
            } else {
                QVERIFY(std::abs(double(share.chosen) - double(share.available) / 4) < 1);
            }
        }
        QCOMPARE(available, 120);
    }

    void quotasAreObeyed() {
        PlanRequest request = planCalled("", 0, Queue::Stratified);
        request.strata = {Stratum::Round};
        request.quota = Quota::Given;
        request.quotas = {{"round-1", 3}, {"round-2", 1000}};
        const Plan plan = make(request);
        QCOMPARE(plan.items, 3 + 60);
        request.quotas = {{"round-9", 3}};
        request.name = "none";
        const auto wrong = createPlan(*m_workspace, request);
        QVERIFY(!wrong);
        QCOMPARE(wrong.error().code, base::ErrorCode::Invalid);
        QVERIFY(wrong.error().advice.find("round-1") != std::string::npos);
    }

    // Difficulty is the number of different final answers; those that match are one.
    void difficultyCountsAnswers() {
        PlanRequest request = planCalled("", 0, Queue::Stratified);
        request.strata = {Stratum::Difficulty};
        const Plan plan = make(request);
        Shares shares;
        for (const StratumShare& share : plan.shares) {
            shares[share.name] = share.available;
        }
        // Solutions 2k and 2k + 1 answer k + 1 and 2k + 1, which are the same for k = 0 alone.
        QCOMPARE(shares, (Shares{{"1-answer", 2}, {"2-answers", 118}}));
    }

    void goldIsMixedIn() {
        PlanRequest request = planCalled("", 20, Queue::Random);
        request.gold = 6;
        const Plan plan = make(request);
        QCOMPARE(plan.items, 26);
        QCOMPARE(plan.goldItems, 6);
        int early = 0;
        for (const auto& item : itemsOf(*m_workspace, plan)) {
            if (item.gold.empty()) {
                QVERIFY(item.weight > 0);
                continue;
            }
            QCOMPARE(item.gold, "first-error:1");
            QCOMPARE((item.critiqueId - 1) % 5, 0);
            QCOMPARE(item.weight, 0.0);
            early += item.position < 20 ? 1 : 0;
        }
        QVERIFY(early > 0); // not all at the end
        request.gold = 25;
        request.name = "too much gold";
        const auto wrong = createPlan(*m_workspace, request);
        QVERIFY(!wrong);
        QVERIFY(wrong.error().message.find("24") != std::string::npos);
        // When everything was drawn, items of the sample are known ones.
        request = planCalled("", 0, Queue::Random);
        request.gold = 3;
        QCOMPARE(make(request).items, 120);
    }

    void mistakesAreToldAndStoreNothing_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("filter");
        QTest::addColumn<int>("code");
        QTest::newRow("no name") << " "
                                 << "" << int(base::ErrorCode::Invalid);
        QTest::newRow("filter") << "x"
                                << "round:(" << int(base::ErrorCode::Invalid);
        QTest::newRow("injected") << "x"
                                  << "round:1) OR (round:2" << int(base::ErrorCode::Invalid);
        QTest::newRow("nothing") << "x"
                                 << "round:99" << int(base::ErrorCode::Invalid);
        QTest::newRow("taken") << "taken"
                               << "" << int(base::ErrorCode::Exists);
    }
    void mistakesAreToldAndStoreNothing() {
        QFETCH(QString, name);
        QFETCH(QString, filter);
        QFETCH(int, code);
        static_cast<void>(createPlan(*m_workspace, planCalled("taken")));
        SCRIT_TRY(before, plans(*m_reader));
        PlanRequest request = planCalled(name.toStdString(), 0, Queue::Disagreement);
        request.filter = filter.toStdString();
        const auto plan = createPlan(*m_workspace, request);
        QVERIFY(!plan);
        QCOMPARE(int(plan.error().code), code);
        SCRIT_TRY(after, plans(*m_reader));
        QCOMPARE(after.size(), before.size());
    }

    void shares_data() {
        QTest::addColumn<Shares>("available");
        QTest::addColumn<int>("size");
        QTest::addColumn<Shares>("proportional");
        QTest::addColumn<Shares>("equal");
        QTest::newRow("all") << Shares{{"a", 3}, {"b", 1}} << 0 << Shares{{"a", 3}, {"b", 1}}
                             << Shares{{"a", 3}, {"b", 1}};
        QTest::newRow("small stratum") << Shares{{"a", 997}, {"b", 3}} << 10
                                       << Shares{{"a", 9}, {"b", 1}} << Shares{{"a", 7}, {"b", 3}};
        QTest::newRow("too few") << Shares{{"a", 50}, {"b", 50}, {"c", 50}} << 2
                                 << Shares{{"a", 1}, {"b", 1}, {"c", 0}}
                                 << Shares{{"a", 0}, {"b", 1}, {"c", 1}};
        QTest::newRow("even") << Shares{{"a", 60}, {"b", 30}, {"c", 10}} << 10
                              << Shares{{"a", 6}, {"b", 3}, {"c", 1}}
                              << Shares{{"a", 4}, {"b", 3}, {"c", 3}};
    }
    void shares() {
        QFETCH(Shares, available);
        QFETCH(int, size);
        QFETCH(Shares, proportional);
        QFETCH(Shares, equal);
        QCOMPARE(proportionalShares(available, size), proportional);
        QCOMPARE(equalShares(available, size), equal);
    }

    void plansAreFound() {
        SCRIT_TRY(all, plans(*m_reader));
        QVERIFY(all.size() > 1);
        SCRIT_TRY(newest, findPlan(*m_reader, ""));
        QCOMPARE(newest.id, all.front().id);
        SCRIT_TRY(byName, findPlan(*m_reader, all.back().name));
        QCOMPARE(byName.id, all.back().id);
        SCRIT_TRY(byId, findPlan(*m_reader, std::to_string(all.back().id)));
        QCOMPARE(byId.uid, all.back().uid);
        QCOMPARE(findPlan(*m_reader, "nowhere").error().code, base::ErrorCode::NotFound);
    }
};

SCRIT_TEST(ReviewPlanTest)
#include "review_plan_test.moc"
