// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/adjudication.h"
#include "core/review/pack.h"
#include "tests/core/review_support.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <random>

using namespace scrit;
using namespace scrit::test;
using namespace scrit::review;
using model::SubjectKind;

namespace {

std::vector<model::Verdict> noVerdicts() {
    return {};
}

base::Expected<std::vector<model::Verdict>> rescoreNothing(std::int64_t,
                                                           const std::optional<std::string>&) {
    return noVerdicts();
}

QByteArray contents(const std::filesystem::path& path) {
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void write(const std::filesystem::path& path, const QByteArray& bytes) {
    QFile file(QString::fromStdString(path.string()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

// Everything that reviews have left in a workspace, without the numbers of rows, in an order that
// does not depend on when it came.
std::string stateOf(const std::filesystem::path& path) {
    SQLite::Database database(path.string(), SQLite::OPEN_READONLY);
    std::string state;
    for (const char* sql :
         {"SELECT a.uid, n.name, hex(c.key), a.kind, a.value, a.seconds, a.supersedes_uid, s.uid, "
          "a.entry_uid, a.created_at FROM annotation a JOIN annotator n ON n.id = a.annotator_id "
          "LEFT JOIN annotation s ON s.id = a.supersedes JOIN critique c ON c.id = a.subject_id "
          "WHERE a.subject_kind = 2 ORDER BY a.uid",
          "SELECT e.uid, n.name, e.position, e.kind, e.undoes_uid, e.standing FROM review_entry e "
          "JOIN annotator n ON n.id = e.annotator_id ORDER BY e.uid",
          "SELECT n.name, m.position, m.state, e.uid, m.gold FROM review_mark m JOIN annotator n "
          "ON n.id = m.annotator_id JOIN review_entry e ON e.id = m.entry_id ORDER BY 1, 2",
          "SELECT n.name, p.done, p.skipped, p.gold_seen, p.gold_right FROM review_progress p "
          "JOIN annotator n ON n.id = p.annotator_id ORDER BY 1",
          "SELECT name, items, done FROM review_plan ORDER BY 1",
          "SELECT hex(c.key), r.annotated, r.label FROM critique_row r JOIN critique c "
          "ON c.id = r.id ORDER BY 1",
          "SELECT hex(p.key), r.answer FROM problem_row r JOIN problem p ON p.id = r.id "
          "ORDER BY 1",
          "SELECT hex(c.key), t.tag FROM tag_row t JOIN critique c ON c.id = t.subject_id "
          "ORDER BY 1, 2"}) {
        SQLite::Statement statement(database, sql);
        while (statement.executeStep()) {
            for (int i = 0; i < statement.getColumnCount(); ++i) {
                state += statement.isColumnNull(i) ? "-" : statement.getColumn(i).getString();
                state += '|';
            }
            state += '\n';
        }
        state += "--\n";
    }
    return state;
}

} // namespace

class ReviewPackTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<store::Workspace> m_home;

    std::filesystem::path at(const char* name) const { return inside(*m_folder, name); }
    Plan plan(store::Workspace& workspace) {
        auto reader = workspace.reader();
        return findPlan(**reader, "").value();
    }
    PackSummary pack(store::Workspace& workspace, const char* name, const PackOptions& options) {
        auto reader = workspace.reader();
        auto packed = writePack(**reader, plan(workspace), at(name), options);
        if (!packed) {
            throw std::runtime_error(packed.error().text());
        }
        return *packed;
    }
    MergeSummary merge(store::Workspace& workspace, const char* name, bool addItems = false) {
        auto merged = mergePack(workspace, at(name), {addItems}, &rescoreNothing);
        if (!merged) {
            throw std::runtime_error(merged.error().text());
        }
        return std::move(*merged);
    }
    // Somebody works on a copy of the plan: judges, changes, skips and takes back.
    void work(const std::shared_ptr<store::Workspace>& workspace, const char* annotator,
              unsigned seed, int steps) {
        auto session = Session::open(workspace, "", annotator, &rescoreNothing).value();
        std::mt19937 random(seed);
        for (int i = 0; i < steps; ++i) {
            const auto position = static_cast<std::int64_t>(random() % 10);
            const auto what = random() % 10;
            if (what == 0) {
                SCRIT_OK(session->undo());
            } else if (what == 1) {
                static_cast<void>(session->skip(position)); // not when judged
            } else {
                Judgement judgement = errorAt(static_cast<int>(random() % 3) - 1);
                judgement.seconds = 1;
                if (what == 2) {
                    judgement.tags = {annotator};
                }
                if (what == 3) {
                    judgement.repairedAnswer = std::to_string(random() % 3);
                }
                SCRIT_OK(session->submit(position, judgement));
            }
        }
    }

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_home = workspaceWith(at("home.scrit"), 20);
        PlanRequest request = planCalled("audit", 10);
        request.blind = true;
        request.givenGold = {{1, {1, std::nullopt}}, {3, {std::nullopt, false}}};
        SCRIT_OK(createPlan(*m_home, request));
    }
    void cleanup() { m_home.reset(); }

    void aPackIsAWorkspaceOfItsOwn_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("plain") << QByteArray("items.jsonl");
        QTest::newRow("compressed") << QByteArray("items.jsonl.zst");
    }
    void aPackIsAWorkspaceOfItsOwn() {
        QFETCH(QByteArray, name);
        const PackSummary packed = pack(*m_home, name, {});
        QCOMPARE(packed.items, 10);
        QCOMPARE(QByteArray::number(qlonglong(packed.bytes)),
                 QByteArray::number(contents(at(name)).size()));
        SCRIT_TRY(away, store::Workspace::create(at("away.scrit")));
        const MergeSummary merged = merge(*away, name, true);
        QCOMPARE(merged.itemsAdded, 10);
        QCOMPARE(merged.bad, 0);
        QCOMPARE(merged.plan, "audit");
        SCRIT_TRY(there, away->reader());
        SCRIT_TRY(here, m_home->reader());
        const auto session = Session::open(away, "audit", "bo").value();
        for (std::int64_t position = 0; position < 10; ++position) {
            SCRIT_TRY(item, session->goTo(position));
            SCRIT_TRY(theirs, there->record(store::ListOf::Critiques, item.critiqueId));
            SCRIT_TRY(row, store::ReviewReader(*here).item(1, position));
            SCRIT_TRY(ours, here->record(store::ListOf::Critiques, row->critiqueId));
            QCOMPARE(theirs.critique->key, ours.critique->key);
            QCOMPARE(theirs.critique->text, ours.critique->text);
            QCOMPARE(theirs.solution->text, ours.solution->text);
            QVERIFY(theirs.solution->steps == ours.solution->steps);
            QCOMPARE(theirs.problem.text, ours.problem.text);
            QCOMPARE(theirs.problem.referenceAnswer, ours.problem.referenceAnswer);
            QVERIFY(theirs.critique->parsed.firstErrorStep == ours.critique->parsed.firstErrorStep);
            // Blind: nothing that machines or labels say has left.
            QVERIFY(theirs.verdicts.empty());
            QVERIFY(theirs.critique->parsed.flags.empty());
            QVERIFY(item.hideVerdicts);
        }
        QCOMPARE(session->plan().goldItems, 0);
        const QByteArray text = contents(at(name));
        QVERIFY(!text.contains("self_validation") && !text.contains("gold"));
        // Again: nothing new.
        const MergeSummary again = merge(*away, name, true);
        QCOMPARE(again.itemsAdded, 0);
        QCOMPARE(again.itemsExisting, 10);
        QVERIFY(
            QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden).filter("part").isEmpty());
    }

    void openPacksTellWhatMachinesSay() {
        PackOptions options;
        options.blind = false;
        pack(*m_home, "open.jsonl", options);
        SCRIT_TRY(away, store::Workspace::create(at("away.scrit")));
        merge(*away, "open.jsonl", true);
        SCRIT_TRY(there, away->reader());
        SCRIT_TRY(here, m_home->reader());
        SCRIT_TRY(theirs, there->page({store::ListOf::Critiques, "", {}, false}, {}, 50));
        QCOMPARE(theirs.size(), 10U);
        for (const store::TraceRow& row : theirs) {
            SCRIT_TRY(record, there->record(store::ListOf::Critiques, row.id));
            SCRIT_TRY(ours, here->findSolution(record.solution->key));
            SCRIT_TRY(
                same,
                here->ids(
                    {store::ListOf::Critiques, "solution:" + std::to_string(*ours), {}, false}));
            SCRIT_TRY(rows, here->rows(store::ListOf::Critiques, same));
            QVERIFY(rows.front().validated == row.validated);
            QVERIFY(rows.front().answerMatch == row.answerMatch);
            QVERIFY(rows.front().flags == row.flags);
            QVERIFY(!row.labelStep); // would give gold items away
        }
    }

    // Three people on their own machines; every order of merging, once or twice, ends the same.
    void mergesCommute() {
        pack(*m_home, "items.jsonl", {});
        m_home.reset();
        const std::vector<const char*> people = {"ada", "bo", "cy"};
        std::vector<std::string> files;
        for (std::size_t i = 0; i < people.size(); ++i) {
            const std::string name = std::string(people[i]) + ".scrit";
            SCRIT_TRY(away, store::Workspace::create(at(name.c_str())));
            merge(*away, "items.jsonl", true);
            PackOptions answers;
            answers.content = PackOptions::Content::Answers;
            work(away, people[i], static_cast<unsigned>(i), 25);
            files.push_back(std::string(people[i]) + "-early.jsonl");
            pack(*away, files.back().c_str(), answers);
            work(away, people[i], static_cast<unsigned>(10 + i), 25);
            files.push_back(std::string(people[i]) + "-late.jsonl.zst");
            pack(*away, files.back().c_str(), answers);
        }
        std::mt19937 random(3);
        std::string expected;
        std::int64_t all = 0;
        for (int round = 0; round < 6; ++round) {
            const std::string name = "round" + std::to_string(round) + ".scrit";
            std::filesystem::copy_file(at("home.scrit"), at(name.c_str()));
            SCRIT_TRY(home, store::Workspace::open(at(name.c_str())));
            std::vector<std::string> order = files;
            if (round > 0) {
                std::shuffle(order.begin(), order.end(), random);
                order.push_back(order.front());
            }
            std::int64_t added = 0;
            for (const std::string& file : order) {
                const MergeSummary merged = merge(*home, file.c_str());
                QCOMPARE(merged.added + merged.existing, merged.answers);
                QCOMPARE(merged.unknown, 0);
                added += merged.added;
            }
            QVERIFY(added > 100);
            all = round == 0 ? added : all;
            QCOMPARE(added, all);
            home.reset();
            const std::string state = stateOf(at(name.c_str()));
            if (round == 0) {
                expected = state;
            }
            QCOMPARE(state, expected);
        }
    }

    void goldIsScoredAtHome() {
        pack(*m_home, "items.jsonl", {});
        SCRIT_TRY(away, store::Workspace::create(at("away.scrit")));
        merge(*away, "items.jsonl", true);
        auto session = Session::open(away, "audit", "bo").value();
        SCRIT_TRY(here, m_home->reader());
        store::ReviewReader reviews(*here);
        SCRIT_TRY(first, reviews.positionOf(1, 1));
        SCRIT_TRY(third, reviews.positionOf(1, 3));
        SCRIT_TRY(submitted, session->submit(*first, errorAt(1)));
        QVERIFY(!submitted.item.gold);
        SCRIT_OK(session->submit(*third, valid(true)));
        PackOptions answers;
        answers.content = PackOptions::Content::Answers;
        answers.annotator = "bo";
        QCOMPARE(pack(*away, "bo.jsonl", answers).answers, 2);
        QCOMPARE(merge(*m_home, "bo.jsonl").added, 2);
        SCRIT_TRY(all, progressOfAll(*here, plan(*m_home)));
        QCOMPARE(all.size(), 1U);
        QCOMPARE(all[0].first, "bo");
        QCOMPARE(all[0].second.done, 2);
        QCOMPARE(all[0].second.goldSeen, 2);
        QCOMPARE(all[0].second.goldRight, 1);
        // The label is a comparison with the self-validation that only this workspace knows.
        SCRIT_TRY(agreed, here->ids({store::ListOf::Critiques, "label:agree", {}, false}));
        QCOMPARE(agreed, std::vector<std::int64_t>{1});
        SCRIT_TRY(disagreed, here->ids({store::ListOf::Critiques, "label:disagree", {}, false}));
        QCOMPARE(disagreed, std::vector<std::int64_t>{3});
    }

    void unknownCritiquesAreCounted() {
        auto session = Session::open(m_home, "audit", "ada").value();
        for (int i = 0; i < 5; ++i) {
            SCRIT_OK(session->submit(i, valid(true)));
        }
        PackOptions answers;
        answers.content = PackOptions::Content::Answers;
        pack(*m_home, "answers.jsonl", answers);
        const auto small = workspaceWith(at("small.scrit"), 3); // critiques 1 to 3, and no plan
        const MergeSummary merged = merge(*small, "answers.jsonl");
        QCOMPARE(merged.answers, 5);
        QCOMPARE(merged.added, 3);
        QCOMPARE(merged.unknown, 2);
        QVERIFY(merged.plan.empty());
        const MergeSummary again = merge(*small, "answers.jsonl");
        QCOMPARE(again.added, 0);
        QCOMPARE(again.existing, 3);
        SCRIT_TRY(reader, small->reader());
        SCRIT_TRY(count, reader->count({store::ListOf::Critiques, "annotator:ada", {}, false}));
        QCOMPARE(count, 3);
        pack(*m_home, "items.jsonl", {});
        const MergeSummary items = merge(*small, "items.jsonl");
        QCOMPARE(items.itemsExisting, 3);
        QCOMPARE(items.itemsUnknown, 7);
        SCRIT_TRY(none, plans(*reader));
        QVERIFY(none.empty());
    }

    void damagedPacksChangeNothing_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<int>("kind");
        for (const char* name : {"answers.jsonl", "answers.jsonl.zst"}) {
            for (int kind = 0; kind < 4; ++kind) {
                QTest::addRow("%s %d", name, kind) << QByteArray(name) << kind;
            }
        }
    }
    void damagedPacksChangeNothing() {
        QFETCH(QByteArray, name);
        QFETCH(int, kind);
        auto session = Session::open(m_home, "audit", "ada").value();
        for (int i = 0; i < 5; ++i) {
            SCRIT_OK(session->submit(i, valid(true)));
        }
        PackOptions answers;
        answers.content = PackOptions::Content::Answers;
        pack(*m_home, name, answers);
        QByteArray bytes = contents(at(name));
        if (kind == 0) {
            bytes.truncate(bytes.size() * 3 / 4);
        } else if (kind == 1) {
            bytes.clear();
        } else if (kind == 2) {
            bytes = "{\"scrit_pack\":2}\n";
        } else {
            bytes = "hello\n" + bytes;
        }
        write(at(name), bytes);
        const auto other = workspaceWith(at("other.scrit"), 20);
        const auto merged = mergePack(*other, at(name));
        QVERIFY(!merged);
        QVERIFY(!merged.error().message.empty());
        SCRIT_TRY(reader, other->reader());
        SCRIT_TRY(status, reader->status());
        QCOMPARE(status.annotations, 0);
        QCOMPARE(mergePack(*other, at("nowhere")).error().code, base::ErrorCode::NotFound);
    }

    // Single lines that cannot be read are counted and named; the others are merged.
    void badLinesAreNamed() {
        auto session = Session::open(m_home, "audit", "ada").value();
        for (int i = 0; i < 4; ++i) {
            SCRIT_OK(session->submit(i, valid(true)));
        }
        PackOptions answers;
        answers.content = PackOptions::Content::Answers;
        pack(*m_home, "answers.jsonl", answers);
        QByteArrayList lines = contents(at("answers.jsonl")).split('\n');
        lines[1].replace("\"validity\"", "\"nonsense\"");
        lines[2].replace("\"annotator\":\"ada\"", "\"annotator\":\"adjudicated:ada\"");
        lines[3] = "[1,2";
        write(at("answers.jsonl"), lines.join('\n'));
        const auto other = workspaceWith(at("other.scrit"), 20);
        SCRIT_TRY(merged, mergePack(*other, at("answers.jsonl")));
        QCOMPARE(merged.added, 1);
        QCOMPARE(merged.bad, 3);
        QCOMPARE(merged.problems.size(), 3U);
        QVERIFY(merged.problems[0].starts_with("line 2: "));
        SCRIT_TRY(reader, other->reader());
        SCRIT_TRY(label, reader->count({store::ListOf::Critiques, "annotated:yes", {}, false}));
        QCOMPARE(label, 1);
    }

    // A name that is taken by another plan.
    void plansKeepTheirNames() {
        pack(*m_home, "items.jsonl", {});
        const auto other = workspaceWith(at("other.scrit"), 20);
        SCRIT_OK(createPlan(*other, planCalled("audit", 3)));
        QCOMPARE(merge(*other, "items.jsonl", true).plan, "audit (2)");
        SCRIT_TRY(reader, other->reader());
        SCRIT_TRY(all, plans(*reader));
        QCOMPARE(all.size(), 2U);
    }
};

SCRIT_TEST(ReviewPackTest)
#include "review_pack_test.moc"
