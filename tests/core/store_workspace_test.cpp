// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/codec.h"
#include "core/store/errors.h"
#include "core/store/evaluation_reader.h"
#include "core/store/migrations.h"
#include "core/store/review_reader.h"
#include "tests/core/store_support.h"
#include "tests/support/test_program.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <stdexcept>

using namespace scrit;
using namespace scrit::test;
using base::ErrorCode;
using model::Outcome;
using model::SubjectKind;
using store::ListOf;
using store::OpenMode;
using store::Workspace;
using store::Writer;

namespace {

base::Expected<void> addTrace(Writer& writer, const std::string& name) {
    const auto problem = idOf(writer.addProblem(makeProblem("Problem " + name)));
    const auto solution = idOf(writer.addSolution(makeSolution(problem, "Solution " + name)));
    idOf(writer.addCritique(makeCritique(solution, "Critique " + name)));
    return {};
}

std::set<std::string> filesIn(const QTemporaryDir& folder) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path().toStdString())) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

// A tmpfs of some size on a folder, where this user may mount one.
class SmallDisk {
public:
    SmallDisk(const QTemporaryDir& folder, const char* options)
        : m_path(folder.path().toStdString()),
          m_mounted(::mount("none", m_path.c_str(), "tmpfs", 0, options) == 0) {}
    ~SmallDisk() {
        if (m_mounted) {
            ::umount2(m_path.c_str(), MNT_DETACH);
        }
    }
    [[nodiscard]] bool mounted() const { return m_mounted; }
    [[nodiscard]] bool makeReadOnly() const {
        return ::mount("none", m_path.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
    }

private:
    std::string m_path;
    bool m_mounted = false;
};

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

// Root may do everything: while this lives the process is nobody, and the folder is nobody's.
class AsNobody {
public:
    explicit AsNobody(const QString& folder) : m_isRoot(::geteuid() == 0) {
        constexpr unsigned kNobody = 65534;
        if (m_isRoot && (::chown(folder.toLocal8Bit().constData(), kNobody, kNobody) != 0 ||
                         ::seteuid(kNobody) != 0)) {
            qFatal("cannot become nobody");
        }
    }
    ~AsNobody() {
        if (m_isRoot && ::seteuid(0) != 0) {
            qFatal("cannot become root again");
        }
    }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;

private:
    bool m_isRoot;
};

} // namespace

class StoreWorkspaceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void createsOpensReopens() {
        QTemporaryDir folder;
        {
            SCRIT_TRY(workspace, Workspace::create(inside(folder)));
            QCOMPARE(workspace->mode(), OpenMode::ReadWrite);
            QCOMPARE(workspace->schemaVersion(), store::latestSchemaVersion());
            SCRIT_OK(workspace->write([](Writer& writer) { return addTrace(writer, "one"); }));
        }
        QCOMPARE(filesIn(folder), std::set<std::string>{"w.scrit"});
        SCRIT_TRY(again, Workspace::open(inside(folder)));
        SCRIT_TRY(reader, again->reader());
        SCRIT_TRY(count, reader->count({}));
        QCOMPARE(count, 1);
        const auto second = Workspace::create(inside(folder));
        QVERIFY(!second);
        QCOMPARE(second.error().code, ErrorCode::Exists);
    }

    void missingFolderAndFile() {
        QTemporaryDir folder;
        QCOMPARE(Workspace::open(inside(folder)).error().code, ErrorCode::NotFound);
        QCOMPARE(Workspace::create(inside(folder) / "no" / "w.scrit").error().code,
                 ErrorCode::NotFound);
        QCOMPARE(Workspace::open(folder.path().toStdString()).error().code, ErrorCode::Invalid);
    }

    void failedWorkIsTakenBack() {
        QTemporaryDir folder;
        SCRIT_TRY(workspace, Workspace::create(inside(folder)));
        const auto failed = workspace->write([](Writer& writer) -> base::Expected<void> {
            auto stored = addTrace(writer, "lost");
            return base::fail(ErrorCode::Cancelled, "changed my mind");
        });
        QCOMPARE(failed.error().code, ErrorCode::Cancelled);
        const auto thrown = workspace->write([](Writer& writer) -> base::Expected<void> {
            auto stored = addTrace(writer, "thrown");
            throw std::runtime_error("a bug");
        });
        QCOMPARE(thrown.error().code, ErrorCode::Internal);
        SCRIT_TRY(reader, workspace->reader());
        SCRIT_TRY(status, reader->status());
        QCOMPARE(status.problems, 0);
        // Names of data sets that were taken back get a row again.
        SCRIT_OK(workspace->write([](Writer& writer) { return addTrace(writer, "kept"); }));
        SCRIT_TRY(rows, reader->page({}, std::nullopt, 10));
        QCOMPARE(rows.size(), 1U);
        QCOMPARE(rows[0].source, "gsm8k");
    }

    void unknownParentsAreRefused() {
        QTemporaryDir folder;
        SCRIT_TRY(workspace, Workspace::create(inside(folder)));
        SCRIT_OK(workspace->write([](Writer& writer) -> base::Expected<void> {
            const auto solution = writer.addSolution(makeSolution(77, "text"));
            const auto verdict =
                writer.addVerdict(makeVerdict(SubjectKind::Critique, 5, "label", Outcome::Yes));
            const auto annotation =
                writer.addAnnotation(makeAnnotation(SubjectKind::Solution, 5, "tag", "x"));
            if (solution || verdict || annotation || solution.error().code != ErrorCode::NotFound ||
                verdict.error().code != ErrorCode::NotFound ||
                annotation.error().code != ErrorCode::NotFound) {
                return base::fail(ErrorCode::Internal, "not refused");
            }
            return addTrace(writer, "still possible");
        }));
        SCRIT_TRY(reader, workspace->reader());
        SCRIT_TRY(status, reader->status());
        QCOMPARE(status.critiques, 1);
        QCOMPARE(status.solutions, 1);
    }

    void secondWriterIsLockedOutAndReadersAreNot() {
        QTemporaryDir folder;
        SCRIT_TRY(workspace, Workspace::create(inside(folder)));
        SCRIT_OK(workspace->write([](Writer& writer) { return addTrace(writer, "one"); }));
        const auto same = Workspace::open(inside(folder));
        QVERIFY(!same);
        QCOMPARE(same.error().code, ErrorCode::Locked);
        QVERIFY(same.error().advice.find("read-only") != std::string::npos);
        const pid_t child = ::fork();
        if (child == 0) {
            const auto writing = Workspace::open(inside(folder));
            const auto readOnly = Workspace::open(inside(folder), OpenMode::ReadOnly);
            const auto reader =
                readOnly
                    ? (*readOnly)->reader()
                    : base::Expected<std::unique_ptr<store::Reader>>(base::fail(readOnly.error()));
            const bool good = !writing && writing.error().code == ErrorCode::Locked && reader &&
                              (*reader)->count({}) == 1;
            ::_exit(good ? 0 : 1);
        }
        int state = 0;
        ::waitpid(child, &state, 0);
        QVERIFY(WIFEXITED(state));
        QCOMPARE(WEXITSTATUS(state), 0);
        workspace.reset();
        SCRIT_OK(Workspace::open(inside(folder)));
    }

    void readOnlyWritesNothing() {
        QTemporaryDir folder;
        {
            SCRIT_TRY(workspace, Workspace::create(inside(folder)));
            SCRIT_OK(workspace->write([](Writer& writer) { return addTrace(writer, "one"); }));
        }
        const auto before = std::filesystem::last_write_time(inside(folder));
        SCRIT_TRY(workspace, Workspace::open(inside(folder), OpenMode::ReadOnly));
        SCRIT_TRY(reader, workspace->reader());
        SCRIT_TRY(count, reader->count({}));
        QCOMPARE(count, 1);
        QCOMPARE(filesIn(folder), std::set<std::string>{"w.scrit"});
        QVERIFY(std::filesystem::last_write_time(inside(folder)) == before);
        const auto written = workspace->write([](Writer&) { return base::Expected<void>{}; });
        QCOMPARE(written.error().code, ErrorCode::ReadOnly);
    }

    void readerSeesAWriterThatComesLater() {
        QTemporaryDir folder;
        SCRIT_OK(Workspace::create(inside(folder)));
        SCRIT_TRY(readOnly, Workspace::open(inside(folder), OpenMode::ReadOnly));
        SCRIT_TRY(reader, readOnly->reader());
        SCRIT_TRY(before, reader->count({}));
        QCOMPARE(before, 0);
        {
            SCRIT_TRY(writing, Workspace::open(inside(folder)));
            SCRIT_OK(writing->write([](Writer& writer) { return addTrace(writer, "one"); }));
            SCRIT_TRY(during, reader->count({}));
            QCOMPARE(during, 1);
            SCRIT_OK(writing->write([](Writer& writer) { return addTrace(writer, "two"); }));
        }
        SCRIT_TRY(after, reader->count({}));
        QCOMPARE(after, 2);
    }

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

    void notAWorkspace_data() {
        QTest::addColumn<QByteArray>("contents");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("text") << QByteArray("this is a diary, not a database\n").repeated(100);
        QTest::newRow("zeros") << QByteArray(20000, '\0');
    }
    void notAWorkspace() {
        QFETCH(QByteArray, contents);
        QTemporaryDir folder;
        std::ofstream(inside(folder), std::ios::binary) << contents.toStdString();
        for (const OpenMode mode : {OpenMode::ReadWrite, OpenMode::ReadOnly}) {
            const auto opened = Workspace::open(inside(folder), mode);
            QVERIFY(!opened);
            QCOMPARE(opened.error().code, ErrorCode::Corrupt);
        }
        QCOMPARE(filesIn(folder), std::set<std::string>{"w.scrit"});
    }

    void anotherDatabaseIsNotAWorkspace() {
        QTemporaryDir folder;
        {
            SQLite::Database database(inside(folder).string(),
                                      SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
            database.exec("CREATE TABLE bookmark (url TEXT)");
        }
        const auto opened = Workspace::open(inside(folder));
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, ErrorCode::Corrupt);
        SQLite::Database database(inside(folder).string(), SQLite::OPEN_READONLY);
        QCOMPARE(database.execAndGet("SELECT count(*) FROM sqlite_master").getInt(), 1);
    }

    void damage_data() {
        QTest::addColumn<bool>("truncated");
        QTest::newRow("pages overwritten") << false;
        QTest::newRow("truncated") << true;
    }
    // After an unclean end the check finds the damage at opening; without one, reading does. Never
    // a crash.
    void damage() {
        QFETCH(bool, truncated);
        QTemporaryDir folder;
        {
            SCRIT_TRY(workspace, Workspace::create(inside(folder)));
            SCRIT_OK(workspace->write([](Writer& writer) -> base::Expected<void> {
                for (int i = 0; i < 200; ++i) {
                    auto stored = addTrace(writer, std::to_string(i) + std::string(500, 'x'));
                }
                return {};
            }));
        }
        const auto size = std::filesystem::file_size(inside(folder));
        if (truncated) {
            std::filesystem::resize_file(inside(folder), size / 2);
        } else {
            std::fstream file(inside(folder), std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(8192);
            file << std::string(size - 3 * 8192, '\x5a');
        }
        if (const auto readOnly = Workspace::open(inside(folder), OpenMode::ReadOnly)) {
            SCRIT_TRY(reader, (*readOnly)->reader());
            const auto read = reader->forEachRecord(
                {}, [](store::TraceRecord&&) { return base::Expected<bool>(true); });
            QVERIFY(!read);
            QCOMPARE(read.error().code, ErrorCode::Corrupt);
        } else {
            QCOMPARE(readOnly.error().code, ErrorCode::Corrupt);
        }
        std::ofstream(inside(folder).string() + ".lock") << "left over"; // of a killed writer
        const auto opened = Workspace::open(inside(folder));
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, ErrorCode::Corrupt);
    }

    // A workspace that did not pass the check is not taken for sound by the next one who opens it.
    void theCheckIsRepeatedUntilItPasses() {
        QTemporaryDir folder;
        const std::string lock = inside(folder).string() + ".lock";
        {
            SCRIT_TRY(workspace, Workspace::create(inside(folder)));
            SCRIT_OK(workspace->write(
                [](Writer& writer) -> base::Expected<void> { return addTrace(writer, "a"); }));
        }
        std::int64_t page = 0;
        {
            SQLite::Database database(inside(folder).string(), SQLite::OPEN_READONLY);
            page = database
                       .execAndGet("SELECT (rootpage - 1) * 8192 FROM sqlite_master "
                                   "WHERE name = 'critique'")
                       .getInt64();
        }
        std::fstream file(inside(folder), std::ios::in | std::ios::out | std::ios::binary);
        std::string good(8192, 0);
        file.seekg(page).read(good.data(), 8192);
        file.seekp(page) << std::string(8192, '\x5a') << std::flush;
        std::ofstream(lock) << "left over"; // of a killed writer
        for (int i = 0; i < 2; ++i) {
            const auto opened = Workspace::open(inside(folder));
            QVERIFY(!opened);
            QCOMPARE(opened.error().code, ErrorCode::Corrupt);
            QVERIFY(std::filesystem::exists(lock));
        }
        file.seekp(page) << good << std::flush;
        SCRIT_OK(Workspace::open(inside(folder)));
        QVERIFY(!std::filesystem::exists(lock));
    }

    void fullDiskTakesTheTransactionBack() {
        QTemporaryDir folder;
        SmallDisk disk(folder, "size=3m");
        if (!disk.mounted()) {
            QSKIP("mounting a small disk needs root");
        }
        SCRIT_TRY(workspace, Workspace::create(inside(folder)));
        SCRIT_OK(workspace->write([](Writer& writer) { return addTrace(writer, "one"); }));
        const auto full = workspace->write([](Writer& writer) -> base::Expected<void> {
            for (int i = 0; i < 20000; ++i) {
                const auto problem =
                    writer.addProblem(makeProblem(std::to_string(i) + std::string(2000, 'a')));
                if (!problem) {
                    // A careless caller goes on; still nothing may be kept.
                    return {};
                }
            }
            return {};
        });
        QVERIFY(!full);
        QCOMPARE(full.error().code, ErrorCode::DiskFull);
        QVERIFY(full.error().text().find("what was stored before is kept") != std::string::npos);
        SCRIT_TRY(reader, workspace->reader());
        SCRIT_TRY(status, reader->status());
        QCOMPARE(status.problems, 1);
        SCRIT_OK(workspace->write([](Writer& writer) { return addTrace(writer, "two"); }));
        SCRIT_TRY(later, reader->status());
        QCOMPARE(later.problems, 2);
    }

    void readOnlyMedium() {
        QTemporaryDir folder;
        SmallDisk disk(folder, "size=8m");
        if (!disk.mounted()) {
            QSKIP("mounting a read-only disk needs root");
        }
        {
            SCRIT_TRY(workspace, Workspace::create(inside(folder)));
            SCRIT_OK(workspace->write([](Writer& writer) { return addTrace(writer, "one"); }));
        }
        QVERIFY(disk.makeReadOnly());
        const auto writing = Workspace::open(inside(folder));
        QVERIFY(!writing);
        QCOMPARE(writing.error().code, ErrorCode::ReadOnly);
        SCRIT_TRY(readOnly, Workspace::open(inside(folder), OpenMode::ReadOnly));
        SCRIT_TRY(reader, readOnly->reader());
        SCRIT_TRY(count, reader->count({}));
        QCOMPARE(count, 1);
        QCOMPARE(Workspace::create(inside(folder, "new.scrit")).error().code, ErrorCode::ReadOnly);
    }

    void noPermission() {
        QTemporaryDir folder;
        const AsNobody unprivileged(folder.path());
        SCRIT_OK(Workspace::create(inside(folder)));
        std::filesystem::permissions(inside(folder), std::filesystem::perms::none);
        QCOMPARE(Workspace::open(inside(folder)).error().code, ErrorCode::Permission);
        QCOMPARE(Workspace::open(inside(folder), OpenMode::ReadOnly).error().code,
                 ErrorCode::Permission);
    }

    // A child writes batches of 20 and acknowledges each through a pipe until it is killed.
    void killedWriterLosesNothingAcknowledged() {
        constexpr int kBatch = 20;
        QTemporaryDir folder;
        SCRIT_OK(Workspace::create(inside(folder)));
        int acknowledged = 0;
        for (int round = 0; round < 4; ++round) {
            int ends[2];
            QCOMPARE(::pipe(ends), 0);
            const pid_t child = ::fork();
            if (child == 0) {
                const auto workspace = Workspace::open(inside(folder));
                for (int i = 0; workspace; ++i) {
                    const auto done =
                        (*workspace)->write([&](Writer& writer) -> base::Expected<void> {
                            for (int j = 0; j < kBatch; ++j) {
                                const std::string name = std::to_string(round) + "." +
                                                         std::to_string(i) + "." +
                                                         std::to_string(j);
                                auto stored = addTrace(writer, name);
                            }
                            return {};
                        });
                    if (!done || ::write(ends[1], "x", 1) != 1) {
                        break;
                    }
                }
                ::_exit(1);
            }
            ::close(ends[1]);
            char byte = 0;
            for (int i = 0; i < 3 + round && ::read(ends[0], &byte, 1) == 1; ++i) {
                ++acknowledged;
            }
            ::usleep(static_cast<useconds_t>(1000 * (1 + 7 * round)));
            ::kill(child, SIGKILL);
            int state = 0;
            ::waitpid(child, &state, 0);
            QVERIFY(WIFSIGNALED(state));
            while (::read(ends[0], &byte, 1) == 1) {
                ++acknowledged;
            }
            ::close(ends[0]);
            QVERIFY(acknowledged >= 3 + round);
            SCRIT_TRY(workspace, Workspace::open(inside(folder)));
            SCRIT_TRY(reader, workspace->reader());
            SCRIT_TRY(status, reader->status());
            QVERIFY(status.critiques >= acknowledged * kBatch);
            QCOMPARE(status.critiques % kBatch, 0);
            QCOMPARE(status.problems, status.critiques);
            // One batch may have been durable without its acknowledgement.
            acknowledged = static_cast<int>(status.critiques) / kBatch;
        }
    }

    void errorCodes_data() {
        QTest::addColumn<int>("code");
        QTest::addColumn<int>("extended");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, int code, int extended, const char* expected) {
            QTest::newRow(name) << code << extended << QString::fromLatin1(expected);
        };
        row("busy", 5, 5, "locked");
        row("full", 13, 13, "disk-full");
        row("read-only", 8, 8, "read-only");
        row("corrupt", 11, 11, "corrupt");
        row("not a database", 26, 26, "corrupt");
        row("cannot open", 14, 14, "permission");
        row("interrupt", 9, 9, "cancelled");
        row("short read", 10, 10 | (2 << 8), "corrupt");
        row("write failed", 10, 10 | (3 << 8), "io");
        row("foreign key", 19, 19 | (3 << 8), "not-found");
        row("too big", 18, 18, "limit");
    }
    void errorCodes() {
        QFETCH(int, code);
        QFETCH(int, extended);
        QFETCH(QString, expected);
        const base::Error error = store::sqliteError(code, extended, "detail", "w.scrit");
        QCOMPARE(QString::fromStdString(std::string(base::codeName(error.code))), expected);
        QVERIFY(!error.message.empty());
    }

    void keysKeepTheirText_data() {
        QTest::addColumn<QString>("key");
        QTest::newRow("hash") << QStringLiteral("0123456789abcdef0123456789abcdef");
        QTest::newRow("upper case") << QStringLiteral("0123456789ABCDEF0123456789ABCDEF");
        QTest::newRow("short") << QStringLiteral("p1");
        QTest::newRow("fifteen") << QStringLiteral("fifteen letters");
        QTest::newRow("sixteen") << QStringLiteral("sixteen letters!");
    }
    void keysKeepTheirText() {
        QFETCH(QString, key);
        const std::string packed = store::packKey(key.toStdString());
        QCOMPARE(QString::fromStdString(store::unpackKey(packed)), key);
    }
};

SCRIT_TEST(StoreWorkspaceTest)
#include "store_workspace_test.moc"
