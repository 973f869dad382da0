// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/adjudication.h"
#include "core/review/audit.h"
#include "tests/core/review_support.h"
#include "tests/support/test_program.h"

#include <cmath>

using namespace scrit;
using namespace scrit::test;
using namespace scrit::review;

namespace {

bool closeTo(const std::optional<double>& a, double b) {
    return a && std::abs(*a - b) < 1e-9;
}

} // namespace

class ReviewReportTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<store::Workspace> m_workspace;
    std::unique_ptr<store::Reader> m_reader;

    Plan plan(const PlanRequest& request) { return createPlan(*m_workspace, request).value(); }
    void judge(const char* annotator, std::int64_t critique, const Judgement& judgement) {
        auto session = Session::open(m_workspace, "", annotator).value();
        const auto position = session->positionOf(critique);
        SCRIT_OK(session->submit(**position, judgement));
    }
    AuditReport audit(const AuditQuery& query = {}) {
        auto report = auditSelfValidation(*m_reader, query);
        if (!report) {
            throw std::runtime_error(report.error().text());
        }
        return std::move(*report);
    }

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_workspace = workspaceWith(inside(*m_folder), 24);
        m_reader = std::move(*m_workspace->reader());
    }
    void cleanup() {
        m_reader.reset();
        m_workspace.reset();
    }

    // Self-validation of critiques 1 to 8: yes yes no none yes yes undecided none.
    void cellsKeepTheirCritiques() {
        plan(planCalled("all"));
        judge("ada", 1, valid(true));
        judge("ada", 2, valid(false));
        judge("ada", 3, valid(true));
        judge("ada", 4, valid(true));  // without self-validation
        judge("ada", 5, errorAt(1));   // names the same step: accepted
        judge("ada", 6, errorAt(1));   // the critique says that no step is wrong: refused
        judge("ada", 7, valid(false)); // undecided
        Judgement unsure;
        unsure.validity = Validity::Unsure;
        judge("ada", 9, unsure);
        judge("ada", 11, valid(false)); // 11: no
        const AuditReport report = audit();
        QCOMPARE(report.judged, 9);
        QCOMPARE(report.used, 6);
        QCOMPARE(report.unvalidated, 2);
        QCOMPARE(report.unsure, 1);
        const eval::Confusion& cells = report.figures.total.cells;
        using Ids = std::vector<std::int64_t>;
        QCOMPARE(cells.truePositive, (Ids{1, 5}));
        QCOMPARE(cells.falsePositive, (Ids{2, 6}));
        QCOMPARE(cells.falseNegative, (Ids{3}));
        QCOMPARE(cells.trueNegative, (Ids{11}));
        QVERIFY(closeTo(report.figures.total.precision.value, 0.5));
        QVERIFY(closeTo(report.figures.total.recall.value, 2.0 / 3));
        QVERIFY(report.strata.empty());
        AuditQuery query;
        query.by = {Stratum::Verdict};
        const AuditReport by = audit(query);
        QCOMPARE(by.strata.size(), 2U);
        QCOMPARE(by.strata[0].name, "correct");
        QCOMPARE(by.strata[0].filter, "verdict:correct");
        QCOMPARE(by.strata[0].population, 12);
        QCOMPARE(by.figures.strata[0].cells.falsePositive, (Ids{2, 6}));
        for (const Stratum stratum : {Stratum::Source, Stratum::Round, Stratum::Validated,
                                      Stratum::Mode, Stratum::Student, Stratum::Critic}) {
            query.by = {stratum, Stratum::Verdict};
            for (const AuditStratum& one : audit(query).strata) {
                QVERIFY(!one.filter.empty() && one.population > 0);
            }
        }
        query.by = {Stratum::Difficulty};
        for (const AuditStratum& one : audit(query).strata) {
            QVERIFY2(one.filter.starts_with("unique-answers:"), one.filter.c_str());
        }
    }

    void severalReviewersAreOneTruth() {
        plan(planCalled("all"));
        judge("ada", 1, valid(true));
        judge("bo", 1, valid(true));
        judge("cy", 1, valid(false)); // outvoted
        judge("ada", 2, valid(true));
        judge("bo", 2, valid(false)); // as many as against
        AuditReport report = audit();
        QCOMPARE(report.used, 1);
        QCOMPARE(report.disputed, 1);
        QCOMPARE(report.figures.total.cells.truePositive, std::vector<std::int64_t>{1});
        AuditQuery alone;
        alone.annotator = "cy";
        QCOMPARE(audit(alone).figures.total.cells.falsePositive, std::vector<std::int64_t>{1});
        // What was decided wins, also over a majority.
        SCRIT_OK(adjudicate(*m_workspace, 1, "eve", valid(false)));
        SCRIT_OK(adjudicate(*m_workspace, 2, "eve", valid(true)));
        report = audit();
        QCOMPARE(report.used, 2);
        QCOMPARE(report.disputed, 0);
        QCOMPARE(report.figures.total.cells.falsePositive, std::vector<std::int64_t>{1});
        QCOMPARE(report.figures.total.cells.truePositive, std::vector<std::int64_t>{2});
        SCRIT_TRY(label, m_reader->rows(store::ListOf::Critiques, {1}));
        QCOMPARE(label[0].annotationLabel, "disagree");
        judge("ada", 1, valid(true)); // later, and yet the decision counts
        SCRIT_TRY(still, m_reader->rows(store::ListOf::Critiques, {1}));
        QCOMPARE(still[0].annotationLabel, "disagree");
    }

    // Every critique is reviewed; the weighted estimate of a sample that took strata in other
    // shares comes back to what the whole has.
    void weightsUndoTheQuotas() {
        PlanRequest request = planCalled("skewed", 0, Queue::Stratified);
        request.strata = {Stratum::Verdict};
        request.quota = Quota::Given;
        request.quotas = {{"correct", 12}, {"incorrect", 4}};
        const Plan stored = plan(request);
        SCRIT_TRY(items, store::ReviewReader(*m_reader).items(stored.id, 0, 0));
        for (const store::ReviewItemRow& item : items) {
            judge("ada", item.critiqueId, valid(item.stratum == "correct"));
        }
        AuditQuery query;
        query.planId = stored.id;
        const AuditReport report = audit(query);
        QVERIFY(report.weighted);
        QVERIFY(report.figures.accuracy && report.figures.accuracy->value);
        QCOMPARE(report.strata.size(), 2U);
        QCOMPARE(report.strata[0].name, "correct");
        QCOMPARE(report.strata[0].population, 12);
        QCOMPARE(report.strata[0].filter, "verdict:correct");
        const double plain = *report.figures.total.precision.value;
        const double weighted = *report.figures.precision->value;
        QVERIFY(plain > weighted); // the accepted stratum was taken too often
        // A finite stratum that was seen as a whole adds no uncertainty.
        QVERIFY(report.figures.precision->interval.low > 0);
    }

    void agreementOfPairsAndAll() {
        plan(planCalled("all"));
        for (int i = 1; i <= 10; ++i) { // 4 yes/yes, 1 yes/no, 2 no/yes, 3 no/no: kappa 0.4
            judge("ada", i, valid(i <= 5));
            judge("bo", i, valid(i <= 4 || i == 6 || i == 7));
        }
        judge("cy", 1, valid(true));
        judge("cy", 2, errorAt(0));
        SCRIT_OK(adjudicate(*m_workspace, 5, "ada", valid(true)));
        SCRIT_TRY(report, reviewerAgreement(*m_reader, std::nullopt, 1, 200));
        QCOMPARE(report.annotators, (std::vector<std::string>{"ada", "bo", "cy"}));
        QCOMPARE(report.items, 10);
        const auto row = [&](Question question, const std::vector<std::string>& who) {
            return *std::find_if(report.rows.begin(), report.rows.end(), [&](const auto& one) {
                return one.question == question && one.annotators == who;
            });
        };
        const AgreementRow pair = row(Question::Validity, {"ada", "bo"});
        QVERIFY(closeTo(pair.percent.value, 0.7));
        QVERIFY(closeTo(pair.kappa.value, 0.4));
        QVERIFY(pair.kappa.interval && pair.alpha.interval);
        const AgreementRow all = row(Question::Validity, {"ada", "bo", "cy"});
        QVERIFY(all.alpha.value && !all.kappa.value);
        QCOMPARE(row(Question::FirstError, {"ada", "bo"}).alpha.units, 0U);
        SCRIT_TRY(again, reviewerAgreement(*m_reader, std::nullopt, 1, 200));
        QCOMPARE(again.rows[0].alpha.interval->low, report.rows[0].alpha.interval->low);
    }

    void disputesAreDecided() {
        const Plan first = plan(planCalled("first", 6));
        judge("ada", 1, valid(true));
        judge("bo", 1, valid(true));
        judge("ada", 2, errorAt(0));
        judge("bo", 2, errorAt(2));
        judge("ada", 3, valid(true));
        Judgement withCorrection = valid(true);
        withCorrection.correctionUsable = true;
        judge("ada", 4, withCorrection);
        withCorrection.correctionUsable = false;
        judge("bo", 4, withCorrection);
        judge("ada", 5, valid(true));
        judge("bo", 5, valid(false));
        DisputeQuery query;
        query.planId = first.id;
        SCRIT_TRY(found, disputes(*m_reader, query));
        QCOMPARE(found.size(), 3U);
        QCOMPARE(found[0].critiqueId, 2);
        // Critique 2 says that nothing is wrong: both refuse it, for different steps.
        QCOMPARE(found[0].about, std::vector<std::string>{"first-error"});
        QCOMPARE(found[1].about, std::vector<std::string>{"correction"});
        QCOMPARE(found[2].about, std::vector<std::string>{"validity"});
        QCOMPARE(found[2].judgements.size(), 2U);
        QCOMPARE(found[2].judgements[0].annotator, "ada");
        SCRIT_TRY(decided, adjudicate(*m_workspace, 5, "ada", valid(false)));
        QCOMPARE(decided.judgement.annotator, adjudicatorName("ada"));
        SCRIT_TRY(left, disputes(*m_reader, query));
        QCOMPARE(left.size(), 2U);
        query.withDecided = true;
        query.after = 4;
        SCRIT_TRY(all, disputes(*m_reader, query));
        QCOMPARE(all.size(), 1U);
        QVERIFY(all[0].decision && all[0].decision->validity == Validity::Invalid);
        QCOMPARE(all[0].judgements.size(), 2U); // her own judgement stays beside it
        SCRIT_TRY(undone, takeBackDecision(*m_workspace, 5, "ada"));
        QVERIFY(undone);
        SCRIT_TRY(nothing, takeBackDecision(*m_workspace, 5, "ada"));
        QVERIFY(!nothing);
        query = {};
        query.limit = 2;
        SCRIT_TRY(open, disputes(*m_reader, query));
        QCOMPARE(open.size(), 2U);
        QCOMPARE(adjudicate(*m_workspace, 99, "ada", valid(true)).error().code,
                 base::ErrorCode::NotFound);
    }

    void goldScoresByReviewer() {
        PlanRequest request = planCalled("gold", 4);
        request.gold = 4;
        const Plan stored = plan(request);
        SCRIT_TRY(items, store::ReviewReader(*m_reader).items(stored.id, 0, 0));
        std::vector<std::int64_t> gold;
        for (const store::ReviewItemRow& item : items) {
            if (!item.gold.empty()) {
                gold.push_back(item.critiqueId);
                judge("ada", item.critiqueId, errorAt(1));
                judge("bo", item.critiqueId, errorAt(gold.size() == 1 ? 0 : 1));
            }
        }
        SCRIT_TRY(scores, goldScores(*m_reader, stored));
        QCOMPARE(scores.size(), 2U);
        QCOMPARE(scores[0].right.successes, 4);
        QCOMPARE(scores[1].annotator, "bo");
        QCOMPARE(scores[1].right.successes, 3);
        QCOMPARE(scores[1].right.n, 4);
        QCOMPARE(scores[1].wrong, std::vector<std::int64_t>{gold[0]});
        // Known items that were not drawn are not part of the audit.
        AuditQuery query;
        query.planId = stored.id;
        QVERIFY(audit(query).judged < 4);
    }
};

SCRIT_TEST(ReviewReportTest)
#include "review_report_test.moc"
