// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/facts.h"
#include "core/review/judgement.h"
#include "core/review/session.h"
#include "tests/core/review_support.h"
#include "tests/support/test_program.h"

#include <QElapsedTimer>

#include <algorithm>
#include <random>

using namespace scrit;
using namespace scrit::test;
using namespace scrit::review;
using model::Annotation;
using model::Outcome;

namespace {

Judgement full() {
    Judgement judgement;
    judgement.annotator = "ada";
    judgement.agreement = Agreement::Disagree;
    judgement.validity = Validity::Unsure;
    judgement.steps = {{0, StepLabel::Correct}, {2, StepLabel::Wrong}, {1, StepLabel::Unsure}};
    judgement.firstError = 2;
    judgement.correctionUsable = false;
    judgement.repairedAnswer = "42";
    judgement.tags = {"b", "a"};
    judgement.comment = "see step 2";
    judgement.seconds = 12.5;
    return judgement;
}

// As if stored: ids from `first` on.
std::vector<Annotation> numbered(std::vector<Annotation> rows, std::int64_t first,
                                 std::int64_t at) {
    for (Annotation& row : rows) {
        row.id = first++;
        row.createdAt = at;
    }
    return rows;
}

void append(std::vector<Annotation>& all, const std::vector<Annotation>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

// The same but for what reading adds.
void compareJudgements(const Judgement& a, const Judgement& b) {
    QVERIFY(a.agreement == b.agreement);
    QVERIFY(a.validity == b.validity);
    QVERIFY(a.steps == b.steps);
    QVERIFY(a.firstError == b.firstError);
    QVERIFY(a.correctionUsable == b.correctionUsable);
    QVERIFY(a.repairedAnswer == b.repairedAnswer);
    QCOMPARE(a.comment, b.comment);
    std::vector<std::string> first = a.tags;
    std::vector<std::string> second = b.tags;
    std::sort(first.begin(), first.end());
    std::sort(second.begin(), second.end());
    QCOMPARE(first, second);
}

} // namespace

class ReviewSessionTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<store::Workspace> m_workspace;
    std::unique_ptr<store::Reader> m_reader;

    void plan(const PlanRequest& request) { SCRIT_OK(createPlan(*m_workspace, request)); }
    std::unique_ptr<Session> open(const char* annotator, const char* name = "plan",
                                  Rescorer rescorer = {}) {
        auto session = Session::open(m_workspace, name, annotator, std::move(rescorer));
        if (!session) {
            throw std::runtime_error(session.error().text());
        }
        return std::move(*session);
    }
    std::int64_t count(const char* filter) {
        return m_reader->count({store::ListOf::Critiques, filter, {}, false}).value_or(-1);
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

    // ---- judgements as annotations

    void judgementsComeBack() {
        const auto rows = numbered(annotationsOf(full(), 7, 3, {}), 1, 5);
        QCOMPARE(rows.front().seconds, 12.5);
        const auto read = judgementOf(rows, "ada");
        QVERIFY(read);
        compareJudgements(*read, full());
        QCOMPARE(read->seconds, 12.5);
        QCOMPARE(read->judgedAt, 5);
        QVERIFY(!judgementOf(rows, "bo"));
        for (const Annotation& row : rows) {
            const bool problem = row.kind == "answer";
            QCOMPARE(row.subjectId, problem ? 3 : 7);
        }
        QCOMPARE(answerInForce(rows).value_or("none"), "42");
    }

    void editsReplaceAndUndosBringBack() {
        std::vector<Annotation> all = numbered(annotationsOf(full(), 7, 3, {}), 1, 5);
        Judgement second;
        second.annotator = "ada";
        second.agreement = Agreement::Agree;
        second.tags = {"a"};
        const auto edit = numbered(annotationsOf(second, 7, 3, standingOf(all, "ada")), 100, 6);
        append(all, edit);
        compareJudgements(*judgementOf(all, "ada"), second);
        const auto undo = numbered(takingBack(edit), 200, 7);
        append(all, undo);
        compareJudgements(*judgementOf(all, "ada"), full());
        append(all, numbered(takingBack(undo), 300, 8)); // and redone
        compareJudgements(*judgementOf(all, "ada"), second);
        QVERIFY(!answerInForce(all));
        // Withdrawn as a whole: nothing that was replaced before comes back.
        append(all, numbered(annotationsOf(Judgement{}, 7, 3, standingOf(all, "ada")), 400, 9));
        QVERIFY(!judgementOf(all, "ada"));
    }

    // However rows are ordered, and whatever happens: what is in force is what a plain log says.
    void orderOfRowsDoesNotMatter() {
        std::mt19937 random(7);
        for (int round = 0; round < 40; ++round) {
            std::vector<Annotation> all;
            std::vector<std::vector<Annotation>> entries;
            std::vector<std::optional<Judgement>> log = {std::nullopt};
            for (int i = 0; i < 12; ++i) {
                const auto id = std::int64_t{1000} * (i + 1);
                if (random() % 3 == 0 && !entries.empty()) {
                    append(all, numbered(takingBack(entries.back()), id, i + 1));
                    entries.pop_back();
                    log.pop_back();
                    continue;
                }
                Judgement judgement;
                judgement.annotator = "ada";
                judgement.firstError = static_cast<int>(random() % 3);
                if (random() % 2 == 0) {
                    judgement.tags = {"t" + std::to_string(random() % 2)};
                }
                entries.push_back(
                    numbered(annotationsOf(judgement, 7, 3, standingOf(all, "ada")), id, i + 1));
                append(all, entries.back());
                log.emplace_back(judgement);
            }
            std::shuffle(all.begin(), all.end(), random);
            const auto read = judgementOf(all, "ada");
            QCOMPARE(read.has_value(), log.back().has_value());
            if (read) {
                compareJudgements(*read, *log.back());
            }
        }
    }

    void circlesEnd() {
        std::vector<Annotation> rows = numbered(annotationsOf(errorAt(1), 7, 3, {}), 1, 1);
        append(rows, numbered(annotationsOf(errorAt(2), 7, 3, {}), 2, 2));
        rows[0].supersedes = 2;
        rows[1].supersedes = 1;
        QCOMPARE(inForce(rows), (std::vector<bool>{false, false}));
        rows[1].supersedes = 2; // itself
        QCOMPARE(inForce(rows), (std::vector<bool>{true, false}));
        // Nobody takes back what somebody else said.
        rows[0].supersedes.reset();
        rows[1].supersedes = 1;
        rows[1].annotator = "bo";
        QCOMPARE(inForce(rows), (std::vector<bool>{true, true}));
    }

    void meaning_data() {
        QTest::addColumn<QString>("said");
        QTest::addColumn<int>("validated");
        QTest::addColumn<int>("accepts");
        QTest::newRow("agree with yes") << "agree" << 0 << 1;
        QTest::newRow("agree with no") << "agree" << 1 << 0;
        QTest::newRow("disagree with no") << "disagree" << 1 << 1;
        QTest::newRow("agree, undecided") << "agree" << 2 << -1;
        QTest::newRow("unsure") << "unsure" << 0 << -1;
        QTest::newRow("valid") << "valid" << 1 << 1;
        QTest::newRow("invalid") << "invalid" << 0 << 0;
        QTest::newRow("same step") << "2" << 0 << 1;
        QTest::newRow("other step") << "1" << 0 << 0;
        QTest::newRow("same step, correction bad") << "2 unusable" << 0 << 0;
        QTest::newRow("comment alone") << "comment" << 0 << -1;
    }
    void meaning() {
        QFETCH(QString, said);
        QFETCH(int, validated);
        QFETCH(int, accepts);
        MachineOpinion machine;
        machine.validated = static_cast<Outcome>(validated);
        machine.firstError = 2;
        Judgement judgement;
        const std::string text = said.toStdString();
        judgement.agreement = agreementFromName(text);
        if (!judgement.agreement) {
            judgement.validity = validityFromName(text);
        }
        if (said[0].isDigit()) {
            judgement.firstError = said[0].digitValue();
            if (said.contains("unusable")) {
                judgement.correctionUsable = false;
            }
        }
        if (said == "comment") {
            judgement.comment = "hm";
        }
        const auto accepted = review::accepts(judgement, machine);
        QCOMPARE(accepted ? int(*accepted) : -1, accepts);
        const Judgement whole = completed(judgement, machine);
        QCOMPARE(whole.validity.has_value(), accepts >= 0 || judgement.validity.has_value());
        if (accepts >= 0 && validated < 2) {
            QVERIFY(whole.agreement ==
                    ((accepts == 1) == (validated == 0) ? Agreement::Agree : Agreement::Disagree));
            QCOMPARE(differenceOf(judgement, machine).verdict,
                     whole.agreement == Agreement::Disagree);
        }
    }

    void nonsenseIsRefused() {
        const auto refused = [](const Judgement& judgement) {
            const auto checked = checkJudgement(judgement, 3);
            return !checked && checked.error().code == base::ErrorCode::Invalid;
        };
        QVERIFY(refused({}));
        QVERIFY(refused(errorAt(3)));
        QVERIFY(refused(errorAt(-2)));
        QVERIFY(!refused(errorAt(-1)));
        Judgement judgement = valid(true);
        judgement.seconds = std::nan("");
        QVERIFY(refused(judgement));
        judgement = valid(true);
        judgement.steps = {{3, StepLabel::Wrong}};
        QVERIFY(refused(judgement));
        judgement = valid(true);
        judgement.tags = {" "};
        QVERIFY(refused(judgement));
        judgement = valid(true);
        judgement.comment = "\xff";
        QVERIFY(refused(judgement));
        Judgement time;
        time.seconds = 3;
        QVERIFY(refused(time));
    }

    // ---- a reviewer at work

    void submitMovesOn() {
        plan(planCalled("plan"));
        auto session = open("ada");
        SCRIT_TRY(first, session->current());
        QCOMPARE(first->position, 0);
        SCRIT_TRY(ahead, session->upcoming(3));
        QCOMPARE(ahead.size(), 3U);
        QCOMPARE(ahead[0].position, 1);
        SCRIT_TRY(submitted, session->submit(0, valid(true)));
        QCOMPARE(submitted.item.position, 0);
        QVERIFY(submitted.item.state == ItemState::Done);
        QVERIFY(submitted.item.mine->validity == Validity::Valid);
        QVERIFY(submitted.item.mine->agreement == Agreement::Agree); // self-validation said yes
        QVERIFY(submitted.item.mine->impliedAgreement);
        QCOMPARE(submitted.next->position, 1);
        QCOMPARE(submitted.progress.done, 1);
        QCOMPARE(submitted.progress.items, 24);
        QCOMPARE(submitted.progress.anyone, 1);
        QCOMPARE(count("label:agree"), 1);
        QCOMPARE(count("annotated:yes"), 1);
        // Another session of the same person goes on there; another person begins at the start.
        session = open("ada");
        SCRIT_TRY(second, session->current());
        QCOMPARE(second->position, 1);
        SCRIT_TRY(other, open("bo")->current());
        QCOMPARE(other->position, 0);
        QVERIFY(!other->mine);
        SCRIT_TRY(progress, open("bo")->progress());
        QCOMPARE(progress.done, 0);
        QCOMPARE(progress.anyone, 1);
    }

    void skipAndComeBack() {
        plan(planCalled("plan", 3));
        auto session = open("ada");
        SCRIT_TRY(skipped, session->skip(0));
        QCOMPARE(skipped.next->position, 1);
        QCOMPARE(skipped.progress.skipped, 1);
        SCRIT_OK(session->submit(1, valid(true)));
        SCRIT_TRY(last, session->submit(2, valid(false)));
        QVERIFY(!last.next); // the skipped one is not open
        SCRIT_TRY(nowhere, session->current());
        QVERIFY(!nowhere);
        SCRIT_TRY(back, session->nextSkipped());
        QCOMPARE(back->position, 0);
        QVERIFY(back->state == ItemState::Skipped);
        SCRIT_TRY(done, session->submit(0, valid(true)));
        QCOMPARE(done.progress.done, 3);
        QCOMPARE(done.progress.skipped, 0);
        QVERIFY(!session->skip(0)); // judged already
        SCRIT_TRY(none, session->nextSkipped());
        QVERIFY(!none);
        SCRIT_TRY(before, session->previous()); // from the end
        QCOMPARE(before->position, 2);
        SCRIT_OK(session->goTo(0));
        SCRIT_TRY(none2, session->previous());
        QVERIFY(!none2); // at the first
    }

    void undoSeveralLevels() {
        plan(planCalled("plan", 4));
        auto session = open("ada");
        SCRIT_OK(session->submit(0, errorAt(2)));
        SCRIT_OK(session->skip(1));
        SCRIT_OK(session->submit(2, valid(false)));
        SCRIT_OK(session->submit(0, errorAt(1))); // the history is edited
        SCRIT_TRY(edited, session->goTo(0));
        QCOMPARE(edited.mine->firstError.value_or(-9), 1);
        session = open("ada"); // the next day
        SCRIT_TRY(one, session->undo());
        QCOMPARE(one->item.position, 0);
        QCOMPARE(one->item.mine->firstError.value_or(-9), 2);
        QCOMPARE(one->progress.done, 2);
        SCRIT_TRY(two, session->undo());
        QCOMPARE(two->item.position, 2);
        QVERIFY(two->item.state == ItemState::Open);
        QVERIFY(!two->item.mine);
        SCRIT_TRY(three, session->undo());
        QCOMPARE(three->item.position, 1);
        QCOMPARE(three->progress.skipped, 0);
        SCRIT_TRY(four, session->undo());
        QCOMPARE(four->progress.done, 0);
        QCOMPARE(four->progress.anyone, 0);
        SCRIT_TRY(five, session->undo());
        QVERIFY(!five);
        QCOMPARE(count("annotated:yes"), 0);
        QCOMPARE(count("label:disagree"), 0);
        // Nothing was removed.
        store::ReviewReader reviews(*m_reader);
        SCRIT_TRY(rows, reviews.annotations(model::SubjectKind::Critique, 1));
        QVERIFY(rows.size() >= 8);
        int entries = 0;
        SCRIT_OK(reviews.forEachEntry(1, "", [&](const store::ReviewEntry&) {
            ++entries;
            return base::Expected<bool>(true);
        }));
        QCOMPARE(entries, 8);
    }

    void historyIsOneEntryAPlace() {
        plan(planCalled("plan", 4));
        auto session = open("ada");
        SCRIT_OK(session->submit(0, valid(true)));
        SCRIT_OK(session->skip(1));
        SCRIT_OK(session->submit(2, valid(false)));
        SCRIT_OK(session->submit(0, valid(false)));
        SCRIT_TRY(history, session->history(10));
        QCOMPARE(history.size(), 3U);
        QCOMPARE(history[0].item.position, 0);
        QVERIFY(history[0].item.mine->validity == Validity::Invalid);
        QVERIFY(history[0].reveal.difference.verdict);
        QCOMPARE(history[1].item.position, 2);
        QVERIFY(history[2].skipped);
        QVERIFY(history[0].at >= history[1].at && history[1].at >= history[2].at);
        SCRIT_TRY(newest, session->history(1));
        QCOMPARE(newest.size(), 1U);
        SCRIT_TRY(items, session->items(0, 0));
        QCOMPARE(items.size(), 4U);
        QVERIFY(items[0].state == ItemState::Done && items[1].state == ItemState::Skipped &&
                items[3].state == ItemState::Open);
    }

    void blindHidesUntilJudged() {
        PlanRequest request = planCalled("plan");
        request.blind = true;
        plan(request);
        auto session = open("ada");
        SCRIT_TRY(item, session->current());
        QVERIFY(item->hideVerdicts);
        QVERIFY(!session->reveal(0));
        Judgement agreement;
        agreement.agreement = Agreement::Agree;
        QCOMPARE(session->submit(0, agreement).error().code, base::ErrorCode::Invalid);
        // Critique 1 names step 1 and is let pass; ada says that step 0 is the first wrong one.
        SCRIT_TRY(submitted, session->submit(0, errorAt(0)));
        QVERIFY(!submitted.item.hideVerdicts);
        QVERIFY(submitted.reveal.machine.validated == Outcome::Yes);
        QVERIFY(submitted.reveal.difference.verdict && submitted.reveal.difference.firstError);
        SCRIT_OK(session->reveal(0));
        QCOMPARE(count("label:disagree"), 1);
        SCRIT_TRY(undone, session->undo());
        QVERIFY(undone->item.hideVerdicts);
        QCOMPARE(count("label:disagree"), 0);
    }

    void goldIsScored() {
        PlanRequest request = planCalled("plan", 4);
        request.filter = "-label-step:1";
        request.givenGold = {{1, {1, std::nullopt}}, {2, {std::nullopt, true}}};
        plan(request);
        auto session = open("ada");
        SCRIT_TRY(items, session->items(0, 0));
        QCOMPARE(items.size(), 5U); // critique 2 is one of the four
        QCOMPARE(session->plan().goldItems, 2);
        for (const Item& item : items) {
            QVERIFY(!item.gold && item.stratum.empty() &&
                    item.weight == 1); // nothing gives it away
        }
        SCRIT_TRY(first, session->positionOf(1));
        SCRIT_TRY(second, session->positionOf(2));
        SCRIT_TRY(right, session->submit(*first, errorAt(1)));
        QVERIFY(right.item.gold && right.item.gold->right == true);
        QCOMPARE(right.item.weight, 0.0);
        QCOMPARE(right.progress.goldSeen, 1);
        QCOMPARE(right.progress.goldRight, 1);
        SCRIT_TRY(wrong, session->submit(*second, valid(false)));
        QVERIFY(wrong.item.gold->right == false);
        QCOMPARE(wrong.progress.goldSeen, 2);
        QCOMPARE(wrong.progress.goldRight, 1);
        SCRIT_TRY(better, session->submit(*second, valid(true)));
        QCOMPARE(better.progress.goldRight, 2);
        SCRIT_TRY(undone, session->undo());
        QCOMPARE(undone->progress.goldRight, 1);
        QCOMPARE(undone->progress.goldSeen, 2);
    }

    void anEditKeepsNothingOfTheOld() {
        plan(planCalled("plan"));
        auto session = open("ada", "plan", [](std::int64_t, const std::optional<std::string>&) {
            return base::Expected<std::vector<model::Verdict>>(std::vector<model::Verdict>{});
        });
        Judgement first = full();
        first.validity.reset();
        SCRIT_OK(session->submit(0, first));
        QCOMPARE(count("tag:a"), 1);
        SCRIT_TRY(edited, session->submit(0, valid(true)));
        QVERIFY(edited.item.mine->tags.empty() && edited.item.mine->comment.empty());
        QVERIFY(!edited.item.mine->firstError && !edited.item.mine->repairedAnswer);
        QCOMPARE(count("tag:a"), 0);
        // What was read may be given back: implied parts are made anew.
        Judgement again = *edited.item.mine;
        again.firstError = 0;
        SCRIT_OK(session->submit(0, again));
        // A repair made at one critique stays when another one of the problem is judged.
        SCRIT_OK(session->submit(0, first));
        SCRIT_TRY(sibling, session->submit(1, valid(true)));
        QCOMPARE(sibling.item.problemId, 1);
        QCOMPARE(sibling.item.mine->repairedAnswer.value_or("none"), "42");
        SCRIT_TRY(record, m_reader->record(store::ListOf::Critiques, 2));
        QCOMPARE(record.problem.referenceAnswer, "42");
        QCOMPARE(record.statedAnswer.value_or("none"), "1");
    }

    void withoutARescorerAnswersStay() {
        plan(planCalled("plan"));
        auto session = open("ada");
        QCOMPARE(session->submit(0, full()).error().code, base::ErrorCode::Invalid);
        SCRIT_TRY(progress, session->progress());
        QCOMPARE(progress.done, 0);
    }

    void namesAreChecked_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("empty") << QByteArray(" ");
        QTest::newRow("long") << QByteArray(201, 'a');
        QTest::newRow("escape") << QByteArray("a\x1b[31m");
        QTest::newRow("right to left") << QByteArray("a\xE2\x80\xAE");
        QTest::newRow("two lines") << QByteArray("a\nb");
        QTest::newRow("adjudicator") << QByteArray("adjudicated:ada");
    }
    void namesAreChecked() {
        QFETCH(QByteArray, name);
        plan(planCalled("plan"));
        const auto session = Session::open(m_workspace, "plan", name.toStdString());
        QVERIFY(!session);
        QCOMPARE(session.error().code, base::ErrorCode::Invalid);
    }

    // A self-validation that comes later is compared with what was said of the critique.
    void labelsFollowTheSelfValidation() {
        plan(planCalled("plan"));
        auto session = open("ada");
        SCRIT_TRY(submitted, session->submit(3, valid(true))); // critique 4 has none
        QVERIFY(!submitted.item.mine->agreement);
        QCOMPARE(count("id:4 label:none annotated:yes"), 1);
        const auto validate = [&](Outcome outcome) {
            return m_workspace->write([&](store::Writer& writer) -> base::Expected<void> {
                idOf(writer.addVerdict(
                    makeVerdict(model::SubjectKind::Critique, 4, "self_validation", outcome)));
                return {};
            });
        };
        SCRIT_OK(validate(Outcome::No));
        QCOMPARE(count("id:4 label:disagree"), 1);
        SCRIT_OK(validate(Outcome::Yes));
        QCOMPARE(count("id:4 label:agree"), 1);
    }

    // 500 keystrokes in a minute: all in order, and far faster than anybody types.
    void fiveHundredInOrder() {
        SCRIT_OK(m_workspace->write(
            [](store::Writer& writer) { return addCritiques(writer, 24, 500); }));
        plan(planCalled("plan", 500));
        auto session = open("ada");
        QElapsedTimer clock;
        clock.start();
        std::vector<qint64> nanos;
        for (int i = 0; i < 500; ++i) {
            const qint64 before = clock.nsecsElapsed();
            SCRIT_TRY(submitted, session->submit(i, errorAt(i % 3)));
            QCOMPARE(submitted.next.has_value(), i < 499);
            nanos.push_back(clock.nsecsElapsed() - before);
        }
        const qint64 millis = clock.elapsed();
        std::sort(nanos.begin(), nanos.end());
        qInfo("500 judgements in %lld ms; one: p50 %.1f ms, p95 %.1f ms, most %.1f ms", millis,
              double(nanos[250]) / 1e6, double(nanos[475]) / 1e6, double(nanos[499]) / 1e6);
        QVERIFY2(millis < 60'000, "slower than 500 a minute");
        SCRIT_TRY(history, session->history(500));
        QCOMPARE(history.size(), 500U);
        for (int i = 0; i < 500; ++i) {
            const HistoryEntry& entry = history[static_cast<std::size_t>(499 - i)];
            QCOMPARE(entry.item.position, i);
            QCOMPARE(entry.item.mine->firstError.value_or(-9), i % 3);
        }
        for (std::size_t i = 1; i < history.size(); ++i) {
            QVERIFY(history[i].at < history[i - 1].at);
        }
        SCRIT_TRY(progress, session->progress());
        QCOMPARE(progress.done, 500);
    }
};

SCRIT_TEST(ReviewSessionTest)
#include "review_session_test.moc"
