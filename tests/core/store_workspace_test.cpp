// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/codec.h"
#include "core/store/errors.h"
#include "core/store/migrations.h"
#include "tests/core/store_support.h"
#include "tests/support/test_program.h"

#include <SQLiteCpp/SQLiteCpp.h>
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
using store::OpenMode;
using store::Workspace;
using store::Writer;

namespace {

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

    void noPermission() {
        QTemporaryDir folder;
        const AsNobody unprivileged(folder.path());
        SCRIT_OK(Workspace::create(inside(folder)));
        std::filesystem::permissions(inside(folder), std::filesystem::perms::none);
        QCOMPARE(Workspace::open(inside(folder)).error().code, ErrorCode::Permission);
        QCOMPARE(Workspace::open(inside(folder), OpenMode::ReadOnly).error().code,
                 ErrorCode::Permission);
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
