// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/evaluation_reader.h"
#include "core/store/migrations.h"
#include "core/store/review_reader.h"
#include "tests/core/store_support.h"
#include "tests/support/test_program.h"

#include <SQLiteCpp/SQLiteCpp.h>

using namespace scrit;
using namespace scrit::test;
using base::ErrorCode;
using model::SubjectKind;
using store::ListOf;
using store::OpenMode;
using store::Workspace;

namespace {

// A workspace as an earlier version wrote it: a problem, its candidate that another data set
// brought, and a critique with two parses.
void makeOlder(const std::filesystem::path& path, int version) {
    SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    database.exec("PRAGMA journal_mode = WAL");
    for (int i = 0; i < version; ++i) {
        database.exec(std::string(store::migrations().at(static_cast<std::size_t>(i)).sql));
    }
    database.exec("PRAGMA user_version = " + std::to_string(version));
    database.exec(
        "INSERT INTO term (id, text) VALUES (1, 'old'), (2, 'other'), (3, 'scrit/1'), (4, "
        "'scrit/2');"
        "INSERT INTO problem VALUES (1, x'0070', 1, 0, 0, 0, 0, '', '7', NULL, 'An aardvark "
        "counts', '');"
        "INSERT INTO problem_row (id, source_term, split_term, subject_term, level_term, excerpt) "
        "VALUES (1, 1, 0, 0, 0, 'An aardvark counts');"
        "INSERT INTO solution VALUES (1, x'0071', 1, 0, 2, '', '', 0, '7', 'seven');"
        "INSERT INTO solution_row (id, problem_id, source_term, split_term, subject_term, "
        "level_term, student_term) VALUES (1, 1, 2, 0, 0, 0, 0);"
        "INSERT INTO critique VALUES (1, x'0072', 1, NULL, 0, 0, 0, 0, '', NULL, NULL, NULL, '', "
        "'Well done.');"
        "INSERT INTO critique_parse VALUES (7, 1, 4, 1, 2, 0, 0, '', '{\"steps\":[]}'), "
        "(9, 1, 3, 0, -1, 0, 0, '', '{\"steps\":[]}');"
        "INSERT INTO critique_row (id, problem_id, solution_id, source_term, split_term, "
        "subject_term, level_term, student_term, mode, critic_term, round, conclusion, "
        "first_error, "
        "tokens) VALUES (1, 1, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0);");
    if (version > 1) {
        database.exec("INSERT INTO problem_text (rowid, text) SELECT id, text FROM problem");
    }
    if (version > 2) {
        database.exec("INSERT INTO problem_source VALUES (1, 2, 0, '')");
    }
    if (version < 5) {
        database.exec("INSERT INTO review_plan (id, name, strategy, created_at) "
                      "VALUES (1, 'p', 'random', 5), (2, 'p', 'random', 6);");
    } else { // names and identities are unique
        database.exec("DROP INDEX annotation_uid;"
                      "INSERT INTO review_plan (id, name, strategy, created_at, uid, items, "
                      "gold_items) VALUES (1, 'p', 'random', 5, '0-5-1', 1, 1), "
                      "(2, 'p (2)', 'random', 6, '0-6-2', 0, 0);");
    }
    database.exec(
        "INSERT INTO annotator VALUES (1, 'anna', 5);"
        "INSERT INTO annotation (id, subject_kind, subject_id, annotator_id, kind, value, comment, "
        "seconds, supersedes, created_at) VALUES (1, 2, 1, 1, 'agreement', 'agree', '', 0, NULL, "
        "5), "
        "(2, 2, 1, 1, 'agreement', 'disagree', '', 0, 1, 6), "
        "(3, 0, 1, 1, 'answer', '8', '', 0, NULL, 7);"
        "INSERT INTO review_item (plan_id, position, subject_kind, subject_id, gold) "
        "VALUES (1, 0, 2, 1, 'valid:yes');"
        "INSERT INTO frozen_set (id, name, hash, created_at) VALUES (1, 'f', x'0073', 5);"
        "INSERT INTO frozen_set_member (set_id, subject_kind, subject_id) VALUES (1, 1, 1);");
    if (version >= 5) {
        database.exec("UPDATE annotation SET uid = printf('0-%d-%d', created_at, id);"
                      "UPDATE annotation SET supersedes_uid = '0-5-1' WHERE supersedes = 1;"
                      "CREATE UNIQUE INDEX annotation_uid ON annotation (uid);"
                      "UPDATE problem_row SET answer = '8';");
    }
}

} // namespace

// Workspaces of other versions of the schema.
class StoreMigrationsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void newerSchemaIsRefused() {
        QTemporaryDir folder;
        SCRIT_OK(Workspace::create(inside(folder)));
        {
            SQLite::Database database(inside(folder).string(), SQLite::OPEN_READWRITE);
            database.exec("PRAGMA user_version = 999");
        }
        for (const OpenMode mode : {OpenMode::ReadWrite, OpenMode::ReadOnly}) {
            const auto opened = Workspace::open(inside(folder), mode);
            QVERIFY(!opened);
            QCOMPARE(opened.error().code, ErrorCode::NewerSchema);
            QVERIFY(!opened.error().advice.empty());
        }
    }

    void olderSchemaIsUpdatedAfterABackup_data() {
        QTest::addColumn<int>("version");
        for (int version = 1; version < store::latestSchemaVersion(); ++version) {
            QTest::addRow("%d", version) << version;
        }
    }
    void olderSchemaIsUpdatedAfterABackup() {
        QFETCH(int, version);
        QTemporaryDir folder;
        makeOlder(inside(folder), version);
        QCOMPARE(Workspace::open(inside(folder), OpenMode::ReadOnly).error().code,
                 ErrorCode::ReadOnly);
        SCRIT_TRY(workspace, Workspace::open(inside(folder)));
        QCOMPARE(workspace->schemaVersion(), store::latestSchemaVersion());
        SCRIT_TRY(reader, workspace->reader());
        for (const char* filter : {"aardvark source:old", "source:other"}) {
            SCRIT_TRY(count, reader->count({ListOf::Problems, filter, {}, false}));
            QCOMPARE(count, 1);
        }
        SCRIT_TRY(record, reader->record(ListOf::Critiques, 1));
        QCOMPARE(record.critique->parsed.parser, "scrit/1");
        QVERIFY(record.critique->parsed.conclusion == model::Conclusion::Correct);
        SCRIT_TRY(correct, reader->count({ListOf::Critiques, "verdict:correct", {}, false}));
        QCOMPARE(correct, 1);
        // What people had said before reviews had identities, and plans counts.
        QCOMPARE(record.problem.referenceAnswer, "8");
        QCOMPARE(record.statedAnswer.value_or("none"), "7");
        store::ReviewReader reviews(*reader);
        SCRIT_TRY(annotations, reviews.annotations(SubjectKind::Critique, 1));
        QCOMPARE(annotations.size(), 2U);
        QCOMPARE(annotations[0].uid, "0-5-1");
        QCOMPARE(annotations[1].supersedesUid, annotations[0].uid);
        SCRIT_TRY(plans, reviews.plans());
        QCOMPARE(plans.size(), 2U);
        QCOMPARE(plans[1].name, "p");
        QCOMPARE(plans[1].items, 1);
        QCOMPARE(plans[1].goldItems, 1);
        QCOMPARE(plans[0].name, "p (2)");
        // What was frozen before sets had sizes.
        SCRIT_TRY(set, store::EvaluationReader(*reader).set("f"));
        QCOMPARE(set.size, 1);
        QCOMPARE(set.problems, 1);
        QVERIFY(set.members == SubjectKind::Solution);
        SCRIT_TRY(heldOut, reader->count({ListOf::Critiques, "evaluation:yes", {}, false}));
        QCOMPARE(heldOut, 1);
        const std::string backup = "w.scrit.v" + std::to_string(version) + ".bak";
        QVERIFY(filesIn(folder).contains(backup));
        SQLite::Database copy(inside(folder, backup.c_str()).string(), SQLite::OPEN_READONLY);
        QCOMPARE(copy.execAndGet("PRAGMA user_version").getInt(), version);
        QCOMPARE(copy.execAndGet("SELECT count(*) FROM problem").getInt(), 1);
    }
};

SCRIT_TEST(StoreMigrationsTest)
#include "store_migrations_test.moc"
